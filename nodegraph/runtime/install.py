"""Makes a plan ready to run: its names bound to places and functions, its code to one set of lists.

Nothing here touches what is running, so that it can be done beside it, in another thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import CellType as Cell
from types import CodeType, FunctionType
from typing import Any, TypeAlias

import numpy as np

from nodegraph.compiler.names import ends_of, function_of, global_of, product_of
from nodegraph.compiler.plan import Plan
from nodegraph.rng import Rng
from nodegraph.runtime.budget import Moves
from nodegraph.runtime.guards import GUARDS
from nodegraph.runtime.machine import machine
from nodegraph.runtime.product import Multiply, Watch
from nodegraph.values import KINDS, SILENCE

Identity: TypeAlias = tuple[object, ...]
"""What must be the same for a node's state to outlive an edit, beside its id."""

Bound: TypeAlias = list[Callable[..., None]]
"""Chunks of a plan, ready to be called."""

Run: TypeAlias = list[tuple[Callable[..., None], Callable[..., None]]]
"""Chunks, each with the one to run in its place if it raises."""


@dataclass
class Ready:
    """A plan with the lists that its code works on, and its code bound to them.

    `values` are those of the last tick; `news` is where the next one lays its own, and then the two
    change places.
    """

    plan: Plan
    values: list[object]
    news: list[object]
    states: list[Cell]
    cells: dict[str, Cell]
    settling: Bound
    quick: Run
    careful: Run
    constants: Bound
    careful_constants: Bound
    spent: list[float]
    numbers: dict[str, int]
    identities: dict[str, Identity]
    shared: frozenset[str]
    edges: list[tuple[str, int]]
    """The outlets whose rising edges somebody waits for, and where their values lie."""
    carry: Carry | None = None

    def settle(self) -> None:
        """Work out what follows from params alone."""
        for chunk in self.settling:
            chunk(0, 0.0, {}, [], [])

    def begin(self, id: str) -> None:
        """Let a node have no past."""
        step = self.plan.by_id.get(id)
        if step is None:
            return
        if step.type.stateful:
            self.states[self.plan.state_slots[id]].cell_contents = step.first_state
        for outlet, port in step.slotted.items():
            place = self.plan.slots[port]
            self.values[place] = self.news[place] = KINDS[step.outlet_kinds[outlet]].default


@dataclass(frozen=True, slots=True)
class Carry:
    """What is to be taken over from one plan by another, laid out so that the swap is quick.

    `values` tells for each slot where its value is, in the values of the old plan followed by those
    of the new one; `states` are pairs of cells, to and from. `numbers` are those of the steps that
    are in both. `leaving` are the nodes that have a state and do not go on, `coming` those that
    begin.
    """

    base: Ready
    values: list[int]
    states: list[tuple[Cell, Cell]]
    numbers: Moves
    leaving: list[tuple[str, Identity, int]]
    coming: list[str]


