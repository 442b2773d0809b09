"""What travels on wires: the port kinds, their Python types, and how one becomes another.

A node's annotations name the kinds: `float` is a number, `bool` a boolean, `str` a string, and the
types below are the rest. `object` stands for any kind (a gate passes whatever it is given).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.theme import Theme as Theme

Trigger = Annotated[bool, "trigger"]
"""True for the one tick in which something happens."""

Audio = Annotated[NDArray[np.float32], "audio"]
"""float32[samples, channels], -1..1: the sound of one tick."""

Vector = Annotated[NDArray[np.float32], "vector"]
"""float32[n]: a spectrum, band levels, a list of weights."""


class Prompt(NamedTuple):
    """A text for the image model and how much of it is wanted (0 and up, relative)."""

    text: str
    weight: float = 1.0


Prompts = Annotated[tuple[Prompt, ...], "prompts"]
"""Weighted texts, blended by the image model."""


class Clock(NamedTuple):
    """Where the music stands: tempo and a position counted in beats.

    `bpm` is 0 when no tempo is known. `beats` grows by one per beat and its fraction is the phase;
    beat 0 begins a bar of `meter` beats. `confidence` is 0..1.
    """

    bpm: float = 0.0
    beats: float = 0.0
    meter: int = 4
    confidence: float = 0.0

    @property
    def phase(self) -> float:
        """Where in the beat, 0..1."""
        return self.beats % 1.0

    @property
    def bar_phase(self) -> float:
        """Where in the bar, 0..1."""
        return (self.beats / self.meter) % 1.0


@dataclass(frozen=True, slots=True)
class Message:
    """Something for the world outside, delivered after the tick by the sink of that name.

    For the sink `scope` the body maps parameter names (`noise_scale`, `prompts`, …) to values.
    """

    sink: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of port: its name, what an outlet of it holds before its node has run, its types."""

    name: str
    default: object
    types: tuple[type, ...]


SILENCE = np.zeros((1, 1), np.float32)
SILENCE.flags.writeable = False
NOTHING = np.zeros(0, np.float32)
NOTHING.flags.writeable = False

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("number", 0.0, (float, int)),
        Kind("boolean", False, (bool,)),
        Kind("trigger", False, (bool,)),
        Kind("string", "", (str,)),
        Kind("audio", SILENCE, (np.ndarray,)),
        Kind("vector", NOTHING, (np.ndarray,)),
        Kind("clock", Clock(), (Clock,)),
        Kind("prompts", (), (tuple,)),
        Kind("theme", Theme("none", "None", ""), (Theme,)),
        Kind("message", None, (Message, type(None))),
    )
}

NUMERIC = frozenset({"number", "boolean", "trigger"})
"""Kinds that a trace keeps as float64 and a meter can show."""

CONVERSIONS: dict[tuple[str, str], str] = {
    ("boolean", "number"): "{x} * 1.0",
    ("trigger", "number"): "{x} * 1.0",
    ("trigger", "boolean"): "{x}",
    ("boolean", "trigger"): "{x} and not {before}",
    ("number", "trigger"): "{x} > 0.5 >= {before}",
    ("string", "prompts"): "(Prompt({x}),) if {x} else ()",
}
"""What one kind becomes on its way into another, as an expression over the value `x` and the
value the same outlet had one tick `before`. Nothing else converts by itself."""

CONVERTERS: dict[tuple[str, str], str] = {
    ("number", "boolean"): "logic.threshold",
    ("audio", "number"): "audio.level",
    ("audio", "vector"): "audio.spectrum",
    ("clock", "trigger"): "beat.divide",
    ("clock", "number"): "beat.phase",
    ("theme", "prompts"): "theme.read",
    ("theme", "number"): "theme.read",
    ("vector", "number"): "vector.reduce",
}
"""Which node type does what no wire may do silently; named when such a wire is refused."""


def misfit(source: object, given: str, target: object, wanted: str, via: str | None) -> str:
    """Why a wire between two ports is refused; `via` is the node type that would convert."""
    article = "an" if via and via[0] in "aeiou" else "a"
    hint = f"; put {article} {via} between them" if via else ""
    return f"{target} wants {wanted}, {source} gives {given}{hint}"


def kind_of(value: object) -> str | None:
    """The kind that a plain value has, for outlets that carry any kind; None if it has none."""
    for kind in ("boolean", "number", "string", "clock", "prompts", "theme"):
        if isinstance(value, KINDS[kind].types):
            return kind
    return None
