"""The looks and profiles of MetaDJ Soundscape: its numbers, to which themes give the words.

A look is what the mapping plays: a prompt, its variations, and how sound moves it. The numbers are
those of Soundscape of February 2026, the ones it carried without using them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import floor, sqrt
from typing import Final, NamedTuple

from nodegraph import Theme


class Drive(NamedTuple):
    """How a number of the sound moves a parameter. `sensitivity` weighs drives of one parameter."""

    parameter: str
    curve: str
    sensitivity: float
    invert: bool = False

    def __call__(self, level: float) -> float:
        """What a level of 0..1 becomes, 0..1."""
        level = 1.0 - level if self.invert else level
        if self.curve == "exponential":
            level = level * level
        elif self.curve == "logarithmic":
            level = sqrt(max(0.0, level))
        elif self.curve == "stepped":
            level = floor(4.0 * level) / 4.0
        return max(0.0, min(1.0, level))


class Look(NamedTuple):
    """One theme as the mapping plays it; of the presets here text and variations are empty.

    `drives` move the noise from `low` to `high`, always by energy. `pulse` is the push of a beat,
    None where beats give none; `cooldown` is in ms. `blend` is the steps in which a variation
    comes in. `unused`, `steps` and `speed` were declared and never acted.
    """

    id: str
    text: str = ""
    variations: tuple[str, ...] = ()
    low: float = 0.48
    high: float = 0.68
    drives: tuple[Drive, ...] = ()
    pulse: float | None = None
    cooldown: float = 200.0
    blend: int = 8
    unused: tuple[Drive, ...] = ()
    steps: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    speed: tuple[int, int] = (6, 18)


PULSES: Final[Mapping[str, float]] = {
    "pulse_noise": 0.18,
    "cache_reset": 0.25,
    "prompt_cycle": 0.22,
    "transition_trigger": 0.22,
}
"""How strong each kind of beat response is; all of them push the noise and do nothing else."""

_WIDE = ((700, 400), (1000, 750, 500, 250))
_SOFT = ((750, 450), (1000, 750, 500, 250))
_FINE = ((800, 500), (1000, 800, 600, 400))
_DEEP = ((700, 400), (950, 700, 450))


def _fewer(sensitivity: float = 1.0) -> Drive:
    return Drive("denoising_steps", "stepped", sensitivity, invert=True)


def _more(sensitivity: float) -> Drive:
    return Drive("denoising_steps", "stepped", sensitivity)


def _weight(sensitivity: float) -> Drive:
    return Drive("prompt_weight", "linear", sensitivity)


def _preset(
    id: str,
    curve: str,
    sensitivity: float,
    intensity: float,
    cooldown: float,
    steps: tuple[tuple[int, ...], tuple[int, ...]],
    *unused: Drive,
) -> Look:
    return Look(
        id,
        drives=(Drive("noise_scale", curve, sensitivity),),
        pulse=intensity * PULSES["pulse_noise"],
        cooldown=cooldown,
        unused=unused,
        steps=steps,
        speed=(8, 18) if id == "astral" else (6, 18),
    )


LOOKS: Final[Mapping[str, Look]] = {
    look.id: look
    for look in (
        _preset("astral", "exponential", 1.4, 0.5, 200, _WIDE, _fewer(), _weight(0.8)),
        _preset("forge", "linear", 1.2, 0.6, 200, _FINE, _more(1.2)),
        _preset("forest", "logarithmic", 0.9, 0.4, 300, _SOFT, _weight(1.1)),
        _preset("synthwave", "exponential", 1.5, 0.6, 200, _DEEP, _fewer()),
        _preset("sanctuary", "logarithmic", 1.0, 0.4, 400, _FINE, _weight(0.6), _more(0.8)),
        _preset("ocean", "logarithmic", 1.1, 0.45, 250, _SOFT, _weight(0.9)),
        _preset("cyber", "exponential", 1.4, 0.55, 200, _WIDE, _fewer()),
        _preset("aurora", "logarithmic", 0.85, 0.35, 350, _FINE, _weight(1.0)),
        _preset("arcade", "exponential", 1.3, 0.55, 180, _WIDE, _fewer(), _weight(0.9)),
        _preset("volcano", "exponential", 1.5, 0.6, 180, _WIDE, _fewer()),
        _preset("quantum", "logarithmic", 1.2, 0.5, 200, _SOFT, _weight(0.9)),
        _preset("tokyo", "exponential", 1.4, 0.55, 180, _WIDE, _fewer()),
        _preset("circuit", "exponential", 1.4, 0.55, 200, _WIDE, _fewer()),
        _preset("amethyst", "logarithmic", 1.1, 0.45, 250, _SOFT, _weight(0.9)),
        _preset("matrix", "exponential", 1.3, 0.5, 200, _WIDE, _fewer()),
    )
}
"""The presets by id, in their order."""

OLDER_NAMES: Final[Mapping[str, str]] = {
    "Cosmic Voyage": "astral",
    "Neon Foundry": "forge",
    "Digital Forest": "forest",
    "Synthwave Highway": "synthwave",
    "Crystal Sanctuary": "sanctuary",
}
"""What the first five were called at first."""

CUSTOM: Final = "custom"

SENSITIVITIES: Final[Mapping[str, tuple[float, float]]] = {
    "subtle": (0.5, 0.3),
    "balanced": (1.0, 0.7),
    "intense": (1.5, 1.2),
    "chaotic": (2.0, 1.5),
}
"""Of the noise and of the steps, in a theme of one's own."""

