"""A node at work: the smallest patch in which a node of a type has what it needs, laid out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import usual_size
from nodegraph.editor.changes import id_for
from nodegraph.editor.fitting import outlet_for
from nodegraph.editor.tidy import GAP_Y, tidy
from nodegraph.graph import Node, ParamValue, Patch, Port, Position, Wire
from nodegraph.nodetype import ANY, Inlet, NodeType

_GIVERS: Final[Mapping[str, str]] = {
    "audio": "audio.file",  # it plays the demo track
    "vector": "audio.spectrum",
    "boolean": "audio.band_level",
    "clock": "beat.manual",
    "trigger": "beat.manual",
    "number": "generate.lfo",
    "string": "generate.text",
    "prompts": "prompt.text",
    "theme": "theme.preset",
    ANY: "generate.lfo",
}
"""By the kind of an inlet, the node type that brings something to it."""

_SAID: Final[Mapping[str, Mapping[str, ParamValue]]] = {
    "generate.text": {"value": "a lake at dawn"},
    "prompt.text": {"text": "a lake at dawn"},
}
"""What givers are set to that have nothing to say by themselves."""

_PASSIVE: Final = {"string", "prompts", "theme", ANY}
"""What a node only hands on or paints: it is something else that the node works with."""


def example(type_: NodeType, types: Mapping[str, NodeType]) -> Patch:
    """A node of a type with what feeds it, from left to right.

    What sends is muted, so that an example that is looked at in a show does not steer it.
    """
    nodes: dict[str, Node] = {}
    wires: list[Wire] = []
    made: dict[str, str] = {}

    def put(type_: NodeType, inlets: Iterable[Inlet]) -> str:
        id = made[type_.id] = id_for(type_.id, nodes)
        mode = "mute" if type_.sends else ""
        nodes[id] = Node(type_.id, type_.version, _SAID.get(type_.id, {}), mode)
        for inlet in inlets:
            giver = types.get(_GIVERS.get(inlet.kind, ""))
            outlet = outlet_for(giver, inlet.kind) if giver else None
            if giver is None or outlet is None or giver is type_:
                continue
            source = made.get(giver.id) or put(giver, giver.required)
            wires.append(Wire(Port(source, outlet), Port(id, inlet.name)))
        return id

    put(type_, _shown(type_))
    places = tidy(dict.fromkeys(nodes, (0.0, 0.0)), _sizes(nodes, types), wires)
    return Patch(nodes=nodes, wires=tuple(wires), layout=places)


def placed(
    piece: Patch, types: Mapping[str, NodeType], middle: Position, taken: Collection[Rect]
) -> tuple[Patch, Rect]:
    """An example with its middle at a place, or as far below as nothing lies; and where that is."""
    sizes = _sizes(piece.nodes, types)
    whole = Rect.around(Rect.sized(at, sizes[id]) for id, at in piece.layout.items())
    assert whole is not None  # there is the node that it is an example of
    area = whole.moved(middle[0] - whole.middle[0], middle[1] - whole.middle[1])
    while below := [box.bottom for box in taken if box.meets(area)]:
        area = area.moved(0.0, max(below) + GAP_Y - area.top)
    x, y = round(area.left - whole.left), round(area.top - whole.top)
    layout = {id: (left + x, top + y) for id, (left, top) in piece.layout.items()}
    return piece.evolve(layout=layout), area


def _sizes(
    nodes: Mapping[str, Node], types: Mapping[str, NodeType]
) -> dict[str, tuple[float, float]]:
    return {id: usual_size(id, types[node.type], ()) for id, node in nodes.items()}


def _shown(type_: NodeType) -> list[Inlet]:
    """The inlets that must be wired, or the first one; and, where that is only handed on, the first
    of another kind."""
    first = [*(type_.required or [*type_.inlets.values()][:1])]
    kinds = {inlet.kind for inlet in first}
    others = [inlet for inlet in type_.inlets.values() if inlet.kind not in kinds]
    return first + (others[:1] if kinds <= _PASSIVE else [])
