"""The messages of `protocol` as data, and back.

Both ends are of one installation, so a message is its class's name and its fields. The host takes
nothing for granted all the same: an engine runs strangers' code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar, get_args

from nodegraph.errors import NodegraphError, Problem
from nodegraph.host.engine.inquiry import Rehearsed, Reloaded
from nodegraph.host.engine.protocol import (
    FromEngine,
    Problems,
    Refused,
    Sent,
    Started,
    ToEngine,
    Values,
    Word,
)
from nodegraph.portable import plain, rich
from nodegraph.runtime.columns import Column


class ProtocolError(NodegraphError):
    """A message is not one that this end understands."""


_Read = TypeVar("_Read")


def to_data(word: Word) -> dict[str, object]:
    """A message as msgpack takes it."""
    data = {part.name: getattr(word, part.name) for part in fields(word)}
    match word:
        case Sent():
            data["bodies"] = [_plain_values(body) for body in word.bodies]
        case Rehearsed():
            data["body"] = _plain_values(word.body)
        case Values():
            data["values"] = _plain_values(word.values)
        case Started() | Reloaded() | Refused() | Problems():
            data["problems"] = [asdict(problem) for problem in word.problems]
    return {"is": type(word).__name__, **data}


def to_engine(data: Mapping[str, object]) -> ToEngine:
    """Read a message of the host's."""
    return _read(data, _TO_ENGINE)


def from_engine(data: Mapping[str, object]) -> FromEngine:
    """Read a message of an engine's."""
    return _read(data, _FROM_ENGINE)


def _plain_values(values: Mapping[str, object]) -> dict[str, object]:
    return {name: plain(value) for name, value in values.items()}


def _rich_values(values: Mapping[str, object]) -> dict[str, object]:
    return {name: rich(value) for name, value in values.items()}


def _read(data: Mapping[str, object], kinds: Mapping[str, type[_Read]]) -> _Read:
    name = data.get("is")
    if not isinstance(name, str) or name not in kinds:
        raise ProtocolError(f"there is no message {name!r}; there are {', '.join(kinds)}")
    given: dict[str, Any] = {field: value for field, value in data.items() if field != "is"}
    try:
        if "problems" in given:
            given["problems"] = tuple(Problem(**problem) for problem in given["problems"])
        if name == "Sent":
            given["bodies"] = [_rich_values(body) for body in given["bodies"]]
            given["by"] = {name: (deck, node) for name, (deck, node) in given["by"].items()}
        if name == "Rehearsed":
            given["body"] = _rich_values(given["body"])
        if name == "Installed":
            given["columns"] = {port: Column(*it) for port, it in given["columns"].items()}
        if name == "Values":
            given["values"] = _rich_values(given["values"])
        return kinds[name](**given)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ProtocolError(f"the message {name} does not fit: {error}") from error


_TO_ENGINE: Mapping[str, type[ToEngine]] = {kind.__name__: kind for kind in get_args(ToEngine)}
_FROM_ENGINE: Mapping[str, type[FromEngine]] = {
    kind.__name__: kind for kind in get_args(FromEngine)
}
