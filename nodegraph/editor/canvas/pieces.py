"""What a scene consists of: boxes, cords and frames, as plain values that compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nodegraph.editor.canvas.plane import Curve, Point, Rect, curve
from nodegraph.editor.canvas.shape import HEAD, Field, Shape
from nodegraph.graph import Wire

FRAME_PAD, FRAME_HEAD = 20.0, 30.0
"""What a frame leaves free around its nodes, and the height of its title."""


class Shown(NamedTuple):
    """How a param stands: its text, where a slider is (0..1), whether a switch is on.

    `driver` is the outlet that drives it, as `node.outlet`, or nothing.
    """

    text: str
    at: float = 0.0
    on: bool = False
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn. `inlets` are the wired inlets and params, `outlets` the wired outlets;
    `problem` is what is wrong with it, as sentences."""

    id: str
    x: float
    y: float
    shape: Shape
    params: tuple[Shown, ...] = ()
    mode: str = ""
    solo: bool = False
    selected: bool = False
    ghost: bool = False
    problem: str = ""
    inlets: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()

    @property
    def rect(self) -> Rect:
        return Rect(self.x, self.y, self.x + self.shape.width, self.y + self.shape.height)

    @property
    def title(self) -> Rect:
        """The title, by which a box is taken."""
        return Rect(self.x, self.y, self.x + self.shape.width, self.y + HEAD)

    def area(self, field: Field) -> Rect:
        """Where a param is on the canvas."""
        return field.area.moved(self.x, self.y)


@dataclass(frozen=True, slots=True)
class Cord:
    """A wire as it is drawn."""

    wire: Wire
    kind: str
    start: Point
    end: Point
    selected: bool = False

    @property
    def curve(self) -> Curve:
        return curve(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Frame:
    """A group as it is drawn: around its nodes."""

    id: str
    rect: Rect
    title: str
    colour: str
    selected: bool = False

    @property
    def head(self) -> Rect:
        """The title, by which a frame is taken."""
        return Rect(self.rect.left, self.rect.top, self.rect.right, self.rect.top + FRAME_HEAD)


@dataclass(frozen=True, slots=True)
class Change:
    """What became new or other in a scene, and what went."""

    boxes: tuple[str, ...] = ()
    cords: tuple[Wire, ...] = ()
    frames: tuple[str, ...] = ()
    gone_boxes: tuple[str, ...] = ()
    gone_cords: tuple[Wire, ...] = ()
    gone_frames: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.boxes, self.cords, self.frames, *self._gone))

    @property
    def _gone(self) -> tuple[tuple[object, ...], ...]:
        return self.gone_boxes, self.gone_cords, self.gone_frames
