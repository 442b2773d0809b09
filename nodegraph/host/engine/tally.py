"""How the ticks of the last second went."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

LATE = (0.001, 0.002, 0.004, 0.008, 0.016)
"""Seconds: the borders between the bins of lateness."""


@dataclass
class Tally:
    """Counts ticks. `over` are those that took longer than they stand for."""

    ticks: int = 0
    overruns: int = 0
    over: int = 0
    busy: float = 0.0
    worst: float = 0.0
    late: list[int] = field(default_factory=lambda: [0] * (len(LATE) + 1))

    def note(self, due: float, started: float, done: float, dt: float) -> None:
        """Take note of a tick; times in seconds of one clock."""
        took = done - started
        self.ticks += 1
        self.overruns += done > due + dt
        self.over += took > dt
        self.busy += took
        self.worst = max(self.worst, took)
        self.late[bisect_right(LATE, started - due)] += 1
