"""The demo track on paper: tempo, sections, harmony, rhythms, and how bright it is where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEMO_BPM = 124.0
BEAT = 60.0 / DEMO_BPM
BAR = 4 * BEAT
STEP = BAR / 16
SWING = 0.14
"""How much later each second sixteenth of the hats comes, in steps."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the song; `start` and `end` in seconds."""

    name: str
    start: float
    end: float


BARS = {
    "intro": range(4),
    "groove": range(4, 16),
    "breakdown": range(16, 24),
    "build": range(24, 28),
    "drop": range(28, 36),
    "outro": range(36, 40),
}
DURATION = 40 * BAR
HUSH = (27.5 * BAR, 28 * BAR)
"""The two beats of silence before the drop, in seconds."""

# One chord to the bar, as MIDI notes: Am9, Fmaj9, Cmaj9, G6/9; and the root under each.
CHORDS = (
    (57, 60, 64, 67, 71),
    (53, 57, 60, 64, 67),
    (55, 60, 62, 64, 71),
    (55, 59, 62, 64, 69),
)
ROOTS = (33, 29, 36, 31)

# Steps are sixteenths of a bar. The arpeggio counts chord notes from the lowest; from 5 on they
# are an octave up.
ARPEGGIO = (0, 2, 4, 6, 3, 5, 2, 4, 1, 3, 6, 4, 7, 5, 3, 2)
STABS_GROOVE = (3, 6, 10, 13)
STABS_DROP = (0, 3, 6, 8, 11, 14)
BASS_GROOVE = ((2, 0), (6, 0), (9, 12), (10, 0), (14, 0), (15, 7))  # (step, semitones above root)
BASS_DROP = tuple((step, 12 if step in (3, 11) else 0) for step in range(16) if step % 4)
ROLL = ((0, 2), (1, 2), (2, 1), (3, 0.5))  # (bar of the build, steps between strokes)

# (bar of four, step, MIDI note, length in steps)
MELODY = (
    (0, 0, 76, 3), (0, 3, 74, 3), (0, 6, 72, 5), (0, 12, 69, 2), (0, 14, 72, 2),
    (1, 0, 72, 3), (1, 3, 69, 3), (1, 6, 72, 5), (1, 12, 74, 2), (1, 14, 76, 2),
    (2, 0, 79, 3), (2, 3, 76, 3), (2, 6, 74, 5), (2, 12, 76, 2), (2, 14, 79, 2),
    (3, 0, 74, 6), (3, 6, 71, 5), (3, 12, 74, 2), (3, 14, 75, 1), (3, 15, 74, 1),
)  # fmt: skip

BRIGHTNESS = (  # (bar, 0..1), straight lines between
    (0, 0.10), (4, 0.52), (8, 0.58), (16, 0.78), (16, 0.12), (24, 0.66),
    (24, 0.30), (27.5, 1.00), (28, 0.82), (36, 0.92), (36, 0.70), (40, 0.05),
)  # fmt: skip


def demo_sections() -> tuple[Section, ...]:
    """The song's sections in order, without gaps."""
    return tuple(Section(name, bars[0] * BAR, (bars[-1] + 1) * BAR) for name, bars in BARS.items())


def demo_beats() -> NDArray[np.float64]:
    """The time of every beat in seconds, also of those that no drum plays."""
    return BEAT * np.arange(round(DURATION / BEAT), dtype=np.float64)


def demo_downbeats() -> NDArray[np.float64]:
    """The time of the first beat of every bar in seconds."""
    return demo_beats()[::4]


def brightness(bar: float) -> float:
    """How far the filters are open, 0..1, at a place in bars."""
    places, levels = zip(*BRIGHTNESS, strict=True)
    after = int(np.searchsorted(places, bar, side="right"))
    if after == len(places):
        return float(levels[-1])
    low, high = places[after - 1], places[after]
    return float(np.interp(bar, (low, high), (levels[after - 1], levels[after])))
