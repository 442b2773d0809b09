"""What the beat tracker hears: how loud each band is beside the last seconds, and how it rose."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._bar_pointer import STEP
from nodes._filterbank import Matrix, log_edges, triangles

BANDS = 45
_LOWEST, _HIGHEST = 30.0, 16000.0

EASE = 1.0 - exp(-STEP / 3.0)
"""How quickly the level follows the loudness."""
FLOOR = 5e-5
"""The least level that is made up for, as mean magnitude of the bands."""
GAIN, LAG, RISE = 20.0, 2, 3.0
"""Bands relative to the level, steps over which a rise is measured, and its weight."""


def band_rows(size: int, rate: float) -> Matrix:
    """float32[45, size]: the bands in which the beat is looked for."""
    return triangles(size, rate, log_edges(BANDS, _LOWEST, _HIGHEST))


def still(values: Vector) -> Vector:
    """The same values, which nobody may change any more: part of a state."""
    values.setflags(write=False)
    return values


class Ear(NamedTuple):
    """What is remembered of the sound: its loudness, now and in the mean of some seconds (with how
    much of these has been heard), and the last spectra."""

    loudness: float = 0.0
    level: float = 0.0
    weight: float = 0.0
    past: tuple[Vector, ...] = ()


def hear(ear: Ear, bands: Vector) -> tuple[Ear, Vector]:
    """float32[90] after one more step: log10(1 + 20 band / level), and its rise over two steps."""
    loudness = float(np.add.reduce(bands)) / BANDS
    level = ear.level + EASE * (loudness - ear.level)
    weight = ear.weight + EASE * (1.0 - ear.weight)
    loud = still(np.log10(1.0 + bands * np.float32(GAIN / max(level / weight, FLOOR))))
    past = (loud, *ear.past[:LAG])
    rise = np.maximum(loud - past[-1], 0.0) if len(past) > LAG else np.zeros_like(loud)
    rise *= np.float32(RISE)
    return Ear(loudness, level, weight, past), np.concatenate((loud, rise))
