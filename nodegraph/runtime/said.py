"""What nodes say in a tick: their messages, and which node made each."""

from __future__ import annotations

from nodegraph.values import Message


class Said:
    """Collects messages. `numbers` are those of the steps that made what was taken last."""

    def __init__(self) -> None:
        self._made: list[tuple[Message, int]] = []
        self.numbers: tuple[int, ...] = ()

    def add(self, message: Message, number: int) -> None:
        """Take a message from the step of that number."""
        self._made.append((message, number))

    def take(self) -> tuple[Message, ...]:
        """Everything that was said since the last time."""
        made = tuple(self._made)
        self._made.clear()
        self.numbers = tuple(number for _, number in made)
        return tuple(message for message, _ in made)
