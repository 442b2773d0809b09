"""The engine: holds a plan's values, params and states, and runs it once per block.

It knows nothing of processes, devices or clocks. Whoever owns it calls `tick` with the blocks that
the sources brought, sends what comes back, and swaps plans between two ticks.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import copy_context
from typing import Any

import numpy as np

from nodegraph.compiler.names import param_of
from nodegraph.compiler.params import fit
from nodegraph.compiler.plan import Plan
from nodegraph.errors import FaultError, Problem
from nodegraph.runtime.budget import NO_MOVES, Budget, Moves, NodeTime
from nodegraph.runtime.install import Ready, Run, carry, ready, room
from nodegraph.runtime.rest import NEVER, Rest
from nodegraph.runtime.said import Said
from nodegraph.runtime.snapshot import Kept, Snapshot
from nodegraph.values import Message

NOWHERE = -1
"""What `here` says between two ticks."""

_ATTIC = 1000
"""Nodes that were removed, and whose states are kept for an undo."""


class Engine:
    """Runs one plan at `rate` samples a second in blocks of `block` samples.

    With `strict`, a node that fails raises `FaultError` instead of resting. With a `clock`, which
    tells seconds, the time that nodes take is measured. `here` is one int64 that another process
    may see: while the engine is `wary` it tells the number of the step that is being called.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        rate: int,
        block: int = 512,
        seed: int = 0,
        strict: bool = False,
        clock: Callable[[], float] | None = None,
        here: memoryview | None = None,
    ) -> None:
        self.rate = rate
        self.block = block
        self.dt = block / rate
        """Seconds that one tick stands for."""
        self.ticks = 0
        self.wary = False
        self.here = here if here is not None else memoryview(array("q", [NOWHERE]))
        self.rest = Rest(self.dt)
        self.budget = Budget(self.rest, self.dt)
        self._seed = seed
        self._strict = strict
        self._clock = clock
        self._unsettled = False
        self.said = Said()
        self._attic: dict[str, Kept] = {}
        self._calm = copy_context()
        """Where numpy warns of nothing: to run in it takes a tenth of what `np.errstate` does. Each
        tick has a copy, so that what a node sets there is gone with it."""
        self._calm.run(np.seterr, all="ignore")
        given = {
            "dt": self.dt,
            "send": self.said.add,
            "rest": self._failed,
            "wake": self.rest.wake_at,
            "well": self.rest.well,
            "never": NEVER,
            "clock": clock or float,
            "here": self.here,
        }
        self._room = room(given, float(rate))
        self._ready = ready(plan, self._room, rate=float(rate), seed=seed)
        self._retired: Ready | None = None
        """What ran before. It takes its time to be freed, which no tick should wait for."""
        self._install(self._ready)

    @property
    def now(self) -> float:
        """Seconds from the start of the sound to the end of the last block."""
        return self.ticks * self.block / self.rate

    @property
    def plan(self) -> Plan:
        """What runs."""
        return self._ready.plan

    @property
    def running(self) -> Ready:
        """The plan that runs, with all that it works on."""
        return self._ready

    @property
    def values(self) -> list[object]:
        """What every outlet held after the last tick; `plan.slots` tells which is whose."""
        return self._ready.values

    @property
    def states(self) -> list[object]:
        """What every node remembers; `plan.state_slots` tells which is whose."""
        return [cell.cell_contents for cell in self._ready.states]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with nodes right now: found by the compiler, or while running."""
        return self.plan.problems + self.rest.problems + self.budget.problems

    @property
    def times(self) -> Mapping[str, NodeTime]:
        """How long each node takes, as far as it was measured."""
        return self.budget.times.by_node()

    def value(self, port: str) -> object:
        """What an outlet (`node.outlet`) held after the last tick."""
        return self.values[self.plan.slots[port]]

    def tick(self, brought: Mapping[str, Any]) -> tuple[Message, ...]:
        """Run the plan on what each source node's source brought; give the messages it made.

        `brought` has float32[block, channels] for sources of sound, a tuple for those of events.
        """
        tick, run, clock = self.ticks, self._ready, self._clock
        self.ticks = tick + 1
        started = clock() if clock else 0.0
        measured = clock is not None and tick >= self.budget.next
        careful = measured or self.wary or self.rest.any
        if self._unsettled:
            self._unsettled = False
            run.settle()
        chunks = run.careful if careful else run.quick
        self._calm.copy().run(_run, chunks, tick, self.now, brought, run)
        run.values, run.news = run.news, run.values
        if careful:
            self._after_careful(measured, tick)
        if clock and (taken := clock() - started) > self.budget.seconds:
            self.budget.took_long(tick, taken)
        return self.said.take()

    def _after_careful(self, measured: bool, tick: int) -> None:
        """Nothing runs any more, and what was measured has its effect."""
        self.here[0] = NOWHERE
        if measured:
            self.budget.measured(self._ready.spent, tick)
            self._ready.spent[:] = [0.0] * len(self._ready.spent)
        self.budget.thin_out(self._ready.numbers, tick)

    def set_param(self, node: str, param: str, value: object) -> bool:
        """Set a param between two ticks. False if only a new plan can do it: the node is shared,
        or does not run.

        A value out of range is held to the range.
        """
        number = self._ready.numbers.get(node)
        if number is None or node in self._ready.shared:
            return False
        step = self.plan.all_steps[number]
        if param not in step.type.params:
            return False
        fitting, _ = fit(step.type.params[param], value, self.plan.themes)
        self._ready.cells[param_of(node, param)].cell_contents = fitting
        self.rest.wake(number)
        self.budget.forget(number)
        if number < len(self.plan.constants):
            self._run_constants()
        elif any(step.settled):
            self._unsettled = True
        return True

    def prepare(self, plan: Plan) -> Ready:
        """Make a plan ready to be swapped in. Any thread may do this while ticks run."""
        self._retired = None
        made = ready(plan, self._room, rate=float(self.rate), seed=self._seed)
        made.carry = carry(self._ready, made)
        return made

    def swap(self, plan: Plan | Ready, fresh: Collection[str] = ()) -> None:
        """Take over a new plan between two ticks.

        State and last values are kept for every node whose id, type, version and kinds stand;
        params are the new plan's. A node that was removed finds its state again when it comes
        back. `fresh` nodes begin anew, whatever was called so before. Compile the plan with
        `before=engine.plan` and the same `fresh`, so that no two nodes with a past of their own are
        made one.
        """
        new = plan if isinstance(plan, Ready) else self.prepare(plan)
        old = self._ready
        moves = new.carry
        if moves is None or moves.base is not old:
            moves = carry(old, new)
        new.carry = None
        values = old.values + new.values
        new.values = [values[at] for at in moves.values]
        for to, cell in moves.states:
            to.cell_contents = cell.cell_contents
        for id in fresh:
            self._attic.pop(id, None)
            new.begin(id)
        for id in moves.coming:
            if id in self._attic:
                self._remember(new, id, self._attic[id])
        for id, same, at in moves.leaving:
            self._attic.pop(id, None)
            self._attic[id] = (same, old.states[at].cell_contents)
        for id in [*self._attic][:-_ATTIC]:
            del self._attic[id]
        self._retired = old
        self._install(new, moves.numbers)

    def snapshot(self) -> Snapshot:
        """What would have to be known to go on from here, but for the plan and the params."""
        run = self._ready
        states: dict[str, Kept] = dict(self._attic)
        for id, place in run.plan.state_slots.items():
            states[id] = (run.identities[id], run.states[place].cell_contents)
        values = {
            port: (run.identities[port.partition(".")[0]], run.values[place])
            for port, place in run.edges
        }
        return Snapshot(self.ticks, states, values)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot: its time, and what nodes had that still are as then."""
        self.ticks = snapshot.ticks
        run = self._ready
        for id, kept in snapshot.states.items():
            if not self._remember(run, id, kept):
                self._attic[id] = kept
        for port, place in run.edges:
            same, value = snapshot.values.get(port, (None, None))
            if run.identities[port.partition(".")[0]] == same:
                run.values[place] = run.news[place] = value

    def quarantine(self, ids: Collection[str], why: str) -> None:
        """Run these nodes no more until they are edited. `why` goes on: it runs no more …"""
        text = f"{why}; it runs no more until it is edited"
        self.rest.quarantine({id: Problem(text, node=id) for id in ids})

    def release(self, ids: Sequence[str]) -> None:
        """Run nodes again that were in quarantine."""
        self.rest.release(ids)

    @staticmethod
    def _remember(run: Ready, id: str, kept: Kept) -> bool:
        """Give a node a state that it had, if it still is as it was then. To a plain one only what
        it could have made itself: its plugin may be another one since."""
        fits = run.identities.get(id) == kept[0] and id in run.plan.state_slots
        if fits and not run.plan.by_id[id].remembers(kept[1]):
            return False
        if fits:
            run.states[run.plan.state_slots[id]].cell_contents = kept[1]
        return fits

    def _install(self, new: Ready, moves: Moves = NO_MOVES) -> None:
        self._ready = new
        self.rest.begin(new.plan.all_steps)
        self.budget.begin(new.plan.all_steps, moves, self.ticks)
        self.budget.thin_out(new.numbers, self.ticks - 1)
        self._run_constants()

    def _run_constants(self) -> None:
        run = self._ready
        chunks = run.careful_constants if self.rest.any or self.wary else run.constants
        for chunk in chunks:
            self._calm.copy().run(chunk, self.ticks, self.now, {}, run.values, run.values)
        self.here[0] = NOWHERE
        run.news[:] = run.values

    def _failed(self, number: int, fault: BaseException) -> None:
        if isinstance(fault, KeyboardInterrupt):
            raise fault
        problem = self.rest.failed(number, fault, self.ticks)
        if self._strict:
            raise FaultError(str(problem)) from fault


def _run(chunks: Run, tick: int, now: float, brought: Mapping[str, Any], on: Ready) -> None:
    """Run every chunk of a tick. One that raises has done nothing yet, and is run carefully; but
    a `FaultError` is what somebody wanted who is strict."""
    values, news = on.values, on.news
    for chunk, careful in chunks:
        try:
            chunk(tick, now, brought, values, news)
        except FaultError:
            raise
        except Exception:
            careful(tick, now, brought, values, news)
