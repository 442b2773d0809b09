"""What a patch says as it is drawn: kinds, wires, and what is switched off or soloed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from walker_nodes import TYPES
from walker_plane import spread

from nodegraph.graph import Patch, Port, Wire
from nodegraph.nodetype import ANY, REQUIRED, NodeType
from nodegraph.values import kind_of

LOSSLESS = {
    ("boolean", "number"),
    ("trigger", "number"),
    ("trigger", "boolean"),
    ("boolean", "trigger"),
    ("number", "trigger"),
    ("string", "prompts"),
}


class Drawn:
    """A patch in one plane; `watch` names what is wanted beside its outputs, None is all."""

    def __init__(self, patch: Patch, watch: Collection[str] | None = None) -> None:
        self.watch = watch
        self.draw(patch)

    def draw(self, patch: Patch) -> None:
        """Take a patch that differs in params only."""
        self.patch = spread(patch)
        self.reached = self._reached()

    def type(self, id: str) -> NodeType:
        return TYPES[self.patch.nodes[id].type]

    def latch(self, id: str) -> bool:
        return self.type(id).latch and not self.mode(id)

    def ports(self, id: str) -> list[str]:
        return [*self.type(id).inlets, *self.type(id).params]

    def sends(self, id: str) -> bool:
        return any(outlet.kind == "message" for outlet in self.type(id).outlets.values())

    def drawn(self, id: str, port: str) -> Wire | None:
        """The wire that arrives at a port, whatever is switched."""
        return self.patch.wire_to(Port(id, port))

    def wire(self, id: str, port: str) -> Wire | None:
        """The wire from which a node reads."""
        wire, mode = self.drawn(id, port), self.mode(id)
        if wire is None or mode == "mute":
            return None
        if mode == "bypass":
            return wire if port in self.passed(id).values() else None
        return wire if self.heard(id, port) else None

    def heard(self, id: str, port: str) -> bool:
        """Whether what arrives at a port counts: while any node is solo, what sends hears it."""
        wire = self.drawn(id, port)
        if wire is None:
            return False
        if self.reached is None or not self.sends(id) or self.patch.nodes[id].solo:
            return True
        inlet = self.type(id).inlets.get(port)
        needed = inlet is not None and inlet.default is REQUIRED
        return needed or wire.source.node in self.reached

    def mode(self, id: str) -> str:
        if self.reached is not None and self.sends(id) and id not in self.reached:
            return "mute"
        mode = self.patch.nodes[id].mode
        return "" if mode == "bypass" and self.type(id).latch else mode  # it closes a loop

    def passed(self, id: str) -> dict[str, str | None]:
        """For each outlet of a bypassed node, the inlet whose value it passes on."""
        kinds = self.port_kinds(id)
        return {
            out: next(
                (
                    name
                    for name in self.type(id).inlets
                    if kinds[f"in {name}"] == kinds[f"out {out}"] and self.heard(id, name)
                ),
                None,
            )
            for out in self.type(id).outlets
        }

    def _reached(self) -> set[str] | None:
        """The nodes that soloed ones feed, and these; None while none is solo."""
        reached = {id for id, node in self.patch.nodes.items() if node.solo}
        if not reached:
            return None
        while True:
            more = {w.target.node for w in self.patch.wires if w.source.node in reached} - reached
            if not more:
                return reached
            reached |= more

    def needed(self) -> list[str]:
        """The nodes that an output or a watcher reads, directly or not."""
        if self.watch is None:
            return sorted(self.patch.nodes)
        found: set[str] = set()
        open_ = [id for id in self.patch.nodes if self.type(id).is_output or id in self.watch]
        while open_:
            id = open_.pop()
            if id not in found:
                found.add(id)
                open_ += self.sources(id)
        return sorted(found)

    def sources(self, id: str) -> set[str]:
        wires = (self.wire(id, port) for port in self.ports(id))
        return {wire.source.node for wire in wires if wire is not None}

    def any_kind(self, id: str, seen: frozenset[str] = frozenset()) -> str | None:
        """The kind that any-ports carry: of the first one wired; numbers where a loop has none."""
        anys = [each for each in self.type(id).inlets.values() if each.kind == ANY]
        if not anys:
            return None
        for each in anys:
            if wire := self.drawn(id, each.name):
                source = wire.source
                kind = self.type(source.node).outlets[source.port].kind
                if kind != ANY:
                    return kind
                if source.node in seen | {id}:
                    return "number"
                return self.any_kind(source.node, seen | {id})
        return kind_of(anys[0].default) or "number"

    def port_kinds(self, id: str) -> dict[str, str]:
        type_, any_ = self.type(id), self.any_kind(id)
        ports = {**type_.params, **type_.inlets}
        kinds = {f"in {name}": port.kind for name, port in ports.items()}
        kinds |= {f"out {name}": port.kind for name, port in type_.outlets.items()}
        return {name: any_ or "" if kind == ANY else kind for name, kind in kinds.items()}

    def misfits(self) -> Iterator[Wire]:
        kinds = {id: self.port_kinds(id) for id in self.patch.nodes}
        for wire in self.patch.wires:
            a = kinds[wire.source.node][f"out {wire.source.port}"]
            b = kinds[wire.target.node][f"in {wire.target.port}"]
            if a == "message" or (a != b and (a, b) not in LOSSLESS):
                yield wire
