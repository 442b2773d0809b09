"""Sound as the beat tracker looks at it: a window a step, whatever the rate and the blocks are."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from math import prod
from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._bar_pointer import HOP, RATE
from nodes._beat_ear import band_rows, still
from nodes._filterbank import Matrix
from nodes._transform import transformed, window_of
from nodes.audio import latest

_SIZE = 2048
"""Samples of a window at `RATE`; at other rates it is as long in seconds."""
_PRIMES = prod((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31))


class Lens(NamedTuple):
    """How to look at sound of some rate: float32[n], and float32[45, bins] over the first bins."""

    window: Vector
    rows: Matrix

    def bands(self, samples: Vector) -> Vector:
        """float32[..., 45]: how loud each band is in n samples, or in each of many n."""
        bins = transformed(samples * self.window)[..., : self.rows.shape[1]]
        bands: Vector = np.abs(bins) @ self.rows.T
        return bands


@lru_cache(maxsize=8)
def lens(rate: float) -> Lens:
    """The lens for a rate: the window has zeros in front, up to a length that is transformed fast.

    Bins are to be as wide as at `RATE`: of the low bands each reads two or three. Half a percent is
    too much, for some music then has its bars elsewhere, so prime factors up to 31 are let pass.
    """
    seen = max(2, round(_SIZE * rate / RATE))
    size = next(n for n in count(seen + seen % 2, 2) if pow(_PRIMES, n.bit_length(), n) == 0)
    rows = band_rows(size // 2 + 1, rate)
    bins = int(np.flatnonzero(rows.any(axis=0))[-1]) + 1
    window = np.concatenate((np.zeros(size - seen, np.float32), window_of("hann", seen)))
    return Lens(still(window), still(np.ascontiguousarray(rows[:, :bins])))


class Frames(NamedTuple):
    """The newest samples, and the time since the last step in units of 1 / (rate · `RATE`) s: whole
    numbers, so that blocks of any length come to the same steps."""

    heard: Vector = still(np.zeros(0, np.float32))
    owed: float = 0.0

    def since(self, rate: float) -> float:
        """Seconds since the last step."""
        return self.owed / (rate * RATE)


def look(frames: Frames, new: Vector, rate: float) -> tuple[Frames, list[Vector]]:
    """The bands of each step that ends within the new samples. Before all sound it was silent."""
    lens_, step = lens(rate), HOP * rate
    size = lens_.window.size
    heard = np.concatenate((latest(frames.heard, size), new))
    owed = frames.owed + new.size * RATE
    found = []
    while owed >= step:
        owed -= step
        end = heard.size - round(owed / RATE)
        found.append(lens_.bands(heard[end - size : end]))
    return Frames(still(heard[-size:]), owed), found
