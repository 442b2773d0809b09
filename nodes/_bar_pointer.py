"""A forward filter over tempo and phase: how likely is every beat period and every place in it.

Whiteley, Cemgil, Godsill, "Bayesian modelling of temporal structure in musical audio", ISMIR 2006,
in the discrete form of Krebs, Böck, Widmer, "An efficient state-space model for joint tempo and
meter tracking", ISMIR 2015. A state is a beat period in whole steps and a step within it. With
each step every state moves on by one; at the beat the period may change a little.
"""

from __future__ import annotations

from math import atan2, hypot, log, tau
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Belief = NDArray[np.float32]

HOP, RATE = 512, 44100
STEP = HOP / RATE
"""Seconds per step."""

PLACES = 48
"""Into how many places the observation divides a beat."""

_PERIODS = np.arange(24, 97)
"""Steps per beat: 215 to 54 beats a minute."""

_STIFFNESS = 100.0
"""A period changes by the ratio r at a beat with probability ~ exp(-stiffness |r - 1|)."""

_RESTART = 1e-5
"""The share of belief that begins anew with each step, so that nothing is ever impossible."""

_LAST = np.cumsum(_PERIODS) - 1
_FIRST = _LAST - _PERIODS + 1
_STEPS = np.concatenate([np.arange(period) for period in _PERIODS])
_OWN_PERIOD = np.repeat(_PERIODS, _PERIODS)
_PLACE = _STEPS * PLACES // _OWN_PERIOD
_TURN = tau * _STEPS / _OWN_PERIOD
_COS, _SIN = np.cos(_TURN).astype(np.float32), np.sin(_TURN).astype(np.float32)
_LENGTHS = _PERIODS.astype(np.float32)
_REACH = 2
_NEAR = np.maximum(1 + _REACH - np.abs(_LENGTHS[:, None] - _LENGTHS[None, :]), np.float32(0.0))
"""Sums over neighbouring periods, the nearer the heavier, as a matrix."""


def _usual(breadth: float) -> NDArray[np.float64]:
    """How usual each period is: a log-normal around 128 beats a minute, so many octaves broad."""
    octaves = np.log2(60.0 / (STEP * _PERIODS) / 128.0)
    return np.asarray(np.exp(-0.5 * (octaves / breadth) ** 2))


def _changes() -> Belief:
    """[from, to]: the probability of each change of period at a beat, times how usual it is."""
    ratio = _PERIODS[None, :] / _PERIODS[:, None]
    change = np.exp(-_STIFFNESS * np.abs(ratio - 1.0))
    change /= change.sum(axis=1, keepdims=True)
    return np.asarray(change * _usual(breadth=0.72), np.float32)


_CHANGES = _changes()

_SOON = 4
"""After how many steps the first sound of a piece has been heard."""
_BEGINS = 0.2
"""How likely a piece, for all that is known, begins with a beat."""


def _first() -> tuple[Belief, Belief]:
    """The belief when it may be anywhere in the music, and when the music is about to begin."""
    usual = np.repeat(_usual(breadth=0.5), _PERIODS)
    anywhere = usual / _OWN_PERIOD
    on_beat = usual * (np.abs(_OWN_PERIOD - _STEPS - _SOON) <= 1)
    anywhere, on_beat = anywhere / anywhere.sum(), on_beat / on_beat.sum()
    begins = (1.0 - _BEGINS) * anywhere + _BEGINS * on_beat
    return anywhere.astype(np.float32), begins.astype(np.float32)


UNKNOWN, BEGINNING = _first()
UNKNOWN.setflags(write=False)
BEGINNING.setflags(write=False)
_SPREAD = np.float32(_RESTART) * UNKNOWN


class Reading(NamedTuple):
    """The most likely beat: phase 0..1, period in steps, and how sure the filter is (0..1)."""

    phase: float
    period: float
    sureness: float


_BEAT_PLACES = 3
"""Of all places, those that are the beat: one sixteenth, around the first."""
_ELSEWHERE = PLACES / _BEAT_PLACES - 1.0
_TRUST_ON, _TRUST_OFF = 0.5, 1 / 3
"""Less than 1, for steps are not independent of each other. Where a beat is expected the network
is believed more than elsewhere: a beat that nobody plays says more than one between the beats."""
_LEAST = 1e-3
_ON = np.minimum(np.arange(PLACES), PLACES - np.arange(PLACES)) <= _BEAT_PLACES // 2


def likelihood(beat: float) -> NDArray[np.float32]:
    """How well each of the PLACES explains that there is a beat with this probability.

    As Böck, Krebs, Widmer, "A multi-model approach to beat tracking considering heterogeneous
    music styles", ISMIR 2014, but trusted less.
    """
    beat = min(1.0 - _LEAST, max(_LEAST, beat))
    on, off = beat**_TRUST_ON, ((1.0 - beat) / _ELSEWHERE) ** _TRUST_OFF
    return np.where(_ON, np.float32(on), np.float32(off))


def forward(belief: Belief, likelihood: NDArray[np.float32]) -> tuple[Belief, float]:
    """One step: everything moves on, and what was heard weighs in.

    `likelihood` is how well each of the PLACES explains what was heard. Also returns how much
    better the belief explains it than a beat anywhere would, as a log-likelihood ratio.
    """
    moved = np.empty_like(belief)
    moved[1:] = belief[:-1]
    moved[_FIRST] = belief[_LAST] @ _CHANGES
    moved += _SPREAD
    moved *= likelihood.take(_PLACE)
    total = float(np.add.reduce(moved))
    moved /= total
    moved.setflags(write=False)
    return moved, log(total * PLACES / float(np.add.reduce(likelihood)))


def _sums(belief: Belief) -> Belief:
    """float32[periods]: how likely each period is."""
    sums: Belief = np.empty(len(_PERIODS), np.float32)
    np.add.reduceat(belief, _FIRST, out=sums)
    return sums


def read(belief: Belief) -> Reading:
    """The circular mean of the phase around the most likely period."""
    periods = _sums(belief)
    best = int((_NEAR @ periods).argmax())
    first, last = max(0, best - _REACH), min(len(_PERIODS) - 1, best + _REACH)
    near = slice(int(_FIRST[first]), int(_LAST[last]) + 1)
    east, north = float(belief[near] @ _COS[near]), float(belief[near] @ _SIN[near])
    weights = periods[first : last + 1]
    total = max(float(np.add.reduce(weights)), 1e-30)
    period = float(weights @ _LENGTHS[first : last + 1]) / total
    return Reading(atan2(north, east) / tau % 1.0, period, min(1.0, hypot(east, north)))
