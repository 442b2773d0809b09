"""Makes a plan ready to run: its names bound to places and functions, its code to one set of lists.

Nothing here touches what is running, so that it can be done beside it, in another thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeAlias

from nodegraph.compiler.check import default_of
from nodegraph.compiler.inline import function_name, global_name
from nodegraph.compiler.names import number_of, param_of, product_of, slot_of, state_place
from nodegraph.compiler.plan import Plan, Step
from nodegraph.rng import Rng
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
    carry: Carry | None = None


@dataclass(frozen=True, slots=True)
class Carry:
    """What is to be taken over from one plan by another: pairs of places, to and from.

    `leaving` are the nodes that have a state and do not go on, `coming` those that begin.
    """

    base: Ready
    values: list[tuple[int, int]]
    states: list[tuple[int, int]]
    leaving: list[tuple[str, Identity, int]]
    coming: list[str]


def carry(base: Ready, new: Ready) -> Carry:
    """Find what goes on from one plan to another: nodes whose id and identity stand."""
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
        leaving=[
            (id, base.identities[id], place)
            for id, place in base.plan.state_slots.items()
            if id not in kept
        ],
        coming=[id for id in new.plan.state_slots if id not in kept],
    )


def identity(step: Step) -> Identity:
    """A node's type and version, and the kinds that it carries here."""
    return (
        str(step.type),
        tuple(step.inlet_kinds.items()),
        tuple(step.outlet_kinds.items()),
        step.type.stateful,
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
        **_places(plan),
        **_functions(plan),
    }
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
        (step.id, name): default_of(step, inlet)
        for step in plan.all_steps
        for name, inlet in step.type.inlets.items()
        if name not in step.feeds
    }

    def bound(careful: bool, constant: bool) -> Run:
        chunks = plan.constant_chunks if constant else plan.chunks
        codes = [chunk.careful_code if careful else chunk.code for chunk in chunks]
        return tuple(FunctionType(code, room) for code in codes)

    own = {step.id: identity(step) for step in plan.all_steps}
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
    )


def _places(plan: Plan) -> dict[str, object]:
    """What the names in a plan's code stand for: places, numbers of steps, values of params."""
    names: dict[str, object] = {}
    for port, slot in plan.slots.items():
        names[slot_of(*port.split("."))] = slot
    for (node, param), value in plan.params.items():
        names[param_of(node, param)] = value
    for node, place in plan.state_slots.items():
        names[state_place(node)] = place
    for number, step in enumerate(plan.all_steps):
        names[number_of(step.id)] = number
    for number, product in enumerate(plan.products):
        names[product_of(product.members[0])] = number
    return names


def _functions(plan: Plan) -> dict[str, Any]:
    """The functions that a plan calls, and the globals that inlined bodies need."""
    found: dict[str, Any] = {}
    for type_ in {step.type for step in plan.all_steps}:
        found[function_name(type_)] = type_.function
        if type_.body is not None:
            for name in type_.body.needs:
                found[global_name(type_, name)] = type_.function.__globals__[name]
    return found
