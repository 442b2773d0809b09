"""Nodes that failed: which of them rest, until when, and what is to be shown on them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence

from nodegraph.compiler.plan import Step
from nodegraph.errors import Problem
from nodegraph.runtime.guards import UnfitError

log = logging.getLogger(__name__)

FIRST_REST = 0.5
LONGEST_REST = 30.0
"""Seconds. A node rests for the first, then twice as long each time it fails, up to the last."""


class Rest:
    """Keeps count of failures. Steps are known by their number in the plan."""

    def __init__(self, dt: float) -> None:
        self._dt = dt
        self._steps: Sequence[Step] = ()
        self._problems: dict[str, Problem] = {}
        self._counts: dict[str, int] = {}
        self.wake_at: list[int] = []
        """At which tick each step wakes; 0 if it does not rest, below if it is well once it ran."""
        self.any = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What failed and is not known to be well again, by node id."""
        return tuple(problem for _, problem in sorted(self._problems.items()))

    @property
    def faults(self) -> dict[str, int]:
        """How often each node failed since it was last edited."""
        return dict(self._counts)

    def begin(self, steps: Sequence[Step]) -> None:
        """Take over a new plan. What failed before is tried again."""
        ids = {step.id for step in steps}
        self._steps = steps
        self._problems = {id: p for id, p in self._problems.items() if id in ids}
        self._counts = {id: n for id, n in self._counts.items() if id in ids}
        self.wake_at[:] = [-1 if step.id in self._problems else 0 for step in steps]
        self.any = any(self.wake_at)

    def wake(self, number: int) -> None:
        """Try a node again at once: it was edited."""
        self.well(number)
        self._counts.pop(self._steps[number].id, None)

    def well(self, number: int) -> None:
        """A node ran after its rest. Its failures still count: what fails on and off rests long."""
        self.wake_at[number] = 0
        self._problems.pop(self._steps[number].id, None)
        self.any = any(self.wake_at)

    def failed(self, number: int, fault: BaseException, tick: int) -> Problem:
        """A node failed at a tick: let it rest. Gives the problem to show on it."""
        step = self._steps[number]
        count = self._counts[step.id] = self._counts.get(step.id, 0) + 1
        seconds = min(FIRST_REST * 2 ** (count - 1), LONGEST_REST)
        self.wake_at[number] = tick + round(seconds / self._dt)
        self.any = True
        problem = Problem(f"{_sentence(step, fault)}; it holds its last values", node=step.id)
        if self._problems.get(step.id) != problem:
            log.warning("%s", problem)
        self._problems[step.id] = problem
        return problem


def _sentence(step: Step, fault: BaseException) -> str:
    """What a node did wrong and the line of its plugin in which it did."""
    frames = [f for f in traceback.extract_tb(fault.__traceback__) if f.filename != "<plan>"]
    own = [frame for frame in frames if frame.filename == step.type.file]
    place = f"{own[-1].filename}:{own[-1].lineno}" if own else f"{step.type.file}:{step.type.line}"
    try:
        text = str(fault) if isinstance(fault, UnfitError) else f"{type(fault).__name__}: {fault}"
    except Exception:  # a guest's exception may not even have a text
        text = type(fault).__name__
    if not frames and not isinstance(fault, UnfitError):  # what it returned could not be taken
        parts = (*(["state"] if step.type.stateful else []), *step.type.outlets)
        text = f"it must return {', '.join(parts)}; {text}"
    return f"{step.type} failed: {text} ({place})"
