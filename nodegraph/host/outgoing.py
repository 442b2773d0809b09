"""What a show says to the world: messages on their way to their sinks, of which Scope is one.

A parameter of one of several servers has that server's name and a colon before it, such as
`left:noise_scale`; those without are for the one server that most shows have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nodegraph.errors import Problem
from nodegraph.host.engine.outbox import SCOPE
from nodegraph.host.engine.protocol import Sent
from nodegraph.host.transcript import Transcript
from nodegraph.portable import plain, rich
from nodegraph.scope.footage import resolved
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.video import parse_video

PASSING = frozenset({"reset_cache", "land"})
"""What is no news to a server that comes later."""

Folders = Callable[[], tuple[Path, ...]]


def named(name: str, server: str) -> str:
    """The name of a server's parameter among those of all servers."""
    return f"{server}:{name}" if server else name


class Outgoing:
    """Delivers. `sent` is all that Scope was told, by parameter, and `by` the deck and node that
    said it last; `links` are the ways to servers by their names, of which most shows have one,
    without a name. Relative paths of films start from one of the `folders`.

    A `transcript` hears it all. `calm` is what a picture begins with, and what it returns to when
    there is no engine for long. While the picture is `held`, "hold" or "calm" as a performer wanted
    it, what nodes say is kept in `sent`, and goes no further.
    """

    def __init__(self, link: ScopeLink | None, folders: Folders = tuple) -> None:
        self.links: dict[str, ScopeLink] = {} if link is None else {"": link}
        self.sent: dict[str, object] = {}
        self.calm: Mapping[str, object] = {}
        self.by: dict[str, tuple[str, str]] = {}
        self.messages = 0
        self.held = ""
        self.transcript: Transcript | None = None
        self._folders = folders
        self._refused: dict[str, Problem] = {}  # by parameter, server or sink

    @property
    def link(self) -> ScopeLink | None:
        """The way to the server without a name."""
        return self.links.get("")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be sent, and what is sent in vain to the servers as they are loaded."""
        vain = (
            _of(server, problem) for server, link in self.links.items() for problem in link.problems
        )
        return tuple(map(self._placed, (*self._refused.values(), *vain)))

    def problems_of(self, deck: str) -> tuple[Problem, ...]:
        """Those about what nodes of a deck send, with the node."""
        return tuple(
            problem
            for problem in self.problems
            if problem.node and self.by.get(problem.field or "", ("", ""))[0] == deck
        )

    def _placed(self, problem: Problem) -> Problem:
        """A problem with a parameter, on the node that sends it."""
        _, node = self.by.get(problem.field or "", ("", None))
        return replace(problem, node=node)

    def deliver(self, event: Sent) -> None:
        """Pass on what nodes had to say."""
        self.messages += len(event.bodies)
        if event.sink != SCOPE:
            text = f"no plugin brings a sink named {event.sink!r}, where a node sends to"
            self._refused[event.sink] = Problem(text)
            return
        self.by |= event.by
        for body in event.bodies:
            self._tell(body)

    def steer(self, link: ScopeLink | None, server: str = "") -> None:
        """Tell another server of that name from now on, and first all that was told before."""
        self.links.pop(server, None)
        if link is not None:
            self.links[server] = link
        self._refused = {key: it for key, it in self._refused.items() if _server_of(key) != server}
        told = {**_lasting(self.calm), **self.sent}
        mine = {name: it for name, it in told.items() if _server_of(name) == server}
        self.sent |= mine
        self._pass(mine)

    def rest(self) -> None:
        """Let the picture calm down."""
        self._tell(_lasting(self.calm))

    def hold(self, calm: Mapping[str, object] | None = None) -> None:
        """Leave the picture as it is, whatever nodes say; or have it become calm, and stay so."""
        self.held = "hold" if calm is None else "calm"
        self._pass(_lasting(calm or {}))

    def resume(self) -> None:
        """Have the picture be what nodes say, and have said meanwhile."""
        self.held = ""
        self._pass(self.sent)

    def to_data(self) -> dict[str, object]:
        """What Scope was told, as plain data."""
        return {name: plain(value) for name, value in self.sent.items()}

    def restore(self, data: object) -> None:
        """Tell Scope what `to_data` told, as after a crash; what does not fit is left out."""
        if isinstance(data, dict):
            self._tell({str(name): rich(value) for name, value in data.items()})

    def _tell(self, body: Mapping[str, object]) -> None:
        self.sent |= _lasting(body)
        if not self.held:
            self._pass(body)

    def _pass(self, body: Mapping[str, object]) -> None:
        if self.transcript is not None:
            self.transcript.hear(body, _lasting(body))
        said: dict[str, dict[str, object]] = {}
        for name, value in body.items():
            server, _, parameter = name.rpartition(":")
            said.setdefault(server, {})[parameter] = self._whole(parameter, value)
        for server, params in said.items():
            if link := self.links.get(server):
                refused = {it.field or "": it for it in (_of(server, p) for p in link.set(params))}
                for name in params:  # each is as well as its last value
                    if (known := named(name, server)) not in refused:
                        self._refused.pop(known, None)
                self._refused |= refused
            elif self.links and server:
                there = ", ".join(filter(None, self.links)) or "none with a name"
                text = f"no server named {server!r} is steered; there is: {there}"
                self._refused[f"{server}:"] = Problem(text)

    def _whole(self, parameter: str, value: object) -> object:
        """The value, with the whole path of a film in it."""
        if parameter == "video" and isinstance(value, str):
            with suppress(ValueError):  # what is no video is refused by who knows why
                video = parse_video(value)
                return ":".join(resolved(video, self._folders())) if video else ""
        return value


def _of(server: str, problem: Problem) -> Problem:
    """A problem of a server, under the name that its parameter has among those of all."""
    return replace(problem, field=named(problem.field or "", server))


def _lasting(body: Mapping[str, object]) -> dict[str, object]:
    """What of a body holds until something else is said."""
    return {name: it for name, it in body.items() if name.rpartition(":")[2] not in PASSING}


def _server_of(name: str) -> str:
    return name.rpartition(":")[0]
