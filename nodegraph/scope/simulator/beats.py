"""Where the beat is, in whose terms changes wait and values move. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any

_BEATS = {"half_beat": 0.5, "beat": 1.0, "2_beat": 2.0}
_BARS = {"bar": 1.0, "2_bar": 2.0, "4_bar": 4.0}

GRIDS = ("beat", "bar", "2_bar", "4_bar")
"""To what a change can be quantised, and how often the cache can be emptied."""

RATES = (*_BEATS, *_BARS)
"""How long a turn of a modulation can take."""


@dataclass(frozen=True)
class Beat:
    """A moment: `beat_phase` 0..1, `bar_position` in beats, `source` link, midi_clock or client."""

    bpm: float
    beat_phase: float
    bar_position: float
    beat_count: int
    is_playing: bool = True
    source: str = "link"
    beats_per_bar: int = 4

    def told(self) -> dict[str, Any]:
        """As pipelines and clients are told of it."""
        return {
            "bpm": round(self.bpm, 2),
            "beat_phase": round(self.beat_phase, 4),
            "bar_position": round(self.bar_position, 4),
            "beat_count": self.beat_count,
            "is_playing": self.is_playing,
        }

    def turns(self, name: str) -> float:
        """How many of these there have been, one of `GRIDS` or `RATES`."""
        bars = self.beat_count // self.beats_per_bar
        return (bars * self.beats_per_bar + self.bar_position) / self._beats(name)

    def until(self, grid: str, lead: float = 0.0) -> float:
        """Seconds until `lead` seconds before the first of these that can still be met."""
        long = self._beats(grid) * 60 / self.bpm
        turns = self.turns(grid) + lead / long
        return (floor(turns) + 1 - turns) * long

    def _beats(self, name: str) -> float:
        return _BEATS.get(name) or _BARS[name] * self.beats_per_bar
