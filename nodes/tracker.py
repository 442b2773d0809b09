"""Finds the beat in music: what to clap to, before it comes."""

from __future__ import annotations

from math import ceil, exp, floor
from typing import NamedTuple

import numpy as np

from nodegraph import Clock, Trigger, Vector, inlet, node, outlet, param
from nodes._bar_pointer import STEP, UNKNOWN, Belief, Reading, forward, read
from nodes._novelty import NOTHING, Ear, band_rows, likelihood, listen

_METER = 4


# ---- a steady clock that follows the filter -----------------------------------------------------

_PHASE_GAIN, _PERIOD_GAIN = 0.15, 0.1
_NEAR_PHASE, _NEAR_PERIOD = 0.15, 0.15
_PATIENCE = 20.0
"""Steps for which a filter that is sure may contradict before the clock jumps."""
_DELAY = 0.023
"""Seconds by which novelty follows the sound: half a spectrum of 2048 samples."""


class Pace(NamedTuple):
    """The clock: beats counted, steps per beat, and how long the filter has contradicted."""

    beats: float = 0.0
    period: float = 43.0
    doubt: float = 0.0

    def on(self, steps: float) -> Pace:
        """The clock as many steps later."""
        return self._replace(beats=self.beats + steps / self.period)

    def back(self, beats: int) -> Pace:
        """The same place in the beat, counted as many beats less."""
        return self._replace(beats=self.beats - beats)


def _follow(pace: Pace, reading: Reading, locked: bool) -> Pace:
    """Move on by one step and lean towards the reading; jump when it insists."""
    beats = pace.beats + 1.0 / pace.period
    error = (reading.phase - beats + 0.5) % 1.0 - 0.5
    near = abs(reading.period / pace.period - 1.0) < _NEAR_PERIOD and abs(error) < _NEAR_PHASE
    if near:
        return Pace(
            beats + _PHASE_GAIN * reading.sureness * error,
            pace.period + _PERIOD_GAIN * reading.sureness * (reading.period - pace.period),
            max(0.0, pace.doubt - 1.0),
        )
    doubt = pace.doubt + reading.sureness
    if locked and doubt <= _PATIENCE:
        return Pace(beats, pace.period, doubt)
    return Pace(beats + error, reading.period, 0.0)


# ---- whether there is a beat at all, and where the bar begins ---------------------------------

_EVIDENCE_TIME = 3.0
_ENOUGH = 0.009
"""Evidence of a beat, below which there is none: in music the median is 0.06, in rain 0.003."""
_CERTAIN = 0.03
_SILENCE, _SILENCE_TIME = 1e-4, 1.2
_KEEP = exp(-STEP / _EVIDENCE_TIME)
_CHANGE_EASE, _CHANGE_LEAD = 0.2, 1.15
_LONGEST = 0.5
"""A tick longer than this (s) is a gap in the sound: the clock runs on, the rest is skipped."""


class Bar(NamedTuple):
    """What tells where the bar begins: the mean spectrum of this beat (as a sum over steps) and of
    the one before, and how much changed with each beat of the bar."""

    sum: Vector = NOTHING
    steps: int = 0
    before: Vector = NOTHING
    changes: tuple[float, ...] = (0.0,) * _METER


class Tracker(NamedTuple):
    """All that the tracker knows after a tick. Times are in seconds."""

    owed: float = 0.0
    ear: Ear = Ear()
    belief: Belief = UNKNOWN
    pace: Pace = Pace()
    evidence: float = 0.0
    unsure: float = 0.0
    quiet: float = 0.0
    locked: bool = False
    shown: float = 0.0
    bar: Bar = Bar()


def _step(state: Tracker, bands: Vector, hold: float) -> Tracker:
    """Listen for one step of the filter and decide whether there is a beat."""
    ear, novelty = listen(state.ear, bands)
    belief, better = forward(state.belief, likelihood(novelty))
    pace = _follow(state.pace, read(belief), state.locked)
    evidence = better + (state.evidence - better) * _KEEP
    quiet = state.quiet + STEP if ear.loudness < _SILENCE else 0.0
    unsure = state.unsure + STEP if evidence < _ENOUGH else 0.0
    locked = unsure == 0.0 or (state.locked and unsure < hold)
    if quiet > _SILENCE_TIME:
        belief, evidence, locked = UNKNOWN, 0.0, False
    beat_ended = floor(pace.beats) > floor(state.pace.beats)
    pace, bar = _count_bar(pace, state.bar, beat_ended, ear)
    return Tracker(
        state.owed,
        ear,
        belief,
        pace,
        evidence,
        unsure,
        quiet,
        locked,
        state.shown,
        bar,
    )


