"""What moves in the charts of a band: spectrum in columns, level as a line, ages of hits. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PIECE: Final = 3
"""How many ticks are one point of a level's line."""

_HIGH: Final = 0.5  # what a trigger has to pass, as everywhere


def columns(
    magnitude: NDArray[np.float64], rate: float, low: float, high: float, count: int
) -> NDArray[np.float64]:
    """A spectrum from 0 Hz to half of `rate` as `count` columns, evenly apart in log frequency.

    A column has the greatest of the bins that lie in it, or, where bins are wider than columns,
    what lies between its neighbours. Beyond the spectrum there is nothing: 0.
    """
    size = len(magnitude)
    if size < 2:
        return np.zeros(count)
    edges = np.geomspace(low, high, count + 1) * (2.0 * (size - 1) / rate)
    between = np.interp(np.sqrt(edges[:-1] * edges[1:]), np.arange(size), magnitude, right=0.0)
    first = np.minimum(np.ceil(edges).astype(int), size)
    padded = np.append(magnitude, 0.0)
    most = np.maximum.reduceat(padded, first)[:-1]
    found: NDArray[np.float64] = np.where(first[1:] > first[:-1], most, between)
    return found


def line_of(
    levels: NDArray[np.float64], ticks: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A level's past as points: how many ticks ago, and the greatest of a piece; oldest first.

    `ticks` counts those of all time, up to the last of `levels`. Pieces begin where that count says
    so: a peak stays in its piece while it moves on, and does not flicker.
    """
    if not len(levels):
        return np.zeros(0), np.zeros(0)
    first = ticks - len(levels)
    starts = np.arange(-first % PIECE, len(levels), PIECE)
    starts = np.unique(np.append(0, starts))
    ends = np.append(starts[1:], len(levels))
    return len(levels) - (starts + ends) / 2.0, np.maximum.reduceat(levels, starts)


def ages_of(trigger: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many ticks ago a trigger fired, each time; oldest first."""
    on = trigger > _HIGH
    rises = np.flatnonzero(on[1:] & ~on[:-1]) + 1
    return np.asarray(len(trigger) - 0.5 - rises, np.float64)
