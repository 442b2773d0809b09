"""What the host and an engine say to each other: each message a frozen record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nodegraph.errors import Problem
from nodegraph.host.engine.inquiry import Answer, Question
from nodegraph.host.engine.transport import Playing, ToSources
from nodegraph.runtime.budget import Policy
from nodegraph.runtime.columns import Column

DECKS = ("main", "next")
"""The decks of a show. Both play; what they say to Scope is faded from one to the other."""

Param: TypeAlias = Sequence[object]
"""A node, a param, its value."""


PULSE, TRACE = ".pulse", ".trace"
"""What ends the names of two files in the show's folder: an engine's `Pulse`, and the one in which
it writes where its threads are."""


def engine_name(number: int) -> str:
    """What the names of an engine's own files in the show's folder begin with."""
    return f"engine-{number}"


# From the host to the engine.


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first word to a new engine: which it is of the show, and where it finds plugins.

    `folder` is the show's own, private one; `number` keeps engines apart that share it. Plugins
    `left_out` ended an engine as they were imported: why, by place.
    """

    number: int
    folder: str
    plugins: Sequence[str]
    host: int
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begin:
    """Tick from now on. `instead` replaces the sound of all sources: a path, or "demo"; `slow` says
    what is done about nodes that are over their budget (see `nodegraph.runtime.budget`).

    `wary` has each node leave its mark, so that it is known which one ended the engine. `mixer` is
    what the one before knew of what was sent, from its last checkpoint.
    """

    rate: int = 48_000
    block: int = 512
    seed: int = 0
    instead: str | None = None
    slow: Policy = "warn"
    wary: bool = False
    mixer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """Run a plan: "now", on the next "beat", or on the next "bar" of the deck's own clock.

    `plan` is packed, `folder` is where the paths of its sources start, `slew` the seconds in which
    what is sent moves over. `anew` says that it is another patch, which inherits nothing; else
    only the `fresh` nodes begin anew. After a restart `state` and `sounds` are the last checkpoint,
    and `params` were set since the plan was made. `quarantined` are nodes that do not run, and why.
    """

    deck: str
    serial: int
    plan: bytes
    folder: str
    when: str = "now"
    slew: float = 0.0
    anew: bool = False
    fresh: Sequence[str] = ()
    params: Sequence[Param] = ()
    state: bytes | None = None
    quarantined: Mapping[str, str] = field(default_factory=dict)
    sounds: bytes = b""


@dataclass(frozen=True, slots=True)
class SetParams:
    """Set params of a deck's nodes, between two ticks."""

    deck: str
    params: Sequence[Param]


@dataclass(frozen=True, slots=True)
class Fade:
    """Move to a position within `seconds`, from `start` or from where it stands: 0 is all of deck
    "main", 1 all of "next"."""

    position: float
    seconds: float
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell the values of these vector outlets, too, whenever they change."""

    deck: str
    ports: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stop:
    """End."""


# From the engine to the host.


@dataclass(frozen=True, slots=True)
class Importing:
    """The plugin at this place is imported next, which may be the end of this process."""

    place: str


@dataclass(frozen=True, slots=True)
class Started:
    """Plugins are imported: the node types as data (see `nodegraph.declaration`), each one's
    plugin, the kinds of source there are, and what is wrong. Node types that are `anew` have other
    code than this engine had before."""

    types: Sequence[Mapping[str, object]]
    plugins: Mapping[str, str]
    sources: Sequence[str]
    problems: Sequence[Problem]
    anew: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """A deck runs the plan of this serial number. What its outlets hold stands in the ring in the
    file `ring` of the show's folder, which is another when the old one was too narrow. `columns`
    tells the column of each name, and the first tick that is its own (see
    `nodegraph.runtime.columns`); `faults` how often its nodes had failed before."""

    deck: str
    serial: int
    columns: Mapping[str, Column]
    ring: str
    faults: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for cannot be done, and the deck plays on as it was."""

    deck: str
    serial: int
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Unset:
    """Only another plan can set these params: the nodes are shared, or do not run."""

    deck: str
    params: Sequence[Param]


@dataclass(frozen=True, slots=True)
class Sent:
    """What nodes have for the world outside. `bodies` are for one sink, oldest first; those for
    Scope are merged into one. `by` are deck and node of each parameter that has a new sender."""

    sink: str
    bodies: Sequence[Mapping[str, object]]
    by: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Values:
    """Outlets that are not numbers and changed: texts, prompts, themes, watched vectors."""

    deck: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Problems:
    """Everything that is wrong on a deck right now."""

    deck: str
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Stats:
    """How the engine did in the second before.

    `late` counts ticks that began less than 1, 2, 4, 8, 16 ms late, and later; `overruns` those
    that ended after the next was due, `slowest` by the node that took longest in them. `load` is
    the share of its time that the engine ticks, `worst` the seconds of the longest tick. `nodes`
    gives each node's mean and worst seconds and its share of a tick, `faults` how often each
    failed, `heard` the seconds played, those there are (None if unknown) and whether all is over;
    all three by deck. `fade` is the mixer's position, `memory` in bytes, `granted` is what the
    system allowed: "real-time", "memory". `sources` tells by deck and node how each plays.
    """

    ticks: int
    overruns: int
    load: float
    worst: float
    late: Sequence[int]
    slowest: Mapping[str, int]
    nodes: Mapping[str, Mapping[str, Sequence[float]]]
    faults: Mapping[str, Mapping[str, int]]
    heard: Mapping[str, tuple[float, float | None, bool]]
    fade: float
    collections: int
    dropped: int
    memory: int
    granted: Sequence[str]
    sources: Mapping[str, Mapping[str, Playing]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What every deck's nodes remember, what was sent, and how far into their `sounds` its sources
    were, all after one tick, for the next engine.

    `serials` tells the plans that ran. Only an engine reads the rest.
    """

    serials: Mapping[str, int]
    states: Mapping[str, bytes]
    mixer: bytes
    sounds: Mapping[str, bytes]


ToEngine: TypeAlias = (
    Welcome | Begin | Install | Question | SetParams | Fade | ToSources | Watch | Stop
)
FromEngine: TypeAlias = (
    Importing
    | Started
    | Installed
    | Answer
    | Refused
    | Unset
    | Sent
    | Values
    | Problems
    | Stats
    | Checkpoint
)
Word: TypeAlias = ToEngine | FromEngine
