"""How sources play, and what is done about it: words for both ends of the engine's socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Playing(NamedTuple):
    """How a source plays. `at` and `duration` are seconds in what it plays, None where there is no
    such thing, as with a device."""

    at: float | None
    duration: float | None
    ended: bool
    paused: bool


NOT_YET = Playing(None, None, False, False)
"""How a source plays of which nothing has been heard."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Have a deck's source go somewhere in what it plays, or be silent where it is and go on.

    None leaves it as it is. A place is reached as soon as it is open there; until then it plays on.
    """

    deck: str
    node: str
    at: float | None = None
    paused: bool | None = None
