"""What a new plan must not do in its first second."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from nodegraph.compiler import Plan
from nodegraph.errors import Problem
from nodegraph.host.engine.protocol import Installed, Stats

SECONDS: Final = 1.0
"""How long a new plan is watched."""

_MANY_LATE: Final = 0.1
"""Of the ticks of a second; a plan after which more of them overrun is too slow."""

_FEW: Final = 3
"""Late ticks that may be chance, however few there were: where a sound ends, a second is short."""


class Failing(NamedTuple):
    """Why a plan is taken back, and the node to which that belongs."""

    why: str
    node: str | None = None


@dataclass
class Probation:
    """A plan that was just installed, and what to go back to: `before`.

    The engine knows the new one by `serial`; this share of the ticks just before it `overran`.
    """

    before: Plan
    serial: int
    overran: float

    def __post_init__(self) -> None:
        self._faults: Mapping[str, int] = {}  # those by node that came before it
        self._since: float | None = None

    def begin(self, installed: Installed) -> None:
        """The engine runs a plan; if it is this one, its second begins."""
        if installed.serial == self.serial:
            self._faults, self._since = installed.faults, time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the plan has proved itself."""
        return self._since is not None and time.monotonic() - self._since >= SECONDS

    def judge(self, stats: Stats, deck: str, heard: Sequence[Problem]) -> Failing | None:
        """What is wrong with the plan, if anything; `heard` are the problems that it has."""
        if self._since is None:
            return None
        faults = stats.faults.get(deck, {})
        failed = sorted(id for id, count in faults.items() if count > self._faults.get(id, 0))
        if failed:
            told = [problem.text for problem in heard if problem.node in failed]
            return Failing("; ".join(told) or f"{', '.join(failed)} failed", failed[0])
        late = overran(stats)
        if late > _MANY_LATE and late > 2 * self.overran:
            slow = stats.slowest or {"a node": 0}
            return Failing(f"{late:.0%} of its ticks were late ({', '.join(slow)})")
        return None


def overran(stats: Stats) -> float:
    """The share of ticks that ended after the next was due; 0 where that may be chance."""
    return stats.overruns / stats.ticks if stats.overruns >= _FEW else 0.0
