"""What lies under a place of the canvas, as the one thing that a hand would take there."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.canvas.camera import MIDDLE, NEAR
from nodegraph.editor.canvas.pieces import Box, Change
from nodegraph.editor.canvas.plane import Rect, bounds, distance
from nodegraph.editor.canvas.scene import Scene
from nodegraph.editor.canvas.shape import HEAD, MARK, ROW, Side
from nodegraph.graph import Port, Wire

_PORT_PIXELS, _CORD_PIXELS = 9.0, 6.0  # how near the mouse has to be, on the screen
_END_PIXELS, _END = 26.0, 24.0  # what counts as the end of a wire, on the screen and at least

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class OnPort:
    """A port; of a param too. `side` says which end of a wire it takes."""

    port: Port
    side: Side


@dataclass(frozen=True, slots=True)
class OnParam:
    """A param as it stands in a box."""

    node: str
    param: str


@dataclass(frozen=True, slots=True)
class OnMore:
    """The line at the foot of the params that shows the hidden ones, or hides them again."""

    node: str


@dataclass(frozen=True, slots=True)
class OnNode:
    """A box, anywhere else; `part` is the badge that tells of problems, its title, or its body."""

    node: str
    part: Literal["badge", "title", "body"] = "body"


@dataclass(frozen=True, slots=True)
class OnWire:
    """A wire; `end` says near which of its ends, if any."""

    wire: Wire
    end: Literal["", "source", "target"] = ""


@dataclass(frozen=True, slots=True)
class OnFrame:
    """The title of a frame."""

    group: str


Target: TypeAlias = OnPort | OnParam | OnMore | OnNode | OnWire | OnFrame | None
"""None is the empty canvas."""


class Places:
    """Where all boxes and cords lie, in tables that are searched at once.

    `nearness` says how much boxes show (see `camera`); `version` moves when anything else may be
    found.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.version = 0
        self._nearness = NEAR
        self.boxes = Table[str]()
        self.cords = Table[Wire]()

    @property
    def nearness(self) -> int:
        return self._nearness

    @nearness.setter
    def nearness(self, nearness: int) -> None:
        self._nearness = nearness
        self.version += 1

    def refresh(self, change: Change) -> None:
        """Follow a change of the scene."""
        self.version += 1
        self.boxes.drop(change.gone_boxes)
        self.cords.drop(change.gone_cords)
        for id in change.boxes:
            self.boxes.put(id, self.scene.boxes[id].rect)
        for wire in change.cords:
            self.cords.put(wire, bounds(self.scene.cords[wire].curve))

    def target(self, x: float, y: float, zoom: float) -> Target:
        """What a hand would take at a place of the canvas.

        The reach of ports grows as the view shrinks, up to half a row; where params are not drawn,
        the rest of a box is one piece.
        """
        reach = min(max(MARK + 3.0, _PORT_PIXELS / zoom), ROW / 2)
        near = reach if self.nearness > MIDDLE else 0.0
        boxes = [self.scene.boxes[id] for id in self.boxes.near(x, y, near)]
        boxes.reverse()  # what is drawn last lies on top
        for box in boxes:
            if box.shape.dot and box.rect.holds(x, y):
                return OnNode(box.id)
            if near and (found := _port(box, x, y, near)):
                return found
            if box.rect.holds(x, y):
                return _inside(box, x, y) if self.nearness >= NEAR else OnNode(box.id, "title")
        return self.wire(x, y, zoom) or self._frame(x, y)

    def wire(self, x: float, y: float, zoom: float, besides: str = "") -> OnWire | None:
        """The nearest wire at a place; none of the node `besides`."""
        reach = _CORD_PIXELS / zoom
        found: OnWire | None = None
        for wire in self.cords.near(x, y, reach):
            cord = self.scene.cords[wire]
            if besides in (wire.source.node, wire.target.node):
                continue
            away = distance(cord.curve, x, y)
            if away <= reach:
                reach = away
                found = OnWire(
                    wire, _end(cord.start, cord.end, x, y, max(_END, _END_PIXELS / zoom))
                )
        return found

    def lift(self, id: str) -> None:
        """Let a box lie above all others."""
        self.version += 1
        self.boxes.drop([id])
        self.boxes.put(id, self.scene.boxes[id].rect)

    def inside(self, area: Rect) -> Iterator[str]:
        """The boxes that an area touches."""
        return iter(self.boxes.meeting(area))

    def _frame(self, x: float, y: float) -> OnFrame | None:
        smallest = sorted(self.scene.frames.values(), key=lambda each: each.rect.width)
        for frame in smallest:
            if frame.head.holds(x, y):
                return OnFrame(frame.id)
        return None


