"""How an answer is read: into declared fields, and whatever does not fit is left at its default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Final, Literal, Self, TypeVar, Union, get_args, get_origin, get_type_hints

Json = Mapping[str, object]
T = TypeVar("T")
Read = Callable[[object], object]

UNFIT: Final = object()
"""What a reader gives for a value that is not of its kind."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a server tells, as a frozen value whose fields are declared, all with a default.

    A field has the server's name for it, or the one given by `told`. `from_json` takes whatever
    object came and never raises: a field that is missing or of another type has its default, an
    item of a list that does not fit is left out. Whether an answer is Scope's at all is decided
    where it arrives, in `rest`.
    """

    @classmethod
    def from_json(cls, body: Json) -> Self:
        """Read an object of the answer."""
        made: Callable[..., Self] = cls
        return made(**dict(_told(made, body)))


def told(key: str, default: T) -> T:
    """Declare a field that the server calls `key`; `a.b` is `b` in the object `a`."""
    made: T = field(default=default, metadata={"key": key})
    return made


def _told(kind: Callable[..., Told], body: Json) -> Iterator[tuple[str, object]]:
    for name, key, read in _readers(kind):
        if (value := read(_at(body, key))) is not UNFIT:
            yield name, value


def _at(body: Json, key: str) -> object:
    """What is under a key, or under a key of the object under a key."""
    outer, dot, inner = key.partition(".")
    if not dot:
        return body.get(key, UNFIT)
    within = body.get(outer)
    return within.get(inner, UNFIT) if isinstance(within, dict) else UNFIT


@cache
def _readers(kind: Any) -> tuple[tuple[str, str, Read], ...]:
    """For each field of a `type[Told]` its name, the server's name for it, and how it is read."""
    hints = get_type_hints(kind)
    return tuple(
        (each.name, each.metadata.get("key", each.name), _reader(hints[each.name]))
        for each in fields(kind)
    )


def _reader(hint: Any) -> Read:
    """How a value of this type is read out of JSON; it gives UNFIT for a value of another."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):  # X | None
        (inner,) = (_reader(each) for each in arguments if each is not NoneType)
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return lambda value: value if isinstance(value, str) and value in arguments else UNFIT
    if origin is tuple:
        inner = _reader(arguments[0])
        return lambda value: tuple(
            item for each in _listed(value, arguments[0]) if (item := inner(each)) is not UNFIT
        )
    if origin is Mapping:
        inner = _reader(arguments[1])
        return lambda value: _mapped(value, inner)
    if isinstance(hint, type) and issubclass(hint, Told):
        return lambda value: hint.from_json(value) if isinstance(value, dict) else UNFIT
    return _PLAIN[hint]


def _listed(value: object, kind: object) -> list[object]:
    """The items of a list; where texts are wanted a bare one counts as a list of one."""
    if kind is str and isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []


def _mapped(value: object, read: Read) -> object:
    if not isinstance(value, dict):
        return UNFIT
    return {key: found for key, each in value.items() if (found := read(each)) is not UNFIT}


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNFIT
    try:
        found = float(value)
    except OverflowError:
        return UNFIT
    return found if isfinite(found) else UNFIT


def _whole(value: object) -> object:
    found = _number(value)
    return int(found) if isinstance(found, float) and found.is_integer() else UNFIT


def _only(kind: type) -> Read:
    return lambda value: value if isinstance(value, kind) else UNFIT


_PLAIN: Mapping[object, Read] = {
    str: _only(str),
    bool: _only(bool),
    float: _number,
    int: _whole,
    object: lambda value: value,
}


def text(body: Json, key: str) -> str | None:
    """The string under `key`, or None."""
    value = body.get(key)
    return value if isinstance(value, str) else None


def number(body: Json, key: str) -> float | None:
    """The finite number under `key`, or None."""
    value = _number(body.get(key))
    return value if isinstance(value, float) else None


def items(body: Json, key: str) -> list[object]:
    """The list under `key`, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, list) else []


def mappings(body: Json, key: str) -> list[Json]:
    """The objects in the list under `key`."""
    return [item for item in items(body, key) if isinstance(item, dict)]


def mapping(body: Json, key: str) -> Json:
    """The object under `key`, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def strings(body: Json, key: str) -> tuple[str, ...]:
    """The strings in the list under `key`; a bare string counts as a list of one."""
    return tuple(item for item in _listed(body.get(key), str) if isinstance(item, str))
