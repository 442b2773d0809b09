"""Where a threshold belongs: listens to a level for some bars, and finds what its hits stand on."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.playback import Music

BARS: Final = 8
"""How long is listened where there is a clock."""

LONG: Final = 8.0
"""Seconds, where there is none."""

_LONGEST: Final = 90.0  # seconds, for a clock that stands still or goes back
_FLOOR: Final = 10.0  # percentiles of the level between which the threshold lies
_PEAK: Final = 98.0
_TRIED: Final = 60
_FEWEST: Final = 4  # hits that are worth a threshold
_SAME: Final = 0.05
_LEAST: Final = 1e-6


class Fit(NamedTuple):
    """A threshold, and between which others the hits are about as many as with it."""

    threshold: float
    low: float
    high: float
    hits: int


def fit(
    levels: NDArray[np.float64], tick: float, hysteresis: float = 0.0, cooldown: float = 0.0
) -> Fit | None:
    """The threshold on which the hits depend least; None where there are fewer than four.

    `levels` are those of successive ticks of `tick` seconds. Between the level's floor (its 10th
    percentile) and its peaks (the 98th) thresholds are tried in equal steps of a log scale; the
    result is the middle of the longest run over which the number of hits stays the same but for one
    in twenty. That is the idea of maximally stable extremal regions (Matas, Chum, Urban and Pajdla,
    "Robust wide baseline stereo from maximally stable extremal regions", BMVC 2002): what stands
    out does so for whatever threshold. A split of the histogram into two classes (Otsu, 1979) is no
    match for drums over a bass line, for both of its classes are wide and overlap.
    """
    heard = np.maximum(levels[np.isfinite(levels)], _LEAST)
    if not len(heard):
        return None
    floor, peak = np.percentile(heard, (_FLOOR, _PEAK))
    tried = np.geomspace(floor, peak, _TRIED)
    counts = count_hits(heard, tick, tried, hysteresis, cooldown)
    best: tuple[int, int] | None = None
    for first in np.flatnonzero(counts >= _FEWEST):
        near = np.abs(counts[first:] - counts[first]) <= max(1.0, _SAME * counts[first])
        last = int(first) + (len(near) if near.all() else int(near.argmin())) - 1
        if best is None or last - first > best[1] - best[0]:
            best = int(first), last
    if best is None or peak <= floor:
        return None
    low, high = float(tried[best[0]]), float(tried[best[1]])
    threshold = float(f"{(low * high) ** 0.5:.3g}")
    (hits,) = count_hits(heard, tick, np.array([threshold]), hysteresis, cooldown)
    return Fit(threshold, low, high, int(hits))


def count_hits(
    levels: NDArray[np.float64],
    tick: float,
    thresholds: NDArray[np.float64],
    hysteresis: float = 0.0,
    cooldown: float = 0.0,
) -> NDArray[np.int64]:
    """How often a level hits each of the thresholds; int64[thresholds].

    It is held from when it reaches the threshold until it falls below threshold × (1 - hysteresis);
    a rise less than `cooldown` seconds after a hit is none.
    """
    release = thresholds * (1.0 - hysteresis)
    held = np.zeros(len(thresholds), bool)
    since = np.full(len(thresholds), np.inf)
    counts = np.zeros(len(thresholds), np.int64)
    for level in levels:
        holds = level >= np.where(held, release, thresholds)
        since += tick
        hit = holds & ~held & (since >= cooldown)
        counts += hit
        since[hit] = 0.0
        held = holds
    return counts


class Listening:
    """Gathers what a level does for eight bars, or for eight seconds where no clock runs.

    Times are seconds of one clock, of whatever kind.
    """

    def __init__(self, now: float, tick: int, music: Music | None) -> None:
        self._began, self._tick = now, tick
        self._bars = float(BARS) if music is not None else 0.0
        self._music, self._gone = music, 0.0
        self._heard: list[NDArray[np.float64]] = []
        self.share = 0.0
        """How much of it is over, 0..1."""

    @property
    def bars(self) -> int:
        """Which of the eight bars it is, from 1; 0 where none are counted."""
        return min(int(self._gone) + 1, BARS) if self._bars else 0

    def hear(
        self, now: float, tick: int, past: NDArray[np.float64], music: Music | None = None
    ) -> bool:
        """Take in what is new of the past, up to a tick; whether that was enough."""
        new = min(max(tick - self._tick, 0), len(past))
        if new:
            self._heard.append(past[len(past) - new :])
        self._tick = tick
        if music is not None and self._music is not None:
            beats = _beats(music) - _beats(self._music)
            if 0.0 < beats < music.meter:  # else somebody moved the music
                self._gone += beats / music.meter
            self._music = music
        seconds = now - self._began
        done = self._gone / self._bars if self._bars else seconds / LONG
        self.share = min(max(done, seconds / _LONGEST), 1.0)
        return self.share >= 1.0

    @property
    def levels(self) -> NDArray[np.float64]:
        """What was heard, a number a tick."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0)

    @property
    def words(self) -> str:
        """For how long it listens, in words."""
        return f"{BARS} bars" if self._bars else f"{LONG:.0f} s"


def _beats(music: Music) -> float:
    return music.bar * music.meter + music.beat + music.phase
