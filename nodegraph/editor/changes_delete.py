"""Builders of edits that take away: nodes, with the wires through them healed, frames and wires."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodegraph.editor.wiring import Wiring, fits
from nodegraph.graph import (
    AddWire,
    Batch,
    Edit,
    Patch,
    Port,
    RemoveNode,
    RemoveWire,
    SetGroup,
    Wire,
)
from nodegraph.nodetype import Inlet


def delete(
    patch: Patch,
    wiring: Wiring,
    nodes: Collection[str],
    wires: Collection[Wire] = (),
    frames: Collection[str] = (),
    *,
    heal: bool = True,
) -> Edit:
    """Remove nodes, wires and frames (the nodes in them stay).

    Healed, what came into a node goes on to where the node's outlets led, as far as kinds fit:
    a -> gone -> b becomes a -> b. A loop that this would close stays open.
    """
    gone = {id for id in nodes if id in patch.nodes}
    edits: list[Edit] = [SetGroup(id, None) for id in sorted(frames) if id in patch.groups]
    edits += [
        RemoveWire(wire)
        for wire in sorted(set(wires) & set(patch.wires))
        if not gone & {wire.source.node, wire.target.node}
    ]
    edits += [RemoveNode(id) for id in sorted(gone)]
    rest = Batch(tuple(edits)).apply(patch)
    for wire in _healing(patch, wiring, gone, set(wires)) if heal else ():
        if Wiring(rest, wiring.types).verdict(*wire).fits:
            edits.append(AddWire(wire))
            rest = edits[-1].apply(rest)
    return Batch(tuple(edits))


def _healing(patch: Patch, wiring: Wiring, gone: set[str], cut: set[Wire]) -> Iterator[Wire]:
    """Wires from what led into the nodes that go to what they led to."""
    for wire in patch.wires:
        if wire.source.node in gone and wire.target.node not in gone and wire not in cut:
            wanted = wiring.target_kind(wire.target)
            source = _origin(patch, wiring, wire.source, wanted, gone, cut, set())
            if source is not None:
                yield Wire(source, wire.target)


def _origin(
    patch: Patch,
    wiring: Wiring,
    outlet: Port,
    wanted: str | None,
    gone: set[str],
    cut: set[Wire],
    seen: set[str],
) -> Port | None:
    """The outlet outside from which what comes out here comes, through the inlets of nodes that
    go: first the inlet that the outlet takes after, then in their order; params bring nothing."""
    type_ = wiring.type_of(outlet.node)
    if type_ is None or wanted is None or outlet.node in seen:
        return None
    seen.add(outlet.node)
    like = type_.outlets[outlet.port].like if outlet.port in type_.outlets else None
    inlets: list[Inlet] = sorted(type_.inlets.values(), key=lambda inlet: inlet.name != like)
    for inlet in inlets:
        wire = patch.wire_to(Port(outlet.node, inlet.name))
        if wire is None or wire in cut:
            continue
        if wire.source.node in gone:
            found = _origin(patch, wiring, wire.source, wanted, gone, cut, seen)
            if found is not None:
                return found
        elif fits(wiring.outlet_kind(wire.source) or "", wanted):
            return wire.source
    return None
