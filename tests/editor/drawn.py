"""Patches of built-in node types, with wires that the editor would allow, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import nodes
from nodegraph.editor.wiring import Wiring
from nodegraph.graph import AddWire, Group, Node, Patch, Port, Wire
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of


@cache
def built_in() -> dict[str, NodeType]:
    """Every built-in node type, by id."""
    found: list[Callable[..., Any]] = []
    nodes.register_nodes(found.append)
    types = [type_of(function) for function in found]
    return {type_.id: type_ for type_ in types}


WITHOUT_LINKS = sorted(
    built_in().keys() - {"flow.inlet", "flow.outlet", "flow.send", "flow.receive"}
)
"""Those of which each node stands for itself."""


def any_wire(patch: Patch, random: Random) -> Wire | None:
    """A wire between two ports, which may or may not fit."""
    types = built_in()
    outlets = [
        Port(id, name) for id, node in patch.nodes.items() for name in types[node.type].outlets
    ]
    targets = [
        Port(id, name) for id, node in patch.nodes.items() for name in types[node.type].targets
    ]
    return Wire(random.choice(outlets), random.choice(targets)) if outlets and targets else None


def random_patch(random: Random, most: int = 8, tries: int = 30) -> Patch:
    """A patch of some nodes, wired as far as the editor allows, with places and a frame."""
    ids = [f"n{i}" for i in range(random.randint(1, most))]
    made = Patch(
        nodes={id: Node(random.choice(WITHOUT_LINKS)) for id in ids},
        layout={id: (random.randrange(2000), random.randrange(2000)) for id in ids},
        groups={"frame": Group("Some", "#102030", tuple(ids[: random.randrange(len(ids) + 1)]))},
    )
    for _ in range(random.randrange(tries)):
        wire = any_wire(made, random)
        free = wire and made.wire_to(wire.target) is None
        if wire and free and Wiring(made, built_in()).verdict(*wire).fits:
            made = AddWire(wire).apply(made)
    return made
