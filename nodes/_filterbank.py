"""Weights over the bins of a magnitude spectrum: means of a range, overlapping triangles."""

from __future__ import annotations

from math import log2

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def frequencies(size: int, rate: float) -> NDArray[np.float64]:
    """The frequency in Hz of each of `size` bins, the last being half of `rate`."""
    return np.arange(size, dtype=np.float64) * (0.5 * rate / max(1, size - 1))


def mean_between(size: int, rate: float, low: float, high: float) -> Matrix:
    """float32[size] that sums to 1: the mean over `low` to `high` Hz.

    Bins count by how much of them lies inside, so that a range narrower than a bin reads that bin
    and the result moves smoothly with the edges. All 0 where the range holds no bin at all.
    """
    width = 0.5 * rate / max(1, size - 1)
    centres = frequencies(size, rate)
    inside = np.minimum(centres + width / 2, high) - np.maximum(centres - width / 2, low)
    return _normal(np.maximum(inside, 0.0))


def triangles(size: int, rate: float, edges: NDArray[np.float64]) -> Matrix:
    """float32[len(edges) - 2, size]: triangles that rise from each edge to the next and fall again.

    Each row sums to 1. A triangle narrower than a bin is widened to one, which then interpolates
    between two bins; those wholly above the spectrum are all 0.
    """
    width = 0.5 * rate / max(1, size - 1)
    below, centre, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = frequencies(size, rate)
    rising = (bins - np.minimum(below, centre - width)) / np.maximum(centre - below, width)
    falling = (np.maximum(above, centre + width) - bins) / np.maximum(above - centre, width)
    return _normal(np.maximum(0.0, np.minimum(rising, falling)))


def log_edges(count: int, low: float, high: float) -> NDArray[np.float64]:
    """count + 2 frequencies from `low` to `high` Hz, the same interval apart."""
    low, high = _ordered(low, high)
    return low * np.exp2(np.linspace(0.0, log2(high / low), count + 2))


def mel_edges(count: int, low: float, high: float) -> NDArray[np.float64]:
    """count + 2 frequencies from `low` to `high` Hz, evenly apart on the mel scale.

    2595 log10(1 + f/700), after O'Shaughnessy, "Speech Communication", 1987.
    """
    low, high = _ordered(low, high)
    mels = np.linspace(np.log10(1.0 + low / 700.0), np.log10(1.0 + high / 700.0), count + 2)
    return 700.0 * (10.0**mels - 1.0)


def _ordered(low: float, high: float) -> tuple[float, float]:
    """The range, with its low end put an octave below the high one where it is not below."""
    return (low, high) if low < high else (high / 2.0, high)


def _normal(weights: NDArray[np.float64]) -> Matrix:
    total: NDArray[np.float64] = weights.sum(axis=-1, keepdims=True)
    return (weights / np.where(total > 0.0, total, 1.0)).astype(np.float32)
