"""Makes a plan ready to run: its names bound to places and functions, its code to one set of lists.

Nothing here touches what is running, so that it can be done beside it, in another thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from types import FunctionType
from typing import Any, TypeAlias

import numpy as np

from nodegraph.compiler.names import function_of, global_of, product_of
from nodegraph.compiler.plan import Plan
from nodegraph.rng import Rng
from nodegraph.runtime.budget import Moves
from nodegraph.runtime.guards import GUARDS
from nodegraph.runtime.product import Multiply, part
from nodegraph.values import KINDS, SILENCE

Identity: TypeAlias = tuple[object, ...]
"""What must be the same for a node's state to outlive an edit, beside its id."""

Run: TypeAlias = tuple[Callable[..., None], ...]


@dataclass
class Ready:
    """A plan with the lists that its code works on, and its code bound to them."""

    plan: Plan
    values: list[object]
    news: list[object]
    states: list[object]
    room: dict[str, object]
    plain: Run
    careful: Run
    constants: Run
    careful_constants: Run
    spent: list[float]
    numbers: dict[str, int]
    identities: dict[str, Identity]
    shared: frozenset[str]
    edges: list[tuple[str, int]]
    """The outlets whose rising edges somebody waits for, and where their values lie."""
    carry: Carry | None = None

    def begin(self, id: str) -> None:
        """Let a node have no past."""
        step = self.plan.by_id.get(id)
        if step is None:
            return
        if step.type.stateful:
            self.states[self.plan.state_slots[id]] = step.first_state
        for outlet, port in step.slotted.items():
            place = self.plan.slots[port]
            self.values[place] = self.news[place] = KINDS[step.outlet_kinds[outlet]].default


@dataclass(frozen=True, slots=True)
class Carry:
    """What is to be taken over from one plan by another: pairs of places, to and from. `numbers`
    are those of the steps that are in both.

    `leaving` are the nodes that have a state and do not go on, `coming` those that begin.
    """

    base: Ready
    values: list[tuple[int, int]]
    states: list[tuple[int, int]]
    numbers: Moves
    leaving: list[tuple[str, Identity, int]]
    coming: list[str]


def carry(base: Ready, new: Ready) -> Carry:
    """Find what goes on from one plan to another: nodes whose id and identity stand."""
    stay = [id for id in new.numbers if id in base.numbers]
    kept = {id for id, same in new.identities.items() if base.identities.get(id) == same}
    return Carry(
        base=base,
        values=[
            (place, base.plan.slots[port])
            for port, place in new.plan.slots.items()
            if port.partition(".")[0] in kept
        ],
        states=[
            (place, base.plan.state_slots[id])
            for id, place in new.plan.state_slots.items()
            if id in kept
        ],
        numbers=(
            np.array([new.numbers[id] for id in stay], np.intp),
            np.array([base.numbers[id] for id in stay], np.intp),
        ),
        leaving=[
            (id, base.identities[id], place)
            for id, place in base.plan.state_slots.items()
            if id not in kept
        ],
        coming=[id for id in new.plan.state_slots if id not in kept],
    )


def ready(plan: Plan, given: Mapping[str, object], *, rate: float, seed: int) -> Ready:
    """Bind a plan; `given` are the functions and lists that the engine lends its code."""
    values, news, states = plan.values, plan.values, plan.states
    spent = [0.0] * len(plan.all_steps)
    room: dict[str, object] = {
        **GUARDS,
        **given,
        "V": values,
        "N": news,
        "S": states,
        "M": [None] * len(plan.products),
        "rate": rate,
        "spent": spent,
        "silence": SILENCE,
        "nothing": {name: kind.default for name, kind in KINDS.items()},
        "part": part,
        **_functions(plan),
    }
    _bind_places(plan, room)
    steps = {step.id: step for step in plan.steps}
    room["multiply"] = [
        Multiply([steps[id].type for id in product.members], rate) for product in plan.products
    ]
    room["rng"] = {
        number: Rng(seed, step.id)
        for number, step in enumerate(plan.all_steps)
        if "rng" in step.type.arguments
    }
    room["defaults"] = {
        port: default for step in plan.all_steps for port, default in step.defaults.items()
    }

    def bound(careful: bool, constant: bool) -> Run:
        chunks = plan.constant_chunks if constant else plan.chunks
        codes = [chunk.careful_code if careful else chunk.code for chunk in chunks]
        return tuple(FunctionType(code, room) for code in codes)

    own = {step.id: step.identity for step in plan.all_steps}
    awaited = {
        plan.slots[f"{feed.node}.{feed.outlet}"] for step in plan.steps for feed in step.edges
    }
    return Ready(
        plan=plan,
        values=values,
        news=news,
        states=states,
        room=room,
        plain=bound(careful=False, constant=False),
        careful=bound(careful=True, constant=False),
        constants=bound(careful=False, constant=True),
        careful_constants=bound(careful=True, constant=True),
        spent=spent,
        numbers={step.id: number for number, step in enumerate(plan.all_steps)},
        identities=own | {id: own[by] for id, by in plan.shared.items()},
        shared=frozenset((*plan.shared, *plan.shared.values())),
        edges=[(port, place) for port, place in plan.slots.items() if place in awaited],
    )


def _bind_places(plan: Plan, room: dict[str, object]) -> None:
    """Say what the names in a plan's code stand for: places, numbers of steps, values of params."""
    slots = count()
    for number, step in enumerate(plan.all_steps):
        own = step.names
        room[own.number] = number
        for name in own.slots:
            room[name] = next(slots)
        room.update(zip(own.params, step.params.values(), strict=True))
        if step.type.stateful:
            room[own.state] = plan.state_slots[step.id]
    for number, product in enumerate(plan.products):
        room[product_of(product.members[0])] = number


def _functions(plan: Plan) -> dict[str, Any]:
    """The functions that a plan calls, and the globals that inlined bodies need."""
    found: dict[str, Any] = {}
    for type_ in {step.type for step in plan.all_steps}:
        found[function_of(type_.id)] = type_.function
        if type_.body is not None:
            for name in type_.body.needs:
                found[global_of(type_.id, name)] = type_.function.__globals__[name]
    return found
