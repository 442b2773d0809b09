"""Clocks, and what can be read from one: a phase over any unit, ticks on a grid."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from nodegraph import Clock, Trigger, inlet, node, outlet, param
from nodes._grid import passes

_BEATS = {"1/4 beat": 0.25, "1/2 beat": 0.5, "1 beat": 1.0, "2 beats": 2.0}
_BARS = {"1 bar": 1, "2 bars": 2, "4 bars": 4, "8 bars": 8, "16 bars": 16}
_EVERY = {"1/4": 0.25, "1/2": 0.5, "1": 1.0, "2": 2.0, "4": 4.0, "8": 8.0, "16": 16.0}


@node(
    "beat.phase",
    outlets=[outlet("phase", "", 0.0, 1.0), outlet("index"), outlet("wrap")],
    state=None,
    title="Clock Phase",
    aliases="Beat CHOP, phasor~, Bar Progress, Beat LFO, syn_BPMTwitcher",
)
def phase(
    state: float | None,
    dt: float,
    clock: Clock = inlet(),
    unit: str = param("1 beat", choices=(*_BEATS, *_BARS)),
) -> tuple[float | None, float, float, Trigger]:
    """Run from 0 to 1 with the music, over a part of a beat or over many bars.

    `index` counts the units since the clock began, and `wrap` strikes where one begins. A bar is
    as many beats as the clock says.
    """
    length = _length(unit, clock)
    mark, wrap = passes(state, clock.beats, clock.bpm / 60.0 * dt, length)
    position = clock.beats / length
    return mark, position % 1.0, float(floor(position)), wrap


def _length(unit: str, clock: Clock) -> float:
    """A unit in beats."""
    return _BEATS[unit] if unit in _BEATS else float(_BARS[unit] * max(1, clock.meter))


@node(
    "beat.divide",
    outlets="tick",
    state=None,
    title="Clock Divide",
    aliases="Clock Divider, metro, Every N Beats, Quantize, Rhythm",
)
def divide(
    state: float | None,
    dt: float,
    clock: Clock = inlet(),
    every: str = param("1", choices=tuple(_EVERY), help="Beats from one tick to the next"),
    offset: float = param(0.0, "beats", -16.0, 16.0, help="How much later than the grid"),
) -> tuple[float | None, Trigger]:
    """Strike on a grid: every beat, on the off-beat, every four bars.

    The grid starts with the first beat of the first bar. An offset of half the distance strikes
    in between. While the clock has no tempo it stands, and so does this.
    """
    return passes(state, clock.beats - offset, clock.bpm / 60.0 * dt, _EVERY[every])


class Waiting(NamedTuple):
    """Whether a hit waits, where the clock was, and whether a hit has gone through since the last
    line of the grid."""

    waits: bool = False
    mark: float | None = None
    gone: bool = False


@node(
    "beat.quantise",
    outlets=[
        outlet("out", help="the hit, in time"),
        outlet("waits", help="there was a hit, and its time has not come"),
    ],
    state=Waiting(),
    title="Quantise Trigger",
    aliases="Launch Quantization, Quantize, On the Next Bar, Clip Launch, Late Hit",
)
def quantise(
    state: Waiting,
    dt: float,
    hit: Trigger = inlet(False, help="a pad, a key, a drop: whenever it comes"),
    clock: Clock = inlet(),
    to: str = param("1 bar", choices=(*_BEATS, *_BARS), help="where the next of these begins"),
    grace: float = param(0.1, "s", 0.0, 1.0, help="a hit so little late goes through at once"),
) -> tuple[Waiting, Trigger, bool]:
    """Hold a hit back until the music is there.

    Strike the pad somewhere in the bar, and the next theme comes on the one. Many hits are one.
    Without a tempo there is nothing to wait for.
    """
    length, rate = _length(to, clock), clock.bpm / 60.0
    mark, begins = passes(state.mark, clock.beats, rate * dt, length)
    gone = state.gone and not begins
    late = not gone and clock.beats % length <= rate * grace
    out = (hit and late) or ((hit or state.waits) and (begins or rate <= 0.0))
    waits = (hit or state.waits) and not out
    return Waiting(waits, mark, gone or out), out, waits


@node(
    "beat.manual",
    outlets=["clock", "beat"],
    state=None,
    title="Manual Clock",
    aliases="Metronome, transport, Tempo, BPM",
)
def manual(
    state: float | None,
    dt: float,
    reset: Trigger = inlet(False, help="Beat 0 of the first bar is now"),
    bpm: float = param(120.0, "1/min", 20.0, 300.0),
    meter: int = param(4, "beats", 1, 16, help="Beats in a bar"),
) -> tuple[float | None, Clock, Trigger]:
    """Beat at a set tempo, with or without music.

    A change of tempo carries on from where the beat is.
    """
    before = state or 0.0
    beats = 0.0 if reset else before + bpm / 60.0 * dt
    began = reset or state is None or floor(beats) > floor(before)
    return beats, Clock(bpm, beats, int(meter), 1.0), began


class Taps(NamedTuple):
    """When somebody tapped: seconds since the last tap, the intervals before, and the clock."""

    since: float = 3600.0
    intervals: tuple[float, ...] = ()
    bpm: float = 0.0
    beats: float = 0.0


@node(
    "beat.tap",
    outlets=["clock", outlet("bpm", "1/min", 0.0, 300.0)],
    state=Taps(),
    title="Tap Tempo",
    aliases="Tap, Beat Tap, tapper",
)
def tap(
    state: Taps,
    dt: float,
    tap: Trigger = inlet(False),
    resync: Trigger = inlet(False, help="A bar begins now"),
    release: Trigger = inlet(False, help="Forget the tempo, so that another clock may lead"),
    taps: int = param(8, "", 2, 32, help="How many of the last taps count"),
    timeout: float = param(2.0, "s", 0.3, 10.0, help="After a longer pause counting starts anew"),
    meter: int = param(4, "beats", 1, 16, help="Beats in a bar"),
) -> tuple[Taps, Clock, float]:
    """Take the tempo from your finger.

    The tempo is the mean of the last intervals; two taps are enough to begin. Every tap is a
    beat: the clock goes to the nearest one. Between taps it runs on, until it is released.
    """
    if release:
        return Taps(), Clock(meter=int(meter)), 0.0
    since = state.since + dt
    intervals, bpm = state.intervals, state.bpm
    beats = state.beats + bpm / 60.0 * dt
    if tap:
        intervals = (*intervals, since)[-(int(taps) - 1) :] if since <= timeout else ()
        since = 0.0
        if intervals and sum(intervals) > 0.0:
            bpm = min(300.0, 60.0 * len(intervals) / sum(intervals))
        beats = float(round(beats)) if state.bpm > 0.0 else float(len(intervals))
    if resync:
        beats = 0.0
    return Taps(since, intervals, bpm, beats), Clock(bpm, beats, int(meter), float(bpm > 0)), bpm


NODES = (phase, divide, quantise, manual, tap)
