"""What a press of the left button begins: selecting, moving boxes, turning a param."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from nodegraph.editor.canvas.framing import reframed, told
from nodegraph.editor.canvas.hands import Bench, Gesture, Pointer
from nodegraph.editor.canvas.hitting import OnFrame, OnMore, OnNode, OnParam, OnPort, OnWire, Target
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.pulling import Pull
from nodegraph.editor.canvas.shape import Field
from nodegraph.editor.canvas.snapping import snap
from nodegraph.editor.canvas.turning import step, value_at
from nodegraph.editor.changes import can_insert
from nodegraph.editor.looking import FRAME, frame_of
from nodegraph.editor.numbers import share
from nodegraph.graph import Position, Wire

STILL: Final = 3.0
"""Pixels of the screen that the mouse may move in what is still a click."""


def begin(bench: Bench, at: Pointer, target: Target) -> Gesture:
    """The gesture that a press begins."""
    match target:
        case OnPort():
            return Pull.of_port(bench, target)
        case OnWire(wire, end):
            _choose(bench, at, wires=[wire])
            return PullEnd(bench, at, wire, end == "source") if end else Gesture()
        case OnParam(node, param) if (field := _field(bench, node, param)).control == "slider":
            return Turn(bench, at, node, field)
        case OnNode(node) | OnParam(node) | OnMore(node):
            return Move(bench, at, target, node)
        case OnFrame(group):
            return Move(bench, at, target, FRAME + group)
        case _:
            return Select(bench, at)


class Select(Gesture):
    """Draw a box around what to select; a mere click on the empty canvas selects nothing."""

    def __init__(self, bench: Bench, at: Pointer) -> None:
        self._bench = bench
        self._start = bench.world(at)
        self._before = bench.deeds.selection, bench.deeds.selected_wires
        self._adds = at.shift or at.ctrl
        if not self._adds:
            bench.deeds.select()

    def move(self, at: Pointer) -> None:
        box = Rect.of(self._start, self._bench.world(at))
        self._bench.sketch.box = box
        ids, wires = self._before if self._adds else (frozenset[str](), frozenset[Wire]())
        self._bench.deeds.select(ids | frozenset(self._bench.places.inside(box)), wires)

    def cancel(self) -> None:
        self._bench.deeds.select(*self._before)


class Move(Gesture):
    """Move boxes and frames with what is in them; or, if the mouse stays where it is, click.

    With alt they stay and copies of them are put down; with ctrl nothing snaps.
    """

    def __init__(self, bench: Bench, at: Pointer, target: Target, name: str) -> None:
        self._bench, self._press, self._target, self._name = bench, at, target, name
        self._places: dict[str, Position] = {}
        deeds = bench.deeds
        self._was_selected = name in deeds.selection
        bench.lift(name)
        if not self._was_selected or at.shift or at.ctrl:
            _choose(bench, at, [name])

    def move(self, at: Pointer) -> None:
        bench, sketch = self._bench, self._bench.sketch
        if not self._places and _is_still(self._press, at):
            return
        self._places = self._places or self._take()
        start, now = bench.world(self._press), bench.world(at)
        held = Rect.around([bench.scene.boxes[id].rect for id in self._places])
        if held is None:
            return
        first = min(self._places)
        box = bench.scene.boxes[first]
        home = held.moved(self._places[first][0] - box.x, self._places[first][1] - box.y)
        near = [
            bench.scene.boxes[id].rect
            for id in bench.places.inside(bench.camera.seen)
            if id not in self._places
        ]
        way = (now[0] - start[0], now[1] - start[1])
        snapped = snap(home, *way, near, bench.camera.zoom, free=at.ctrl)
        for id, (x, y) in self._places.items():
            bench.moved[id] = (round(x + snapped.dx, 1), round(y + snapped.dy, 1))
        sketch.lines = snapped.lines
        if self._press.alt:
            sketch.hint = "Let go to put a copy here"
            return
        sketch.receiving = self._receiving(at)
        sketch.hint = "Let go to put it into this wire" if sketch.receiving else ""
        sketch.hint = sketch.hint or told(bench.scene, reframed(bench.scene, self._places))

    def drop(self, at: Pointer) -> None:
        deeds = self._bench.deeds
        if not self._places:
            self._click()
            return
        if self._press.alt:
            id, (x, y) = next(iter(self._places.items()))
            by = self._bench.moved[id][0] - x, self._bench.moved[id][1] - y
            self.cancel()
            deeds.duplicate(by)
            return
        gesture = deeds.begin_gesture()
        deeds.move({id: self._bench.moved[id] for id in self._places}, gesture)
        for id, nodes in reframed(self._bench.scene, self._places).items():
            deeds.change_frame(id, nodes=nodes, gesture=gesture)
        if wire := self._bench.sketch.receiving:
            deeds.insert_existing(next(iter(self._places)), wire, gesture)

    def cancel(self) -> None:
        for id in self._places:
            self._bench.moved.pop(id, None)

    def _take(self) -> dict[str, Position]:
        """All that is selected, where it lies now."""
        bench = self._bench
        patch = bench.scene.facts.patch
        ids: set[str] = set()
        for name in bench.deeds.selection | {self._name}:
            group = frame_of(patch, name)
            ids.update(group.nodes if group else [name])
        boxes = bench.scene.boxes
        return {id: (boxes[id].x, boxes[id].y) for id in sorted(ids) if id in boxes}

    def _receiving(self, at: Pointer) -> Wire | None:
        """The wire into which the one node in the hand would go."""
        bench, facts = self._bench, self._bench.scene.facts
        id = next(iter(self._places))
        box = bench.scene.boxes[id]
        type_ = facts.types.get(facts.patch.nodes[id].type)
        if len(self._places) > 1 or box.inlets or box.outlets:
            return None
        x, y = bench.moved[id]
        middle = (x + box.shape.width / 2, y + box.shape.height / 2)
        for place in (middle, bench.world(at)):
            under = bench.places.wire(*place, bench.camera.zoom / 2, besides=id)
            if under and type_ and can_insert(facts.wiring, type_, under.wire):
                return under.wire
        return None

    def _click(self) -> None:
        bench, at = self._bench, self._press
        if self._was_selected and not (at.shift or at.ctrl):
            bench.deeds.select([self._name])
        match self._target:
            case OnMore(node):
                bench.opened ^= {node}
            case OnParam(node, param) if at.alt or at.ctrl:
                bench.deeds.unset_param(node, param)
            case OnParam(node, param) if not at.shift:
                field = _field(bench, node, param)
                if field.control == "choice":
                    bench.asks.type_in(node, param)
                elif field.control == "switch":
                    shown = bench.scene.boxes[node].params
                    on = shown[bench.scene.boxes[node].shape.fields.index(field)].on
                    bench.turned[node, param] = not on
                    bench.deeds.set_param(node, param, not on, bench.deeds.begin_gesture())


class Turn(Gesture):
    """Drag a slider; with alt or ctrl a mere click sets it back to its default."""

    def __init__(self, bench: Bench, at: Pointer, node: str, field: Field) -> None:
        self._bench, self._press, self._before = bench, at, at
        self._node, self._field, self._param = node, field, field.param
        self._was = bench.scene.facts.patch.nodes[node].params.get(field.name)
        start = self._param.default if self._was is None else self._was
        self._value = float(start) if isinstance(start, int | float) else 0.0
        self._at = share(self._value, self._param)
        self._gesture = ""

    def move(self, at: Pointer) -> None:
        before, self._before = self._before, at
        if not self._gesture:
            if _is_still(self._press, at):
                return
            self._gesture = self._bench.deeds.begin_gesture()
        length = self._field.area.width * self._bench.camera.zoom
        way = step(at.x - before.x, length, fine=at.shift, coarse=at.ctrl)
        self._at = min(max(self._at + way, 0.0), 1.0)
        value = value_at(self._param, self._at)
        if value != self._value:
            self._set(value)

    def drop(self, at: Pointer) -> None:
        if self._gesture:
            return
        if at.alt or at.ctrl or self._press.alt or self._press.ctrl:
            self._bench.deeds.unset_param(self._node, self._field.name)
        elif self._node not in self._bench.deeds.selection:
            _choose(self._bench, self._press, [self._node])

    def cancel(self) -> None:
        self._bench.turned.pop((self._node, self._field.name), None)
        if not self._gesture or self._node not in self._bench.scene.boxes:
            return
        deeds, name = self._bench.deeds, self._field.name
        if self._was is None:
            deeds.unset_param(self._node, name, self._gesture)
        else:
            deeds.set_param(self._node, name, self._was, self._gesture)

    def _set(self, value: float) -> None:
        self._value = value
        name = self._field.name
        self._bench.turned[self._node, name] = value
        self._bench.deeds.set_param(self._node, name, value, self._gesture)


class PullEnd(Gesture):
    """Take the end of a wire, once the mouse has moved; until then it is a click."""

    def __init__(self, bench: Bench, at: Pointer, wire: Wire, from_source: bool) -> None:
        self._bench, self._press = bench, at
        self._wire, self._from_source = wire, from_source
        self._pull: Pull | None = None

    def move(self, at: Pointer) -> None:
        if self._pull is None:
            if _is_still(self._press, at):
                return
            self._pull = Pull.of_end(self._bench, self._wire, self._from_source)
        self._pull.move(at)

    def drop(self, at: Pointer) -> None:
        if self._pull is not None:
            self._pull.drop(at)


def _choose(
    bench: Bench, at: Pointer, ids: Collection[str] = (), wires: Collection[Wire] = ()
) -> None:
    """Select what was clicked: instead of the rest, or with shift and ctrl beside it."""
    deeds, new, new_wires = bench.deeds, frozenset(ids), frozenset(wires)
    if at.shift:
        deeds.select(deeds.selection | new, deeds.selected_wires | new_wires)
    elif at.ctrl:
        deeds.select(deeds.selection ^ new, deeds.selected_wires ^ new_wires)
    else:
        deeds.select(new, new_wires)


def _field(bench: Bench, node: str, param: str) -> Field:
    return next(each for each in bench.scene.boxes[node].shape.fields if each.name == param)


def _is_still(press: Pointer, now: Pointer) -> bool:
    return max(abs(now.x - press.x), abs(now.y - press.y)) < STILL