class Table(Generic[K]):
    """Rectangles by key, in the order in which they came, in one array."""

    def __init__(self) -> None:
        self.keys: list[K] = []
        self._rows: dict[K, int] = {}
        self._rects: NDArray[np.float64] = np.zeros((64, 4))

    @property
    def rects(self) -> NDArray[np.float64]:
        """Left, top, right and bottom of each key, float64[n, 4]."""
        return self._rects[: len(self.keys)]

    def put(self, key: K, rect: Rect) -> None:
        """Add a rectangle or change it."""
        row = self._rows.setdefault(key, len(self.keys))
        if row == len(self.keys):
            self.keys.append(key)
            if row == len(self._rects):
                self._rects = np.concatenate([self._rects, np.zeros_like(self._rects)])
        self._rects[row] = rect

    def drop(self, keys: Collection[K]) -> None:
        """Forget some."""
        if not keys:
            return
        gone = set(keys)
        kept = [row for row, key in enumerate(self.keys) if key not in gone]
        self._rects[: len(kept)] = self._rects[kept]
        self.keys = [self.keys[row] for row in kept]
        self._rows = {key: row for row, key in enumerate(self.keys)}

    def near(self, x: float, y: float, reach: float) -> list[K]:
        """The keys whose rectangle is no farther from a point than `reach`, in each direction."""
        return self.meeting(Rect(x - reach, y - reach, x + reach, y + reach))

    def meeting(self, area: Rect) -> list[K]:
        """The keys whose rectangle touches an area."""
        return [self.keys[row] for row in np.flatnonzero(self.mask(area))]

    def mask(self, area: Rect) -> NDArray[np.bool_]:
        """Which rectangles touch an area, bool[n]."""
        left, top, right, bottom = self.rects.T
        inside: NDArray[np.bool_] = (
            (left <= area.right)
            & (right >= area.left)
            & (top <= area.bottom)
            & (bottom >= area.top)
        )
        return inside


def _port(box: Box, x: float, y: float, near: float) -> OnPort | None:
    """The nearest port; in crowded boxes far away there are several within reach."""
    best, found = near * near, None
    for mark in box.shape.marks:
        away = (x - box.x - mark.x) ** 2 + (y - box.y - mark.y) ** 2
        if away <= best:
            best, found = away, OnPort(Port(box.id, mark.port), mark.side)
    return found


def _inside(box: Box, x: float, y: float) -> Target:
    if box.title.holds(x, y) and not box.shape.note:
        badge = box.problem and x > box.x + box.shape.width - HEAD
        return OnNode(box.id, "badge" if badge else "title")
    for field in box.shape.fields:
        if box.area(field).holds(x, y):
            return OnParam(box.id, field.name)
    if box.shape.more and box.shape.more.moved(box.x, box.y).holds(x, y):
        return OnMore(box.id)
    return OnNode(box.id)


def _end(
    start: tuple[float, float], end: tuple[float, float], x: float, y: float, near: float
) -> Literal["", "source", "target"]:
    to_start = (x - start[0]) ** 2 + (y - start[1]) ** 2
    to_end = (x - end[0]) ** 2 + (y - end[1]) ** 2
    if min(to_start, to_end) > near * near:
        return ""
    return "source" if to_start < to_end else "target"
