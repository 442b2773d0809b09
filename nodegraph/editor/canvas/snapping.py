"""Where moved boxes come to lie: in line with others if they nearly are, else on the grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from nodegraph.editor.canvas.plane import Rect

GRID: Final = 10.0
"""What positions are multiples of, in pixels of the canvas."""

_NEAR: Final = 6.0  # pixels of the screen


class Line(NamedTuple):
    """Where two boxes are in line: `at` this x if upright, else y, between `start` and `end`."""

    upright: bool
    at: float
    start: float
    end: float


class Snapped(NamedTuple):
    """How far things are moved in the end, and the lines that say why."""

    dx: float
    dy: float
    lines: tuple[Line, ...] = ()


def snap(
    held: Rect, dx: float, dy: float, others: Iterable[Rect], zoom: float, *, free: bool = False
) -> Snapped:
    """Move what is `held` by about `dx`, `dy`, with an eye to the `others` near it.

    Left is brought in line with left, middle with middle, right with right, and so are tops and
    bottoms; the nearest wins. `free` leaves all as it is.
    """
    if free:
        return Snapped(dx, dy)
    at, near, reach = held.moved(dx, dy), list(others), _NEAR / zoom
    by_x = _nearest(at, near, reach, upright=True)
    by_y = _nearest(at, near, reach, upright=False)
    end_x = dx + by_x[0] if by_x else _grid(held.left + dx) - held.left
    end_y = dy + by_y[0] if by_y else _grid(held.top + dy) - held.top
    there = held.moved(end_x, end_y)
    lines: list[Line] = []
    if by_x:
        lines.append(_line(True, by_x[1], there, by_x[2]))
    if by_y:
        lines.append(_line(False, by_y[1], there, by_y[2]))
    return Snapped(end_x, end_y, tuple(lines))


def _marks(rect: Rect, upright: bool) -> tuple[float, ...]:
    if upright:
        return rect.left, (rect.left + rect.right) / 2, rect.right
    return rect.top, rect.bottom


def _nearest(
    held: Rect, others: Iterable[Rect], reach: float, *, upright: bool
) -> tuple[float, float, Rect] | None:
    """The shortest way to be in line with another: how far, to where, and with which."""
    own = _marks(held, upright)
    found: tuple[float, float, Rect] | None = None
    for rect in others:
        for mine, mark in zip(own, _marks(rect, upright), strict=True):
            away = mark - mine
            if abs(away) <= reach and (found is None or abs(away) < abs(found[0])):
                found = (away, mark, rect)
    return found


def _line(upright: bool, at: float, a: Rect, b: Rect) -> Line:
    if upright:
        return Line(True, at, min(a.top, b.top), max(a.bottom, b.bottom))
    return Line(False, at, min(a.left, b.left), max(a.right, b.right))


def _grid(value: float) -> float:
    return round(value / GRID) * GRID