def carry(base: Ready, new: Ready) -> Carry:
    """Find what goes on from one plan to another: nodes whose id and identity stand."""
    stay = [id for id in new.numbers if id in base.numbers]
    kept = {id for id, same in new.identities.items() if base.identities.get(id) == same}
    first = len(base.values)
    values = [*range(first, first + len(new.values))]
    for port, place in new.plan.slots.items():
        if port.partition(".")[0] in kept:
            values[place] = base.plan.slots[port]
    return Carry(
        base=base,
        values=values,
        states=[
            (new.states[place], base.states[base.plan.state_slots[id]])
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


def ready(plan: Plan, given: dict[str, Any], *, rate: float, seed: int) -> Ready:
    """Bind a plan; `given` is the engine's `room`."""
    spent = [0.0] * len(plan.all_steps)
    numbers = {step.id: number for number, step in enumerate(plan.all_steps)}
    held: dict[str, object] = {
        "M": [None] * len(plan.products),
        "clock": given["clock"],
        "defaults": {
            port: default for step in plan.all_steps for port, default in step.defaults.items()
        },
        "multiply": [
            Multiply(
                [plan.by_id[id].type for id in product.members],
                rate,
                Watch([numbers[id] for id in product.members], given["wake"], given["here"]),
            )
            for product in plan.products
        ],
        "rng": {
            number: Rng(seed, step.id)
            for number, step in enumerate(plan.all_steps)
            if "rng" in step.type.arguments
        },
        "spent": spent,
        "themes": plan.themes,
        **_functions(plan),
    }
    cells = _Cells({name: Cell(value) for name, value in held.items()} | _places(plan))

    def bound(codes: Iterable[CodeType]) -> Bound:
        return [_function(code, given, cells) for code in codes]

    quick = [
        machine(chunk.program, cells, given) or _function(chunk.code, given, cells)
        for chunk in plan.chunks
    ]
    careful = bound(chunk.careful_code for chunk in plan.chunks)
    values = plan.values
    own = {step.id: step.identity for step in plan.all_steps}
    awaited = {
        plan.slots[f"{feed.node}.{feed.outlet}"] for step in plan.steps for feed in step.edges
    }
    made = Ready(
        plan=plan,
        values=values,
        news=values.copy(),
        states=[cells[step.names.state] for step in plan.all_steps if step.type.stateful],
        cells=cells,
        settling=bound(chunk.code for chunk in plan.settling),
        quick=[*zip(quick, careful, strict=True)],
        careful=[*zip(careful, careful, strict=True)],
        constants=bound(chunk.code for chunk in plan.constant_chunks),
        careful_constants=bound(chunk.careful_code for chunk in plan.constant_chunks),
        spent=spent,
        numbers=numbers,
        identities=own | {id: own[by] for id, by in plan.shared.items()},
        shared=frozenset((*plan.shared, *plan.shared.values())),
        edges=[(port, place) for port, place in plan.slots.items() if place in awaited],
    )
    made.settle()
    return made


def room(given: Mapping[str, object], rate: float) -> dict[str, object]:
    """What is the same for all plans of an engine, which lends them `given`."""
    return {
        **GUARDS,
        **given,
        "rate": rate,
        "silence": SILENCE,
        "nothing": {name: kind.default for name, kind in KINDS.items()},
    }


class _Cells(dict[str, Cell]):
    """Cells by name. That of a run of slots is made when the first code asks for it."""

    def __missing__(self, run: str) -> Cell:
        first, last = (self[slot].cell_contents for slot in ends_of(run))
        made = self[run] = Cell(slice(first, last + 1))
        return made


def _function(
    code: CodeType, given: dict[str, object], cells: Mapping[str, Cell]
) -> Callable[..., None]:
    closure = tuple(map(cells.__getitem__, code.co_freevars))
    return FunctionType(code, given, None, None, closure)


def _places(plan: Plan) -> dict[str, Cell]:
    """Cells for what is each step's own: its number and places, params and state."""
    steps, slots = plan.all_steps, plan.slots
    cells = {step.names.number: Cell(number) for number, step in enumerate(steps)}
    names = [name for step in steps for name in step.names.slots]
    ports = [port for step in steps for port in step.slotted.values()]
    cells.update(zip(names, [Cell(slots[port]) for port in ports], strict=True))
    names = [name for step in steps for name in step.names.params]
    values = [value for step in steps for value in step.params.values()]
    cells.update(zip(names, map(Cell, values), strict=True))
    cells.update((step.names.state, Cell(step.first_state)) for step in steps if step.type.stateful)
    cells.update((name, Cell()) for step in plan.steps for name in step.settled if name)
    cells.update(
        (product_of(product.members[0]), Cell(number))
        for number, product in enumerate(plan.products)
    )
    return cells


def _functions(plan: Plan) -> dict[str, Any]:
    """The functions that a plan calls, and the globals that inlined bodies need."""
    found: dict[str, Any] = {}
    for type_ in {step.type for step in plan.all_steps}:
        found[function_of(type_.id)] = type_.function
        if type_.body is not None:
            for name in type_.body.needs:
                found[global_of(type_.id, name)] = type_.function.__globals__[name]
    return found
