"""A canvas without a window: a mouse, a patch that follows what hands do, and what they asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from editor.drawn import built_in

from nodegraph.editor import changes
from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.gestures import begin
from nodegraph.editor.canvas.hands import Bench, Hands, Pointer
from nodegraph.editor.canvas.hitting import Places, Target
from nodegraph.editor.canvas.plane import Point
from nodegraph.editor.canvas.scene import Facts, Scene
from nodegraph.editor.changes import End, Loose
from nodegraph.editor.changes_tuning import change_frame
from nodegraph.editor.wiring import Wiring
from nodegraph.graph import UNSET, Edit, MoveNode, Patch, Port, Position, RemoveWire, SetParam, Wire

TYPES = built_in()


class Desk:
    """Does to a patch what hands want, at once, and keeps what was done and asked."""

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.selection: frozenset[str] = frozenset()
        self.selected_wires: frozenset[Wire] = frozenset()
        self.done: list[tuple[Any, ...]] = []
        self.asked: list[tuple[Any, ...]] = []
        self._gestures = 0

    @property
    def wiring(self) -> Wiring:
        return Wiring(self.patch, TYPES)

    def do(self, edit: Edit, *what: object) -> None:
        self.patch = edit.apply(self.patch)
        self.done.append(what)

    def select(self, ids: Collection[str] = (), wires: Collection[Wire] = ()) -> None:
        self.selection, self.selected_wires = frozenset(ids), frozenset(wires)

    def begin_gesture(self) -> str:
        self._gestures += 1
        return f"hand {self._gestures}"

    def move(self, places: Mapping[str, Position], gesture: str) -> None:
        for id, at in places.items():
            self.do(MoveNode(id, at), "move", id, at, gesture)

    def duplicate(self, by: Position) -> bool:
        self.done.append(("duplicate", *sorted(self.selection), by))
        return True

    def connect(self, source: Port, target: Port) -> bool:
        self.do(changes.connect(self.patch, self.wiring, source, target), "connect", source, target)
        return True

    def connect_through(self, converter: str, source: Port, target: Port) -> str | None:
        added = changes.convert(self.patch, self.wiring, TYPES[converter], source, target, None)
        self.do(added.edit, "convert", converter)
        return added.ids[0]

    def rewire(self, wire: Wire, end: End, port: Port) -> bool:
        self.do(changes.rewire(self.patch, self.wiring, wire, end, port), "rewire", wire, end, port)
        return True

    def disconnect(self, wires: Collection[Wire]) -> None:
        for wire in wires:
            self.do(RemoveWire(wire), "disconnect", wire)

    def insert(self, type_id: str, wire: Wire, at: Position) -> str | None:
        added = changes.insert_node(self.patch, self.wiring, TYPES[type_id], wire, at)
        self.do(added.edit, "insert", type_id, wire)
        return added.ids[0]

    def insert_existing(self, id: str, wire: Wire, gesture: str) -> bool:
        edit = changes.insert_existing(self.patch, self.wiring, id, wire)
        self.do(edit, "insert", id, wire, gesture)
        return True

    def change_frame(self, id: str, *, nodes: Collection[str], gesture: str) -> bool:
        edit = change_frame(self.patch, id, None, None, nodes)
        self.do(edit, "frame", id, sorted(nodes), gesture)
        return True

    def set_param(self, id: str, param: str, value: Any, gesture: str) -> None:
        self.do(SetParam(id, param, value), "set", id, param, value, gesture)

    def unset_param(self, id: str, param: str, gesture: str | None = None) -> None:
        self.do(SetParam(id, param, UNSET), "unset", id, param)

    def enter(self, id: str) -> None:
        self.done.append(("enter", id))

    def finder(self, at: Point, loose: Loose | None) -> None:
        self.asked.append(("finder", at, loose))

    def menu(self, target: Target, at: Point) -> None:
        self.asked.append(("menu", target))

    def type_in(self, node: str, param: str) -> None:
        self.asked.append(("type in", node, param))

    def note(self, text: str) -> None:
        self.asked.append(("note", text))


class Table:
    """Hands at a desk. Places are those of the canvas; each step is a frame."""

    def __init__(self, patch: Patch, zoom: float = 1.0) -> None:
        self.desk = Desk(patch)
        self.scene = Scene()
        self.places = Places(self.scene)
        camera = Camera(-500.0, -400.0, zoom, 10.0, 20.0, 4000.0, 3000.0)
        self.bench = Bench(self.scene, self.places, self.desk, self.desk, camera)
        self.hands = Hands(self.bench, begin)
        self.held: dict[str, Any] = {}
        self.now = 0.0
        self.at: Point = (-400.0, -300.0)
        self.refresh()

    def refresh(self) -> None:
        """Show what the patch is now, as the canvas does each frame."""
        desk, bench = self.desk, self.bench
        facts = Facts(
            desk.patch,
            TYPES,
            desk.wiring,
            {},
            desk.selection,
            desk.selected_wires,
            dict(bench.moved),
            dict(bench.turned),
            frozenset(bench.opened),
        )
        self.places.refresh(self.scene.refresh(facts))

    def frame(self, **changes: Any) -> None:
        """A frame in which something is held otherwise."""
        self.held.update(changes)
        self.now += 1 / 60
        x, y = self.bench.camera.to_screen(*self.at)
        self.hands.frame(Pointer(x, y, self.now, **self.held))
        self.hands.settle(self.desk.patch, self.now)
        self.refresh()
        self.held.pop("wheel", None)

    def go(self, x: float, y: float, steps: int = 4) -> None:
        """Move the mouse."""
        x0, y0 = self.at
        for i in range(1, steps + 1):
            self.at = (x0 + (x - x0) * i / steps, y0 + (y - y0) * i / steps)
            self.frame()

    def click(self, at: Point, button: str = "left", **held: Any) -> None:
        """A single click, long after the one before."""
        self.now += 1.0
        self.go(*at)
        self.frame(**held)
        self.frame(**{button: True})
        self.frame(**{button: False})
        self.frame(**dict.fromkeys(held, False))

    def double_click(self, at: Point) -> None:
        self.click(at)
        self.frame(left=True)
        self.frame(left=False)

    def drag(self, start: Point, *through: Point, drop: bool = True, **held: Any) -> None:
        """Press at a place, go through others, and let go at the last."""
        self.now += 1.0
        self.go(*start)
        self.frame(**held)
        self.frame(left=True)
        for place in through:
            self.go(*place)
        if drop:
            self.frame(left=False)
            self.frame(**dict.fromkeys(held, False))

    # Where things are.

    def title(self, node: str) -> Point:
        box = self.scene.boxes[node]
        return box.x + 30.0, box.y + 12.0

    def outlet(self, address: str) -> Point:
        return self.scene.place(Port(*address.split(".")), False)

    def inlet(self, address: str) -> Point:
        return self.scene.place(Port(*address.split(".")), True)

    def param(self, address: str) -> Point:
        node, name = address.split(".")
        box = self.scene.boxes[node]
        return next(box.area(f).middle for f in box.shape.fields if f.name == name)
