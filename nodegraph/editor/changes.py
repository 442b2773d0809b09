"""Builders of edits that change what is wired to what: add, insert, convert, rewire.

Each takes the patch that is looked at and what its wires carry, and gives an edit that fits. What
cannot be done is an `EditError` with a sentence for the user.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple, TypeAlias

from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import usual_size
from nodegraph.editor.fitting import Through, inlet_for, outlet_for, through
from nodegraph.editor.tidy import GAP_Y
from nodegraph.editor.wiring import Wiring
from nodegraph.errors import EditError
from nodegraph.graph import (
    AddNode,
    AddWire,
    Batch,
    Edit,
    Node,
    ParamValue,
    Patch,
    Port,
    Position,
    RemoveWire,
    Wire,
)
from nodegraph.graph.parts import free_id
from nodegraph.nodetype import ANY, NodeType

End: TypeAlias = Literal["source", "target"]


class Loose(NamedTuple):
    """A wire that hangs in the air: the port it is fixed at, and which end that is."""

    port: Port
    end: End


class Added(NamedTuple):
    """An edit that adds nodes, and the ids that they have then."""

    edit: Edit
    ids: tuple[str, ...]


def id_for(type_id: str, taken: Collection[str]) -> str:
    """A free id for a node of a type: `lfo`, then `lfo_2`."""
    name = re.sub(r"[^a-z0-9_]+", "_", type_id.rpartition(".")[2].lower()).strip("_")
    return free_id(name if name[:1].isalpha() else f"node_{name}".strip("_"), taken)


def add_node(
    patch: Patch,
    type_: NodeType,
    at: Position | None,
    params: Mapping[str, ParamValue] | None = None,
) -> Added:
    """Add a node of a type."""
    id = id_for(type_.id, patch.nodes)
    node = Node(type_.id, type_.version, params or {})
    return Added(AddNode(id, node, _rounded(at)), (id,))


def free_place(
    patch: Patch, wiring: Wiring, type_: NodeType, at: Position | None
) -> Position | None:
    """For a node of a type: that place, or as far below as nothing lies; None stays None."""
    if at is None:
        return None
    boxes = [
        Rect.sized(place, usual_size(id, wiring.type_of(id), patch.nodes[id].params))
        for id, place in patch.layout.items()
    ]
    area = Rect.sized(at, usual_size(type_.id, type_, ()))
    while covered := [box.bottom for box in boxes if box.meets(area)]:
        area = area.moved(0.0, max(covered) + GAP_Y - area.top)
    return (round(area.left), round(area.top))


def add_for_loose(
    patch: Patch, wiring: Wiring, type_: NodeType, at: Position | None, loose: Loose
) -> Added:
    """Add a node and wire it to where a loose wire comes from; just add it if nothing fits.

    It lies with that side at the place that the wire comes to.
    """
    if at is not None and loose.end == "target":
        at = (at[0] - usual_size(type_.id, type_, ())[0], at[1])
    added = add_node(patch, type_, at)
    port = port_for_loose(wiring, type_, loose)
    if port is None:
        return added
    new = Port(added.ids[0], port)
    wire = Wire(loose.port, new) if loose.end == "source" else Wire(new, loose.port)
    if not Wiring(added.edit.apply(patch), wiring.types).verdict(*wire).fits:
        return added  # it would fit here, but not what comes after
    return Added(Batch((added.edit, AddWire(wire))), added.ids)


def port_for_loose(wiring: Wiring, type_: NodeType, loose: Loose) -> str | None:
    """The port of a type at which a loose wire would end best; None if none takes it."""
    if loose.end == "source":
        kind = wiring.outlet_kind(loose.port)
        return kind and inlet_for(type_, kind)
    kind = wiring.target_kind(loose.port)
    return kind and outlet_for(type_, kind)


def connect(patch: Patch, wiring: Wiring, source: Port, target: Port) -> Edit:
    """Draw a wire; EditError with the reason if it does not fit."""
    verdict = wiring.verdict(source, target)
    if not verdict.fits:
        raise EditError(verdict.reason)
    return AddWire(Wire(source, target))


def convert(
    patch: Patch, wiring: Wiring, type_: NodeType, source: Port, target: Port, at: Position | None
) -> Added:
    """Draw a wire through a new node that converts; without a place it lies half way."""
    way = _through(wiring, type_, source, target)
    half_way = _half_way(patch, source.node, target.node)
    added = add_node(patch, type_, at or free_place(patch, wiring, type_, half_way))
    wires = _drawn(added.edit.apply(patch), wiring, source, added.ids[0], way, target)
    return Added(Batch((added.edit, *wires)), added.ids)


def insert_node(
    patch: Patch, wiring: Wiring, type_: NodeType, wire: Wire, at: Position | None
) -> Added:
    """Put a new node on a wire."""
    return convert(patch, wiring, type_, *wire, at)


def insert_existing(patch: Patch, wiring: Wiring, id: str, wire: Wire) -> Edit:
    """Put a node that is there on a wire: in at the best port, out at the best one."""
    type_ = wiring.type_of(id)
    if type_ is None:
        raise EditError(f"{id} is a ghost: install the plugin that brings its node type first")
    if id in (wire.source.node, wire.target.node):
        raise EditError(f"{id} is at an end of this wire already")
    way = _through(wiring, type_, *wire)
    rest = patch.evolve(wires=tuple(each for each in patch.wires if each != wire))
    return Batch(_drawn(rest, wiring, wire.source, id, way, wire.target))


def can_insert(wiring: Wiring, type_: NodeType, wire: Wire) -> bool:
    """Whether a node of a type could stand on a wire."""
    return _way(wiring, type_, *wire) is not None


def rewire(patch: Patch, wiring: Wiring, wire: Wire, end: End, port: Port) -> Edit:
    """Have one end of a wire elsewhere."""
    moved = wire._replace(source=port) if end == "source" else wire._replace(target=port)
    if moved == wire:
        return Batch(())
    rest = RemoveWire(wire).apply(patch)
    verdict = Wiring(rest, wiring.types).verdict(*moved)
    if not verdict.fits:
        raise EditError(verdict.reason)
    return Batch((RemoveWire(wire), AddWire(moved)))


def _way(wiring: Wiring, type_: NodeType, source: Port, target: Port) -> Through | None:
    """How a wire would go through a node; where anything is wanted, it carries what it did."""
    given, wanted = wiring.outlet_kind(source), wiring.target_kind(target)
    if given is None or wanted is None:
        return None
    way = through(type_, given, given) if wanted == ANY else None
    return way or through(type_, given, wanted)


def _through(wiring: Wiring, type_: NodeType, source: Port, target: Port) -> Through:
    way = _way(wiring, type_, source, target)
    if way is None:
        given, wanted = wiring.outlet_kind(source), wiring.target_kind(target)
        fault = f"takes no {given}, or gives no {wanted}"
        raise EditError(f"{type_.title} does not fit on this wire: it {fault}")
    return way


def _drawn(
    patch: Patch, wiring: Wiring, source: Port, id: str, way: Through, target: Port
) -> tuple[Edit, ...]:
    """The edits that draw the wires into a node and out of it, each seen to fit."""
    edits: list[Edit] = []
    for wire in (Wire(source, Port(id, way.inlet)), Wire(Port(id, way.outlet), target)):
        verdict = Wiring(patch, wiring.types).verdict(*wire)
        if not verdict.fits:
            raise EditError(verdict.reason)
        edits.append(AddWire(wire))
        patch = edits[-1].apply(patch)
    return tuple(edits)


def _half_way(patch: Patch, one: str, other: str) -> Position | None:
    ends = [patch.layout[id] for id in (one, other) if id in patch.layout]
    if not ends:
        return None
    xs, ys = [x for x, _ in ends], [y for _, y in ends]
    return (sum(xs) / len(xs), sum(ys) / len(ys))


def _rounded(at: Position | None) -> Position | None:
    return None if at is None else (round(at[0]), round(at[1]))
