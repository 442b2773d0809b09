"""Graphs of small scalar nodes, as data: a chain, and a random mix of which half have a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.plugins import Catalogue, find

PLUGINS = Path(__file__).parent / "plugins"

INLETS: Mapping[str, tuple[str, ...]] = {
    "wave": (),
    "scale": ("value",),
    "gain": ("value",),
    "blend": ("a", "b"),
    "product": ("a", "b"),
    "limit": ("value",),
    "smooth": ("value",),
    "follow": ("value",),
    "peak": ("value",),
    "mean": ("value",),
}
STATELESS = ("gain", "blend", "product", "limit")
STATEFUL = ("smooth", "follow", "peak", "mean")


@dataclass(frozen=True)
class Box:
    """One node: what it does, where each of its inlets reads from, and its params."""

    id: str
    kind: str
    wires: Mapping[str, str]
    params: Mapping[str, float]


Graph = tuple[Box, ...]
"""Boxes, each after those it reads from; all but the first depend on the first."""


def chain(count: int) -> Graph:
    """A wave, and what is multiplied again and again."""
    rng = Random(1)
    scales = (
        Box(f"n{number}", "scale", {"value": f"n{number - 1}"}, _params(rng, "scale"))
        for number in range(1, count)
    )
    return (Box("n0", "wave", {}, {"rate": 0.7}), *scales)


def mixed(count: int) -> Graph:
    """A wave, and nodes that read from random ones before them."""
    rng = Random(2)
    boxes = [Box("n0", "wave", {}, {"rate": 0.7})]
    for number in range(1, count):
        kind = rng.choice(STATEFUL if rng.random() < 0.5 else STATELESS)
        wires = {inlet: f"n{rng.randrange(number)}" for inlet in INLETS[kind]}
        boxes.append(Box(f"n{number}", kind, wires, _params(rng, kind)))
    return tuple(boxes)


def _params(rng: Random, kind: str) -> dict[str, float]:
    """Values under which no number leaves -2..2, however long the graph is."""
    match kind:
        case "scale":
            return {"factor": rng.uniform(0.99, 1.01)}
        case "gain":
            return {"factor": rng.uniform(0.5, 0.9), "offset": rng.uniform(-0.2, 0.2)}
        case "blend":
            return {"x": rng.random()}
        case "product":
            return {"factor": rng.uniform(-0.5, 0.5)}
        case "limit":
            return {"low": rng.uniform(-2.0, -1.0), "high": rng.uniform(1.0, 2.0)}
        case "smooth":
            return {"time": rng.uniform(0.01, 1.0)}
        case "follow":
            return {"rise": rng.uniform(0.01, 0.1), "fall": rng.uniform(0.1, 1.0)}
        case "peak":
            return {"speed": rng.uniform(0.1, 2.0)}
        case _:
            return {"share": rng.uniform(0.01, 0.5)}


def patch(graph: Graph) -> Patch:
    """The graph as a patch."""
    return Patch(
        name="scalar graph",
        nodes={
            box.id: Node(f"bench.{box.kind}", params=box.params)
            for box in sorted(graph, key=lambda box: box.id)
        },
        wires=tuple(
            sorted(
                Wire(Port(source, "out"), Port(box.id, inlet))
                for box in graph
                for inlet, source in box.wires.items()
            )
        ),
    )


def catalogue() -> Catalogue:
    """All node types, those of the benchmark among them."""
    found = find(PLUGINS)
    assert not found.problems, found.problems
    return found
