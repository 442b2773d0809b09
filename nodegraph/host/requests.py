"""Finds the verbs of a desk and reads the fields of requests.

What does not fit is refused with an `EditError` that says why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn, TypeVar

from nodegraph.errors import EditError
from nodegraph.host.control import Client
from nodegraph.host.deck import Timing
from nodegraph.remote.errors import Fields

MOST_SLEW = 0.5
"""Seconds in which what is sent may move over after an edit."""

Answer = Mapping[str, object]
Verb = Callable[[Client, Fields], Awaitable[Answer]]

_T = TypeVar("_T")
_WORDS: Mapping[type, str] = {
    str: "a text",
    list: "a list",
    dict: "a map",
    bool: "true or false",
}


def verbs(desk: object) -> dict[str, Verb]:
    """What clients may ask of a desk: its methods `_do_…`, by the name of the verb."""
    names = [name for name in dir(desk) if name.startswith("_do_")]
    return {name.removeprefix("_do_"): getattr(desk, name) for name in names}


def asked(message: Fields, name: str, kind: type[_T], default: _T | None = None) -> _T:
    """A field of a request, of a kind; without a default it is needed."""
    value = message.get(name, default)
    if not isinstance(value, kind):
        _refuse(name, value, _WORDS.get(kind, f"a {kind.__name__}"))
    return value


def _refuse(name: str, value: object, wanted: str) -> NoReturn:
    given = "it is missing" if value is None else f"not {value!r:.40}"
    raise EditError(f"{name} must be {wanted}, {given}")


def number(
    message: Fields, name: str, low: float, high: float, default: float | None = None
) -> float:
    value = message.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        _refuse(name, value, f"a number from {low:g} to {high:g}")
    return float(value)


def deck_name(message: Fields) -> str:
    return asked(message, "deck", str, "main")


def timing(message: Fields) -> Timing:
    when = asked(message, "when", str, "now")
    if when not in ("now", "beat", "bar"):
        raise EditError(f"an edit is heard 'now', on the next 'beat' or 'bar', not {when!r:.40}")
    return Timing(when, number(message, "slew", 0.0, MOST_SLEW, 0.0))
