"""A theme: a look as a plain value, and how far the music may push it.

It acts on nothing: nodes decide when a variation comes and where in its range a parameter stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import sqrt
from typing import Final, NamedTuple

TRIGGERS: Final = ("energy", "beat", "spike", "section", "drop", "silence")
"""What may call a variation. By `energy` they share its range evenly; the others come with an
event: a beat, a sudden rise, a new part of the song, a drop, silence."""

CURVES: Final[Mapping[str, Callable[[float], float]]] = {
    "linear": lambda x: x,
    "exponential": lambda x: x * x,
    "logarithmic": sqrt,
}
"""How a parameter follows the music, 0..1 to 0..1: exponential wakes up late, logarithmic early."""


PARAMETERS: Final[Mapping[str, tuple[float, float]]] = {
    "noise_scale": (0.0, 1.0),
    "denoising_steps": (1.0, 6.0),
    "vace_context_scale": (0.0, 2.0),
    "kv_cache_attention_bias": (0.01, 1.0),
}
"""The numbers of Scope that a theme may range over, each with its limits; steps by their count."""

LORA_SCALES: Final = (-10.0, 10.0)
"""The limits of a LoRA's scale."""


class Motion(NamedTuple):
    """How fast looks may change: seconds that one stays at least, chunks that a change takes."""

    hold: float
    chunks: int


MOTIONS: Final[Mapping[str, Motion]] = {
    "calm": Motion(16.0, 8),
    "steady": Motion(8.0, 4),
    "driving": Motion(5.0, 2),
}
"""Even the quickest changes no more than twelve times a minute: each change costs the server an
encoding of all texts, and the eye a scene."""

PROFILES: Final[Mapping[str, tuple[int, ...]]] = {
    "speed": (1000, 500, 250),
    "balanced": (1000, 750, 500, 250),
    "quality": (1000, 850, 700, 550, 400, 250),
}
"""Denoising steps by name, from nothing but noise down to detail; each step costs time."""


class Variation(NamedTuple):
    """Another picture of the same theme, and what calls it: one of `TRIGGERS`."""

    text: str
    on: str = "energy"


class Range(NamedTuple):
    """What one Scope parameter may do under a theme: from `low` at rest to `high` at full energy,
    along `curve`. `low` may be the greater of the two."""

    parameter: str
    low: float
    high: float
    curve: str = "linear"

    def curved(self, level: float) -> float:
        """A level of the music, 0..1, along the curve; a curve unknown is linear."""
        return CURVES.get(self.curve, CURVES["linear"])(level)

    def at(self, share: float) -> float:
        """The value at a share of the range, 0..1."""
        return self.low + (self.high - self.low) * share


class Lora(NamedTuple):
    """A LoRA of the server by its path, with its scale at rest and at full energy."""

    path: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Theme:
    """A look: what to paint, in which style, and how far the music may push it.

    `palette` are colours as `#rrggbb`. `denoising` is the name of one of `PROFILES`, or empty to
    leave the steps alone; `motion` the name of one of `MOTIONS`. `reference` is a picture on the
    server that VACE follows, by its path there, or empty. `negative` says what not to paint: kept
    for models that listen to it, which those of Scope do not.
    """

    id: str
    name: str
    prompt: str
    style: tuple[str, ...] = ()
    variations: tuple[Variation, ...] = ()
    ranges: tuple[Range, ...] = ()
    negative: str = ""
    palette: tuple[str, ...] = ()
    denoising: str = ""
    motion: str = "steady"
    loras: tuple[Lora, ...] = ()
    reference: str = ""

    def __post_init__(self) -> None:
        """Take plain texts as variations by energy, which is all that variations once were."""
        if any(isinstance(each, str) for each in self.variations):
            made = tuple(Variation(v) if isinstance(v, str) else v for v in self.variations)
            object.__setattr__(self, "variations", made)

    def styled(self, words: str) -> str:
        """A text to paint with the theme's style words after it."""
        return ", ".join((words, *self.style))

    @property
    def text(self) -> str:
        """The whole prompt: what to paint, then its style words."""
        return self.styled(self.prompt)

    def range(self, parameter: str) -> Range:
        """The range of a Scope parameter; 0..1 where the theme says nothing of it."""
        for found in self.ranges:
            if found.parameter == parameter:
                return found
        return Range(parameter, 0.0, 1.0)

    @property
    def steps(self) -> tuple[int, ...]:
        """The denoising steps of its profile; none where it has no say in them."""
        return PROFILES.get(self.denoising, ())

    @property
    def pace(self) -> Motion:
        """How long a look stays at least (s), and how many chunks a change takes."""
        return MOTIONS.get(self.motion, MOTIONS["steady"])


class Themes(dict[str, Theme]):
    """Themes by name, not to be changed. To ask for one that is not there is told in a sentence."""

    def __missing__(self, name: str) -> Theme:
        raise LookupError(unknown(name, self))


def unknown(name: str, themes: Collection[str]) -> str:
    """Says that there is no theme of a name, and which one may be meant."""
    near = get_close_matches(name, themes, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(themes) or 'none'}"
    return f"there is no theme {name!r}; {hint}"
