"""Where bands lie: on the scales of hearing (mel, Bark), and at the octaves of standards."""

from __future__ import annotations

from math import ceil, floor, log

import numpy as np
from numpy.typing import NDArray

from nodes._filterbank import Matrix, log_edges, mean_between, mel_edges, triangles

_OCTAVE = 10.0**0.3
"""The octave of IEC 61260-1, 1.995."""

_PER_OCTAVE = {"octave": 1, "third": 3}

SCALES = ("log", "mel", "bark", *_PER_OCTAVE)


def band_rows(size: int, rate: float, count: int, low: float, high: float, scale: str) -> Matrix:
    """float32[bands, size], each row a weighted mean of `size` bins: `count` triangles between
    `low` and `high` Hz, or as many octaves or thirds of them as have their centre there."""
    if scale in _PER_OCTAVE:
        edges = _octave_edges(_PER_OCTAVE[scale], low, high)
        return np.stack(
            [mean_between(size, rate, *edges[i : i + 2]) for i in range(len(edges) - 1)]
        )
    spread = {"log": log_edges, "mel": mel_edges, "bark": _bark_edges}[scale]
    return triangles(size, rate, spread(int(count), low, high))


def _bark_edges(count: int, low: float, high: float) -> NDArray[np.float64]:
    """count + 2 frequencies from `low` to `high` Hz, evenly apart on the Bark scale.

    z = 26.81 f / (1960 + f) - 0.53 (Traunmüller, "Analytical expressions for the tonotopic sensory
    scale", JASA 88, 1990).
    """
    low, high = (low, high) if low < high else (high / 2.0, high)
    first, last = (26.81 * f / (1960.0 + f) for f in (low, high))
    barks: NDArray[np.float64] = np.linspace(first, last, count + 2)
    return 1960.0 * barks / (26.81 - barks)


def _octave_edges(per_octave: int, low: float, high: float) -> NDArray[np.float64]:
    """The limits of the bands of IEC 61260-1 whose exact centres, 1000 G^(k / b) Hz, lie from `low`
    to `high` Hz; of the nearest one if there is none."""
    step = log(_OCTAVE) / per_octave
    first, last = (log(f / 1000.0) / step for f in (low, max(low, high)))
    begin, end = ceil(first - 0.02), floor(last + 0.02)  # 31.5 Hz means the band at 31.62 Hz
    if end < begin:
        begin = end = round((first + last) / 2.0)
    return 1000.0 * _OCTAVE ** ((np.arange(begin, end + 2) - 0.5) / per_octave)
