"""What is drawn above all: the wire in the hand, the box of a selection, lines, hints, tips.

It is made anew in each frame of a gesture, else when the mouse moves or there is another tip. All
sizes are pixels of the screen, whatever the zoom.
"""

from __future__ import annotations

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.hands import Sketch
from nodegraph.editor.canvas.lettering import width, wrapped
from nodegraph.editor.canvas.pasts import pooled
from nodegraph.editor.canvas.plane import Curve, Point, Rect, along, curve
from nodegraph.editor.canvas.scene import Scene
from nodegraph.editor.canvas.tips import Tip
from nodegraph.editor.look.colours import CLEAR, Colour, faded, mixed
from nodegraph.editor.look.theme import Look

_LETTERS, _LARGE, _LINE = 13.0, 18.0, 17.0
_PAD = 9.0
_PAST = (200.0, 44.0)


class Overlay:
    """One layer, above all others."""

    def __init__(self, parent: Item, look: Look) -> None:
        self._look = look
        self._root = parent
        self._unit = 1.0
        self._is_empty = True
        self._told: object = None

    def draw(
        self,
        camera: Camera,
        scene: Scene,
        sketch: Sketch,
        mouse: Point,
        tip: Tip | None = None,
        ties: Sequence[tuple[Point, Point]] = (),
        hint: str = "",
    ) -> None:
        """Draw this frame's. `ties` lead from sends to receives; `hint` stands in the middle."""
        anything = sketch.loose or sketch.box or sketch.lines or sketch.receiving or sketch.hint
        if not (anything or tip or ties or hint):
            if not self._is_empty:
                dpg.delete_item(self._root, children_only=True)
                self._is_empty, self._told = True, None
            return
        told = None if anything else (camera, mouse, hint, tip, len(ties))
        if told is not None and told == self._told:
            return
        self._told = told
        dpg.delete_item(self._root, children_only=True)
        self._is_empty = False
        self._unit = self._look.scale / camera.zoom
        colours = self._look.colours
        for start, end in ties:
            self._dashes(curve(start, end), colours.accent)
        if sketch.receiving in scene.cords:
            of = scene.cords[sketch.receiving].curve if sketch.receiving else None
            if of:
                brush.cord(self._root, of, colours.accent, 5.0)
        for line in sketch.lines:
            ends = [(line.at, line.start), (line.at, line.end)]
            if not line.upright:
                ends = [(y, x) for x, y in ends]
            brush.line(self._root, ends, faded(colours.accent, 0.8), self._unit)
        if sketch.loose:
            self._loose(sketch)
        if sketch.box:
            fill, edge = faded(colours.accent, 0.07), faded(colours.accent, 0.8)
            brush.rect(self._root, sketch.box, fill, 0.0, edge, self._unit)
        if sketch.hint:
            bad = sketch.loose is not None and sketch.loose_fits is False
            lines = wrapped(sketch.hint, 320.0, _LETTERS, most=6)
            self._tip(Tip(lines=lines, is_problem=bad), camera, mouse)
        elif tip is not None:
            self._tip(tip, camera, mouse)
        if hint:
            self._middle(hint, camera)

    def _loose(self, sketch: Sketch) -> None:
        assert sketch.loose is not None
        colours = self._look.colours
        tone = colours.kind(sketch.loose_kind)
        if sketch.loose_fits is False:
            tone = colours.problem
        brush.cord(self._root, curve(*sketch.loose), tone, 3.0)
        for end in sketch.loose:
            dpg.draw_circle(end, 5.0, color=CLEAR, fill=tone, parent=self._root)

    def _dashes(self, of: Curve, colour: Colour) -> None:
        points = along(of).tolist()
        for a, b in zip(points[::2], points[1::2], strict=False):
            brush.line(self._root, [tuple(a), tuple(b)], faded(colour, 0.8), 2.0 * self._unit)

    def _middle(self, words: str, camera: Camera) -> None:
        u, x, y = self._unit, *camera.seen.middle
        for row, line in enumerate(words.split("\n")):
            left = x - width(line, 16.0) * u / 2
            at = (left, y + (row * 26.0 - 20.0) * u)
            tone = self._look.colours.dim if row == 0 else self._look.colours.faint
            brush.text(self._root, at, line, 16.0 * u, tone)

    def _tip(self, tip: Tip, camera: Camera, mouse: Point) -> None:
        """A small sheet beside the mouse, wherever there is room."""
        u, colours, px = self._unit, self._look.colours, self._look.px
        size = self._size(tip)
        wide, high, edge = px(size[0]), px(size[1]), px(8)
        left = min(mouse[0] + px(18), camera.left + camera.width - wide - edge)
        top = mouse[1] + px(20)
        if top + high > camera.top + camera.height - edge:
            top = mouse[1] - high - px(14)
        x, y = camera.to_world(max(left, camera.left + edge), top)
        area = Rect(x, y, x + size[0] * u, y + size[1] * u)
        rim = colours.problem if tip.is_problem else mixed(colours.line, colours.faint, 0.5)
        ground = mixed(colours.panel, colours.raised, 0.5)
        brush.rect(self._root, area.moved(0, 3 * u).grown(2 * u), colours.shadow, 8.0 * u)
        brush.rect(self._root, area, ground, 7.0 * u, rim, u)
        x, y = x + _PAD * u, y + _PAD * u
        if tip.title:
            self._text((x, y), tip.title, _LETTERS, colours.dim)
            y += _LINE * u
        if tip.value:
            tone = colours.kind(tip.kind) if tip.kind else colours.text
            self._text((x, y + 1.0 * u), tip.value, _LARGE, tone, strong=True)
            y += (_LARGE + 8.0) * u
        if len(tip.past) > 1:
            self._past(Rect(x, y, x + _PAST[0] * u, y + _PAST[1] * u), tip)
            y += (_PAST[1] + 7.0) * u
        for words in tip.lines:
            self._text((x, y), words, _LETTERS, colours.text)
            y += _LINE * u

    def _past(self, area: Rect, tip: Tip) -> None:
        u, colours = self._unit, self._look.colours
        brush.rect(self._root, area, faded(colours.canvas, 0.8), 4.0 * u)
        points = pooled(tip.past)
        if len(points) < 2:
            return
        low, high = float(points.min()), float(points.max())
        room = area.height - 8.0 * u
        step = area.width / (len(points) - 1)
        flat = high - low < 1e-9
        shares = [0.5 if flat else (value - low) / (high - low) for value in points.tolist()]
        line = [
            (area.left + step * i, area.bottom - 4.0 * u - share * room)
            for i, share in enumerate(shares)
        ]
        brush.line(self._root, line, colours.kind(tip.kind), 1.5 * u)

    def _text(
        self, at: Point, words: str, size: float, colour: Colour, strong: bool = False
    ) -> None:
        font = self._look.fonts.strong if strong else None
        brush.text(self._root, at, words, size * self._unit, colour, font)

    def _size(self, tip: Tip) -> tuple[float, float]:
        wide = max(
            width(tip.title, _LETTERS),
            width(tip.value, _LARGE, True),
            _PAST[0] if len(tip.past) > 1 else 0.0,
            *(width(line, _LETTERS) for line in tip.lines),
            0.0,
        )
        high = _LINE * (bool(tip.title) + len(tip.lines)) + (_LARGE + 8.0) * bool(tip.value)
        high += (_PAST[1] + 7.0) * (len(tip.past) > 1)
        return wide + 2 * _PAD, high + 2 * _PAD - 2.0