def _count_bar(pace: Pace, bar: Bar, beat_ended: bool, ear: Ear) -> tuple[Pace, Bar]:
    """Let the bar begin where the sound changes most from one beat to the next.

    Harmony and bass change with the bar (Davies and Plumbley, "A spectral difference approach to
    downbeat extraction in musical audio", EUSIPCO 2006). Every place in the bar keeps a fading
    mean of the change that came with it; another place has to lead clearly to become the first.
    """
    if not beat_ended:
        total = bar.sum + ear.past[0]
        total.flags.writeable = False
        return pace, Bar(total, bar.steps + 1, bar.before, bar.changes)
    mean: Vector = bar.sum * np.float32(1.0 / max(1, bar.steps))
    mean.flags.writeable = False
    change = float(np.abs(mean - bar.before).sum())
    changes = list(bar.changes)
    ended = (floor(pace.beats) - 1) % _METER
    changes[ended] += _CHANGE_EASE * (change - changes[ended])
    strongest = max(range(_METER), key=changes.__getitem__)
    if changes[strongest] > _CHANGE_LEAD * changes[0]:
        pace = pace.back(strongest)
        changes = changes[strongest:] + changes[:strongest]
    return pace, Bar(ear.past[0], 1, mean, tuple(changes))


@node(
    "beat.tracker",
    outlets=[
        "clock",
        outlet("beat", help="on every beat, while there is one"),
        outlet("bar", help="on the first beat of every bar"),
        outlet("bpm", "1/min", 0.0, 240.0, help="0 while there is no beat"),
        outlet("phase", "", 0.0, 1.0),
        outlet("confidence", "", 0.0, 1.0),
    ],
    state=Tracker(),
    rows=band_rows,
    title="Beat Tracker",
    aliases="Beat CHOP, Beat Detection, beat~, aubiotempo~, BPM, Tempo",
)
def tracker(
    state: Tracker,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    hold: float = param(
        8.0, "s", 0.0, 60.0, help="How long to beat on once the evidence of a beat has faded"
    ),
    ahead: float = param(
        0.0, "s", 0.0, 0.5, help="How much earlier than the music, to make up for what comes after"
    ),
) -> tuple[Tracker, Clock, Trigger, Trigger, float, float, float]:
    """Find the beat in music and count along, predicting every beat.

    What gets suddenly louder, in 45 bands, says how likely each place in the beat is; a filter
    over all tempos from 54 to 215 a minute and all phases weighs it up (Whiteley et al. 2006,
    Krebs et al. 2015), and a clock follows the filter's best guess steadily. Beats come from the
    clock, so they are where the next beat should be and never closer than half a beat. There are
    none in silence, nor where the filter finds no beat. Bars have four beats and are a guess: they
    begin where the sound changes most; when that moves, or a lost beat is found again, the count
    steps back by a few beats (below 0 it is a count-in). Made for a spectrum of 2048 samples.
    """
    owed = state.owed + dt
    skipped = max(0.0, owed - _LONGEST)
    owed -= skipped
    now = state
    while owed > 0.999 * STEP:  # at 44.1 kHz a block is one step but for rounding
        now = _step(now, product, hold)
        owed -= STEP
    if skipped:
        now = now._replace(pace=now.pace.on(skipped / STEP))
    if now.locked and not state.locked:  # count on from where the beat was lost
        bars = ceil((now.pace.beats - state.shown) / _METER)
        now = now._replace(pace=now.pace.back(bars * _METER))
    if not now.locked:
        after = now._replace(owed=owed)
        return after, Clock(0.0, state.shown), False, False, 0.0, state.shown % 1.0, 0.0
    period = now.pace.period * STEP
    beats = now.pace.beats + (owed + _DELAY + ahead) / period
    set_anew = not state.locked or beats < state.shown - 0.5
    before = beats if set_anew else state.shown
    shown = max(before, beats)
    beat = floor(shown) > floor(before)
    bar = beat and floor(shown) % _METER == 0
    confidence = max(0.0, 1.0 - exp(-now.evidence / _CERTAIN))
    clock = Clock(60.0 / period, shown, _METER, confidence)
    after = now._replace(owed=owed, shown=shown)
    return after, clock, beat, bar, clock.bpm, shown % 1.0, confidence


NODES = (tracker,)
