"""The few strokes of which all on the canvas is drawn, as retained items of Dear PyGui.

Inside a plot Dear PyGui scales letters, lines, radii and corners with the zoom; so all sizes here
are pixels of the canvas.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.plane import Curve, Point, Rect
from nodegraph.editor.look.colours import CLEAR, SHAPES, Colour

Item = int


def layer(parent: Item) -> Item:
    """A node of drawing, whose children are moved, shown and deleted together.

    For each of its children it multiplies two matrices, which is half of what most of them cost.
    """
    return int(dpg.add_draw_node(parent=parent))


def ground(plot: Item) -> Item:
    """The same right on a plot, without matrices: it stays where it is."""
    return int(dpg.add_draw_layer(parent=plot))


def text(
    parent: Item, at: Point, words: str, size: float, colour: Colour, font: int | None = None
) -> Item:
    """A line of letters, from its left and top."""
    item = int(dpg.draw_text(at, words, size=size, color=colour, parent=parent))
    if font is not None:
        dpg.bind_item_font(item, font)
    return item


def rect(
    parent: Item,
    area: Rect,
    fill: Colour,
    rounding: float = 0.0,
    border: Colour = CLEAR,
    thickness: float = 1.0,
) -> Item:
    """A rectangle."""
    return int(
        dpg.draw_rectangle(
            (area.left, area.top),
            (area.right, area.bottom),
            fill=fill,
            color=border,
            rounding=rounding,
            thickness=thickness,
            parent=parent,
        )
    )


def line(parent: Item, points: Sequence[Point], colour: Colour, thickness: float) -> Item:
    """A line through points."""
    return int(dpg.draw_polyline(list(points), color=colour, thickness=thickness, parent=parent))


def cord(parent: Item, of: Curve, colour: Colour, thickness: float) -> Item:
    """A wire."""
    return int(dpg.draw_bezier_cubic(*of, color=colour, thickness=thickness, parent=parent))


def place_rect(item: Item, area: Rect) -> None:
    """Put a rectangle elsewhere."""
    dpg.configure_item(item, pmin=(area.left, area.top), pmax=(area.right, area.bottom))


def place_cord(item: Item, of: Curve) -> None:
    """Lead a wire elsewhere."""
    dpg.configure_item(item, p1=of[0], p2=of[1], p3=of[2], p4=of[3])


def move(item: Item, x: float, y: float, scale: float = 1.0) -> None:
    """Put a layer's origin elsewhere."""
    matrix = dpg.create_translation_matrix([x, y])
    if scale != 1.0:
        matrix = matrix * dpg.create_scale_matrix([scale, scale])
    dpg.apply_transform(item, matrix)


def shift(item: Item, x: float) -> None:
    """Put a layer's origin aside by one of few distances."""
    dpg.apply_transform(item, _aside(x))


@lru_cache(maxsize=1024)
def _aside(x: float) -> object:
    return dpg.create_translation_matrix([x, 0.0])


def show(item: Item, visible: bool) -> None:
    """Show a layer or an item, or hide it, which costs nothing then."""
    dpg.configure_item(item, show=visible)


def mark(parent: Item, kind: str, at: Point, radius: float, colour: Colour) -> list[Item]:
    """The mark of a port kind (see `look.marks`), out of pieces that are drawn fast."""
    x, y = at
    r = radius
    common = {"color": CLEAR, "fill": colour, "parent": parent}

    def circle(by: float, segments: int = 0) -> Item:
        return int(dpg.draw_circle((x, y), r * by, segments=segments, **common))

    def box(wide: float, high: float) -> Item:
        a, b = (x - r * wide, y - r * high), (x + r * wide, y + r * high)
        return int(dpg.draw_rectangle(a, b, **common))

    def triangle(*corners: Point) -> Item:
        return int(dpg.draw_triangle(*[(x + px * r, y + py * r) for px, py in corners], **common))

    match SHAPES.get(kind, "circle"):
        case "square":
            return [box(0.86, 0.86)]
        case "triangle":
            return [triangle((-0.8, -1.05), (1.15, 0.0), (-0.8, 1.05))]
        case "diamond":
            upper = triangle((0.0, -1.25), (1.25, 0.0), (-1.25, 0.0))
            return [upper, triangle((0.0, 1.25), (-1.25, 0.0), (1.25, 0.0))]
        case "bar":
            return [box(0.55, 1.2)]
        case "pentagon":
            return [circle(1.12, 5)]
        case "hexagon":
            return [circle(1.08, 6)]
        case "star":
            upper = triangle((0.0, -1.35), (1.17, 0.68), (-1.17, 0.68))
            return [upper, triangle((0.0, 1.35), (-1.17, -0.68), (1.17, -0.68))]
        case "cross":
            return [box(0.42, 1.15), box(1.15, 0.42)]
        case "drop":
            return [circle(0.9), triangle((0.0, -1.6), (0.8, -0.4), (-0.8, -0.4))]
        case _:
            return [circle(1.0)]


def tint(items: Sequence[Item], colour: Colour) -> None:
    """Fill marks with another colour."""
    for item in items:
        dpg.configure_item(item, fill=colour)
