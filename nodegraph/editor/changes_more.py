"""Builders of edits that do several things at once: modulate a param, swap a node's type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nodegraph.editor.changes import Added, free_place, id_for
from nodegraph.editor.fitting import inlet_for, outlet_for
from nodegraph.editor.numbers import held
from nodegraph.editor.wiring import Wiring, fits
from nodegraph.errors import EditError
from nodegraph.graph import (
    AddNode,
    AddWire,
    Batch,
    Edit,
    Expose,
    Node,
    ParamValue,
    Patch,
    Port,
    Position,
    RemoveNode,
    SetGroup,
    Wire,
)
from nodegraph.nodetype import NodeType, Param

REMAP = "shape.remap"

_SWING = 0.25
"""How far to each side of where it stands a param is moved at first, as a share of its range."""

_LEFT, _FURTHER = 260.0, 240.0  # pixels from the node to what moves it, and on to the next


def modulate(patch: Patch, wiring: Wiring, type_: NodeType, target: Port) -> Added:
    """Have a new node move a param: around where it stands, by a quarter of its range.

    A node type that can be told a lowest and a highest number is told; behind an outlet that gives
    numbers of a known range stands a node that brings that into the param's; one with a value of
    its own begins with the param's.
    """
    param = _movable(wiring, target)
    now = patch.nodes[target.node].params.get(target.port, param.default)
    outlet = outlet_for(type_, "number")
    if outlet is None:
        raise EditError(f"{type_.title} gives no number")
    low, high = _swing(param, now)
    id, place = id_for(type_.id, patch.nodes), patch.layout.get(target.node)
    out, own, remap = type_.outlets[outlet], type_.params, wiring.types.get(REMAP)
    params: dict[str, ParamValue] = {}
    if {"low", "high"} <= own.keys():
        params = _set(own, low=low, high=high)
    elif out.low is not None and out.high is not None and remap is not None:
        ends = {"in_low": out.low, "in_high": out.high, "out_low": low, "out_high": high}
        between = id_for(REMAP, {*patch.nodes, id})
        node = Node(REMAP, remap.version, _set(remap.params, **ends))
        edits: tuple[Edit, ...] = (
            AddNode(id, Node(type_.id, type_.version), _left(patch, place, _LEFT + _FURTHER)),
            AddNode(between, node, _left(patch, place, _LEFT)),
            AddWire(Wire(Port(id, outlet), Port(between, "value"))),
            AddWire(Wire(Port(between, "out"), target)),
        )
        return Added(Batch(edits), (id, between))
    elif "value" in own and isinstance(now, int | float):
        params = _set(own, value=now)
    node = Node(type_.id, type_.version, params)
    edits = (AddNode(id, node, _left(patch, place, _LEFT)), AddWire(Wire(Port(id, outlet), target)))
    return Added(Batch(edits), (id,))


def swap(patch: Patch, wiring: Wiring, id: str, type_: NodeType) -> Edit:
    """Make a node one of another type, under its id: a ghost of one that is there, say.

    Kept are params and wires of names that both types have, as far as they fit; other wires go to
    the port that suits them best.
    """
    if id not in patch.nodes:
        raise EditError(f"there is no node {id}: it may be removed or renamed")
    old = patch.nodes[id]
    params = {name: value for name, value in old.params.items() if name in type_.params}
    node = Node(type_.id, type_.version, params, old.mode, old.solo)
    edits: list[Edit] = [RemoveNode(id), AddNode(id, node, patch.layout.get(id))]
    edits += [SetGroup(name, each) for name, each in patch.groups.items() if id in each.nodes]
    for name, address in patch.exposed.items():
        owner, _, param = address.partition(".")
        if owner == id and param in type_.params:
            edits.append(Expose(name, address))
    rest = Batch(tuple(edits)).apply(patch)
    for wire in (*patch.wires_into(id), *patch.wires_from(id)):
        for drawn in _swapped(wiring, id, type_, wire):
            free = rest.wire_to(drawn.target) is None
            if free and Wiring(rest, wiring.types).verdict(*drawn).fits:
                edits.append(AddWire(drawn))
                rest = edits[-1].apply(rest)
                break
    return Batch(tuple(edits))


def _swapped(wiring: Wiring, id: str, type_: NodeType, wire: Wire) -> Iterator[Wire]:
    """Where a wire could go when its node is of another type, the best first."""
    source, target = wire
    if target.node == id:
        kind = wiring.outlet_kind(source) or ""
        names = [target.port, inlet_for(type_, kind), *type_.inlets]
        for name in dict.fromkeys(name for name in names if name in type_.targets):
            if name and (name == target.port or fits(kind, type_.targets[name].kind)):
                yield Wire(source, Port(id, name))
    else:
        kind = wiring.target_kind(target) or ""
        names = [source.port, outlet_for(type_, kind), *type_.outlets]
        for name in dict.fromkeys(name for name in names if name in type_.outlets):
            if name:
                yield Wire(Port(id, name), target)


def _movable(wiring: Wiring, target: Port) -> Param:
    """The param at a port, if it is a number with a range."""
    owner = wiring.type_of(target.node)
    param = owner.params.get(target.port) if owner else None
    if param is None or param.low is None or param.high is None:
        raise EditError(f"{target} is no number that could be moved")
    return param


def _swing(param: Param, now: object) -> tuple[float, float]:
    """The range that a param is moved in: around what it is set to, inside its own range."""
    assert param.low is not None
    assert param.high is not None
    middle = now if isinstance(now, int | float) else param.default
    assert isinstance(middle, int | float)
    reach = _SWING * (param.high - param.low)
    return max(param.low, middle - reach), min(param.high, middle + reach)


def _set(params: Mapping[str, Param], **values: float) -> dict[str, ParamValue]:
    """Params set to numbers, as far as they reach; those that stay at their defaults are left."""
    fitting = {name: held(value, params[name]) for name, value in values.items() if name in params}
    return {name: value for name, value in fitting.items() if value != params[name].default}


def _left(patch: Patch, place: Position | None, by: float) -> Position | None:
    return free_place(patch, None if place is None else (place[0] - by, place[1]))
