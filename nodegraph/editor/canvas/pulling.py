"""Pulls a wire from a port, or an end of one that is there, and says of each place what it does."""

from __future__ import annotations

from nodegraph.editor.canvas.hands import Bench, Gesture, Pointer
from nodegraph.editor.canvas.hitting import OnMore, OnNode, OnParam, OnPort
from nodegraph.editor.canvas.lettering import sentence
from nodegraph.editor.changes import End, Loose
from nodegraph.editor.fitting import inlet_for, outlet_for
from nodegraph.editor.wiring import Verdict, fits
from nodegraph.graph import Port, Wire
from nodegraph.nodetype import ANY


class Pull(Gesture):
    """A wire with one end at a port and the other at the mouse. `old` is the wire that it was."""

    def __init__(self, bench: Bench, fixed: OnPort, old: Wire | None = None) -> None:
        self._bench, self._fixed, self._old = bench, fixed, old
        self._target: Port | None = None
        self._verdict = Verdict()
        wiring = bench.scene.facts.wiring
        find = wiring.outlet_kind if self._forward else wiring.target_kind
        self._kind = find(fixed.port) or ANY
        self._lit: dict[str, frozenset[OnPort]] = {}

    @classmethod
    def of_port(cls, bench: Bench, port: OnPort) -> Pull:
        """From an outlet or a free inlet; from a wired inlet, the end that is there."""
        if port.side == "in" and (wire := bench.scene.facts.patch.wire_to(port.port)):
            return cls.of_end(bench, wire, from_source=False)
        return cls(bench, port)

    @classmethod
    def of_end(cls, bench: Bench, wire: Wire, from_source: bool) -> Pull:
        """Take a wire by its source or by its target; the other end stays."""
        fixed = OnPort(wire.target, "in") if from_source else OnPort(wire.source, "out")
        return cls(bench, fixed, wire)

    @property
    def _forward(self) -> bool:
        """Whether the wire looks for where to arrive."""
        return self._fixed.side == "out"

    def move(self, at: Pointer) -> None:
        bench, sketch = self._bench, self._bench.sketch
        self._target = self._under(at)
        end = bench.world(at)
        sketch.loose_fits, sketch.hint = None, ""
        if self._target is not None:
            self._verdict = self._judge(self._target)
            sketch.hint = self._hint()
            sketch.loose_fits = self._verdict.fits or bool(self._verdict.converter)
            if sketch.loose_fits:
                end = bench.scene.place(self._target, self._forward)
        start = bench.scene.place(self._fixed.port, not self._forward)
        sketch.loose = (start, end) if self._forward else (end, start)
        sketch.loose_kind, sketch.lit = self._kind, self._find_lit()

    def drop(self, at: Pointer) -> None:
        deeds, asks = self._bench.deeds, self._bench.asks
        self.move(at)
        if self._target is None:
            own = self._bench.under(at)
            if isinstance(own, OnPort | OnNode | OnParam | OnMore):
                return  # where nothing of the box fits, or back where it came from
            if self._old is not None:
                deeds.disconnect([self._old])
            else:
                end: End = "source" if self._forward else "target"
                asks.finder(self._bench.world(at), Loose(self._fixed.port, end))
            return
        wire = self._wire(self._target)
        if self._verdict.fits:
            if self._old is None:
                deeds.connect(*wire)
            elif wire != self._old:
                moving: End = "target" if self._forward else "source"
                deeds.rewire(self._old, moving, self._target)
        elif self._verdict.converter:
            if self._old is not None:
                deeds.disconnect([self._old])
            deeds.connect_through(self._verdict.converter, *wire)
        else:
            asks.note(sentence(self._verdict.reason))

    def _wire(self, target: Port) -> Wire:
        ends = (self._fixed.port, target) if self._forward else (target, self._fixed.port)
        return Wire(*ends)

    def _judge(self, target: Port) -> Verdict:
        wire = self._wire(target)
        if wire == self._old:
            return Verdict()
        return self._bench.scene.facts.wiring.verdict(*wire)

    def _hint(self) -> str:
        if self._verdict.fits:
            return ""
        if self._verdict.converter:
            type_ = self._bench.scene.facts.types[self._verdict.converter]
            return f"{self._verdict.reason.partition(';')[0]}: let go to put {type_.title} between"
        return self._verdict.reason

    def _under(self, at: Pointer) -> Port | None:
        """The port that is meant: the one under the mouse, or of a box the one that fits best."""
        bench = self._bench
        match bench.under(at):
            case OnPort(port, side) if side != self._fixed.side:
                return port
            case OnParam(node, param) if self._forward:
                return Port(node, param)
            case OnPort(Port(node)) | OnParam(node) | OnNode(node) | OnMore(node):
                type_ = bench.scene.facts.types.get(bench.scene.facts.patch.nodes[node].type)
                if type_ is None or node == self._fixed.port.node:
                    return None
                best = (inlet_for if self._forward else outlet_for)(type_, self._kind)
                return None if best is None else Port(node, best)
        return None

    def _find_lit(self) -> frozenset[OnPort]:
        """The ports in the window that the wire fits by its kind."""
        bench = self._bench
        for id in bench.places.inside(bench.camera.seen):
            if id not in self._lit:
                self._lit[id] = frozenset(self._fitting(id))
        return frozenset().union(*self._lit.values()) | {self._fixed}

    def _fitting(self, id: str) -> list[OnPort]:
        wiring = self._bench.scene.facts.wiring
        found = []
        for mark in self._bench.scene.boxes[id].shape.marks:
            if mark.side == self._fixed.side or id == self._fixed.port.node:
                continue
            port = Port(id, mark.port)
            kind = (wiring.target_kind if self._forward else wiring.outlet_kind)(port)
            pair = (self._kind, kind) if self._forward else (kind, self._kind)
            if kind and kind != "message" and fits(pair[0] or "", pair[1] or ""):
                found.append(OnPort(port, mark.side))
        return found
