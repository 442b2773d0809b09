"""How much the sound changes from one beat to the next: chords and voices come in with the bar."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._beat_ear import BANDS, still

_EASE = 0.06
"""How quickly a beat comes to count as usual."""
_LEAST = 1e-6


class Colour(NamedTuple):
    """The sound of the beat that is passing, summed over its steps so far, and the mean of the one
    before, as the ear hears them; by how much two beats usually differ, times how much of that has
    been heard, and this `weight`."""

    total: Vector = still(np.zeros(BANDS, np.float32))
    steps: int = 0
    before: Vector | None = None
    usual: float = 0.0
    weight: float = 0.0

    def hear(self, loud: Vector) -> Colour:
        """One more step of this beat."""
        return self._replace(total=still(self.total + loud), steps=self.steps + 1)

    def turn(self) -> tuple[Colour, float]:
        """The beat has ended: also how much more than usual it differed from the one before it.

        0 is as ever, 1 twice as much, and -1 not at all.
        """
        mean = still(self.total / np.float32(max(1, self.steps)))
        if self.before is None:
            return Colour(before=mean), 0.0
        change = float(np.add.reduce(np.abs(mean - self.before)))
        usual = self.usual + _EASE * (change - self.usual)
        weight = self.weight + _EASE * (1.0 - self.weight)
        more = change * weight / max(usual, _LEAST) - 1.0
        return Colour(before=mean, usual=usual, weight=weight), more
