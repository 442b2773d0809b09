"""What stands on a box: ports, numbers beside outlets, params, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.camera import BESIDE, CLOSE, NEAR
from nodegraph.editor.canvas.hitting import OnPort
from nodegraph.editor.canvas.lettering import fitted, width
from nodegraph.editor.canvas.pieces import Box, Shown
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import FIELD, INSET, MARK, SMALL, TEXT, Field, Mark, Shape
from nodegraph.editor.look.colours import CLEAR, Colour, faded, mixed
from nodegraph.editor.look.theme import Look
from nodegraph.graph import Port

LETTERS = FIELD / 2
"""The size of params and numbers: two lines of it are as high as a param."""


@dataclass(slots=True)
class DrawnMark:
    """A port's mark; `colour` is how it looks when nothing happens, `halo` is for when it does.

    `flashes` is the name of a switch or a trigger that it shows, or nothing.
    """

    mark: Mark
    items: list[Item]
    colour: Colour
    halo: Item | None = None
    flashes: str = ""
    lit: bool = False


@dataclass(slots=True)
class Chip:
    """The number beside an outlet, whose column is `name`; `level` is its meter."""

    name: str
    mark: Mark
    area: Rect
    level: Item
    words: Item
    text: str = ""
    long: int = 0


@dataclass(slots=True)
class DrawnField:
    """A param. `level` is the slider's or the switch's fill; the last two are of driven ones."""

    field: Field
    level: Item | None = None
    words: Item | None = None
    knob: Item | None = None
    band: Item | None = None
    live: Item | None = None


@dataclass(slots=True)
class Trace:
    """A line of a curve, on a layer that flows to the left: by `step` pixels until it has one point
    more. `name` is its column, of the outlet with the mark; `led` says what `points` are of."""

    line: Item
    layer: Item
    mark: Mark | None
    name: str
    step: float = 0.0
    points: list[float] = field(default_factory=list)
    led: object = None


@dataclass(slots=True)
class DrawnCurve:
    """The curve of a box."""

    area: Rect
    traces: list[Trace] = field(default_factory=list)
    spectrum: str = ""


class Details:
    """The items of one box on its layer `root`: ports and curve, which are seen from `CLOSE` on;
    what is `fine`, from `NEAR` on; and what is tiny, as the marks of params that nothing drives.

    An item costs a frame about the same whatever it shows; so there are as few as can be.
    """

    def __init__(self, box: Box, root: Item, look: Look) -> None:
        self.id = box.id
        self.root = root
        self.fine = brush.layer(root)
        self._tiny = brush.layer(root)
        self._nearness = BESIDE
        self.marks: list[DrawnMark] = []
        self.chips: list[Chip] = []
        self.fields: list[DrawnField] = []
        self.curve: DrawnCurve | None = None
        self._look = look
        self._lit: frozenset[OnPort] | None = None
        shape = box.shape
        if shape.curve is not None:
            self.curve = self._curve(shape.curve, shape)
        if shape.fields:
            self._well(shape.fields)
        for drawn, shown in zip(shape.fields, box.params, strict=False):
            self.fields.append(self._field(drawn, shown))
        if shape.fields:
            self._names(shape.fields)
        if shape.more is not None:
            words = f"{shape.hidden} more" if shape.hidden else "fewer"
            at = (shape.width / 2 - width(words, SMALL) / 2, shape.more.top + 2.0)
            brush.text(self.fine, at, words, SMALL, look.colours.faint)
        for mark in shape.marks:
            wired = mark.port in (box.inlets if mark.side == "in" else box.outlets)
            self._mark(mark, wired)

    def show(self, nearness: int) -> None:
        """Show as much as can be made out from there."""
        self._nearness = nearness
        brush.show(self.root, nearness >= CLOSE)
        brush.show(self.fine, nearness >= NEAR)
        brush.show(self._tiny, nearness >= BESIDE or self._lit is not None)

    def show_params(self, old: Box, new: Box) -> None:
        """Show the params that differ; which of them are driven is the same."""
        for drawn, before, now in zip(self.fields, old.params, new.params, strict=True):
            if before != now:
                self._show(drawn, now)

    def light(self, lit: frozenset[OnPort] | None) -> None:
        """Dim all ports but some; None lights them all."""
        if lit == self._lit:
            return
        self._lit = lit
        self.show(self._nearness)
        for drawn in self.marks:
            on = lit is None or OnPort(Port(self.id, drawn.mark.port), drawn.mark.side) in lit
            brush.tint(drawn.items, drawn.colour if on else faded(drawn.colour, 0.16))

    def _mark(self, mark: Mark, wired: bool) -> None:
        colours = self._look.colours
        colour = colours.kind(mark.kind)
        radius = MARK
        if not wired:
            radius = MARK - 0.5 if mark.label else MARK - 2.2
            colour = faded(colour, 0.9 if mark.label else 0.55)
        flashes = mark.side == "out" and mark.kind in ("trigger", "boolean")
        halo = self._halo(mark) if flashes and mark.kind == "trigger" else None
        layer = self.root if wired or mark.label else self._tiny
        items = brush.mark(layer, mark.kind, (mark.x, mark.y), radius, colour)
        name = f"{self.id}.{mark.port}" if flashes else ""
        self.marks.append(DrawnMark(mark, items, colour, halo, name))
        if not mark.label:
            return
        wide = width(mark.label, TEXT)
        left = INSET if mark.side == "in" else mark.x - INSET - wide
        tone = colours.text if mark.side == "out" else mixed(colours.text, colours.dim, 0.6)
        brush.text(self.fine, (left, mark.y - TEXT / 2), mark.label, TEXT, tone)
        if mark.chip is not None:
            self._chip(mark, mark.chip)

    def _halo(self, mark: Mark) -> Item:
        """What flashes behind a trigger's mark."""
        tone = faded(self._look.colours.kind(mark.kind), 0.45)
        at = (mark.x, mark.y)
        halo = dpg.draw_circle(at, MARK * 2.2, color=CLEAR, fill=tone, parent=self.root)
        brush.show(halo, False)
        return int(halo)

    def _chip(self, mark: Mark, area: Rect) -> None:
        colours = self._look.colours
        brush.rect(self.fine, area, faded(colours.canvas, 0.55), 4.0)
        fill = faded(colours.kind(mark.kind), 0.28)
        level = brush.rect(self.fine, area._replace(right=area.left), fill)
        at = (area.left + 6.0, area.top + 1.5)
        brush.show(level, False)
        words = brush.text(self.fine, at, "", LETTERS, colours.dim)
        self.chips.append(Chip(f"{self.id}.{mark.column}", mark, area, level, words))

    def _well(self, fields: Sequence[Field]) -> None:
        """The ground of all params."""
        area = fields[0].area._replace(bottom=fields[-1].area.bottom)
        brush.rect(self.fine, area, faded(self._look.colours.canvas, 0.7), 4.0)

    def _names(self, fields: Sequence[Field]) -> None:
        """The names of all params: lines of one text, each second one of which is empty."""
        colours, area = self._look.colours, fields[0].area
        lines = [fitted(each.name, area.width * 0.56, LETTERS) for each in fields]
        at = (area.left + 8.0, _top(area))
        tone = mixed(colours.text, colours.dim, 0.7)
        brush.text(self.fine, at, "\n\n".join(lines), LETTERS, tone)

    def _field(self, drawn: Field, shown: Shown) -> DrawnField:
        colours, area = self._look.colours, drawn.area
        made = DrawnField(drawn)
        if drawn.control == "slider":
            fill = mixed(colours.raised, colours.text, 0.2)
            made.level = brush.rect(self.fine, area, fill)  # without corners, which cost the most
            if shown.driver:
                tone = colours.kind("number")
                made.band = brush.rect(self.fine, area, faded(tone, 0.25), 3.0)
                made.live = brush.rect(self.fine, area, tone, 1.0)
        elif drawn.control == "switch":
            track = Rect(area.right - 32.0, area.top + 3.0, area.right - 6.0, area.bottom - 3.0)
            made.level = brush.rect(self.fine, track, colours.hover, 7.0)
            made.knob = int(
                dpg.draw_circle((0, 0), 5.0, color=CLEAR, fill=colours.dim, parent=self.fine)
            )
        if drawn.control != "switch":
            made.words = brush.text(self.fine, (0, 0), "", LETTERS, colours.text)
        if drawn.control == "choice":
            at = (area.right - 15.0, _top(area) + 2.0)
            brush.text(self._tiny, at, "▼", 8.0, colours.faint)
        self._show(made, shown)
        return made

    def _show(self, drawn: DrawnField, shown: Shown) -> None:
        """Let a param's items say how it stands."""
        colours, area = self._look.colours, drawn.field.area
        if drawn.words is not None:
            room = area.width * (0.5 if drawn.field.control == "slider" else 0.6)
            words = fitted(shown.text, room - 10.0, LETTERS)
            edge = 20.0 if drawn.field.control == "choice" else 8.0
            left = area.right - edge - width(words, LETTERS)
            dpg.configure_item(drawn.words, text=words, pos=(left, _top(area)))
        if drawn.field.control == "slider" and drawn.level is not None:
            end = area.left + max(area.width * shown.at, 2.0)
            level = area.grown(-1.0)._replace(right=max(end - 1.0, area.left + 2.0))
            if shown.driver:  # what is set does not act: a tick tells where it is
                level = Rect(end - 2.0, area.top, end, area.bottom)
            brush.place_rect(drawn.level, level)
        elif drawn.knob is not None and drawn.level is not None:
            x = area.right - (13.0 if shown.on else 25.0)
            middle = (area.top + area.bottom) / 2
            dpg.configure_item(
                drawn.knob, center=(x, middle), fill=colours.on_accent if shown.on else colours.dim
            )
            dpg.configure_item(drawn.level, fill=colours.accent if shown.on else colours.hover)

    def _curve(self, area: Rect, shape: Shape) -> DrawnCurve:
        colours = self._look.colours
        brush.rect(self.root, area, faded(colours.canvas, 0.8), 4.0)
        drawn = DrawnCurve(area, spectrum=shape.spectrum and f"{self.id}.{shape.spectrum}")
        tones = (colours.kind("number"), faded(colours.warning, 0.7))
        flat = [(area.left + 4.0, area.bottom - 4.0), (area.right - 4.0, area.bottom - 4.0)]
        for trace, tone in zip(shape.traces or (shape.spectrum,), tones, strict=False):
            mark = shape.mark(trace.partition(".")[0], "out")
            layer = brush.layer(self.root)
            line = brush.line(layer, flat, tone, 1.4)
            drawn.traces.append(Trace(line, layer, mark, f"{self.id}.{trace}"))
        return drawn


def _top(area: Rect) -> float:
    """Where letters begin that stand in the middle of a param."""
    return area.top + (area.height - LETTERS) / 2 - 0.5
