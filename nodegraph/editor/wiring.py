"""Which port fits which, why not, and which node type would convert, before a wire is drawn.

It says what `compiler.check` would say of the wire, for the patch that is looked at alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from nodegraph.graph import Patch, Port, Wire
from nodegraph.graph.definitions import INSTANCE, RECEIVE, SEND, link_name
from nodegraph.nodetype import ANY, NodeType
from nodegraph.values import CONVERSIONS, CONVERTERS, misfit


def fits(given: str, wanted: str) -> bool:
    """Whether a value of one kind can go where another is wanted, as it is or by itself."""
    return ANY in (given, wanted) or given == wanted or (given, wanted) in CONVERSIONS


class Verdict(NamedTuple):
    """Whether a wire can be drawn: `reason` is empty if so, else a sentence.

    `converter` is the node type that could stand between the two ports, if there is one.
    """

    reason: str = ""
    converter: str = ""

    @property
    def fits(self) -> bool:
        return not self.reason


class Wiring:
    """What the wires of one patch carry, and what further ones may. Made anew for each patch.

    The ports of any kind of one node are a strand: they carry one kind, that of the first inlet
    wired. An instance of a subpatch has a strand for each inlet of any kind, called by its name.
    """

    def __init__(self, patch: Patch, types: Mapping[str, NodeType]) -> None:
        self._patch = patch
        self.types = types
        self._kinds: dict[Port, str] = {}

    def type_of(self, node: str) -> NodeType | None:
        """The type of a node; None for a ghost, and where there is no such node."""
        found = self._patch.nodes.get(node)
        return self.types.get(found.type) if found else None

    def outlet_kind(self, port: Port) -> str | None:
        """The kind that leaves here, `any` if that is not settled; None if there is no outlet."""
        type_ = self.type_of(port.node)
        outlet = type_.outlets.get(port.port) if type_ else None
        if outlet is None:
            return None
        return self._carried(self._strand(port)) if outlet.kind == ANY else outlet.kind

    def target_kind(self, port: Port) -> str | None:
        """The kind that is wanted here; `any` while the inlet could still take everything."""
        type_ = self.type_of(port.node)
        target = type_.targets.get(port.port) if type_ else None
        if type_ is None or target is None:
            return None
        if target.kind != ANY:
            return target.kind
        return ANY if self._tells(port) else self._carried(self._strand(port))

    def verdict(self, source: Port, target: Port) -> Verdict:
        """Whether a wire can be drawn from an outlet to an inlet or param, and if not, why."""
        given, wanted = self.outlet_kind(source), self.target_kind(target)
        if given is None or wanted is None:
            lost = source if given is None else target
            return Verdict(f"{lost} is not known: its node type is missing, or has no such port")
        if given == "message":
            return Verdict(f"{source} gives messages, which go out into the world and on no wire")
        if not fits(given, wanted):
            return self._misfit(source, target, given, wanted)
        if wanted == ANY and given != ANY and (wire := self._upset(target, given)):
            change = f"{target} would carry {given} then"
            return Verdict(f"{change}, and {wire.target} wants {self.target_kind(wire.target)}")
        if way := self._loop(source.node, target.node):
            return Verdict(
                f"these nodes would wait for each other: {' -> '.join(way)}; put a flow.delay "
                "into the loop"
            )
        return Verdict()

    def misfit(self, wire: Wire) -> bool:
        """Whether a wire that is there carries what its end cannot take."""
        given = self.outlet_kind(wire.source)
        type_ = self.type_of(wire.target.node)
        target = type_.targets.get(wire.target.port) if type_ else None
        if given is None or target is None:
            return False
        wanted = target.kind
        return not fits(
            given, self._carried(self._strand(wire.target)) if wanted == ANY else wanted
        )

    def _misfit(self, source: Port, target: Port, given: str, wanted: str) -> Verdict:
        via = CONVERTERS.get((given, wanted), "")
        via = via if via in self.types else ""
        return Verdict(misfit(source, given, target, wanted, via), via)

    # Ports of any kind.

    @cached_property
    def _sends(self) -> Mapping[str, str]:
        nodes = sorted(self._patch.nodes.items(), reverse=True)  # so that the first counts
        return {link_name(node): id for id, node in nodes if node.type == SEND}

    def _strand(self, port: Port) -> Port:
        """What a port of any kind belongs to: its node, or of an instance the inlet."""
        type_ = self.type_of(port.node)
        if type_ is None or not type_.id.startswith(INSTANCE):
            return Port(port.node, "")
        outlet = type_.outlets.get(port.port)
        return Port(port.node, (outlet.like if outlet else None) or port.port)

    def _inlets(self, strand: Port) -> list[str]:
        """The inlets of a strand, the one that tells first."""
        type_ = self.type_of(strand.node)
        names = [inlet.name for inlet in type_.any_inlets] if type_ else []
        return [name for name in names if strand.port in ("", name)]

    def _carried(self, strand: Port) -> str:
        """The kind that a strand carries."""
        passed: list[Port] = []
        while strand not in self._kinds and strand not in passed:
            passed.append(strand)
            before = self._origin(strand)
            if isinstance(before, str):
                self._kinds[strand] = before
            else:
                strand = before
        kind = self._kinds.get(strand, "number")  # a loop of such nodes has none: numbers
        self._kinds.update(dict.fromkeys(passed, kind))
        return kind

    def _origin(self, strand: Port) -> str | Port:
        """The kind that a strand carries, or the strand that tells it."""
        type_ = self.type_of(strand.node)
        if type_ is None:
            return ANY
        node = self._patch.nodes[strand.node]
        if type_.id == RECEIVE and link_name(node) in self._sends:
            return Port(self._sends[link_name(node)], "")
        wire = self._giver(strand)
        if wire is None:
            return ANY if strand.port else type_.unwired_kind
        origin = self.type_of(wire.source.node)
        assert origin is not None  # the giver is known
        kind = origin.outlets[wire.source.port].kind
        return self._strand(wire.source) if kind == ANY else kind

    def _giver(self, strand: Port) -> Wire | None:
        """The wire that says which kind a strand carries."""
        for name in self._inlets(strand):
            wire = self._patch.wire_to(Port(strand.node, name))
            if wire is not None and self._is_known(wire.source):
                return wire
        return None

    def _tells(self, port: Port) -> bool:
        """Whether an any-inlet is the one that says, or would say if it were wired."""
        strand = self._strand(port)
        inlets, giver = self._inlets(strand), self._giver(strand)
        return giver is None or inlets.index(port.port) <= inlets.index(giver.target.port)

    def _is_known(self, port: Port) -> bool:
        """Whether there is such an outlet and its values may go on a wire."""
        type_ = self.type_of(port.node)
        outlet = type_.outlets.get(port.port) if type_ else None
        return outlet is not None and outlet.kind != "message"

    def _upset(self, target: Port, kind: str) -> Wire | None:
        """A wire that fits now and would not if this any-inlet's strand carried another kind."""
        changing, seen = [target], set[Port]()
        while changing:
            port = changing.pop()
            strand = self._strand(port)
            if strand in seen:
                continue
            seen.add(strand)
            for wire in self._beside(strand, port):
                given = self.outlet_kind(wire.source) or ANY
                if fits(given, self._carried(strand)) and not fits(given, kind):
                    return wire
            for wire in self._behind(strand):
                wanted = self.target_kind(wire.target)
                if wanted == ANY:
                    changing.append(wire.target)
                elif wanted and not fits(kind, wanted) and not self.misfit(wire):
                    return wire
        return None

    def _beside(self, strand: Port, port: Port) -> Iterator[Wire]:
        """The wires that arrive at the other inlets of a strand."""
        for name in self._inlets(strand):
            wire = self._patch.wire_to(Port(strand.node, name))
            if wire is not None and name != port.port:
                yield wire

    def _behind(self, strand: Port) -> Iterator[Wire]:
        """The wires that carry on what a strand carries."""
        type_ = self.type_of(strand.node)
        for wire in self._patch.wires_from(strand.node):
            outlet = type_.outlets.get(wire.source.port) if type_ else None
            if outlet is not None and outlet.kind == ANY and self._strand(wire.source) == strand:
                yield wire

    # Loops.

    def _loop(self, source: str, target: str) -> list[str]:
        """The way from `target` back to itself that a wire between the two would close."""
        way: dict[str, str] = {source: target}
        waiting = [source]
        while waiting:
            node = waiting.pop()
            if self._opens(node):
                continue
            if node == target:
                return _walk(way, target)
            for wire in self._patch.wires_into(node):
                if wire.source.node not in way:
                    way[wire.source.node] = node
                    waiting.append(wire.source.node)
        return []

    def _opens(self, node: str) -> bool:
        """Whether a loop may go through a node; of a subpatch only the compiler can say."""
        type_ = self.type_of(node)
        return type_ is None or type_.latch or type_.id.startswith(INSTANCE)


def _walk(way: Mapping[str, str], start: str) -> list[str]:
    nodes = [start, way[start]]
    while nodes[-1] != start:
        nodes.append(way[nodes[-1]])
    return nodes
