"""The first pass: does each node and wire of the patch make sense? What does goes on as steps.

Everything wrong is found at once. What is wrong is left out: a node of unknown type, a node
without an inlet that it needs, a loop. Whoever would have read from it falls back to defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from nodegraph.compiler.params import check_params
from nodegraph.compiler.plan import Feed, Step
from nodegraph.errors import Problem
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import ANY, REQUIRED, Inlet, NodeType
from nodegraph.values import CONVERSIONS, CONVERTERS, KINDS, converts, kind_of


def check(
    patch: Patch, types: Mapping[str, NodeType], places: Mapping[str, str]
) -> tuple[dict[str, Step], tuple[Problem, ...]]:
    """The steps of the nodes that can run, by node id, and all problems.

    `places` has the path in the file of each node that does not stand where its id says.
    """
    return _Check(patch, types, places).run()


class _Check:
    def __init__(
        self, patch: Patch, types: Mapping[str, NodeType], places: Mapping[str, str]
    ) -> None:
        self._patch = patch
        self._types = types
        self._places = places
        self._problems: list[Problem] = []
        self._known: dict[str, NodeType] = {}
        self._params: dict[str, dict[str, object]] = {}
        self._wires: dict[str, dict[str, Wire]] = {}
        self._kinds: dict[str, str] = {}
        self._hints: dict[str, str] = {}
        self._told: set[Port] = set()

    def run(self) -> tuple[dict[str, Step], tuple[Problem, ...]]:
        for id, node in sorted(self._patch.nodes.items()):
            self._node(id, node)
        for wire in self._patch.wires:
            self._wire(wire)
        self._resolve_kinds()
        self._refuse_misfits()
        self._refuse_loops()
        self._refuse_unfed()
        steps = {id: self._step(id) for id in sorted(self._known)}
        return steps, tuple(self._problems)

    def _say(self, text: str, node: str, port: str | None = None, field: str = "") -> None:
        place = field or self._places.get(node, f"nodes.{node}")
        self._problems.append(Problem(text, node=node, port=port, field=place))

    def _node(self, id: str, node: Node) -> None:
        type_ = self._types.get(node.type)
        if type_ is None:
            if node.type not in self._hints:
                near = get_close_matches(node.type, self._types, 1)
                hint = f"did you mean {near[0]}?" if near else "install the plugin that brings it"
                self._hints[node.type] = hint
            self._say(f"there is no node type {node.type}; {self._hints[node.type]}", id)
            return
        self._known[id] = type_
        self._wires[id] = {}
        place = self._places.get(id, f"nodes.{id}")
        self._params[id], problems = check_params(id, node, type_, place)
        self._problems += problems

    def _wire(self, wire: Wire) -> None:
        source, target = self._known.get(wire.source.node), self._known.get(wire.target.node)
        field = "wires"
        if source is not None and wire.source.port not in source.outlets:
            there = _listing(source.outlets, "it has no outlets")
            text = f"{source.id} has no outlet {wire.source.port}; {there} (in {wire})"
            self._say(text, wire.source.node, wire.source.port, field)
            source = None
        if target is not None and wire.target.port not in {**target.inlets, **target.params}:
            there = _listing({**target.inlets, **target.params}, "it has no inlets")
            text = f"{target.id} has no inlet or param {wire.target.port}; {there} (in {wire})"
            self._say(text, wire.target.node, wire.target.port, field)
            target = None
        if source is not None and source.outlets[wire.source.port].kind == "message":
            text = f"{wire.source} gives messages, which go out into the world and on no wire"
            self._say(f"{text} (in {wire})", wire.target.node, wire.target.port, field)
            source = None
        if source is not None and target is not None:
            self._wires[wire.target.node][wire.target.port] = wire

    def _resolve_kinds(self) -> None:
        """Find the kind that the any-ports of each node carry: that of the first one wired.

        A chain of such nodes is followed up to its start; a loop of them has none, and they carry
        numbers.
        """
        for id, type_ in sorted(self._known.items()):
            if all(inlet.kind != ANY for inlet in type_.inlets.values()):
                continue
            chain, found = {id}, self._origin(id)
            while isinstance(found, Wire) and found.source.node not in chain:
                chain.add(found.source.node)
                found = self._origin(found.source.node)
            kind = "number" if isinstance(found, Wire) else found
            self._kinds |= dict.fromkeys(chain, kind)

    def _origin(self, id: str) -> str | Wire:
        """The kind that a node's any-ports carry, or the wire from the any-port that tells it."""
        if id in self._kinds:
            return self._kinds[id]
        inlets = [inlet for inlet in self._known[id].inlets.values() if inlet.kind == ANY]
        wired = [self._wires[id][inlet.name] for inlet in inlets if inlet.name in self._wires[id]]
        if not wired:
            return kind_of(inlets[0].default) or "number"
        kind = self._known[wired[0].source.node].outlets[wired[0].source.port].kind
        return wired[0] if kind == ANY else kind

    def _outlet_kind(self, wire: Wire) -> str:
        kind = self._known[wire.source.node].outlets[wire.source.port].kind
        return self._kinds[wire.source.node] if kind == ANY else kind

    def _target_kind(self, wire: Wire) -> str:
        type_ = self._known[wire.target.node]
        end = type_.inlets.get(wire.target.port) or type_.params[wire.target.port]
        return self._kinds[wire.target.node] if end.kind == ANY else end.kind

    def _refuse_misfits(self) -> None:
        for id in sorted(self._known):
            for port, wire in sorted(self._wires[id].items()):
                given, wanted = self._outlet_kind(wire), self._target_kind(wire)
                if not converts(given, wanted):
                    del self._wires[id][port]
                    via = CONVERTERS.get((given, wanted))
                    article = "an" if via and via[0] in "aeiou" else "a"
                    hint = f"; put {article} {via} between them" if via else ""
                    text = f"{wire.target} wants {wanted}, {wire.source} gives {given}{hint}"
                    self._told.add(wire.target)
                    self._say(text, id, port, "wires")

    def _refuse_loops(self) -> None:
        while loop := self._loop():
            way = " -> ".join([*loop, loop[0]])
            text = f"these nodes wait for each other: {way}; put a flow.delay into the loop"
            self._say(text, loop[0], field="wires")
            self._leave_out(loop)

    def _loop(self) -> list[str] | None:
        """One loop that no latch opens, beginning with its smallest node id."""
        needs = {
            id: sorted({wire.source.node for wire in self._wires[id].values()})
            for id in sorted(self._known)
            if not self._known[id].latch
        }
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            ring: list[str] = error.args[1][:-1]
            start = ring.index(min(ring))
            return ring[start:] + ring[:start]
        return None

    def _refuse_unfed(self) -> None:
        doubtful = set(self._known)
        while doubtful:
            robbed: set[str] = set()
            for id in sorted(doubtful):
                inlet = self._unfed(id)
                if inlet is not None:
                    self._say_unfed(id, inlet)
                    robbed |= self._leave_out([id])
            doubtful = robbed & self._known.keys()

    def _say_unfed(self, id: str, inlet: Inlet) -> None:
        port = Port(id, inlet.name)
        wire = self._patch.wire_to(port)
        if port in self._told:  # its wire does not fit, and that was said
            return
        if wire is not None:
            text = f"{inlet.name} waits for {wire.source}, and {wire.source.node} cannot run"
        else:
            wanted = "anything" if inlet.kind == ANY else inlet.kind
            text = f"{inlet.name} needs a wire that brings {wanted}; there is none"
        self._say(text, id, inlet.name)

    def _unfed(self, id: str) -> Inlet | None:
        for inlet in self._known[id].inlets.values():
            if inlet.default is REQUIRED and inlet.name not in self._wires[id]:
                return inlet
        return None

    def _leave_out(self, ids: list[str]) -> set[str]:
        """Leave nodes out; gives those that read from them."""
        for id in ids:
            del self._known[id], self._wires[id]
        readers = {
            wire.target.node
            for id in ids
            for wire in self._patch.wires_from(id)
            if wire.target.node in self._known
        }
        for reader in readers:
            wires = self._wires[reader]
            for port in [p for p, wire in wires.items() if wire.source.node in ids]:
                del wires[port]
        return readers

    def _step(self, id: str) -> Step:
        type_ = self._known[id]
        feeds = {}
        for port, wire in sorted(self._wires[id].items()):
            given, wanted = self._outlet_kind(wire), self._target_kind(wire)
            conversion = "{x}" if given == wanted else CONVERSIONS[given, wanted]
            feeds[port] = Feed(wire.source.node, wire.source.port, conversion)
        any_kind = self._kinds.get(id, "number")
        return Step(
            id,
            type_,
            self._params[id],
            feeds,
            {i.name: any_kind if i.kind == ANY else i.kind for i in type_.inlets.values()},
            {o.name: any_kind if o.kind == ANY else o.kind for o in type_.outlets.values()},
        )


def _listing(names: Mapping[str, object], none: str) -> str:
    return f"it has {', '.join(names)}" if names else none


def default_of(step: Step, inlet: Inlet) -> object:
    """What a node sees on an inlet that is not wired, in the kind that the inlet carries here."""
    kind = step.inlet_kinds[inlet.name]
    if inlet.kind == ANY and inlet.default is not None and kind_of(inlet.default) != kind:
        return KINDS[kind].default
    return inlet.default
