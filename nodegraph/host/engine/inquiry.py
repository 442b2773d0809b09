"""What the host asks an engine, and what it answers: each question has a number, and one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nodegraph.errors import Problem

OldNode: TypeAlias = tuple[str, int, str]
"""A node type, the version that params were saved with, and the params as JSON."""


@dataclass(frozen=True, slots=True)
class Rehearse:
    """Tell what a plan sends to Scope in silence; it is not installed."""

    number: int
    plan: bytes


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Carry over params from older versions of node types."""

    number: int
    nodes: Sequence[OldNode]


@dataclass(frozen=True, slots=True)
class Reload:
    """Import the plugins at these places anew. What runs goes on with the code of before, until
    another plan is installed. Plugins `left_out`, of those that are not there yet, are not to be
    imported: why, by place."""

    number: int
    places: Sequence[str]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a plan sends to Scope in silence."""

    number: int
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The params as the present versions have them, in the order asked for: as JSON, and what went
    wrong, one of the two empty."""

    number: int
    made: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Plugins were imported anew, which `Started` told of before; or they were not, because of
    these problems, and all is as it was."""

    number: int
    problems: Sequence[Problem]


Question: TypeAlias = Rehearse | Upgrade | Reload
Answer: TypeAlias = Rehearsed | Upgraded | Reloaded
