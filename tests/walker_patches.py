"""Random patches that make sense, and random edits of them."""

from __future__ import annotations

from random import Random
from typing import Any

from walker_drawn import Drawn
from walker_nodes import BUILT_IN, OWN, TYPES, hear, sums, weigh

from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import ANY, REQUIRED, NodeType
from nodegraph.spec import type_of
from nodegraph.themes import shipped


def random_value(rng: Random, type_: NodeType, name: str) -> Any:
    param = type_.params[name]
    if param.kind == "boolean":
        return rng.random() < 0.5
    if param.kind == "string":
        choices = tuple(shipped()) if param.themes else param.choices
        return rng.choice(choices) if choices else param.default
    assert param.low is not None
    assert param.high is not None
    low = min(max(param.low, -20.0), param.high)
    high = max(min(param.high, 20.0), low)
    return rng.randint(int(param.low), int(high)) if param.integer else rng.uniform(low, high)


def random_patch(rng: Random, size: int, before: Patch | None = None) -> Patch:
    """A patch of about this size; with one `before`, that one with some of it changed.

    Nodes read from nodes of smaller rank (the number in their id), latches from any.
    """
    made: dict[str, Node] = {}
    old = {} if before is None else before.nodes
    for rank in range(size):
        id = f"n{(rank * 37) % 100}_{rank}"
        if id in old and rng.random() < 0.85:
            made[id] = old[id]
            continue
        function = rng.choice(OWN if rng.random() < 0.6 else BUILT_IN)
        function = (hear, sums, weigh, weigh)[rank] if rank < 4 else function
        type_ = type_of(function)
        changed = [name for name in type_.params if rng.random() < 0.4]
        params = {name: random_value(rng, type_, name) for name in changed}
        made[id] = Node(type_.id, params=params)
    wires = {} if before is None else {wire.target: wire for wire in before.wires}
    wires = {
        target: wire
        for target, wire in wires.items()
        if all(end.node in made and made[end.node] == old[end.node] for end in (*wire,))
        and rng.random() < 0.9
    }
    ids = list(made)
    for rank, id in enumerate(ids):
        type_ = TYPES[made[id].type]
        for name, port in {**type_.inlets, **type_.params}.items():
            sources = ids if type_.latch else ids[:rank]
            wish = 0.15 if name in type_.params else 0.95
            if Port(id, name) in wires or rng.random() > wish:
                continue
            outs = [
                Port(other, each.name)
                for other in sources
                for each in TYPES[made[other].type].outlets.values()
                if each.kind == port.kind or ANY in (each.kind, port.kind)
            ]
            if outs:
                wires[Port(id, name)] = Wire(rng.choice(outs), Port(id, name))
    return tidy(Patch(nodes=made, wires=tuple(wires.values())))


def tidy(patch: Patch) -> Patch:
    """Without the wires and nodes that make no sense."""
    while True:
        wrong = set(Drawn(patch).misfits())
        wires = [wire for wire in patch.wires if wire not in wrong]
        fed = {wire.target for wire in wires}
        starved = {
            id
            for id, each in patch.nodes.items()
            for inlet in TYPES[each.type].inlets.values()
            if inlet.default is REQUIRED and Port(id, inlet.name) not in fed
        }
        if not wrong and not starved:
            return patch
        patch = Patch(
            nodes={id: each for id, each in patch.nodes.items() if id not in starved},
            wires=tuple(w for w in wires if not starved & {w.source.node, w.target.node}),
        )
