"""Which parts of the music are there, and whether it is getting more or less."""

from __future__ import annotations

from math import exp, expm1, sqrt, tanh
from typing import NamedTuple

import numpy as np

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, mean_between
from nodes.audio import power
from nodes.level import decibels

FLOOR = -80.0
"""dB below which nothing is told apart."""


def eased(before: float | None, value: float, dt: float, time: float) -> float:
    """One step of an exponential mean that begins with the first value."""
    return value if before is None else value + (before - value) * exp(-dt / time)


_RANGES = (("low", 30.0, 150.0), ("mid", 150.0, 2500.0), ("high", 2500.0, 16000.0))
_STROKE = 0.2
"""Seconds over which single strokes are one sound."""
_DEPTH = 30.0
"""dB below what is usual at which a range is gone."""
USUAL = 3.0
"""Seconds in which what was loud is forgotten by 1 dB."""


def _range_rows(size: int, rate: float) -> Matrix:
    return np.stack([mean_between(size, rate, low, high) for _, low, high in _RANGES])


class Part(NamedTuple):
    """Of one range: its eased magnitude, its level when it is loud (dB), how far it is there."""

    level: float = 0.0
    usual: float = FLOOR
    present: float = 0.0


@node(
    "audio.presence",
    outlets=[
        outlet("low", "", 0.0, 1.0, help="kick and bass, 30 to 150 Hz"),
        outlet("mid", "", 0.0, 1.0, help="voices, chords, snares, 150 to 2500 Hz"),
        outlet("high", "", 0.0, 1.0, help="hats, sibilants, air, 2.5 to 16 kHz"),
    ],
    state=(Part(), Part(), Part()),
    rows=_range_rows,
    title="Presence",
    aliases="syn_BassPresence, syn_MidPresence, syn_HighPresence, Layer Detect, Is There Bass",
)
def presence(
    state: tuple[Part, ...],
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    rise: float = param(0.3, "s", 0.01, 10.0, curve="log", help="Time constant of coming"),
    fall: float = param(1.5, "s", 0.01, 30.0, curve="log", help="Time constant of going"),
) -> tuple[tuple[Part, ...], float, float, float]:
    """Tell which parts of the music are there at all, however loud they are.

    Of each range the mean magnitude, over 0.2 s and in dB, is compared with its loudest of late,
    which is forgotten by 1 dB in 3 s: as loud as that is 1, 30 dB less is 0, straight in between,
    quick up by `rise` and slow down by `fall`. It hears ranges, not instruments: a low synthesiser
    is bass to it, and a guitar where voices are is mid. Below -80 dB nothing is there. The scale is
    of this project's own.
    """
    parts = []
    for heard, part in zip(product.tolist(), state, strict=True):
        level = eased(part.level, heard, dt, _STROKE)
        loud = decibels(level, FLOOR)
        usual = max(loud, part.usual - dt / USUAL, FLOOR)
        there = min(1.0, max(0.0, 1.0 - (usual - loud) / _DEPTH)) if loud > FLOOR else 0.0
        time = rise if there > part.present else fall
        parts.append(Part(level, usual, eased(part.present, there, dt, time)))
    low, mid, high = (part.present for part in parts)
    return tuple(parts), low, mid, high


class Energy(NamedTuple):
    """Mean power of the last moments and of the last while, the range it moves in (dB), and for how
    long (s) there has been any."""

    fast: float = 0.0
    slow: float = 0.0
    low: float = FLOOR
    high: float = FLOOR
    age: float = 0.0


_NARROWEST = 12.0
"""dB: of a range narrower than this, energy is not told as 0 to 1."""
_TREND = 6.0


@node(
    "audio.energy",
    outlets=[
        outlet("energy", "", 0.0, 1.0, help="from the softest of late to the loudest"),
        outlet("trend", "", -1.0, 1.0, help="above 0 while it rises, below 0 while it falls"),
    ],
    state=Energy(),
    title="Energy Trend",
    aliases="Intensity, syn_Intensity, Energy Slope, Arousal, Build Detect",
)
def energy(
    state: Energy,
    dt: float,
    audio: Audio = inlet(),
    fast: float = param(1.0, "s", 0.05, 10.0, curve="log", help="How far back now reaches"),
    slow: float = param(8.0, "s", 0.5, 60.0, curve="log", help="What now is compared with"),
    memory: float = param(
        60.0, "s", 5.0, 600.0, curve="log", help="How long softest and loudest are remembered"
    ),
) -> tuple[Energy, float, float]:
    """Tell how much is going on, and whether it is getting more.

    F and S are mean powers in dB, weighted exponentially with the time constants `fast` and `slow`.
    Energy is where F lies between the softest and the loudest F of late, which move together with
    the time constant `memory` but stay 12 dB apart; trend is tanh((F - S) / 6 dB). As late as
    `fast`.
    """
    now, age = power(audio), state.age + dt
    quick, long = eased(state.fast, now, dt, fast), eased(state.slow, now, dt, slow)
    loud, usual = (
        decibels(sqrt(mean / -expm1(-age / time)), FLOOR)
        for mean, time in ((quick, fast), (long, slow))
    )
    if state.age:
        low = min(loud, eased(state.low, loud, dt, memory))
        high = max(loud, eased(state.high, loud, dt, memory), low + _NARROWEST)
    else:
        low, high = loud - _NARROWEST, loud
    place = (loud - low) / (high - low) if loud > FLOOR else 0.0
    return Energy(quick, long, low, high, age), place, tanh((loud - usual) / _TREND)


NODES = (presence, energy)
