"""What Soundscape's mapping says beside a look's own words: one phrase per band of the sound."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple


class Bands(NamedTuple):
    """In which band the sound lies on each axis, as a place in the tables below."""

    intensity: int = 0
    brightness: int = 1
    texture: int = 0
    tempo: int = 0


class Ladder(NamedTuple):
    """Bands with hysteresis: left upwards above `up`, downwards below `down`, one a tick."""

    up: tuple[float, ...]
    down: tuple[float, ...]

    def climb(self, band: int, value: float) -> int:
        """The band after this tick."""
        if band < len(self.up) and value > self.up[band]:
            return band + 1
        if band and value < self.down[band - 1]:
            return band - 1
        return band


INTENSITY: Final = Ladder((0.30, 0.55, 0.80), (0.20, 0.45, 0.70))
BRIGHTNESS: Final = Ladder((0.30, 0.75), (0.20, 0.65))
TEXTURE: Final = Ladder((0.38, 0.77), (0.28, 0.67))

INTENSITY_WORDS: Final[Mapping[str, str]] = {
    "low": "calm, flowing gently",
    "medium": "dynamic, in flowing motion",
    "high": "intense, surging with energy",
    "peak": "at full force, transcendent",
}
BRIGHTNESS_WORDS: Final[Mapping[str, str]] = {
    "dark": "low light with its highlights kept",
    "balanced": "balanced cinematic exposure",
    "radiant": "radiant, luminous highlights",
}
TEXTURE_WORDS: Final[Mapping[str, str]] = {
    "smooth": "silky clean surfaces",
    "granular": "grain and fine noise",
    "crystalline": "prismatic crystalline detail",
}
TEMPO_WORDS: Final[Mapping[str, str]] = {
    "drift": "steady glide",
    "drive": "controlled momentum",
    "blitz": "high momentum, the camera stable",
}
PACE_WORDS: Final[Mapping[str, str]] = {
    "stable": "very stable camera, no surges",
    "balanced": "stable camera, no sudden jumps",
    "dynamic": "pressing forward, in control",
}

_TABLES = tuple(
    tuple(table.values())
    for table in (INTENSITY_WORDS, BRIGHTNESS_WORDS, TEXTURE_WORDS, TEMPO_WORDS)
)


@lru_cache(maxsize=1024)
def reactive(text: str, bands: Bands, pace: str) -> str:
    """A look's words, then one phrase for each band, then that of the pace."""
    phrases = (table[band] for table, band in zip(_TABLES, bands, strict=True))
    return ", ".join((text, *phrases, PACE_WORDS[pace]))


@lru_cache(maxsize=64)
def ambient(text: str) -> str:
    """A look's words while no music plays."""
    return f"{text}, {INTENSITY_WORDS['low']}"
