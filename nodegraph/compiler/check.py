"""The first pass: does each node and wire of the patch make sense? What does goes on as steps.

Everything wrong is found at once. What is wrong is left out: a node of unknown type, a node
without an inlet that it needs, a loop. Whoever would have read from it falls back to defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from nodegraph.compiler.params import check_params
from nodegraph.compiler.plan import Feed, Step
from nodegraph.compiler.recall import Checked, remembered, unchanged
from nodegraph.errors import Problem
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import ANY, Inlet, NodeType
from nodegraph.theme import Themes
from nodegraph.values import CONVERSIONS, CONVERTERS, misfit


def check(
    patch: Patch,
    types: Mapping[str, NodeType],
    places: Mapping[str, str],
    before: Mapping[str, Checked],
    themes: Themes,
) -> tuple[dict[str, Step], tuple[Problem, ...], dict[str, Checked]]:
    """The steps of the nodes that can run, by node id, and all problems.

    `places` has the path in the file of each node that does not stand where its id says. What was
    checked `before` and found good, with the same `themes` if it looks at any, is not looked at
    again where nothing has changed; the third result is for the next time.
    """
    return _Check(patch, types, places, before, themes).run()


class _Check:
    def __init__(
        self,
        patch: Patch,
        types: Mapping[str, NodeType],
        places: Mapping[str, str],
        before: Mapping[str, Checked],
        themes: Themes,
    ) -> None:
        self._patch = patch
        self._themes = themes
        self._types = types
        self._places = places
        self._problems: list[Problem] = []
        nodes = patch.nodes.items()
        self._known = {id: types[node.type] for id, node in nodes if node.type in types}
        self._kept = unchanged(patch, self._known, before)
        self._changed = [id for id in self._known if id not in self._kept]
        self._params: dict[str, Mapping[str, object]] = {}
        self._wires = {id: old.wires for id, old in self._kept.items()}
        self._feeds: dict[str, dict[str, Feed]] = {}
        self._kinds: dict[str, str] = {}
        self._hints: dict[str, str] = {}
        self._told: set[Port] = set()

    def run(self) -> tuple[dict[str, Step], tuple[Problem, ...], dict[str, Checked]]:
        for id, node in self._patch.nodes.items():
            if id not in self._kept:
                self._node(id, node)
        for wire in self._patch.wires:
            if wire.target.node not in self._kept:
                self._wire(wire)
        self._resolve_kinds()
        self._refuse_misfits()
        self._refuse_loops()
        self._refuse_unfed()
        steps = {id: self._step(id) for id in self._known}
        doubtful = {problem.node for problem in self._problems}
        known = remembered(self._patch, steps, self._wires, doubtful, self._kept)
        return steps, tuple(self._problems), known

    def _say(self, text: str, node: str, port: str | None = None, field: str = "") -> None:
        place = field or self._places.get(node, f"nodes.{node}")
        self._problems.append(Problem(text, node=node, port=port, field=place))

    def _node(self, id: str, node: Node) -> None:
        type_ = self._known.get(id)
        if type_ is None:
            if node.type not in self._hints:
                near = get_close_matches(node.type, self._types, 1)
                hint = f"did you mean {near[0]}?" if near else "install the plugin that brings it"
                self._hints[node.type] = hint
            self._say(f"there is no node type {node.type}; {self._hints[node.type]}", id)
            return
        self._wires[id] = {}
        place = self._places.get(id, f"nodes.{id}")
        self._params[id], problems = check_params(id, node, type_, place, self._themes)
        self._problems += problems

    def _wire(self, wire: Wire) -> None:
        (id, out), (reader, port) = wire
        source, target = self._known.get(id), self._known.get(reader)
        if source is not None and out not in source.outlets:
            there = _listing(source.outlets, "it has no outlets")
            self._say(f"{source.id} has no outlet {out}; {there} (in {wire})", id, out, "wires")
            source = None
        if target is not None and port not in target.targets:
            there = _listing({**target.inlets, **target.params}, "it has no inlets")
            text = f"{target.id} has no inlet or param {port}; {there} (in {wire})"
            self._say(text, reader, port, "wires")
            target = None
        if source is not None and source.outlets[out].kind == "message":
            text = f"{wire.source} gives messages, which go out into the world and on no wire"
            self._say(f"{text} (in {wire})", reader, port, "wires")
            source = None
        if source is not None and target is not None:
            self._wires[reader] = {**self._wires[reader], port: wire}

    def _resolve_kinds(self) -> None:
        """Find the kind that the any-ports of each node carry: that of the first one wired.

        A chain of such nodes is followed up to its start; a loop of them has none, and they carry
        numbers.
        """
        for id, type_ in self._known.items():
            if not type_.any_inlets:
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
        inlets, wires = self._known[id].any_inlets, self._wires[id]
        wire = next((wires[inlet.name] for inlet in inlets if inlet.name in wires), None)
        if wire is None:
            return self._known[id].unwired_kind
        kind = self._known[wire.source.node].outlets[wire.source.port].kind
        return wire if kind == ANY else kind

    def _outlet_kind(self, wire: Wire) -> str:
        kind = self._known[wire.source.node].outlets[wire.source.port].kind
        return self._kinds[wire.source.node] if kind == ANY else kind

    def _target_kind(self, wire: Wire) -> str:
        kind = self._known[wire.target.node].targets[wire.target.port].kind
        return self._kinds[wire.target.node] if kind == ANY else kind

    def _refuse_misfits(self) -> None:
        for id in self._changed:
            self._feeds[id] = feeds = {}
            for port, wire in sorted(self._wires[id].items()):
                given, wanted = self._outlet_kind(wire), self._target_kind(wire)
                conversion = "{x}" if given == wanted else CONVERSIONS.get((given, wanted))
                if conversion is None:
                    self._say_misfit(wire, given, wanted)
                else:
                    feeds[port] = Feed(*wire.source, conversion)
            self._keep_wires(id, feeds)

    def _say_misfit(self, wire: Wire, given: str, wanted: str) -> None:
        via = CONVERTERS.get((given, wanted))
        text = misfit(wire.source, given, wire.target, wanted, via)
        self._told.add(wire.target)
        self._say(text, *wire.target, "wires")

    def _keep_wires(self, id: str, ports: Collection[str]) -> None:
        """Leave all other wires of a node out. What was there before is not touched: it may be
        looked at again."""
        wires = self._wires[id]
        if len(ports) < len(wires):
            self._wires[id] = {port: wires[port] for port in wires if port in ports}

    def _refuse_loops(self) -> None:
        while loop := self._loop():
            way = " -> ".join([*loop, loop[0]])
            text = f"these nodes wait for each other: {way}; put a flow.delay into the loop"
            self._say(text, loop[0], field="wires")
            self._changed += sorted(self._leave_out(loop))

    def _loop(self) -> list[str] | None:
        """One loop that no latch opens, beginning with its smallest node id. What is in it, or
        feeds it, has changed: there was none before."""
        needs: dict[str, list[str]] = {}
        waiting = [id for id in reversed(self._changed) if id in self._known]
        while waiting:
            id = waiting.pop()
            if id not in needs and not self._known[id].latch:
                needs[id] = sorted({wire.source.node for wire in self._wires[id].values()})
                waiting += needs[id]
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            ring: list[str] = error.args[1][:-1]
            start = ring.index(min(ring))
            return ring[start:] + ring[:start]
        return None

    def _refuse_unfed(self) -> None:
        doubtful = {id for id in self._changed if id in self._known}
        while doubtful:
            unfed = {id: inlet for id in sorted(doubtful) if (inlet := self._unfed(id))}
            for id, inlet in unfed.items():
                self._say_unfed(id, inlet)
            doubtful = self._leave_out([*unfed])

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
        for inlet in self._known[id].required:
            if inlet.name not in self._wires[id]:
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
            wires = self._wires[reader].items()
            self._keep_wires(reader, [port for port, wire in wires if wire.source.node not in ids])
        return readers

    def _step(self, id: str) -> Step:
        old, wires = self._kept.get(id), self._wires[id]
        if old is not None and wires is old.wires:
            return old.step
        type_ = self._known[id]
        params, feeds = (
            (old.step.params, old.step.feeds) if old else (self._params[id], self._feeds[id])
        )
        any_kind = self._kinds.get(id, "number")
        return Step(
            id,
            type_,
            params,
            {port: feed for port, feed in feeds.items() if port in wires},
            {i.name: any_kind if i.kind == ANY else i.kind for i in type_.inlets.values()},
            {o.name: any_kind if o.kind == ANY else o.kind for o in type_.outlets.values()},
        )


def _listing(names: Mapping[str, object], none: str) -> str:
    return f"it has {', '.join(names)}" if names else none
