"""How long each node takes, measured on some ticks, and what is done about those that are slow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler.plan import Step
from nodegraph.errors import Problem
from nodegraph.runtime.rest import Rest

Policy: TypeAlias = Literal["warn", "hold", "halve", "quarantine"]
"""What to do about a node that is over its budget: say so, let it rest like one that failed, run
it every second tick (then every fourth, up to every eighth), or run it no more until it is edited.
"""


def policy(name: str) -> Policy:
    """The policy of a name; raises `ValueError` with a sentence if there is none of that name."""
    if name not in get_args(Policy):
        raise ValueError(f"{name!r} is not one of {', '.join(get_args(Policy))}")
    return cast(Policy, name)


SAMPLE = 512
"""One tick in so many is measured, and those that follow an overrun."""

OFTEN = 16
"""One tick in so many where a whole tick takes longer than one node may: else no node can."""

AFTER_OVERRUN = 4
SHARE = 0.25
"""Of the tick's time, what one node may take on average."""

_SURE = 3  # measurements in a row that must be over the budget
_SMOOTH = 0.25  # the weight of a new measurement
_RAREST = 8


@dataclass(frozen=True, slots=True)
class NodeTime:
    """How long a node takes, in seconds: on average lately, at worst, and last."""

    mean: float
    worst: float
    last: float


Seconds: TypeAlias = NDArray[np.float64]
"""float64[steps], by a step's number; 0 for one that was not measured."""

Moves: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]
"""intp[n] twice: the numbers that steps have in a new plan, and those that they had."""

NO_MOVES: Moves = (np.zeros(0, np.intp), np.zeros(0, np.intp))


@dataclass(frozen=True, slots=True)
class Times:
    """How long the steps of a plan take, as far as they were measured."""

    steps: Sequence[Step]
    mean: Seconds
    worst: Seconds
    last: Seconds

    @classmethod
    def none(cls, steps: Sequence[Step]) -> Times:
        """Nothing was measured."""
        return cls(steps, *(np.zeros(len(steps)) for _ in range(3)))

    def copied(self) -> Times:
        """As they are now, for another thread."""
        return Times(self.steps, self.mean.copy(), self.worst.copy(), self.last.copy())

    def carried_to(self, steps: Sequence[Step], moves: Moves) -> Times:
        """The same for another plan, in which nodes have other numbers."""
        new, (to, at) = Times.none(steps), moves
        for mine, other in ((new.mean, self.mean), (new.worst, self.worst)):
            mine[to] = other[at]
        return new

    def by_node(self) -> dict[str, NodeTime]:
        """Of each node that was measured."""
        rows = zip(self.mean.tolist(), self.worst.tolist(), self.last.tolist(), strict=True)
        return {
            step.id: NodeTime(*row) for step, row in zip(self.steps, rows, strict=True) if row[0]
        }

    def note(self, seconds: Seconds) -> None:
        """One more measurement of all steps; those of 0 did not run."""
        ran = seconds > 0.0
        weight = np.where(self.mean > 0.0, _SMOOTH, 1.0)
        np.add(self.mean, (seconds - self.mean) * weight, out=self.mean, where=ran)
        np.maximum(self.worst, seconds, out=self.worst)
        np.copyto(self.last, seconds, where=ran)


class Budget:
    """Measurements of every step of a plan, and what is to be done about those that are slow."""

    def __init__(self, rest: Rest, dt: float) -> None:
        self.policy: Policy = "warn"
        self.seconds = SHARE * dt
        self.times = Times.none(())
        self._rest = rest
        self._dt = dt
        self.next = 0
        """The tick to be measured next."""
        self._began = self._every_until = self._often_until = 0
        self._over = np.zeros(0, np.intp)
        self._every: dict[str, int] = {}
        self._problems: dict[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is said of nodes that are too slow, by node id."""
        return tuple(problem for _, problem in sorted(self._problems.items()))

    def took_long(self, tick: int, seconds: float) -> None:
        """A tick took longer than one node may."""
        self._often_until = tick + SAMPLE
        if seconds > self._dt:
            self._every_until = tick + 1 + AFTER_OVERRUN
        self.next = self._after(tick)

    def _after(self, tick: int) -> int:
        """The next one to be measured: the 4th of a plan, the 8th, the 16th …, then now and then.
        The first finds nothing in the caches, and takes longest as it is."""
        age = tick + 1 - self._began
        if tick + 1 < self._every_until:
            return tick + 1
        every = OFTEN if tick < self._often_until else SAMPLE
        return self._began + min(max(4, 1 << (age - 1).bit_length()), -(-age // every) * every)

    def begin(self, steps: Sequence[Step], moves: Moves, tick: int) -> None:
        """Take over a new plan, which runs from a tick on."""
        self._began = tick
        self.next = self._after(tick)
        self.times = self.times.carried_to(steps, moves)
        self._over = np.zeros(len(steps), np.intp)
        ids = {step.id for step in steps} if self._every or self._problems else set()
        self._every = {id: every for id, every in self._every.items() if id in ids}
        self._problems = {id: told for id, told in self._problems.items() if id in ids}

    def forget(self, number: int) -> None:
        """Measure a step anew: its node was edited."""
        for kept in (self.times.mean, self.times.worst, self.times.last):
            kept[number] = 0.0
        self._over[number] = 0
        if self._every or self._problems:
            id = self.times.steps[number].id
            self._every.pop(id, None)
            self._problems.pop(id, None)

    def measured(self, spent: Sequence[float], tick: int) -> None:
        """Take note of how long each step took on a tick; 0 for one that did not run."""
        self.next = self._after(tick)
        seconds = np.array(spent)
        self.times.note(seconds)
        over = seconds > self.seconds
        self._over[over] += 1
        self._over[(seconds > 0.0) & ~over] = 0
        if self._problems:
            self._forgive(seconds, over)
        for number in np.flatnonzero(self._over >= _SURE).tolist():
            self._over[number] = 0
            self._act(number, tick)

    def _forgive(self, seconds: Seconds, over: NDArray[np.bool_]) -> None:
        """Say no more of those that took no longer than they may."""
        for number, step in enumerate(self.times.steps):
            quick = seconds[number] > 0.0 and not over[number]
            if quick and step.id not in self._every:
                self._problems.pop(step.id, None)

    def thin_out(self, numbers: Mapping[str, int], tick: int) -> None:
        """After a tick, let those that run on some ticks only wait for their next one."""
        for id, every in self._every.items():
            number = numbers[id]
            if self._rest.wake_at[number] <= tick:
                self._rest.until(number, tick + every)

    def _act(self, number: int, tick: int) -> None:
        step, taken = self.times.steps[number], float(self.times.mean[number])
        text = (
            f"takes {taken * 1e3:.1f} ms of the {self._dt * 1e3:.1f} ms of a tick; "
            f"its budget is {self.seconds * 1e3:.1f} ms"
        )
        match self.policy:
            case "hold":
                self._rest.too_slow(number, text, tick)
            case "quarantine":
                why = f"{step.type} {text}; it runs no more until it is edited"
                self._rest.quarantine({step.id: Problem(why, node=step.id)})
            case "halve":
                every = self._every[step.id] = min(2 * self._every.get(step.id, 1), _RAREST)
                why = f"{step.type} {text}; it runs on one tick of {every}"
                self._problems[step.id] = Problem(why, node=step.id)
            case "warn":
                self._problems[step.id] = Problem(f"{step.type} {text}", node=step.id)
