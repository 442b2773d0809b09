"""How suddenly the sound gets louder, and what that says about the beat."""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Vector
from nodes._bar_pointer import PLACES, STEP
from nodes._filterbank import Matrix, log_edges, triangles

_BANDS = 45
_LOWEST, _HIGHEST = 30.0, 16000.0


def band_rows(size: int, rate: float) -> Matrix:
    """float32[45, size]: the bands in which the beat is looked for."""
    return triangles(size, rate, log_edges(_BANDS, _LOWEST, _HIGHEST))


_EASE = 1.0 - exp(-STEP / 3.0)
_LAG = 2
"""Steps over which a rise is measured."""
_FALL = exp(-STEP / 3.0)
_RISE = 1.0 - exp(-STEP / 0.02)
_LEAST = 0.035
"""A peak below this is not music getting louder but noise."""


def _ranges() -> Matrix:
    """float32[4, bands]: the mean of low, mid, high and all bands."""
    centre = log_edges(_BANDS, _LOWEST, _HIGHEST)[1:-1]
    limits = ((0.0, 160.0), (160.0, 2500.0), (2500.0, 1e9), (0.0, 1e9))
    inside = np.array([(centre >= low) & (centre < high) for low, high in limits], float)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True), np.float32)


_RANGES = _ranges()


NOTHING: Vector = np.zeros(_BANDS, np.float32)
NOTHING.flags.writeable = False


class Ear(NamedTuple):
    """What is remembered of the sound: its loudness, now and in the mean of some seconds, the last
    spectra, and how far novelty peaks."""

    loudness: float = 0.0
    level: float = 0.0
    weight: float = 0.0
    past: tuple[Vector, ...] = ()
    peaks: tuple[float, ...] = (_LEAST,) * 4


def listen(ear: Ear, bands: Vector) -> tuple[Ear, tuple[float, ...]]:
    """Novelty of low, mid, high and all bands, 0..1, after one step.

    The rise of log10(1 + 3 band / level) over two steps, relative to its own recent peaks, so
    that loud and soft music count alike.
    """
    loudness = float(np.add.reduce(bands)) / _BANDS
    level = ear.level + _EASE * (loudness - ear.level)
    weight = ear.weight + _EASE * (1.0 - ear.weight)
    loud = np.log10(1.0 + bands * np.float32(3.0 / max(level / weight, 2e-4)))
    loud.flags.writeable = False
    past = (loud, *ear.past[:_LAG])
    if len(past) <= _LAG:
        return Ear(loudness, level, weight, past, ear.peaks), (0.0,) * 4
    rises = (_RANGES @ np.maximum(loud - past[_LAG], 0.0)).tolist()
    peaks = tuple(
        peak + (rise - peak) * _RISE if rise > peak else max(_LEAST, peak * _FALL)
        for rise, peak in zip(rises, ear.peaks, strict=True)
    )
    novelty = tuple(min(1.0, rise / peak) for rise, peak in zip(rises, peaks, strict=True))
    return Ear(loudness, level, weight, past, peaks), novelty


_USUAL = 0.2
"""Novelty that speaks neither for a beat nor against one."""
_CLIP = 2.9
_BEAT_WIDTH = 0.018
_BEAT_AT = 0.009
_WEIGHTS = (0.0, 0.15, 0.26, 0.73)
_OFFBEATS = (0.0, 0.0, 0.66, 0.03)


def _places() -> Matrix:
    """[places, ranges]: how strongly novelty in each range speaks for each place in the beat.

    A narrow bump on the beat; hats sound between the beats too. Each column sums to 0: in the mean
    over a beat novelty says nothing.
    """
    place = np.arange(PLACES)[:, None] / PLACES - _BEAT_AT

    def bump(at: float) -> NDArray[np.float64]:
        away = (place - at + 0.5) % 1.0 - 0.5
        return np.asarray(np.exp(-0.5 * (away / _BEAT_WIDTH) ** 2))

    shape = bump(0.0) + np.array(_OFFBEATS) * bump(0.5)
    return np.asarray((shape - shape.mean(axis=0)) * np.array(_WEIGHTS), np.float32)


_PLACES = _places()


def likelihood(novelty: tuple[float, ...]) -> NDArray[np.float32]:
    """How well each place in the beat explains the novelty; only their ratios count."""
    says = [max(-_CLIP, min(_CLIP, log((heard + 0.003) / _USUAL))) for heard in novelty]
    return np.asarray(np.exp(_PLACES @ np.array(says, np.float32)))
