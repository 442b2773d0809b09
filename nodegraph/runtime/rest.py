"""Nodes that failed: which of them rest, until when, and what is to be shown on them."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, Sequence

from nodegraph.compiler.plan import Step
from nodegraph.errors import Problem
from nodegraph.runtime.guards import UnfitError

log = logging.getLogger(__name__)

FIRST_REST = 0.5
LONGEST_REST = 30.0
"""Seconds. A node rests for the first, then twice as long each time it fails, up to the last."""

NEVER = sys.maxsize
"""The tick at which a node in quarantine wakes."""


class Rest:
    """Keeps count of failures. Steps are known by their number in the plan."""

    def __init__(self, dt: float) -> None:
        self._dt = dt
        self._steps: Sequence[Step] = ()
        self._problems: dict[str, Problem] = {}
        self._counts: dict[str, int] = {}
        self._banned: dict[str, Problem] = {}
        self.wake_at: list[int] = []
        """At which tick each step wakes; 0 if it does not rest, below if it is well once it ran."""
        self.any = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What failed and is not known to be well again, by node id."""
        return tuple(problem for _, problem in sorted((self._problems | self._banned).items()))

    @property
    def faults(self) -> dict[str, int]:
        """How often each node failed since it was last edited."""
        return dict(self._counts)

    def begin(self, steps: Sequence[Step]) -> None:
        """Take over a new plan. What failed before is tried again; quarantine stays."""
        self._steps = steps
        if not (self._problems or self._counts or self._banned):
            self.wake_at[:] = [0] * len(steps)
            self.any = False
            return
        ids = {step.id for step in steps}
        self._problems = {id: p for id, p in self._problems.items() if id in ids}
        self._counts = {id: n for id, n in self._counts.items() if id in ids}
        self.wake_at[:] = [self._first(step.id) for step in steps]
        self.any = any(self.wake_at)

    def _first(self, id: str) -> int:
        if id in self._banned:
            return NEVER
        return -1 if id in self._problems else 0

    def wake(self, number: int) -> None:
        """Try a node again at once: it was edited."""
        id = self._steps[number].id
        self._banned.pop(id, None)
        self.well(number)
        self._counts.pop(id, None)

    def well(self, number: int) -> None:
        """A node ran after its rest. Its failures still count: what fails on and off rests long."""
        self.wake_at[number] = 0
        self._problems.pop(self._steps[number].id, None)
        self.any = any(self.wake_at)

    def failed(self, number: int, fault: BaseException, tick: int) -> Problem:
        """A node failed at a tick: let it rest. Gives the problem to show on it."""
        step = self._steps[number]
        return self._say(number, Problem(f"{_sentence(step, fault)}; {HELD}", node=step.id), tick)

    def too_slow(self, number: int, text: str, tick: int) -> Problem:
        """A node took too long: let it rest as one that failed."""
        step = self._steps[number]
        return self._say(number, Problem(f"{step.type} {text}; {HELD}", node=step.id), tick)

    def until(self, number: int, tick: int) -> None:
        """Let a node that is well run no sooner than at a tick."""
        self.wake_at[number] = tick
        self.any = True

    def quarantine(self, problems: Mapping[str, Problem]) -> None:
        """Run these nodes no more until they are edited; the problems say why."""
        self._banned |= problems
        for number, step in enumerate(self._steps):
            if step.id in problems:
                self.until(number, NEVER)

    def release(self, ids: Sequence[str]) -> None:
        """Let nodes run again that were in quarantine: they were edited."""
        for number, step in enumerate(self._steps):
            if step.id in ids and step.id in self._banned:
                self.wake(number)
        for id in ids:
            self._banned.pop(id, None)

    def _say(self, number: int, problem: Problem, tick: int) -> Problem:
        id = self._steps[number].id
        count = self._counts[id] = self._counts.get(id, 0) + 1
        seconds = min(FIRST_REST * 2 ** (count - 1), LONGEST_REST)
        self.until(number, tick + round(seconds / self._dt))
        if self._problems.get(id) != problem:
            log.warning("%s", problem)
        self._problems[id] = problem
        return problem


HELD = "it holds its last values"


def _sentence(step: Step, fault: BaseException) -> str:
    """What a node did wrong and the line of its plugin in which it did."""
    frames = traceback.walk_tb(fault.__traceback__)
    called = any(frame.f_code.co_filename != "<plan>" for frame, _ in frames)
    try:
        text = str(fault) if isinstance(fault, UnfitError) else f"{type(fault).__name__}: {fault}"
    except Exception:  # a guest's exception may not even have a text
        text = type(fault).__name__
    if not called and not isinstance(fault, UnfitError):  # what it returned could not be taken
        parts = (*(["state"] if step.type.stateful else []), *step.type.outlets)
        text = f"it must return {', '.join(parts)}; {text}"
    return f"{step.type} failed: {text} ({step.type.place(fault)})"
