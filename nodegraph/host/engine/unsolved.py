"""Deaths of engines that nobody can be blamed for, and how long to wait after many of them."""

from __future__ import annotations

import time

MANY, WITHIN = 5, 30.0
LONGEST_PAUSE = 30.0
"""After so many deaths within so many seconds, the next engines wait longer and longer to be
started, up to the last."""


class Unsolved:
    """Counts them."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._paused = 0.0

    @property
    def count(self) -> int:
        """How many there were lately."""
        return len(self._times)

    def add(self) -> None:
        """One more."""
        self._times.append(time.monotonic())

    def pause(self) -> float:
        """Seconds to wait before the next engine; 0 as long as they are few."""
        span = WITHIN + self._paused
        self._times = [at for at in self._times if time.monotonic() - at < span]
        few = len(self._times) < MANY
        self._paused = 0.0 if few else min(2 * self._paused or 1.0, LONGEST_PAUSE)
        return self._paused
