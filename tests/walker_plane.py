"""A patch with subpatches and named links, in one plane: found from each inlet backwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nodegraph.graph import Node, Patch, Port, Wire

INSTANCE = "subpatch."


@dataclass(frozen=True)
class Scope:
    """A definition as it stands for one instance; for the patch itself there is none around it."""

    top: Patch
    patch: Patch
    prefix: str = ""
    outer: Scope | None = None
    instance: str = ""

    def definition(self, id: str) -> Patch | None:
        type_ = self.patch.nodes[id].type
        return (
            self.top.subpatches[type_.removeprefix(INSTANCE)]
            if type_.startswith(INSTANCE)
            else None
        )

    def inside(self, id: str) -> Scope:
        """What stands for an instance: its definition, with what is set on the instance."""
        instance, definition = self.patch.nodes[id], self.definition(id)
        assert definition is not None
        inner = {}
        for name, node in definition.nodes.items():
            given = {
                address.partition(".")[2]: instance.params[shown]
                for shown, address in definition.exposed.items()
                if address.startswith(f"{name}.") and shown in instance.params
            }
            mode = instance.mode or node.mode
            inner[name] = replace(
                node,
                params={**node.params, **given},
                mode="mute" if node.mode == "mute" else mode,
                solo=node.solo or instance.solo,
            )
        dressed = replace(definition, nodes=inner)
        return Scope(self.top, dressed, f"{self.prefix}{id}/", self, id)

    def nodes(self) -> Iterator[tuple[Scope, str, Node]]:
        """All nodes that are none instances, here and inside."""
        for id, node in self.patch.nodes.items():
            if self.definition(id) is None:
                yield self, id, node
            else:
                yield from self.inside(id).nodes()

    def source(self, id: str, port: str) -> Port | None:
        """The outlet in the plane from which a port gets its value."""
        if self.outer is not None:
            for name, address in self.patch.exposed.items():
                if address == f"{id}.{port}" and (found := self.outer.source(self.instance, name)):
                    return found
        wire = self.patch.wire_to(Port(id, port))
        if wire is not None:
            return self.outlet(wire.source)
        if self.outer is not None and (self.patch.nodes[id].type, port) == ("flow.inlet", "value"):
            return self.outer.source(self.instance, id)
        return None

    def outlet(self, port: Port) -> Port:
        if self.definition(port.node) is None:
            return Port(self.prefix + port.node, port.port)
        return Port(f"{self.prefix}{port.node}/{port.port}", "out")


def spread(patch: Patch) -> Patch:
    """The patch in one plane: `a` inside `b` is `b/a`. Ports of subpatches at which nothing
    arrives are not there."""
    placed = [(scope, scope.prefix + id, node) for scope, id, node in Scope(patch, patch).nodes()]
    nodes = {id: node for _, id, node in sorted(placed, key=lambda each: each[1])}
    sends: dict[object, str] = {}
    for id, node in nodes.items():
        if node.type == "flow.send":
            sends.setdefault(node.params.get("name", ""), id)
    fed: dict[Port, Port] = {}
    for scope, id, node in placed:
        ports = {wire.target.port for wire in scope.patch.wires if wire.target.node == _last(id)}
        ports |= {address.partition(".")[2] for address in scope.patch.exposed.values()}
        for port in {*ports, "value"}:
            found = scope.source(_last(id), port)
            if node.type == "flow.receive" and port == "value":
                sender = sends.get(node.params.get("name", ""))
                found = Port(sender, "out") if sender else found
            if found is not None:
                fed[Port(id, port)] = found
    while gone := {
        id
        for id, node in nodes.items()
        if node.type in ("flow.inlet", "flow.outlet") and Port(id, "value") not in fed
    }:
        nodes = {id: node for id, node in nodes.items() if id not in gone}
        fed = {port: source for port, source in fed.items() if source.node not in gone}
    wires = tuple(Wire(source, target) for target, source in sorted(fed.items()))
    return Patch().evolve(nodes=nodes, wires=wires)


def _last(id: str) -> str:
    return id.rpartition("/")[2]
