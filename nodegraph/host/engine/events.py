"""What a supervisor tells of engines, beside what they say themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nodegraph.host.engine.blame import Address, Culprit
from nodegraph.host.engine.protocol import FromEngine


@dataclass(frozen=True, slots=True)
class Died:
    """The engine has ended. `quarantined` are the nodes that will not run again until edited."""

    text: str
    culprit: Culprit | None
    quarantined: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """Another engine plays on, so many seconds after the one before it was found dead."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Calm:
    """There has been no engine for so long that the picture should come to rest."""


Event: TypeAlias = FromEngine | Died | Restarted | Calm
