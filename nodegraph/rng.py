"""Chance for nodes: the same patch on the same sound draws the same numbers.

A counter-based generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
with the SplitMix64 mixer (Steele, Lea, Flood, 2014). What it draws depends on the seed, the node
and the tick only, so it has no state to save, and a tick replayed draws the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import cos, log, sqrt, tau
from typing import TypeVar

_T = TypeVar("_T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _mix(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return x ^ (x >> 31)


class Rng:
    """Chance for one node. The engine calls `at` before each tick; the node draws."""

    __slots__ = ("_counter", "_key")

    def __init__(self, seed: int, name: str) -> None:
        digest = blake2b(name.encode(), digest_size=8, key=(seed & _MASK).to_bytes(8, "big"))
        self._key = int.from_bytes(digest.digest(), "big")
        self._counter = self._key

    def at(self, tick: int) -> Rng:
        """Turn to the numbers of a tick."""
        self._counter = _mix(self._key ^ (tick * _GOLDEN & _MASK))
        return self

    def random(self) -> float:
        """A number from 0 up to, not including, 1."""
        self._counter = (self._counter + _GOLDEN) & _MASK
        return (_mix(self._counter) >> 11) * 2.0**-53

    def uniform(self, low: float, high: float) -> float:
        """A number between `low` and `high`."""
        return low + (high - low) * self.random()

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A number of the normal distribution (Box and Muller, 1958)."""
        radius = sqrt(-2.0 * log(1.0 - self.random()))
        return mean + deviation * radius * cos(tau * self.random())

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1; 0 where there is nothing to choose from."""
        return int(self.random() * count)

    def choice(self, items: Sequence[_T]) -> _T:
        """One of the items, each as likely as the other."""
        return items[self.below(len(items))]
