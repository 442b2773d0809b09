"""Finds the beat in music: what to clap to, before it comes."""

from __future__ import annotations

from math import ceil, exp, floor
from typing import Any, NamedTuple

from nodegraph import Audio, Clock, Trigger, Vector, inlet, node, outlet, param
from nodes._bar_pointer import BEGINNING, STEP, UNKNOWN, Belief, forward, likelihood, read
from nodes._beat_bars import Bars, attend, begin, count, forget, notice
from nodes._beat_clock import Gate, Heard, Pace, decide, follow
from nodes._beat_ear import Ear, hear
from nodes._beat_frames import Frames, look
from nodes._beat_net import Memory, Said, listen
from nodes.audio import mono

_DELAY = 0.03
"""Seconds by which the network speaks of a beat after it."""
_BARELY = 0.06
"""Seconds for which the first beat is told yet when it has just passed: it is heard as one."""
_CERTAIN = 0.1


class Tracker(NamedTuple):
    """All that the tracker knows after a tick; `shown` are the beats that were told."""

    frames: Frames = Frames()
    ear: Ear = Ear()
    memory: Memory = Memory()
    belief: Belief = UNKNOWN
    pace: Pace = Pace()
    gate: Gate = Gate()
    bars: Bars = Bars()
    shown: float = 0.0


def _step(state: Tracker, bands: Vector, hold: float) -> Tracker:
    """Listen for one step of the filter."""
    ear, heard = hear(state.ear, bands)
    memory, said = listen(state.memory, heard)
    return think(state._replace(ear=ear, memory=memory), said, hold)


def think(state: Tracker, said: Said, hold: float) -> Tracker:
    """What follows from what the network said: where the beat is, the bar, and if there is any."""
    belief, better = forward(state.belief, likelihood(said.beat))
    reading = read(belief)
    pace = follow(state.pace, reading, state.gate.locked)
    heard = Heard(better, said.beat, reading.sureness)
    gate = decide(state.gate, heard, state.ear.loudness, hold)
    before, place = state.pace.beats, pace.beats % 1.0
    bars = state.bars if pace.steady else forget(state.bars)
    bars = notice(bars, state.ear.past[0], floor(pace.beats) > floor(before))
    if place < _NEAR or place > 1.0 - _NEAR:
        bars = attend(bars, said.beat, said.downbeat)
    passed = floor(pace.beats - _NEAR) - floor(before - _NEAR)
    if passed < 0:  # before it is locked, a clock that goes back means another beat
        bars = bars._replace(again=state.gate.locked)
    elif passed > 0:
        bars, first = count(bars)
        if first is not None:
            pace = pace.back((floor(pace.beats) - first) % bars.meter)
    if gate.settled and gate.sounding and not bars.begun:
        beats = (gate.sounding - _DELAY) / (pace.period * STEP)
        if beats < _RECENT:
            bars = begin(bars, floor(pace.beats - _NEAR) - round(pace.beats - beats))
    if gate.locked and not state.gate.locked:  # count on from where the beat was lost
        pace = pace.back(ceil((pace.beats - state.shown) / bars.meter) * bars.meter)
    if gate.silent:
        belief, bars = BEGINNING, Bars()
    return state._replace(belief=belief, pace=pace, gate=gate, bars=bars)


_NEAR = 0.25
"""Of a beat, to both sides: where to listen for a downbeat."""
_RECENT = 16.0
"""Beats over which it can be told how many there were before the clock found the first."""


def _upgrade(params: dict[str, Any], from_version: int) -> dict[str, Any]:
    """Until version 2 a beat was held for 8 seconds."""
    return {"hold": 8.0, **params} if from_version < 2 else params


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
    title="Beat Tracker",
    aliases="Beat CHOP, Beat Detection, beat~, aubiotempo~, BPM, Tempo",
    version=3,
    upgrade=_upgrade,
)
def tracker(
    state: Tracker,
    rate: float,
    audio: Audio = inlet(instead_of="magnitude"),
    hold: float = param(
        18.0, "s", 0.0, 60.0, help="How long to beat on once the evidence of a beat has faded"
    ),
    ahead: float = param(
        0.0, "s", 0.0, 0.5, help="How much earlier than the music, to make up for what comes after"
    ),
) -> tuple[Tracker, Clock, Trigger, Trigger, float, float, float]:
    """Find the beat in music and count along, predicting every beat.

    A small network that has learnt from made-up music says how likely a beat has just begun; a
    filter over all tempos from 54 to 215 a minute and all phases weighs it up (Whiteley et al.
    2006, Krebs et al. 2015), and a clock follows the filter's best guess steadily. Beats come from
    the clock, so they are where the next beat should be and never closer than half a beat; only the
    first may come up to 60 ms late. There are none in silence, nor where the filter finds none.
    Bars have four beats, or three, and begin where the network hears downbeats and the sound
    changes, as with a new chord, and where music begins out of silence; when that moves, or a lost
    beat is found again, the count steps back by a few beats (below 0 it is a count-in). It takes
    the sound and makes its own spectra, 86 a second of 46 ms each, so that it hears the same at any
    sample rate and block size.
    """
    frames, steps = look(state.frames, mono(audio), rate)
    now = state._replace(frames=frames)
    for bands in steps:
        now = _step(now, bands, hold)
    if not now.gate.locked:
        return now, Clock(0.0, state.shown), False, False, 0.0, state.shown % 1.0, 0.0
    meter = now.bars.meter
    period = now.pace.period * STEP
    beats = now.pace.beats + (frames.since(rate) + _DELAY + ahead) / period
    counted = beats if beats < state.shown - 0.5 else state.shown
    before = counted if state.gate.locked else beats - _BARELY / period
    shown = max(before, beats)
    beat = floor(shown) > floor(before)
    bar = beat and floor(shown) % meter == 0
    confidence = max(0.0, 1.0 - exp(-now.gate.evidence / _CERTAIN))
    clock = Clock(60.0 / period, shown, meter, confidence)
    return now._replace(shown=shown), clock, beat, bar, clock.bpm, shown % 1.0, confidence


NODES = (tracker,)
