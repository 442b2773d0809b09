"""What the mouse means on the canvas, without a window: from its state each frame to deeds.

`Hands.frame` is given the mouse and the modifiers once a frame. A press begins a gesture (see
`gestures`), which follows the mouse until the release. What a gesture changes goes to `Deeds`; what
is to be drawn of it while it lasts stands in `Sketch`, and in `moved` and `turned` are the places
and params that it holds, until the patch says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from nodegraph.editor.canvas.camera import STEP, Camera
from nodegraph.editor.canvas.hitting import (
    OnFrame,
    OnMore,
    OnNode,
    OnParam,
    OnPort,
    OnWire,
    Places,
    Target,
)
from nodegraph.editor.canvas.odd import DOT, DOT_SIZE
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.canvas.scene import Scene
from nodegraph.editor.canvas.snapping import Line
from nodegraph.editor.changes import End, Loose
from nodegraph.editor.looking import FRAME
from nodegraph.graph import Patch, Port, Position, Wire
from nodegraph.graph.definitions import INSTANCE
from nodegraph.graph.frozen import ParamValue

TWICE: Final = 0.3
"""Seconds within which a second click makes a double click."""
_SETTLE: Final = 1.0  # seconds after which the patch is believed, whatever a hand has done
_STILL: Final = 5.0  # pixels by which the mouse may move between two clicks


@dataclass(frozen=True, slots=True)
class Pointer:
    """The mouse and what is held, in one frame. `x`, `y` are pixels of the screen, `now` seconds.

    `over` says that it is over the canvas and nothing lies above; `wheel` counts clicks, up being
    positive.
    """

    x: float = 0.0
    y: float = 0.0
    now: float = 0.0
    left: bool = False
    middle: bool = False
    right: bool = False
    wheel: float = 0.0
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    space: bool = False
    over: bool = True


class Deeds(Protocol):
    """What hands do to the patch and to the selection: a part of `Editing`."""

    @property
    def selection(self) -> frozenset[str]: ...
    @property
    def selected_wires(self) -> frozenset[Wire]: ...
    def select(self, ids: Collection[str] = (), wires: Collection[Wire] = ()) -> None: ...
    def begin_gesture(self) -> str: ...
    def move(self, places: Mapping[str, Position], gesture: str) -> None: ...
    def duplicate(self, by: Position) -> bool: ...
    def connect(self, source: Port, target: Port) -> bool: ...
    def connect_through(self, converter: str, source: Port, target: Port) -> str | None: ...
    def rewire(self, wire: Wire, end: End, port: Port) -> bool: ...
    def disconnect(self, wires: Collection[Wire]) -> None: ...
    def insert(self, type_id: str, wire: Wire, at: Position) -> str | None: ...
    def insert_existing(self, id: str, wire: Wire, gesture: str) -> bool: ...
    def set_param(self, id: str, param: str, value: ParamValue, gesture: str) -> None: ...
    def unset_param(self, id: str, param: str, gesture: str | None = None) -> None: ...
    def change_frame(self, id: str, *, nodes: Collection[str], gesture: str) -> bool: ...
    def enter(self, id: str) -> None: ...


class Asks(Protocol):
    """What hands ask the window for."""

    def finder(self, at: Point, loose: Loose | None) -> None: ...
    def menu(self, target: Target, at: Point) -> None: ...
    def type_in(self, node: str, param: str) -> None: ...
    def note(self, text: str) -> None: ...


@dataclass
class Sketch:
    """What is drawn above all else while a gesture lasts. `loose` is a wire in the hand, from its
    start to its end; `lit` are the ports that it fits, the others being dimmed."""

    hint: str = ""
    loose: tuple[Point, Point] | None = None
    loose_kind: str = ""
    loose_fits: bool | None = None
    lit: frozenset[OnPort] | None = None
    box: Rect | None = None
    lines: tuple[Line, ...] = ()
    receiving: Wire | None = None


class Gesture:
    """What begins with a press and ends with the release of the same button."""

    button = "left"

    def move(self, at: Pointer) -> None:
        """Follow the mouse."""

    def drop(self, at: Pointer) -> None:
        """Do it."""

    def cancel(self) -> None:
        """Leave all as it was."""


@dataclass
class Bench:
    """All that gestures work with. `minimap` gives the place of the canvas under a pixel of the
    minimap, or None beside it; `lifted` is the box that lies on top."""

    scene: Scene
    places: Places
    deeds: Deeds
    asks: Asks
    camera: Camera = field(default_factory=Camera)
    minimap: Callable[[float, float], Point | None] = lambda x, y: None
    lifted: str = ""
    sketch: Sketch = field(default_factory=Sketch)
    moved: dict[str, Position] = field(default_factory=dict)
    turned: dict[tuple[str, str], ParamValue] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    _found: tuple[object, Target] = (None, None)

    def lift(self, id: str) -> None:
        """Have a box lie above all others."""
        if id != self.lifted and id in self.scene.boxes:
            self.lifted = id
            self.places.lift(id)

    def world(self, at: Pointer) -> Point:
        """The place of the canvas under the mouse."""
        return self.camera.to_world(at.x, at.y)

    def under(self, at: Pointer) -> Target:
        """What lies under the mouse, which is looked for only if something has moved."""
        where = at.x, at.y, self.camera, self.places.version
        if where != self._found[0]:
            self._found = where, self.places.target(*self.world(at), self.camera.zoom)
        return self._found[1]


class Hands:
    """The state between two frames."""

    def __init__(self, bench: Bench, begin: Callable[[Bench, Pointer, Target], Gesture]) -> None:
        """`begin` says which gesture a press of the left button begins."""
        self.bench = bench
        self.hover: Target = None
        self.gesture: Gesture | None = None
        self._begin = begin
        self._before = Pointer()
        self._clicked: tuple[float, float, float, Target] = (-1.0, 0.0, 0.0, None)
        self._settling: dict[str, float] = {}
        self._settling_params: dict[tuple[str, str], float] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a gesture lasts."""
        return self.gesture is not None

    def frame(self, at: Pointer) -> None:
        """Take in how things are now."""
        before, self._before = self._before, at
        if at.wheel and at.over:
            self.bench.camera = self.bench.camera.zoomed(STEP**at.wheel, at.x, at.y)
        if self.gesture is not None:
            self._go_on(at)
            return
        self.hover = self.bench.under(at) if at.over else None
        if not at.over:
            return
        if at.middle and not before.middle:
            self.gesture = Pan(self.bench, at, "middle")
        elif at.right and not before.right:
            self._right(at)
        elif at.left and not before.left:
            self._left(at, at.now - before.now)

    def cancel(self) -> None:
        """Let go, and leave all as it was before the gesture."""
        if self.gesture is not None:
            self.gesture.cancel()
            self._end()

    def settle(self, patch: Patch, now: float) -> None:
        """Let go of what the patch says too, and after a second of what it does not."""
        if self.gesture is not None:
            return
        bench = self.bench
        for id, place in list(bench.moved.items()):
            since = self._settling.setdefault(id, now)
            if patch.layout.get(id) == place or now - since > _SETTLE:
                del bench.moved[id], self._settling[id]
        for key, value in list(bench.turned.items()):
            since = self._settling_params.setdefault(key, now)
            node = patch.nodes.get(key[0])
            if node is None or node.params.get(key[1]) == value or now - since > _SETTLE:
                del bench.turned[key], self._settling_params[key]

    def _go_on(self, at: Pointer) -> None:
        assert self.gesture is not None
        if getattr(at, self.gesture.button):
            self.gesture.move(at)
        else:
            self.gesture.drop(at)
            self._end()

    def _end(self) -> None:
        self.gesture = None
        self.bench.sketch = Sketch()

    def _left(self, at: Pointer, frame: float) -> None:
        if at.space:
            self.gesture = Pan(self.bench, at, "left")
        elif (place := self.bench.minimap(at.x, at.y)) is not None:
            self.bench.camera = self.bench.camera.centred(*place)
            self.gesture = Travel(self.bench)
        else:
            then, x, y, target = self._clicked
            still = abs(at.x - x) + abs(at.y - y) <= _STILL
            soon = max(TWICE, 4 * frame)  # slow frames are told of two clicks long after
            twice = at.now - then <= soon and still and target == self.hover
            self._clicked = (-1.0 if twice else at.now, at.x, at.y, self.hover)
            if twice and self._double(at):
                return
            self.gesture = self._begin(self.bench, at, self.hover)

    def _right(self, at: Pointer) -> None:
        deeds, target = self.bench.deeds, self.hover
        match target:
            case OnNode(id) | OnParam(id) | OnMore(id) if id not in deeds.selection:
                deeds.select([id])
            case OnWire(wire) if wire not in deeds.selected_wires:
                deeds.select((), [wire])
            case OnFrame(group) if FRAME + group not in deeds.selection:
                deeds.select([FRAME + group])
        self.bench.asks.menu(target, (at.x, at.y))

    def _double(self, at: Pointer) -> bool:
        """Do what a double click means here, if anything."""
        bench, asks = self.bench, self.bench.asks
        match self.hover:
            case None:
                asks.finder(bench.world(at), None)
            case OnParam(node, param):
                asks.type_in(node, param)
            case OnWire(wire):
                x, y = bench.world(at)
                bench.deeds.insert(DOT, wire, (x - DOT_SIZE / 2, y - DOT_SIZE / 2))
            case OnNode(id) if bench.scene.boxes[id].shape.note:
                asks.type_in(id, "text")
            case OnNode(id) if bench.scene.facts.patch.nodes[id].type.startswith(INSTANCE):
                bench.deeds.enter(id)
            case _:
                return False
        return True


class Pan(Gesture):
    """Push the canvas."""

    def __init__(self, bench: Bench, at: Pointer, button: str) -> None:
        self.button = button
        self._bench, self._before = bench, at

    def move(self, at: Pointer) -> None:
        before, self._before = self._before, at
        self._bench.camera = self._bench.camera.panned(at.x - before.x, at.y - before.y)


class Travel(Gesture):
    """Look at what lies under the mouse on the minimap."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def move(self, at: Pointer) -> None:
        place = self._bench.minimap(at.x, at.y)
        if place is not None:
            self._bench.camera = self._bench.camera.centred(*place)
