"""Which part of the canvas the window shows, and how large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from nodegraph.editor.canvas.plane import Point, Rect

LEAST, MOST = 0.1, 4.0
"""The zooms between which a camera stays."""

STEP: Final = 1.12
"""What one click of the wheel multiplies the zoom by."""

FAR, MIDDLE, CLOSE, NEAR, BESIDE = 0, 1, 2, 3, 4
"""From where boxes are mere blocks, show their titles, their ports and curves too, all but the
smallest marks, all."""

_MIDDLE_FROM, _NEAR_FROM, _NEAR_IN_A_CROWD, _CROWD, _BESIDE_FROM = 0.16, 0.5, 0.55, 45, 0.8

LETTERS: Final = (15.0, 21.0, 28.0, 38.0, 50.0, 66.0)
"""Sizes of titles, in pixels of the canvas."""

_READABLE = 10.5  # pixels of the screen that letters should have at least

_AROUND = 36.0  # pixels of the screen that are left free around what is fitted


@dataclass(frozen=True, slots=True)
class Camera:
    """`x` and `y` are the place of the canvas in the window's corner at `left`, `top`.

    `width` and `height` are of the window, in pixels of the screen; `zoom` is how many of them a
    pixel of the canvas has.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    def to_world(self, sx: float, sy: float) -> Point:
        """What lies under a pixel of the screen."""
        return (self.x + (sx - self.left) / self.zoom, self.y + (sy - self.top) / self.zoom)

    def to_screen(self, x: float, y: float) -> Point:
        """Where a place of the canvas is on the screen."""
        return (self.left + (x - self.x) * self.zoom, self.top + (y - self.y) * self.zoom)

    @property
    def seen(self) -> Rect:
        """The part of the canvas that is in the window."""
        return Rect(
            self.x, self.y, self.x + self.width / self.zoom, self.y + self.height / self.zoom
        )

    def panned(self, dx: float, dy: float) -> Camera:
        """With the canvas pushed so many pixels of the screen."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def zoomed(self, factor: float, sx: float, sy: float) -> Camera:
        """Closer or farther, with what lies under a pixel of the screen staying there."""
        zoom = min(max(self.zoom * factor, LEAST), MOST)
        x, y = self.to_world(sx, sy)
        return replace(self, zoom=zoom, x=x - (sx - self.left) / zoom, y=y - (sy - self.top) / zoom)

    def within(self, left: float, top: float, width: float, height: float) -> Camera:
        """In a window that was moved or resized; zoom and corner stay."""
        return replace(self, left=left, top=top, width=max(width, 1.0), height=max(height, 1.0))

    def towards(self, other: Camera, share: float) -> Camera:
        """On the way to what another sees, from 0 to 1 of it; the window stays."""
        rest = 1.0 - share
        return replace(
            self,
            x=rest * self.x + share * other.x,
            y=rest * self.y + share * other.y,
            zoom=1.0 / (rest / self.zoom + share / other.zoom),
        )

    def centred(self, x: float, y: float) -> Camera:
        """With a place of the canvas in the middle."""
        return replace(self, x=x - self.width / self.zoom / 2, y=y - self.height / self.zoom / 2)

    def fitted(self, area: Rect, most: float = 1.0) -> Camera:
        """With an area in the middle, as large as there is room for, but no larger than `most`."""
        room_x, room_y = self.width - 2 * _AROUND, self.height - 2 * _AROUND
        zoom = min(
            max(room_x, 50.0) / max(area.width, 1.0), max(room_y, 50.0) / max(area.height, 1.0)
        )
        zoom = min(max(zoom, LEAST), most)
        return replace(self, zoom=zoom).centred(*area.middle)


def nearness(zoom: float, boxes: int) -> int:
    """How much boxes show when so many of them are in the window, from `FAR` to `BESIDE`."""
    crowd = boxes > _CROWD
    if zoom >= _BESIDE_FROM:
        return BESIDE
    if zoom >= (_NEAR_IN_A_CROWD if crowd else _NEAR_FROM):
        return NEAR
    if zoom < _MIDDLE_FROM:
        return FAR
    return MIDDLE if crowd else CLOSE


def letters(zoom: float) -> float:
    """The size of titles: the smallest of `LETTERS` that can be read from there."""
    return next((size for size in LETTERS if size * zoom >= _READABLE), LETTERS[-1])
