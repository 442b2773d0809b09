"""The first pass: what is inside subpatches takes the place of the nodes that stand for them.

A node `ease` inside the instance `voice` becomes `voice/ease`. What an instance shows to the
outside are the nodes of type `flow.inlet` and `flow.outlet` inside, by their ids, and the params
that its definition exposes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nodegraph.errors import Problem
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.graph.definitions import (
    INLET,
    INSTANCE,
    OUTLET,
    PORT_IN,
    PORT_OUT,
    RECEIVE,
    SEND,
    link_name,
)

MOST_NODES = 50_000
DEEPEST = 100
"""Subpatches inside each other."""


@dataclass
class Flat:
    """A patch without subpatches, what was wrong on the way, and where its nodes stand in the file.

    `places` has the path of each node that does not stand where its id says.
    """

    patch: Patch
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def flatten(patch: Patch) -> Flat:
    """The patch with everything in one plane. A patch that is flat already stays itself."""
    types = {node.type for node in patch.nodes.values()}
    if not any(type_.startswith(INSTANCE) or type_ in _JOINTS for type_ in types):
        return Flat(patch)
    return _Flattening(patch).run()


_JOINTS = {INLET, OUTLET, SEND, RECEIVE}


class _Flattening:
    def __init__(self, patch: Patch) -> None:
        self._top = patch
        self._nodes: dict[str, Node] = {}
        self._wires: dict[Port, Wire] = {}
        self._flat = Flat(patch)

    def run(self) -> Flat:
        self._lay(self._top, "", "nodes", ())
        self._link()
        wires = self._without_loose_ends()
        ids = sorted(self._nodes)
        self._flat.patch = self._top.evolve(
            nodes={id: self._nodes[id] for id in ids}, wires=tuple(sorted(wires))
        )
        return self._flat

    def _lay(self, patch: Patch, prefix: str, place: str, inside: tuple[str, ...]) -> None:
        """Lay the nodes of a patch, or of a definition, into the plane; then those inside them."""
        for id, node in patch.nodes.items():
            flat = prefix + id
            if prefix:
                self._flat.places[flat] = f"{place}.{id}"
            if not node.type.startswith(INSTANCE):
                self._nodes[flat] = node
            elif (definition := self._definition(flat, node, inside)) is not None:
                name = node.type.removeprefix(INSTANCE)
                self._refuse_params(flat, node, definition)
                dressed = _dressed(definition, node)
                self._lay(dressed, f"{flat}/", f"subpatches.{name}.nodes", (*inside, name))
        for wire in patch.wires:
            source = self._end(patch, prefix, wire, wire.source, inlet=False)
            target = self._end(patch, prefix, wire, wire.target, inlet=True)
            if source and target:  # an outer wire to an exposed param comes after the inner one
                self._wires[target] = Wire(source, target)

    def _refuse_params(self, flat: str, node: Node, definition: Patch) -> None:
        for param in sorted(node.params.keys() - definition.exposed.keys()):
            has = ", ".join(definition.exposed) or "none"
            text = f"{node.type} exposes no param {param}; it has {has}"
            self._say(flat, text, param, f".params.{param}")

    def _definition(self, flat: str, node: Node, inside: tuple[str, ...]) -> Patch | None:
        name = node.type.removeprefix(INSTANCE)
        definition = self._top.subpatches.get(name)
        if definition is None:
            has = ", ".join(self._top.subpatches) or "none"
            self._say(flat, f"there is no subpatch {name}; the patch has {has}")
        elif name in inside:
            way = " in ".join([name, *reversed(inside[inside.index(name) :])])
            self._say(flat, f"a subpatch cannot be inside itself: {way}; take one of them out")
        elif len(inside) >= DEEPEST:
            self._say(flat, f"subpatches are nested deeper than {DEEPEST}; this one is left out")
        elif len(self._nodes) + len(definition.nodes) > MOST_NODES:
            self._say(flat, f"the patch has more than {MOST_NODES:,} nodes; this one is left out")
        else:
            return definition
        return None

    def _end(
        self, patch: Patch, prefix: str, wire: Wire, port: Port, *, inlet: bool
    ) -> Port | None:
        """Where an end of a wire lies in the plane; None if the instance has no such port, or is
        left out, which was said."""
        for _ in range(DEEPEST + 1):
            node = patch.nodes[port.node]
            flat = prefix + port.node
            if not node.type.startswith(INSTANCE):
                return Port(flat, port.port)
            definition = self._top.subpatches.get(node.type.removeprefix(INSTANCE))
            if definition is None:
                return None
            type_, inner_port = (INLET, PORT_IN) if inlet else (OUTLET, PORT_OUT)
            inner = definition.nodes.get(port.port)
            if inner is not None and inner.type == type_:
                return Port(f"{flat}/{port.port}", inner_port)
            if not inlet or port.port not in definition.exposed:
                self._say_portless(flat, node, definition, wire, port.port, inlet=inlet)
                return None
            address = definition.exposed[port.port].rpartition(".")
            patch, prefix, port = definition, f"{flat}/", Port(address[0], address[2])
        return None

    def _say_portless(
        self, flat: str, node: Node, definition: Patch, wire: Wire, port: str, *, inlet: bool
    ) -> None:
        type_ = INLET if inlet else OUTLET
        ports = [id for id, each in definition.nodes.items() if each.type == type_]
        has = ", ".join([*ports, *(definition.exposed if inlet else ())]) or "none"
        kind = "inlet or exposed param" if inlet else "outlet"
        text = f"{node.type} has no {kind} {port}; it has {has} (in {wire})"
        self._say(flat, text, port)

    def _link(self) -> None:
        """Wire each receive to the send of its name."""
        sends: dict[str, str] = {}
        for id, node in sorted(self._nodes.items()):
            if node.type == SEND:
                first = sends.setdefault(link_name(node), id)
                if first != id:
                    text = f"{first} sends under the name {link_name(node)!r} already; use another"
                    self._say(id, text, "name")
        linked = {
            id: sends[link_name(node)]
            for id, node in self._nodes.items()
            if node.type == RECEIVE and link_name(node) in sends
        }
        for id, send in linked.items():
            target = Port(id, "value")
            self._wires[target] = Wire(Port(send, "out"), target)

    def _without_loose_ends(self) -> list[Wire]:
        """Leave out inlets and outlets of subpatches that nothing arrives at: whoever reads them
        falls back to defaults of its own. That may leave others without anything to arrive."""
        wires = [*self._wires.values()]
        while True:
            fed = {wire.target.node for wire in wires}
            loose = {
                id
                for id, node in self._nodes.items()
                if node.type in (INLET, OUTLET) and id not in fed
            }
            if not loose:
                return wires
            for id in loose:
                del self._nodes[id]
            wires = [wire for wire in wires if wire.source.node not in loose]

    def _say(self, node: str, text: str, port: str | None = None, more: str = "") -> None:
        place = self._flat.places.get(node, f"nodes.{node}") + more
        self._flat.problems.append(Problem(text, node=node, port=port, field=place))


def _dressed(definition: Patch, instance: Node) -> Patch:
    """A definition with what is set on one instance of it: params, and how it is switched."""
    nodes = dict(definition.nodes)
    for name, address in definition.exposed.items():
        if name in instance.params:
            inner, _, param = address.rpartition(".")
            node = nodes[inner]
            params = {**node.params, param: instance.params[name]}
            nodes[inner] = replace(node, params=params)
    if instance.mode or instance.solo:
        for id, node in nodes.items():
            mode = "mute" if "mute" in (instance.mode, node.mode) else instance.mode or node.mode
            nodes[id] = replace(node, mode=mode, solo=instance.solo or node.solo)
    return definition.evolve(nodes=nodes)
