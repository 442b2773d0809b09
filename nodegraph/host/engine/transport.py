"""How sources play, and what is done about it: words for both ends of the engine's socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Playing(NamedTuple):
    """How a source plays. `at` and `duration` are seconds in what it plays, None where there is no
    such thing, as with a device; `gaps` is how often sound was lost, since nobody took it in time.
    """

    at: float | None
    duration: float | None
    ended: bool
    paused: bool
    gaps: int = 0


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


@dataclass(frozen=True, slots=True)
class Press:
    """A key of the computer went down or up, which every deck's sources of keys bring."""

    key: str
    down: bool


ToSources: TypeAlias = Transport | Press
