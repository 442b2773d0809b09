"""Rectangles and the curves of wires, in pixels of the canvas at zoom 1, x right and y down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Point: TypeAlias = tuple[float, float]

Curve: TypeAlias = tuple[Point, Point, Point, Point]
"""A cubic Bézier curve: where it begins, two points that pull it, where it ends."""

_REACH_LEAST, _REACH_MOST = 36.0, 240.0
_T = np.linspace(0.0, 1.0, 33)
_WEIGHTS: Final = np.stack(
    [(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3], axis=1
)


class Rect(NamedTuple):
    """From the left and top to the right and bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, a: Point, b: Point) -> Rect:
        """The one between two corners, whichever they are."""
        return cls(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    @classmethod
    def sized(cls, corner: Point, size: tuple[float, float]) -> Rect:
        """The one of a width and height whose left and top are at `corner`."""
        return cls(*corner, corner[0] + size[0], corner[1] + size[1])

    @classmethod
    def around(cls, rects: Iterable[Rect]) -> Rect | None:
        """The smallest one around all; None around nothing."""
        all_ = list(rects)
        if not all_:
            return None
        lefts, tops, rights, bottoms = zip(*all_, strict=True)
        return cls(min(lefts), min(tops), max(rights), max(bottoms))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> Point:
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def grown(self, by: float) -> Rect:
        """The same with more on all sides."""
        return Rect(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def moved(self, dx: float, dy: float) -> Rect:
        """The same elsewhere."""
        return Rect(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def meets(self, other: Rect) -> bool:
        """Whether two have something in common."""
        return (
            self.left < other.right
            and self.right > other.left
            and self.top < other.bottom
            and self.bottom > other.top
        )


def curve(start: Point, end: Point) -> Curve:
    """How a wire runs: it leaves to the right and arrives from the left."""
    reach = min(max(abs(end[0] - start[0]) * 0.5, _REACH_LEAST), _REACH_MOST)
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def along(of: Curve) -> NDArray[np.float64]:
    """Points on a curve from its start to its end, float64[33, 2]."""
    points: NDArray[np.float64] = _WEIGHTS @ np.asarray(of)
    return points


def bounds(of: Curve) -> Rect:
    """A rectangle that the curve does not leave: the one around the points that span it."""
    xs, ys = zip(*of, strict=True)
    return Rect(min(xs), min(ys), max(xs), max(ys))


def distance(of: Curve, x: float, y: float) -> float:
    """How far a point is from a curve; the curve is taken as 32 straight pieces."""
    points = along(of)
    starts, steps = points[:-1], np.diff(points, axis=0)
    to = np.array((x, y)) - starts
    lengths = np.maximum((steps * steps).sum(axis=1), 1e-12)
    at = np.clip((to * steps).sum(axis=1) / lengths, 0.0, 1.0)
    return float(np.sqrt(((to - at[:, None] * steps) ** 2).sum(axis=1).min()))
