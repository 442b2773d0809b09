"""The canvas as a part of the window: brings scene, hands and paper together, once a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.gestures import begin
from nodegraph.editor.canvas.hands import Bench, Hands, Pointer
from nodegraph.editor.canvas.heat import Heat
from nodegraph.editor.canvas.hitting import Places, Target
from nodegraph.editor.canvas.paper import PLOT, Paper
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.canvas.scene import Facts, Scene
from nodegraph.editor.canvas.sights import Sights
from nodegraph.editor.canvas.tips import Tip, tip_of, watched
from nodegraph.editor.canvas.traces import links
from nodegraph.editor.changes import Loose
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look

_TELL_EVERY: Final = 4  # frames in which a tip is told anew, for its value may have changed
_EMPTY: Final = "Nothing here yet.\nDouble click, or press Tab, to add a node."


class Canvas:
    """Where the patch is drawn and worked on.

    `build` it into a window or child window and `tick` it once a frame before it is rendered, with
    the modifiers that are held. What it cannot do itself it asks for: `on_finder(place, loose)` to
    add a node there, wired to the loose wire if there is one; `on_menu(target, pixel)`;
    `on_type_in(node, param, area on the screen)`; `on_note(text)`.
    """

    def __init__(self, editing: Editing, look: Look) -> None:
        self.on_finder: Callable[[Point, Loose | None], None] = lambda at, loose: None
        self.on_menu: Callable[[Target, Point], None] = lambda target, at: None
        self.on_type_in: Callable[[str, str, Rect], None] = lambda node, param, area: None
        self.on_note: Callable[[str], None] = lambda text: None
        self.heat = Heat(editing)
        self.scene = Scene()
        self.places = Places(self.scene)
        self.bench = Bench(self.scene, self.places, editing, self)
        self.hands = Hands(self.bench, begin)
        self.sights = Sights(self.bench)
        self._editing, self._look, self._colours = editing, look, look.colours
        self._pointer = Pointer()
        self._wheel = 0.0
        self._version = -1
        self._hovered: tuple[Target, float] = (None, 0.0)
        self._tip: Tip | None = None
        self._frame = 0
        editing.size_of = self._size_of

    # What the window asks for.

    @property
    def camera(self) -> Camera:
        """Where one looks."""
        return self.bench.camera

    def to_screen(self, x: float, y: float) -> Point:
        """The pixel of the window under which a place of the canvas lies."""
        return self.camera.to_screen(x, y)

    def to_world(self, sx: float, sy: float) -> Point:
        """The place of the canvas under a pixel of the window."""
        return self.camera.to_world(sx, sy)

    def hit(self, sx: float, sy: float) -> Target:
        """What lies under a pixel of the window."""
        return self.places.target(*self.to_world(sx, sy), self.camera.zoom)

    def fit(self, ids: Collection[str] | None = None) -> None:
        """Look at these nodes, by default at all."""
        area = self.scene.bounds if ids is None else self.scene.around(ids)
        if area is not None:
            self.sights.go(self.sights.goal.fitted(area, most=self._look.scale))

    def reveal(self, ids: Collection[str]) -> None:
        """Look at these nodes unless they are in the window already."""
        if area := self.scene.around(ids):
            self.reveal_area(area)

    def reveal_area(self, area: Rect) -> None:
        """Look at a part of the canvas unless it is in the window already."""
        goal = self.sights.goal
        seen = goal.seen
        if not (seen.holds(area.left, area.top) and seen.holds(area.right, area.bottom)):
            self.sights.go(goal.fitted(area, most=goal.zoom))

    def zoom(self, factor: float) -> None:
        """Look from nearer or farther, at what is in the middle."""
        goal = self.sights.goal
        self.sights.go(goal.zoomed(factor, goal.left + goal.width / 2, goal.top + goal.height / 2))

    def zoom_to(self, zoom: float) -> None:
        """Look from a certain distance: 1 is 100 %."""
        self.zoom(zoom / self.sights.goal.zoom)

    def look_at(self, x: float, y: float, zoom: float) -> None:
        """Have a place of the canvas in the middle, from a certain distance."""
        goal = self.sights.goal
        self.sights.go(goal.zoomed(zoom / goal.zoom, goal.left, goal.top).centred(x, y))

    @property
    def has_minimap(self) -> bool:
        """Whether the minimap is shown."""
        return self._paper.minimap.shown

    @has_minimap.setter
    def has_minimap(self, shown: bool) -> None:
        self._paper.minimap.shown = shown
        self._paper.minimap.follow(self.camera)

    @property
    def mouse(self) -> Point:
        """The place of the canvas under the mouse, or the middle if the mouse is elsewhere."""
        if self._pointer.over:
            return self.bench.world(self._pointer)
        return self.camera.seen.middle

    def cancel(self) -> bool:
        """Give up what the mouse is doing; whether it was doing something."""
        busy = self.hands.is_busy
        self.hands.cancel()
        return busy

    # What hands ask for.

    def finder(self, at: Point, loose: Loose | None) -> None:
        self.on_finder(at, loose)

    def menu(self, target: Target, at: Point) -> None:
        self.on_menu(target, at)

    def type_in(self, node: str, param: str) -> None:
        box = self.scene.boxes[node]
        area = next((box.area(f) for f in box.shape.fields if f.name == param), box.rect)
        corners = self.to_screen(area.left, area.top), self.to_screen(area.right, area.bottom)
        self.on_type_in(node, param, Rect.of(*corners))

    def note(self, text: str) -> None:
        self.on_note(text)

    # A frame.

    def build(self, parent: int | str) -> None:
        """Make the items, filling the parent."""
        editing = self._editing
        self._paper = Paper(
            parent, self._look, self.scene, self.places, editing.watching, editing.address
        )
        self.bench.minimap = lambda x, y: self._paper.minimap.place(x, y)
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheeled)

    def tick(
        self, held: Collection[str] = (), *, typing: bool = False, covered: bool = False
    ) -> None:
        """One frame. `held` are those of ctrl, alt and shift that are; `typing` says that keys
        belong to a text field, `covered` that a window lies above, so that nothing is told."""
        if self._look.colours is not self._colours:
            self._colours = self._look.colours
            self._paper.redraw()
        plot = dpg.get_item_state(PLOT)
        self.bench.camera = self.camera.within(*plot["rect_min"], *plot["rect_size"])
        self._point(held, typing or covered, bool(plot["hovered"]))
        self.sights.frame(self._pointer)
        self.hands.frame(self._pointer)
        self.hands.settle(self._editing.patch, self._pointer.now)
        changed = self._refresh()
        self.sights.settle(self._look.scale)
        if self._paper.follow(self.camera) or changed:
            self._watch()
        self._paper.tick()
        self._paper.lift(self.bench.lifted)
        self._paper.light(self.bench.sketch.lit)
        if self.heat.tick(self._pointer.now):
            self._paper.heat(self.heat.shares())
        self._tell(covered)

    def _wheeled(self, sender: object, clicks: float) -> None:
        self._wheel += clicks

    def _point(self, held: Collection[str], typing: bool, over: bool) -> None:
        x, y = dpg.get_mouse_pos(local=False)
        wheel, self._wheel = self._wheel, 0.0
        self._pointer = Pointer(
            x,
            y,
            time.monotonic(),
            dpg.is_mouse_button_down(dpg.mvMouseButton_Left),
            dpg.is_mouse_button_down(dpg.mvMouseButton_Middle),
            dpg.is_mouse_button_down(dpg.mvMouseButton_Right),
            wheel,
            "shift" in held,
            "ctrl" in held,
            "alt" in held,
            not typing and dpg.is_key_down(dpg.mvKey_Spacebar),
            over,
        )

    def _refresh(self) -> bool:
        """Bring scene and items up to date; whether anything changed."""
        editing, bench, before = self._editing, self.bench, self.scene.facts
        same = bench.moved == before.moved and bench.turned == before.turned
        if editing.version == self._version and same and bench.opened == before.opened:
            return False
        if editing.version != self._version:
            self._version = editing.version
            self._paper.live.forget()
            if editing.deck.open and self.sights.turn((editing.view, editing.deck.opened)):
                self.hands.cancel()
                bench.moved.clear()
                bench.turned.clear()
        patch = editing.patch
        broken = patch.nodes if editing.deck.problems else ()
        facts = Facts(
            patch,
            editing.types,
            editing.wiring,
            {id: editing.problems_of(id) for id in broken},
            editing.selection,
            editing.selected_wires,
            dict(bench.moved),
            dict(bench.turned),
            frozenset(bench.opened),
        )
        change = self.scene.refresh(facts)
        if change.gone_boxes or change.gone_cords:
            self.hands.cancel()  # somebody else may have removed what is in the hand
        if change:
            self.places.refresh(change)
            self._paper.take(change)
        return bool(change)

    def _watch(self) -> None:
        """Have the vectors told whose spectrum is seen, and what the mouse is over."""
        ports = set(self._paper.spectra)
        told = watched(self._hovered[0], self.scene)
        if told is not None:
            ports.add(str(told))
        self._editing.watching.watch({self._editing.address(port) for port in ports})

    # What is told.

    def _tell(self, covered: bool) -> None:
        """Draw what lies above all: gestures, and what is under the mouse."""
        hands, sketch, pointer = self.hands, self.bench.sketch, self._pointer
        target = hands.hover if not hands.is_busy and pointer.over and not covered else None
        if self.bench.minimap(pointer.x, pointer.y) is not None:
            target = None
        editing, is_other = self._editing, target != self._hovered[0]
        if is_other:
            self._hovered = (target, pointer.now)
            self._watch()
        self._frame += 1
        if is_other or self._frame % _TELL_EVERY == 0:
            since = pointer.now - self._hovered[1]
            self._tip = tip_of(target, since, self.scene, editing, self.heat.times)
        hint = _EMPTY if editing.mirror.attached and not editing.patch.nodes else ""
        mouse = (pointer.x, pointer.y)
        self._paper.overlay.draw(
            self.camera, self.scene, sketch, mouse, self._tip, links(self.scene, target), hint
        )

    def _size_of(self, id: str) -> tuple[float, float]:
        box = self.scene.boxes.get(id)
        return (box.shape.width, box.shape.height) if box else (180.0, 100.0)
