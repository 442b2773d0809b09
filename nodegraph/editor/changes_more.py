"""Builders of edits that do several things at once: modulate a param, swap a node's type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from math import log, sqrt

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
    RemoveNode,
    SetGroup,
    Wire,
)
from nodegraph.nodetype import NodeType, Param

REMAP = "shape.remap"

_SWING = 0.25
"""How far to each side of where it stands a param is moved at first, as a share of its range."""

_LEFT = 260.0  # pixels from a node to what drives it


def modulate(
    patch: Patch, wiring: Wiring, type_: NodeType, target: Port, reach: float = _SWING
) -> Added:
    """Have a new node move a param: around where it stands, by a share of its range to each side.

    A node type that can be told a lowest and a highest number is told; behind an outlet that gives
    numbers of a known range stands a node that brings that into the param's; one with a value or a
    start of its own begins where the param stands.
    """
    param, outlet = _movable(wiring, target), outlet_for(type_, "number")
    if outlet is None:
        raise EditError(f"{type_.title} gives no number")
    now = patch.nodes[target.node].params.get(target.port)
    now = held(float(now if isinstance(now, int | float) else param.default), param)
    low, high = _swing(param, now, reach)
    out, remap = type_.outlets[outlet], wiring.types.get(REMAP)
    fits_alone = {"low", "high"} <= type_.params.keys()
    if fits_alone or out.low is None or out.high is None or remap is None:
        return drive(patch, wiring, type_, target, low=low, high=high, value=now)
    bend = _bend(param, low, high)
    ends = {"in_low": out.low, "in_high": out.high, "out_low": low, "out_high": high}
    last = drive(patch, wiring, remap, target, exponent=bend, **ends)
    after, start = last.edit.apply(patch), ((now - low) / ((high - low) or 1.0)) ** (1.0 / bend)
    first = drive(
        after, Wiring(after, wiring.types), type_, Port(last.ids[0], "value"), start=start
    )
    return Added(Batch((last.edit, first.edit)), (*first.ids, *last.ids))


def drive(patch: Patch, wiring: Wiring, type_: NodeType, target: Port, **numbers: float) -> Added:
    """Have a new node at the left give a port what suits it best, with those of the params set that
    it has."""
    kind = wiring.target_kind(target)
    outlet = outlet_for(type_, kind) if kind else None
    if outlet is None:
        raise EditError(f"{type_.title} gives nothing that {target} takes")
    id, place = id_for(type_.id, patch.nodes), patch.layout.get(target.node)
    at = None if place is None else (place[0] - _LEFT, place[1])
    node = Node(type_.id, type_.version, _set(type_.params, **numbers))
    add = AddNode(id, node, free_place(patch, wiring, type_, at))
    return Added(Batch((add, AddWire(Wire(Port(id, outlet), target)))), (id,))


def join(patch: Patch, wiring: Wiring, nodes: Collection[str]) -> Edit:
    """Wire outlets of nodes to free inlets and params of the same name, from left to right."""
    edits, after = list[Edit](), patch
    across = sorted(nodes, key=lambda id: patch.layout.get(id, (0.0, 0.0)))
    for one, other in combinations(across, 2):
        source, target = wiring.type_of(one), wiring.type_of(other)
        if source is None or target is None:
            continue
        for name in (name for name in source.outlets if name in target.targets):
            wire = Wire(Port(one, name), Port(other, name))
            free = after.wire_to(wire.target) is None
            if free and Wiring(after, wiring.types).verdict(*wire).fits:
                edits.append(AddWire(wire))
                after = edits[-1].apply(after)
    if not edits:
        raise EditError("no outlet of them has the name of a free inlet at its right")
    return Batch(tuple(edits))


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


def _swing(param: Param, middle: float, share: float) -> tuple[float, float]:
    """The range that a param is moved in: around a number, inside its own range."""
    assert param.low is not None
    assert param.high is not None
    reach = share * (param.high - param.low)
    return max(param.low, middle - reach), min(param.high, middle + reach)


def _bend(param: Param, low: float, high: float) -> float:
    """The exponent that has half of the way be half of the octaves, on a log curve."""
    if param.curve != "log" or not 0.0 < low < high:
        return 1.0
    return log((sqrt(low * high) - low) / (high - low), 0.5)


def _set(params: Mapping[str, Param], **values: float) -> dict[str, ParamValue]:
    """Params set to numbers, as far as they reach; those that stay at their defaults are left."""
    fitting = {name: held(value, params[name]) for name, value in values.items() if name in params}
    return {name: value for name, value in fitting.items() if value != params[name].default}
