"""What a show says to the world: messages on their way to their sinks, of which Scope is one."""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.errors import Problem
from nodegraph.host.engine.outbox import SCOPE
from nodegraph.host.engine.protocol import Sent
from nodegraph.portable import plain, rich
from nodegraph.scope.link import ScopeLink


class Outgoing:
    """Delivers. `sent` is all that Scope was told, by parameter; `link` may be missing.

    `calm` is what a picture begins with, and what it returns to when there is no engine for long.
    """

    def __init__(self, link: ScopeLink | None) -> None:
        self.link = link
        self.sent: dict[str, object] = {}
        self.calm: Mapping[str, object] = {}
        self.messages = 0
        self._refused: dict[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be sent, and what is sent in vain to the server as it is loaded now."""
        return (*self._refused.values(), *(self.link.problems if self.link else ()))

    def deliver(self, event: Sent) -> None:
        """Pass on what nodes had to say."""
        self.messages += len(event.bodies)
        if event.sink != SCOPE:
            text = f"there is no sink named {event.sink!r}; there is: {SCOPE}"
            self._refused[event.sink] = Problem(text)
            return
        for body in event.bodies:
            self._tell(body)

    def steer(self, link: ScopeLink | None) -> None:
        """Tell another server from now on, and first all that was told before."""
        self.link, self._refused = link, {}
        self._tell({**self.calm, **self.sent})

    def rest(self) -> None:
        """Let the picture calm down."""
        self._tell(self.calm)

    def to_data(self) -> dict[str, object]:
        """What Scope was told, as plain data."""
        return {name: plain(value) for name, value in self.sent.items()}

    def restore(self, data: object) -> None:
        """Tell Scope what `to_data` told, as after a crash; what does not fit is left out."""
        if isinstance(data, dict):
            self._tell({str(name): rich(value) for name, value in data.items()})

    def _tell(self, body: Mapping[str, object]) -> None:
        self.sent |= body
        if self.link is not None and body:
            self._refused |= {problem.text: problem for problem in self.link.set(dict(body))}
