"""The outline of the mark that a kind of port has, as points, for whoever draws it."""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin

from nodegraph.editor.look.colours import SHAPES, Shape

Points = tuple[tuple[float, float], ...]


@cache
def outline(shape: Shape) -> Points:
    """The corners around (0, 0), clockwise with y down; the area is about that of radius 1."""
    match shape:
        case "square":
            return ((-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86))
        case "triangle":
            return ((-0.8, -1.05), (1.15, 0.0), (-0.8, 1.05))
        case "diamond":
            return ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0))
        case "bar":
            return ((-0.55, -1.2), (0.55, -1.2), (0.55, 1.2), (-0.55, 1.2))
        case "pentagon":
            return _ring(5, 1.12)
        case "hexagon":
            return _ring(6, 1.08)
        case "star":
            outer, inner = _ring(5, 1.35), _ring(5, 0.6, turn=pi / 5)
            return tuple(point for pair in zip(outer, inner, strict=True) for point in pair)
        case "cross":
            a, b = 0.42, 1.15
            arm = ((-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b))
            return (*arm, (-a, a), (-b, a), (-b, -a), (-a, -a))
        case "drop":
            return ((0.0, -1.4), *_ring(12, 1.0)[2:11])
        case _:
            return _ring(16, 1.0)


def mark(kind: str, x: float, y: float, radius: float) -> list[list[float]]:
    """The outline of a kind's mark at a place, as Dear PyGui wants the points of a polygon."""
    shape = SHAPES.get(kind, "circle")
    return [[x + px * radius, y + py * radius] for px, py in outline(shape)]


def _ring(corners: int, radius: float, turn: float = 0.0) -> Points:
    """A regular polygon with a corner on top."""
    angles = [turn - pi / 2 + 2 * pi * i / corners for i in range(corners)]
    return tuple((radius * cos(angle), radius * sin(angle)) for angle in angles)
