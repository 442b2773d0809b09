"""Where the music turns: a build, a drop, another section."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

import numpy as np

from nodegraph import Clock, Trigger, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, log_edges, mean_between, triangles
from nodes.level import decibels
from nodes.presence import FLOOR, USUAL, eased


class Tension(NamedTuple):
    """Bass and treble in dB, now and lately, the bass when it is loud, and for how long (s) there
    has been none, and has been one since the last drop."""

    bass: float | None = None
    treble: float | None = None
    treble_before: float | None = None
    usual: float = FLOOR
    without: float = 0.0
    played: float = 0.0


_BASS_RISE, _BASS_FALL, _TREBLE_TIME, _TREBLE_BEFORE = 0.03, 0.3, 1.0, 8.0
_GONE, _HINT, _BACK = 14.0, 10.0, 6.0
"""dB below what is usual at which the bass is gone; above which, until it has been for long enough
to be missed, it never was; and above which it is back."""
_LEEWAY = 12.0
"""dB by which `sensitivity` moves that from one end to the other."""
_LOUD = -60.0
"""dB that the usual bass must exceed to be one."""
_PLAYED = 4.0
"""Seconds for which there must have been a bass before its absence is one."""
_FULL_BUILD = 9.0
"""dB by which treble rises in some seconds in a full build."""


def _outer_rows(size: int, rate: float) -> Matrix:
    return np.stack([mean_between(size, rate, 30.0, 130.0), mean_between(size, rate, 3e3, 16e3)])


@node(
    "audio.build",
    outlets=[
        outlet("build", "", 0.0, 1.0, help="how far the treble climbs while the bass is gone"),
        outlet("drop", help="when the bass comes back"),
        outlet("breakdown", help="while the bass is gone"),
    ],
    state=Tension(),
    rows=_outer_rows,
    title="Build and Drop",
    aliases="Drop Detect, Riser, Breakdown, Buildup",
)
def build(
    state: Tension,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    least: float = param(
        3.0, "s", 0.5, 30.0, help="How long the bass must be gone for a breakdown"
    ),
    sensitivity: float = param(
        0.5, "", 0.0, 1.0, help="1: a bass that is a little softer counts as gone"
    ),
) -> tuple[Tension, float, Trigger, bool]:
    """Feel the tension of dance music: the bass goes, the highs climb, and then it drops.

    Bass is the mean magnitude from 30 to 130 Hz in dB, up with a time constant of 30 ms and down
    with 0.3 s. Its usual level is its loudest of late, forgotten by 1 dB in 3 s, but not while it
    is gone. Once it has played for 4 s and then lies 14 dB (20 to 8, by `sensitivity`) below that
    for `least`, with nothing 4 dB above that, such as a softer kick, it is a breakdown; within 6 dB
    of the usual level again, it drops. Build is by how much the
    treble, 3 to 16 kHz, over 1 s exceeds that over 8 s, 9 dB being 1, during a breakdown. From the
    bass's return to the drop it takes 0.1 s. A song without a bass has none of this, and one that
    begins without it has no drop at its first bass. The thresholds are of this project's own.
    """
    low, high = (decibels(level, FLOOR) for level in product.tolist())
    rising = state.bass is not None and low > state.bass
    bass = eased(state.bass, low, dt, _BASS_RISE if rising else _BASS_FALL)
    treble = eased(state.treble, high, dt, _TREBLE_TIME)
    before = eased(state.treble_before, high, dt, _TREBLE_BEFORE)
    leeway = _LEEWAY * (0.5 - sensitivity)
    away = bass < state.usual - _GONE - leeway
    missed = state.without >= least
    back = bass >= state.usual - (_BACK if missed else max(_BACK, _HINT + leeway))
    absent = not back if state.without else away and state.played >= _PLAYED
    without = state.without + dt if absent else 0.0
    usual = state.usual if absent else max(bass, state.usual - dt / USUAL, FLOOR)
    breakdown, drop = without >= least, back and missed
    played = 0.0 if drop else state.played + dt * (not away and usual > _LOUD)
    climbed = min(1.0, max(0.0, (treble - before) / _FULL_BUILD)) if breakdown else 0.0
    return Tension(bass, treble, before, usual, without, played), climbed, drop, breakdown


_BANDS = 24
_FREE_BAR = 2.0
"""Seconds of a bar where there is no clock."""
_SHORTEST_BAR = 0.4
"""Seconds; what is shorter is a clock that was set."""
_MOST_BARS = 16
_LEAST = np.float32(1e-4)


def _section_rows(size: int, rate: float) -> Matrix:
    return triangles(size, rate, log_edges(_BANDS, 40.0, 16000.0))


class Sections(NamedTuple):
    """The bar at hand (its number by the clock, the sum of its bands over time, its seconds), the
    finished bars of this section in dB, newest last, how many there were, and the last novelty."""

    bar: int | None = None
    sum: Vector = np.zeros(_BANDS, np.float32)
    seconds: float = 0.0
    bars: tuple[tuple[Vector, float], ...] = ()
    number: int = 0
    novelty: float = 0.0


@node(
    "audio.section",
    outlets=[
        outlet("change", help="when another section has begun"),
        outlet("novelty", "dB", 0.0, 40.0, help="how unlike this section the last bars are"),
        outlet("section", help="how many changes there have been"),
        outlet("ago", "s", 0.0, 60.0, help="at a change: how long ago it was"),
    ],
    state=Sections(),
    rows=_section_rows,
    title="Section Change",
    aliases="Segment, Verse Chorus, Novelty, Structure, Song Part",
)
def section(
    state: Sections,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    clock: Clock = inlet(Clock()),
    threshold: float = param(2.0, "dB", 0.5, 30.0, help="How unlike it must be"),
    confirm: int = param(2, "bars", 1, 8, help="For how long, before it is told"),
    least: int = param(2, "bars", 1, 16, help="The shortest section"),
) -> tuple[Sections, Trigger, float, float, float]:
    """Notice that another part of the song has begun: verse, chorus, breakdown.

    Each bar is 24 levels in dB, 40 Hz to 16 kHz. Novelty is the least distance (root mean square
    over the bands) of the last `confirm` bars from the mean of those of this section before them,
    up to 16, less the mean distance of these from it themselves. It is a causal form of the
    checkerboard of Foote ("Automatic audio segmentation using a measure of audio novelty", ICME
    2000), and one bar's fill is no section. It is known `confirm` bars late; `ago` tells how late.
    Bars are those of the clock, and 2 s where there is none.
    """
    number = floor(clock.beats / max(1, clock.meter)) if clock.bpm > 0.0 else None
    seconds = state.seconds + dt
    total = state.sum + np.float32(dt) * product
    total.setflags(write=False)
    over = seconds >= _FREE_BAR if number is None else number != state.bar
    if not over or seconds < _SHORTEST_BAR:
        after = state._replace(bar=number if over else state.bar, sum=total, seconds=seconds)
        return after, False, state.novelty, float(state.number), 0.0
    mean = np.maximum(total / np.float32(seconds), _LEAST)
    levels: Vector = np.float32(20.0) * np.log10(mean)
    levels.setflags(write=False)
    bars = (*state.bars, (levels, seconds))[-_MOST_BARS - int(confirm) :]
    novelty = _novelty(bars, int(confirm)) if len(bars) >= int(least) + int(confirm) else 0.0
    changed = novelty >= threshold
    ago = sum(length for _, length in bars[-int(confirm) :]) if changed else 0.0
    after = Sections(
        number,
        np.zeros_like(total),
        0.0,
        bars[-int(confirm) :] if changed else bars,
        state.number + changed,
        novelty,
    )
    return after, changed, novelty, float(after.number), ago


def _novelty(bars: tuple[tuple[Vector, float], ...], confirm: int) -> float:
    """How far (dB) the last bars are from the others, less how far these are from their mean."""
    levels = np.stack([levels for levels, _ in bars])
    away = levels - levels[:-confirm].mean(axis=0)
    distances = np.sqrt((away * away).mean(axis=1))
    return max(0.0, float(distances[-confirm:].min() - distances[:-confirm].mean()))


NODES = (build, section)
