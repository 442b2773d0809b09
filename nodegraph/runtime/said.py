"""What nodes say in a tick: their messages, and which node made each."""

from __future__ import annotations

from nodegraph.values import Message


class Said:
    """Collects messages. `numbers` are those of the steps that made what was taken last."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._by: list[int] = []
        self.numbers: tuple[int, ...] = ()

    def add(self, message: Message, number: int) -> None:
        """Take a message from the step of that number."""
        self._messages.append(message)
        self._by.append(number)

    def take(self) -> tuple[Message, ...]:
        """Everything that was said since the last time."""
        if not self._messages:
            self.numbers = ()
            return ()
        made, self.numbers = tuple(self._messages), tuple(self._by)
        self._messages.clear()
        self._by.clear()
        return made
