"""What the drum detector hears: how loud each band is beside the last seconds, and how it was."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._filterbank import Matrix, log_edges, triangles

BANDS = 40
_LOWEST, _HIGHEST = 30.0, 16000.0
_MEMORY = 3.0
"""Seconds over which the level is the mean of the loudness."""
_FLOOR, _GAIN = 5e-5, np.float32(20.0)
LAGS = (0.012, 0.024, 0.048)
"""Seconds ago of which the past is told."""
HEARD = BANDS * (1 + len(LAGS))


def band_rows(size: int, rate: float) -> Matrix:
    """float32[40, size]: the bands in which drums are told apart."""
    return triangles(size, rate, log_edges(BANDS, _LOWEST, _HIGHEST))


class Ear(NamedTuple):
    """The mean loudness with how much of it has been heard, and the bands of the last ticks, newest
    first, with their age in seconds."""

    level: float = 0.0
    weight: float = 0.0
    past: tuple[tuple[float, Vector], ...] = ()


def hear(ear: Ear, dt: float, bands: Vector) -> tuple[Ear, Vector]:
    """float32[160] after one more tick: log10(1 + 20 band / level), now and at each of the lags.

    Between ticks it is interpolated, so that ticks of any length hear the same.
    """
    keep = exp(-dt / _MEMORY)
    loudness = float(np.add.reduce(bands)) / BANDS
    level = loudness + keep * (ear.level - loudness)
    weight = 1.0 + keep * (ear.weight - 1.0)
    now = np.log10(np.float32(1.0) + bands * (_GAIN / np.float32(max(level / weight, _FLOOR))))
    now.setflags(write=False)
    past = ((0.0, now), *((age + dt, before) for age, before in ear.past))
    told, kept = [now], 1
    for lag in LAGS:
        while kept < len(past) and past[kept - 1][0] < lag:
            kept += 1
        told.append(_between(past[max(0, kept - 2)], past[kept - 1], lag))
    return Ear(level, weight, past[:kept]), np.concatenate(told)


def _between(after: tuple[float, Vector], before: tuple[float, Vector], age: float) -> Vector:
    """What lay at an age between two ticks; the older one if there is nothing as old."""
    span = before[0] - after[0]
    if span <= 0.0 or age >= before[0]:
        return before[1]
    share = np.float32((age - after[0]) / span)
    between: Vector = after[1] + share * (before[1] - after[1])
    return between
