"""What can go wrong between the processes of a show, and how an error travels in an answer.

RemoteError                (NodegraphError)
├── FramingError           one message is refused; the next can be read
│   └── StreamLost         the bytes cannot be followed any more; close the connection
├── PeerGone               the other side has closed the connection, or has died
├── NoShow                 no show, or not the one asked for, can be reached
└── RequestRefused         the host's answer to a request; `.problems` has every reason
"""

# ruff: noqa: N818 - the names say what happened, not that something did

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TypeAlias

from nodegraph.errors import NodegraphError, Problem

Fields: TypeAlias = dict[str, object]
"""A message between processes: plain data by name."""

_LONGEST = 2_000
_MOST_PROBLEMS = 200


class RemoteError(NodegraphError):
    """The processes of a show cannot reach or understand each other."""


class FramingError(RemoteError):
    """One message is malformed, too big or too deep; it is refused, the next can be read."""


class StreamLost(FramingError):
    """What arrives is not a stream of messages; the connection can only be closed."""


class PeerGone(RemoteError):
    """The other side has closed the connection, or its process has ended."""


class NoShow(RemoteError):
    """No show is running, or none of that name, or it does not let us in."""


class RequestRefused(RemoteError):
    """The host did not do what was asked; the text says why."""

    def __init__(self, text: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


def error_to_data(error: Exception | str) -> Fields:
    """An error as the `error` of an answer; nothing in it can keep the answer from being sent."""
    problems: Iterable[Problem] = getattr(error, "problems", ())
    return {
        "text": _plain(str(error)),
        "problems": [
            {
                name: _plain(value) if isinstance(value, str) else value
                for name, value in asdict(problem).items()
                if value is not None
            }
            for problem in list(problems)[:_MOST_PROBLEMS]
        ],
    }


def error_from_data(data: object) -> RequestRefused:
    """The reverse; whatever does not fit is left out."""
    data = data if isinstance(data, Mapping) else {}
    problems = data.get("problems")
    return RequestRefused(
        str(data.get("text", "the host refused without saying why")),
        map(_problem, problems if isinstance(problems, list) else ()),
    )


def _problem(data: object) -> Problem:
    given = data if isinstance(data, Mapping) else {}
    told = {name: str(given[name]) for name in ("file", "field", "node", "port") if name in given}
    line = given.get("line")
    return Problem(
        str(given.get("text", "a problem without a text")),
        line=line if isinstance(line, int) else None,
        **told,
    )


def _plain(text: str) -> str:
    """Short enough, and UTF-8: the names of files may hold bytes that are not."""
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")
