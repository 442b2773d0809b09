"""The last seconds of a port as few points as can be told apart. Pure."""

from __future__ import annotations

from math import isfinite, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

POINTS: Final = (16, 24, 32, 48)
"""How many points a curve may have."""

_APART: Final = 3.5  # pixels of the screen between two points
_TICKS: Final = 480  # of a curve, which is 5 s at 94 ticks a second


def points_for(width: float) -> int:
    """How many points are worth drawing on so many pixels of the screen."""
    return next((count for count in POINTS if count * _APART >= width), POINTS[-1])


def piece_of(most: int) -> int:
    """How many ticks one point of a curve stands for that has so many at most."""
    return _TICKS // most


def pooled(
    past: NDArray[np.float64], most: int = POINTS[-1], ticks: int = 0
) -> NDArray[np.float64]:
    """The last seconds as so many numbers at most: of each piece the one farthest from its mean,
    so that a short hit is not lost.

    `ticks` counts those up to the end of the past: pieces begin at the same ones each time, so that
    a curve flows and does not flicker.
    """
    piece = piece_of(most)
    past = past[: len(past) - ticks % piece][-_TICKS:]
    if not isfinite(past.sum()):
        past = past[np.isfinite(past)]
    count = len(past) // piece
    if count < 2:
        return past
    pieces = past[len(past) - count * piece :].reshape(count, piece)
    away = np.abs(pieces - pieces.sum(axis=1, keepdims=True) / piece)
    picked: NDArray[np.float64] = pieces[np.arange(count), away.argmax(axis=1)]
    return picked


def farthest(piece: NDArray[np.float64]) -> float:
    """The same of one piece; NaN if there is no number in it."""
    numbers = [value for value in piece.tolist() if isfinite(value)]
    mean = sum(numbers) / max(len(numbers), 1)
    return max(numbers, key=lambda value: abs(value - mean), default=nan)
