"""Measure several sides in one run, turn by turn, and lay what was measured out as a table."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from nodegraph.compiler import Plan
from nodegraph.runtime import Engine
from nodegraph.runtime.columns import Columns, names_of
from nodegraph.runtime.publish import ROWS, Ring
from nodegraph.values import Message

RATE = 44_100
BLOCK = 512

Side = Callable[[int], float]
"""Does so many ticks, and tells how many seconds of CPU they took."""


class Live:
    """An engine as it runs in a show: guards on, nodes timed, every number published."""

    def __init__(self, plan: Plan, rate: int = RATE) -> None:
        assert not plan.problems, plan.problems
        self.engine = Engine(plan, rate=rate, block=BLOCK, clock=time.perf_counter)
        self.columns = Columns()
        self.publish()

    def publish(self) -> None:
        """Give every port of the plan that runs its column."""
        plan = self.engine.plan
        self.columns.assign(
            [name for port in plan.slots for name in names_of(port, plan.kinds[port])]
        )
        width = self.columns.capacity
        self.ring = Ring.create(bytearray(Ring.size(ROWS, width)), ROWS, width)
        self._row = self.columns.gather(plan.slots, plan.kinds)

    def tick(self, brought: Mapping[str, object]) -> tuple[Message, ...]:
        """Run the plan once, and publish."""
        messages = self.engine.tick(brought)
        self.ring.publish(self.engine.values, self._row)
        return messages


@contextmanager
def no_garbage() -> Iterator[None]:
    """Without the garbage collector, as an engine runs."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def timed(run: Callable[[int], object]) -> Side:
    """A side that runs in this process."""

    def side(ticks: int) -> float:
        started = time.process_time()
        run(ticks)
        return time.process_time() - started

    return side


@dataclass(frozen=True)
class Race:
    """Seconds per tick of each side, one of each a round."""

    taken: Mapping[str, Sequence[float]]

    def median(self, side: str) -> float:
        """Seconds per tick."""
        return median(self.taken[side])

    def ratio(self, baseline: str, side: str) -> float:
        """How many times as quick a side is as a baseline: the median over all rounds."""
        pairs = zip(self.taken[baseline], self.taken[side], strict=True)
        return median(theirs / ours for theirs, ours in pairs)

    def more(self, side: str, than: str) -> float:
        """How many seconds per tick a side takes more than another: the median over all rounds."""
        pairs = zip(self.taken[side], self.taken[than], strict=True)
        return median(mine - others for mine, others in pairs)


def race(sides: Mapping[str, Side], seconds: float, rounds: int = 9) -> Race:
    """Let the sides run by turns, each for about `seconds` in each round."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    with no_garbage():
        ticks = {name: _ticks(side, seconds) for name, side in sides.items()}
        for number in range(rounds):
            order = [*sides] if number % 2 == 0 else [*sides][::-1]
            for name in order:
                taken[name].append(sides[name](ticks[name]) / ticks[name])
    return Race(taken)


def _ticks(side: Side, seconds: float) -> int:
    """How many ticks take about so long; warms up, too."""
    ticks = 8
    while (taken := side(ticks)) < seconds / 4:
        ticks *= 2
    return max(1, round(ticks * seconds / taken))


@dataclass(frozen=True)
class Row:
    """One line of the table. `result` is None, with the reason in `note`, if it was not measured.

    `result` is to be at least `goal`, or at most where `at_most`.
    """

    what: str
    baseline: str
    theirs: str
    ours: str
    result: float | None
    goal: float
    unit: str = "x"
    at_most: bool = False
    note: str = field(default="")

    def reached(self, slack: float = 1.0) -> bool:
        """Whether the goal is met, or missed by no more than a factor."""
        if self.result is None:
            return False
        return (
            self.result <= self.goal * slack if self.at_most else self.result >= self.goal / slack
        )

    def cells(self) -> tuple[str, ...]:
        """The line, as the table shows it."""
        sign = "≤" if self.at_most else "≥"
        goal = f"{sign} {_shown(self.goal)} {self.unit}".rstrip()
        if self.result is None:
            return self.what, self.baseline, "", self.ours, f"not measured: {self.note}", goal, "-"
        result = f"{_shown(self.result)} {self.unit}".rstrip()
        met = "yes" if self.reached() else "no"
        return self.what, self.baseline, self.theirs, self.ours, result, goal, met


def _shown(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 100 else f"{number:,.0f}"


HEAD = ("what", "baseline", "baseline takes", "nodegraph takes", "result", "goal", "met")


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def micro(seconds: float) -> str:
    """Seconds as microseconds."""
    return f"{seconds * 1e6:.3g} µs"


def nano(seconds: float) -> str:
    """Seconds as nanoseconds."""
    return f"{seconds * 1e9:.3g} ns"
