"""A wire to an inlet that is gone arrives where the node type of today takes what it needs."""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.graph import Patch, Port, Wire
from nodegraph.nodetype import NodeType


def moved(patch: Patch, types: Mapping[str, NodeType]) -> Patch:
    """The flat patch with the wires of nodes of older versions as `instead_of=` says.

    The inlet gets what the node before was fed with: the nearest outlet of its kind, from where the
    old wire begins and on up. If there is none, or it is wired already, the old wire stays.
    """
    new: dict[Wire, Wire] = {}
    for id, node in patch.nodes.items():
        type_ = types.get(node.type)
        if type_ is None or not type_.replaced or node.version >= type_.version:
            continue
        for wire in patch.wires_into(id):
            inlet = type_.replaced.get(wire.target.port)
            if inlet is None or patch.wire_to(target := Port(id, inlet.name)):
                continue
            if (source := _nearest(patch, types, wire.source, inlet.kind)) is not None:
                new[wire] = Wire(source, target)
    if not new:
        return patch
    return patch.evolve(wires=tuple(sorted(new.get(wire, wire) for wire in patch.wires)))


def _nearest(patch: Patch, types: Mapping[str, NodeType], start: Port, kind: str) -> Port | None:
    ports = [start]
    for port in ports:  # which grows meanwhile
        type_ = types.get(patch.nodes[port.node].type)
        outlet = type_.outlets.get(port.port) if type_ else None
        if outlet is not None and outlet.kind == kind:
            return port
        above = (wire.source for wire in patch.wires_into(port.node))
        ports += [each for each in above if each not in ports]
    return None
