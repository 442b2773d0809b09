"""The engine: holds a plan's values, params and states, and runs it once per block.

It knows nothing of processes, devices or clocks. Whoever owns it calls `tick` with the blocks that
the sources brought, sends what comes back, and swaps plans between two ticks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nodegraph.compiler.check import default_of
from nodegraph.compiler.inline import function_name, needs
from nodegraph.compiler.params import fit
from nodegraph.compiler.plan import Plan
from nodegraph.errors import FaultError, Problem
from nodegraph.rng import Rng
from nodegraph.runtime.guards import GUARDS
from nodegraph.runtime.product import Multiply, part
from nodegraph.runtime.rest import Rest
from nodegraph.values import SILENCE, Message


class Engine:
    """Runs one plan at `rate` samples a second in blocks of `block` samples.

    With `strict`, a node that fails raises `FaultError` instead of resting.
    """

    def __init__(
        self, plan: Plan, *, rate: int, block: int = 512, seed: int = 0, strict: bool = False
    ) -> None:
        self.rate = rate
        self.block = block
        self.ticks = 0
        self.rest = Rest(self.dt)
        self._seed = seed
        self._strict = strict
        self._messages: list[Message] = []
        self._install(plan, list(plan.values), list(plan.params), list(plan.states))

    @property
    def dt(self) -> float:
        """Seconds that one tick stands for."""
        return self.block / self.rate

    @property
    def now(self) -> float:
        """Seconds from the start of the sound to the end of the last block."""
        return self.ticks * self.block / self.rate

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with nodes right now: found by the compiler, or while running."""
        return self.plan.problems + self.rest.problems

    def value(self, port: str) -> object:
        """What an outlet (`node.outlet`) held after the last tick."""
        return self.values[self.plan.slots[port]]

    def tick(self, brought: Mapping[str, Any]) -> tuple[Message, ...]:
        """Run the plan on what each source node's source brought; give the messages it made.

        `brought` has float32[block, channels] for sources of sound, a tuple for those of events.
        """
        self.ticks += 1
        run = self._careful if self.rest.any else self._tick
        with np.errstate(all="ignore"):
            run(self.ticks - 1, self.now, brought)
        if not self._messages:
            return ()
        messages = tuple(self._messages)
        self._messages.clear()
        return messages

    def set_param(self, node: str, param: str, value: object) -> bool:
        """Set a param between two ticks. False if only a new plan can do it: the node is shared,
        or does not run.

        A value out of range is held to the range.
        """
        number = self._numbers.get(node)
        if number is None or node in self._shared:
            return False
        step = self.plan.all_steps[number]
        if param not in step.type.params:
            return False
        self.params[self.plan.param_slots[node, param]] = fit(step.type.params[param], value)[0]
        self.rest.wake(number)
        if number < len(self.plan.constants):
            self._run_constants()
        return True

    def swap(self, plan: Plan) -> None:
        """Take over a new plan between two ticks.

        State and last values are kept for every node whose id, type, version and kinds stand;
        params are the new plan's. Compile it with `before=engine.plan`, so that no two nodes with
        a past of their own are made one.
        """
        values, states = list(plan.values), list(plan.states)
        before = self._identities(self.plan)
        kept = {id for id, type_ in self._identities(plan).items() if before.get(id) == type_}
        for port, place in plan.slots.items():
            if port.partition(".")[0] in kept:
                values[place] = self.values[self.plan.slots[port]]
        for id, place in plan.state_slots.items():
            if id in kept:
                states[place] = self.states[self.plan.state_slots[id]]
        self._install(plan, values, list(plan.params), states)

    def _identities(self, plan: Plan) -> dict[str, object]:
        found: dict[str, object] = {
            step.id: (
                str(step.type),
                {**step.inlet_kinds},
                {**step.outlet_kinds},
                step.type.stateful,
            )
            for step in plan.all_steps
        }
        return found | {id: found[stand_in] for id, stand_in in plan.shared.items()}

    def _install(
        self, plan: Plan, values: list[object], params: list[object], states: list[object]
    ) -> None:
        self.plan, self.values, self.params, self.states = plan, values, params, states
        self._numbers = {step.id: number for number, step in enumerate(plan.all_steps)}
        self._shared = plan.shared.keys() | set(plan.shared.values())
        self.rest.begin(plan.all_steps)
        room = self._room(plan)
        self._tick, self._constants = _functions(plan.code, room)
        self._careful, self._careful_constants = _functions(plan.careful_code, room)
        self._run_constants()

    def _run_constants(self) -> None:
        with np.errstate(all="ignore"):
            (self._careful_constants if self.rest.any else self._constants)()

    def _room(self, plan: Plan) -> dict[str, object]:
        """The globals of emitted code: lists it works on, functions it calls, fixed facts."""
        room: dict[str, object] = {
            **GUARDS,
            "V": self.values,
            "P": self.params,
            "S": self.states,
            "rate": float(self.rate),
            "dt": self.dt,
            "silence": SILENCE,
            "part": part,
            "send": self._messages.append,
            "rest": self._failed,
            "wake": self.rest.wake_at,
            "well": self.rest.well,
            "rng": [Rng(self._seed, step.id) for step in plan.all_steps],
            "defaults": {
                (step.id, name): default_of(step, inlet)
                for step in plan.all_steps
                for name, inlet in step.type.inlets.items()
            },
        }
        for step in plan.all_steps:
            room[function_name(step.type)] = step.type.function
            room |= needs(step.type)
        steps = {step.id: step for step in plan.steps}
        for i, product in enumerate(plan.products):
            members = [steps[id].type for id in product.members]
            room[f"multiply{i}"] = Multiply(members, float(self.rate))
        return room

    def _failed(self, number: int, fault: BaseException) -> None:
        if isinstance(fault, KeyboardInterrupt):
            raise fault
        problem = self.rest.failed(number, fault, self.ticks)
        if self._strict:
            raise FaultError(str(problem)) from fault


def _functions(
    code: Any, room: dict[str, object]
) -> tuple[Callable[..., None], Callable[[], None]]:
    made = dict(room)
    exec(code, made)
    tick, constants = made["tick"], made["constants"]
    assert callable(tick)
    assert callable(constants)
    return tick, constants
