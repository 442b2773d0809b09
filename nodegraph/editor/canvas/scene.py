"""What is where on the canvas: boxes, cords and frames, made of the patch and kept by id.

The scene is compared with the one before: what has not changed is the same object, so whoever draws
it touches only what did. A box whose node, type, wires and place are the same objects is not even
looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from nodegraph.editor.canvas.lettering import fitted
from nodegraph.editor.canvas.odd import DOT, NOTE, dot_of, ghost_of, note_of
from nodegraph.editor.canvas.pieces import (
    FRAME_HEAD,
    FRAME_PAD,
    Box,
    Change,
    Cord,
    Frame,
    Shown,
)
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.canvas.shape import TEXT, Field, shape_of, shown_params
from nodegraph.editor.looking import FRAME
from nodegraph.editor.numbers import share, show_number
from nodegraph.editor.wiring import Wiring
from nodegraph.errors import Problem
from nodegraph.graph import Group, Node, Patch, Port, Position, Wire
from nodegraph.graph.definitions import LINKS, RECEIVE
from nodegraph.graph.frozen import ParamValue
from nodegraph.nodetype import ANY, NodeType

_COLUMNS, _APART_X, _APART_Y = 6, 320.0, 260.0  # where nodes lie that no layout places


@dataclass(frozen=True)
class Facts:
    """What a scene is made of; `wiring` is of the same patch and types.

    `moved` and `turned` are places and params that a hand holds at the moment, whatever the patch
    says; `opened` are the boxes that show all their params.
    """

    patch: Patch = field(default_factory=Patch)
    types: Mapping[str, NodeType] = field(default_factory=dict)
    wiring: Wiring = field(default_factory=lambda: Wiring(Patch(), {}))
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    selection: frozenset[str] = frozenset()
    selected_wires: frozenset[Wire] = frozenset()
    moved: Mapping[str, Position] = field(default_factory=dict)
    turned: Mapping[tuple[str, str], ParamValue] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()


class Scene:
    """All that is drawn of one patch."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.cords: dict[Wire, Cord] = {}
        self.frames: dict[str, Frame] = {}
        self.facts = Facts()
        self._keys: dict[str, tuple[object, ...]] = {}
        self._unplaced: dict[str, Position] = {}
        self._wired = Patch()

    @property
    def bounds(self) -> Rect | None:
        """Around everything; None if there is nothing."""
        boxes = [box.rect for box in self.boxes.values()]
        return Rect.around([*boxes, *(frame.rect for frame in self.frames.values())])

    def around(self, ids: Collection[str]) -> Rect | None:
        """Around some boxes; None if none of them is there."""
        return Rect.around([self.boxes[id].rect for id in ids if id in self.boxes])

    def refresh(self, facts: Facts) -> Change:
        """Take over what has changed."""
        before, self.facts = self.facts, facts
        if facts.patch.wires is not self._wired.wires:
            self._wired = facts.patch  # which knows by node what any patch with these wires does
        boxes, gone_boxes = self._boxes(facts, before)
        cords, gone_cords = self._cords(facts, before, boxes)
        frames, gone_frames = self._frames(facts)
        return Change(boxes, cords, frames, gone_boxes, gone_cords, gone_frames)

    def place(self, port: Port, arriving: bool) -> Point:
        """Where a wire meets a port, on the canvas."""
        box = self.boxes[port.node]
        place = box.shape.place
        x, y = place(self._met(port), "in") if arriving else place(port.port, "out")
        return box.x + x, box.y + y

    def _met(self, target: Port) -> str:
        """The inlet or param that a wire meets: for one that is gone, what took its place."""
        type_ = self.facts.types.get(self.facts.patch.nodes[target.node].type)
        inlet = type_.replaced.get(target.port) if type_ else None
        return inlet.name if inlet else target.port

    # Boxes.

    def _boxes(self, facts: Facts, before: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
        patch, types, layout = facts.patch, facts.types, facts.patch.layout
        if patch is not before.patch:
            lost = (id for id in patch.nodes if id not in layout)
            self._unplaced = {id: _somewhere(number) for number, id in enumerate(lost)}
        turned_nodes = {node for node, _ in facts.turned}
        changed: list[str] = []
        for id in _suspects(facts, before):
            node = patch.nodes[id]
            at = facts.moved.get(id) or layout.get(id) or self._unplaced[id]
            type_ = types.get(node.type)
            key = (
                node,
                type_,
                at,
                self._wired.wires_into(id),
                self._wired.wires_from(id),
                facts.problems.get(id),
                id in facts.selection,
                id in facts.opened,
                id in turned_nodes,
                self._kinds(id, type_),
            )
            old = self._keys.get(id)
            if old is not None and id not in turned_nodes and _same(old, key):
                continue
            self._keys[id] = key
            box = self._box(id, node, type_, at)
            if box != self.boxes.get(id):
                self.boxes[id] = box
                changed.append(id)
        gone = tuple(id for id in self.boxes if id not in patch.nodes)
        for id in gone:
            del self.boxes[id], self._keys[id]
        return tuple(changed), gone

    def _box(self, id: str, node: Node, type_: NodeType | None, at: Position) -> Box:
        into, out = self._wired.wires_into(id), self._wired.wires_from(id)
        inlets = frozenset(self._met(wire.target) for wire in into)
        outlets = frozenset(wire.source.port for wire in out)
        params: tuple[Shown, ...] = ()
        if type_ is None:
            shape = ghost_of(id, node.type, tuple(sorted(inlets)), tuple(sorted(outlets)))
        elif type_.id == NOTE:
            shape = note_of(id, str(self._value(id, node, "text", "")))
        elif type_.id == DOT:
            shape = dot_of(id, self._kinds(id, type_))
        else:
            names, hidden = shown_params(
                type_, inlets | node.params.keys(), id in self.facts.opened
            )
            shape = shape_of(id, type_, self._kinds(id, type_), names, hidden)
            drivers = {wire.target.port: str(wire.source) for wire in into}
            params = tuple(self._shown(id, node, each, drivers) for each in shape.fields)
        return Box(
            id,
            *at,
            shape,
            params,
            node.mode,
            node.solo,
            id in self.facts.selection,
            type_ is None,
            "\n".join(dict.fromkeys(each.text for each in self.facts.problems.get(id, ()))),
            inlets,
            outlets,
        )

    def _kinds(self, id: str, type_: NodeType | None) -> tuple[tuple[str, str], ...]:
        """The kinds that the any-ports of a node carry."""
        if type_ is None or not type_.any_inlets:
            return ()
        wiring, patch = self.facts.wiring, self._wired
        ins = []
        for inlet in type_.any_inlets:
            port = Port(id, inlet.name)
            wire = patch.wire_to(port)
            kind = wiring.outlet_kind(wire.source) if wire else wiring.target_kind(port)
            ins.append((inlet.name, kind or ANY))
        wired = any(w.target.port in type_.inlets for w in patch.wires_into(id))
        known = wired or type_.id == RECEIVE
        outs = [
            (name, (wiring.outlet_kind(Port(id, name)) if known else None) or ANY)
            for name, outlet in type_.outlets.items()
            if outlet.kind == ANY
        ]
        return (*ins, *outs)

    def _value(self, id: str, node: Node, param: str, default: ParamValue) -> ParamValue:
        return self.facts.turned.get((id, param), node.params.get(param, default))

    def _shown(self, id: str, node: Node, field: Field, drivers: Mapping[str, str]) -> Shown:
        param = field.param
        value = self._value(id, node, param.name, param.default)
        driver = drivers.get(param.name, "")
        if field.control == "slider" and isinstance(value, int | float):
            text = show_number(float(value), param)
            return Shown(text, round(share(value, param), 4), driver=driver)
        if field.control == "switch":
            return Shown("on" if value is True else "off", on=value is True, driver=driver)
        return Shown(fitted(str(value), field.area.width * 0.6, TEXT), driver=driver)

    # Cords and frames.

    def _cords(
        self, facts: Facts, before: Facts, boxes: Collection[str]
    ) -> tuple[tuple[Wire, ...], tuple[Wire, ...]]:
        patch = facts.patch
        if patch.wires is before.patch.wires and facts.selected_wires == before.selected_wires:
            touched = dict.fromkeys(_wires_of(self._wired, boxes))
            gone: tuple[Wire, ...] = ()
        else:
            touched = dict.fromkeys(patch.wires)
            gone = tuple(wire for wire in self.cords if wire not in touched)
        for wire in gone:
            del self.cords[wire]
        changed = []
        for wire in touched:
            cord = Cord(
                wire,
                self.facts.wiring.outlet_kind(wire.source) or ANY,
                self.place(wire.source, False),
                self.place(wire.target, True),
                wire in facts.selected_wires,
            )
            if cord != self.cords.get(wire):
                self.cords[wire] = cord
                changed.append(wire)
        return tuple(changed), gone

    def _frames(self, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = {
            id: frame
            for id, group in facts.patch.groups.items()
            if (frame := self._frame(id, group, facts)) is not None
        }
        changed = tuple(id for id, frame in found.items() if frame != self.frames.get(id))
        gone = tuple(id for id in self.frames if id not in found)
        self.frames = found
        return changed, gone

    def _frame(self, id: str, group: Group, facts: Facts) -> Frame | None:
        """Around the nodes of a group. It stays while some of them are in the hand, not all."""
        there = [node for node in group.nodes if node in self.boxes]
        held, old = facts.moved.keys() & there, self.frames.get(id)
        selected = FRAME + id in facts.selection
        if old is not None and 0 < len(held) < len(there):
            return Frame(id, old.rect, group.title, group.color, selected)
        inside = Rect.around([self.boxes[node].rect for node in there])
        if inside is None:
            return None
        around = inside.grown(FRAME_PAD)
        rect = around._replace(top=around.top - FRAME_HEAD + 6.0)
        return Frame(id, rect, group.title, group.color, selected)


def _suspects(facts: Facts, before: Facts) -> Collection[str]:
    """The nodes whose boxes may have changed: all, unless only params or only hands moved."""
    nodes, known = facts.patch.nodes, before.patch.nodes
    if (
        facts.patch.wires is not before.patch.wires
        or facts.patch.layout is not before.patch.layout
        or facts.types is not before.types
        or facts.problems != before.problems
        or facts.selection != before.selection
        or len(nodes) != len(known)
    ):
        return nodes
    held = {id for id, node in nodes.items() if node is not known.get(id)}
    for id in held:  # what another type gives, or a link of another name, is seen elsewhere
        if id not in known or nodes[id].type != known[id].type or nodes[id].type in LINKS:
            return nodes
    held |= {id for id, _ in facts.moved.items() ^ before.moved.items()}
    held |= {id for id, _ in facts.turned.keys() | before.turned.keys()}
    held |= facts.opened ^ before.opened
    return [id for id in held if id in nodes]


def _same(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    """Whether two keys are the same objects, or equal where they are cheap to compare."""
    return all(a is b for a, b in zip(old[:2], new[:2], strict=True)) and old[2:] == new[2:]


def _somewhere(number: int) -> Position:
    """A place for a node that has none."""
    row, column = divmod(number, _COLUMNS)
    return (column * _APART_X, row * _APART_Y)


def _wires_of(patch: Patch, nodes: Collection[str]) -> Iterator[Wire]:
    for node in nodes:
        yield from patch.wires_into(node)
        yield from patch.wires_from(node)
