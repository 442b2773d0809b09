"""How long each node takes, measured on some ticks, and what is done about those that are slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from nodegraph.compiler.plan import Step
from nodegraph.errors import Problem
from nodegraph.runtime.rest import Rest

Policy: TypeAlias = Literal["warn", "hold", "halve", "quarantine"]
"""What to do about a node that is over its budget: say so, let it rest like one that failed, run
it every second tick (then every fourth, up to every eighth), or run it no more until it is edited.
"""


def policy(name: str) -> Policy:
    """The policy of a name; "warn" if there is none of that name."""
    return next((known for known in get_args(Policy) if known == name), "warn")


SAMPLE = 64
"""One tick in so many is measured, and those that follow an overrun."""

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


class Budget:
    """Measurements of every step of a plan, by node id, and what is to be done about them."""

    def __init__(self, rest: Rest, dt: float) -> None:
        self.policy: Policy = "warn"
        self.seconds = SHARE * dt
        self.times: dict[str, NodeTime] = {}
        self._rest = rest
        self._dt = dt
        self._over: dict[str, int] = {}
        self._every: dict[str, int] = {}
        self._problems: dict[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is said of nodes that are too slow, by node id."""
        return tuple(problem for _, problem in sorted(self._problems.items()))

    @property
    def thinned(self) -> bool:
        """Whether any node runs on some ticks only."""
        return bool(self._every)

    def begin(self, steps: Sequence[Step]) -> None:
        """Take over a new plan."""
        if not (self.times or self._over or self._every or self._problems):
            return
        ids = {step.id for step in steps}
        for kept in (self.times, self._over, self._every, self._problems):
            for id in kept.keys() - ids:
                del kept[id]

    def forget(self, id: str) -> None:
        """Measure a node anew: it was edited."""
        for kept in (self.times, self._over, self._every, self._problems):
            kept.pop(id, None)

    def measured(self, steps: Sequence[Step], spent: Sequence[float], tick: int) -> None:
        """Take note of how long each step took on a tick; 0 for one that did not run."""
        for number, (step, seconds) in enumerate(zip(steps, spent, strict=True)):
            if not seconds:
                continue
            before = self.times.get(step.id)
            if before is None:
                self.times[step.id] = NodeTime(seconds, seconds, seconds)
            else:
                mean = before.mean + (seconds - before.mean) * _SMOOTH
                self.times[step.id] = NodeTime(mean, max(before.worst, seconds), seconds)
            if seconds > self.seconds:
                self._over[step.id] = self._over.get(step.id, 0) + 1
                if self._over[step.id] >= _SURE:
                    self._act(number, step, tick)
            elif step.id in self._over:
                del self._over[step.id]
                if step.id not in self._every:
                    self._problems.pop(step.id, None)

    def thin_out(self, numbers: Callable[[str], int], tick: int) -> None:
        """After a tick, let those that run on some ticks only wait for their next one."""
        for id, every in self._every.items():
            number = numbers(id)
            if self._rest.wake_at[number] <= tick:
                self._rest.until(number, tick + every)

    def _act(self, number: int, step: Step, tick: int) -> None:
        taken = self.times[step.id].mean
        text = (
            f"takes {taken * 1e3:.1f} ms of the {self._dt * 1e3:.1f} ms of a tick; "
            f"its budget is {self.seconds * 1e3:.1f} ms"
        )
        del self._over[step.id]
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
