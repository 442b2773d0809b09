"""The whole patch in a corner of the window, and which part of it is seen, unless all of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import dearpygui.dearpygui as dpg
import numpy as np

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.pieces import Box
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.look.colours import faded
from nodegraph.editor.look.theme import Look

_WIDE, _HIGH, _EDGE = 176.0, 116.0, 14.0  # pixels of the screen, at scale 1
_AROUND: Final = 120.0
_MANY: Final = 150  # boxes, from which on only their outline is drawn
_CELLS_X, _CELLS_Y = 28, 18
_SMALLEST: Final = 480.0  # of the window, in either direction, for there to be a minimap
_ROOMY: Final = 1100.0  # width of the window from which on it has its full size


class Minimap:
    """Boxes by id, drawn on a layer whose scale maps them into the corner."""

    def __init__(self, parent: Item, look: Look) -> None:
        self.shown = True
        self._look = look
        self._rects: dict[str, Rect] = {}
        self._bounds = self._world = Rect(0.0, 0.0, 1.0, 1.0)
        self._root = parent
        self._camera = Camera()
        colours = look.colours
        nothing = Rect(0.0, 0.0, 0.0, 0.0)
        self._paper = brush.rect(self._root, nothing, faded(colours.panel, 0.97), 0.0, colours.line)
        self._boxes = brush.layer(self._root)
        self._seen = brush.rect(
            self._root, nothing, faded(colours.text, 0.06), 0.0, faded(colours.text, 0.5)
        )

    @property
    def _is_there(self) -> bool:
        camera, all_ = self._camera, self._bounds
        big = min(camera.width, camera.height * 1.4) >= _SMALLEST
        seen = camera.seen.holds(*all_[:2]) and camera.seen.holds(*all_[2:])
        return self.shown and bool(self._rects) and big and not seen

    @property
    def corner(self) -> Rect:
        """Where it is on the screen."""
        camera = self._camera
        scale = min(self._look.scale, camera.width / _ROOMY)
        right = camera.left + camera.width - _EDGE * scale
        bottom = camera.top + camera.height - _EDGE * scale
        return Rect(right - _WIDE * scale, bottom - _HIGH * scale, right, bottom)

    def refresh(
        self, boxes: Mapping[str, Box], changed: Iterable[str], gone: Iterable[str]
    ) -> None:
        """Follow a change of the scene."""
        for id in gone:
            del self._rects[id]
        moved = bool(gone)
        for id in changed:
            rect = boxes[id].rect
            moved = moved or rect != self._rects.get(id)
            self._rects[id] = rect
        if not moved:
            return
        self._bounds = Rect.around(self._rects.values()) or Rect(0.0, 0.0, 1.0, 1.0)
        self._world = self._bounds.grown(_AROUND)
        dpg.delete_item(self._boxes, children_only=True)
        colours = self._look.colours
        if len(self._rects) > _MANY:
            for rect in outline(list(self._rects.values()), self._world):
                brush.rect(self._boxes, rect, faded(colours.dim, 0.6))
        else:
            for id, rect in self._rects.items():
                tone = colours.family(boxes[id].shape.family)
                brush.rect(self._boxes, rect, faded(tone, 0.85))
        self.follow(self._camera)

    def follow(self, camera: Camera) -> None:
        """Stay in the corner of what the camera shows."""
        self._camera = camera
        brush.show(self._root, self._is_there)
        if not self._is_there:
            return
        corner, zoom = self.corner, camera.zoom
        left, top = camera.to_world(corner.left, corner.top)
        paper = Rect(left, top, left + corner.width / zoom, top + corner.height / zoom)
        brush.place_rect(self._paper, paper)
        dpg.configure_item(self._paper, thickness=1.0 / zoom)
        scale, x, y = self._map()
        at = camera.to_world(corner.left + x, corner.top + y)
        brush.move(self._boxes, *at, scale / zoom)
        seen = camera.seen
        a = camera.to_world(*self._to_corner(seen.left, seen.top))
        b = camera.to_world(*self._to_corner(seen.right, seen.bottom))
        brush.place_rect(self._seen, Rect(*a, *b))
        dpg.configure_item(self._seen, thickness=1.0 / zoom)

    def place(self, sx: float, sy: float) -> Point | None:
        """The place of the canvas under a pixel of the minimap; None beside it."""
        if not self._is_there or not self.corner.holds(sx, sy):
            return None
        scale, x, y = self._map()
        return ((sx - self.corner.left - x) / scale, (sy - self.corner.top - y) / scale)

    def _map(self) -> tuple[float, float, float]:
        """How large and where in the corner the origin of the canvas is."""
        corner, world = self.corner, self._world
        scale = min(corner.width / world.width, corner.height / world.height)
        x = (corner.width - world.width * scale) / 2 - world.left * scale
        y = (corner.height - world.height * scale) / 2 - world.top * scale
        return scale, x, y

    def _to_corner(self, x: float, y: float) -> Point:
        """Where a place of the canvas is on the screen, held within the corner."""
        scale, at_x, at_y = self._map()
        corner = self.corner
        sx = min(max(corner.left + at_x + x * scale, corner.left), corner.right)
        sy = min(max(corner.top + at_y + y * scale, corner.top), corner.bottom)
        return sx, sy


def outline(rects: Sequence[Rect], world: Rect) -> list[Rect]:
    """Few rectangles that cover about what many do, in rows: for a patch of a thousand boxes."""
    filled = np.zeros((_CELLS_Y, _CELLS_X + 2), np.int8)
    wide, high = world.width / _CELLS_X, world.height / _CELLS_Y
    edges = np.array(rects)
    columns = ((edges[:, (0, 2)] - world.left) / wide).astype(int)
    rows = ((edges[:, (1, 3)] - world.top) / high).astype(int)
    for (left, right), (top, bottom) in zip(columns.tolist(), rows.tolist(), strict=True):
        filled[top : max(bottom, top + 1), left + 1 : max(right, left + 1) + 1] = 1
    filled[:, 1:-1] |= filled[:, :-2] & filled[:, 2:]  # narrow gaps between boxes are not worth it
    found = []
    for row, steps in enumerate(np.diff(filled, axis=1)):
        top = world.top + row * high
        for begin, end in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0), strict=True):
            left, right = world.left + begin * wide, world.left + end * wide
            found.append(Rect(float(left), top, float(right), top + high * 0.82))
    return found