RESPONSES: Final[Mapping[str, float | None]] = {
    "none": None,
    "pulse": 0.3,
    "shift": 0.4,
    "burst": 0.5,
}
"""What beats do in a theme of one's own."""


@lru_cache(maxsize=64)
def custom(prompt: str, style: str, sensitivity: str, response: str) -> Look:
    """A look of one's own: exponential, without variations, so without spikes."""
    words = (prompt.strip(), *(word.strip() for word in style.split(",")))
    noise, steps = SENSITIVITIES[sensitivity]
    intensity = RESPONSES[response]
    return Look(
        CUSTOM,
        ", ".join(word for word in words if word),
        drives=(Drive("noise_scale", "exponential", noise),),
        pulse=None if intensity is None else intensity * PULSES["pulse_noise"],
        unused=(_fewer(steps), _weight(0.8)),
    )


@lru_cache(maxsize=64)
def worded(look: Look, theme: Theme) -> Look:
    """A look with the words of a theme: two of its variations, as each preset has."""
    variations = tuple(theme.styled(variation.text) for variation in theme.variations[:2])
    return look._replace(text=theme.text, variations=variations)


def turned(theme: str, places: int) -> Look:
    """The preset so many places after `theme`; after a theme of one's own comes the first."""
    names = tuple(LOOKS)
    start = names.index(OLDER_NAMES.get(theme, theme)) if theme != CUSTOM else -1
    return LOOKS[names[(start + places) % len(names)]]


class Reactivity(NamedTuple):
    """How quickly noise follows (share a tick), how hard beats push, what rise is a spike."""

    smoothing: float
    push: float
    spike: float


REACTIVITIES: Final[Mapping[str, Reactivity]] = {
    "cinematic": Reactivity(0.06, 0.70, 0.14),
    "balanced": Reactivity(0.12, 0.85, 0.11),
    "kinetic": Reactivity(0.20, 1.05, 0.09),
}


class Pace(NamedTuple):
    """Factors on beats, spikes and variations; the tempos (1/min) at which the words change."""

    beat: float
    spike: float
    variation: float
    up: tuple[float, float]
    down: tuple[float, float]


PACES: Final[Mapping[str, Pace]] = {
    "stable": Pace(0.80, 0.85, 0.85, (106.0, 154.0), (96.0, 142.0)),
    "balanced": Pace(1.00, 1.00, 1.00, (100.0, 146.0), (92.0, 136.0)),
    "dynamic": Pace(1.15, 1.10, 1.08, (94.0, 134.0), (88.0, 126.0)),
}

SCHEDULES: Final[Mapping[str, tuple[int, ...]]] = {
    "speed": (1000, 500, 250),
    "balanced": (1000, 750, 500, 250),
    "quality": (1000, 850, 700, 550, 400, 250),
}
"""Denoising steps. The music never moves them."""
