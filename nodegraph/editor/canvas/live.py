"""Keeps what moves on the boxes in step with the values: numbers, meters, curves, flashes, wires.

Only what is in the window is touched, a third of it each frame: twenty times a second is as often
as a number can be read, and a curve still flows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, nan, sqrt
from typing import Final, Protocol

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.boxes import Card
from nodegraph.editor.canvas.camera import CLOSE, NEAR
from nodegraph.editor.canvas.cords import STEPS, Cords
from nodegraph.editor.canvas.details import (
    LETTERS,
    Chip,
    Details,
    DrawnCurve,
    DrawnField,
    DrawnMark,
    Trace,
)
from nodegraph.editor.canvas.lettering import width
from nodegraph.editor.canvas.pasts import POINTS, farthest, piece_of, points_for, pooled
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import INSET, NARROW, Mark, column_of
from nodegraph.editor.canvas.turning import live
from nodegraph.editor.look.colours import mixed
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.numbers import held, share, show_number
from nodegraph.graph import Wire

EVERY: Final = 3
"""In how many frames each box has its turn; its curve, its numbers as words, and each wire, have
every second one. What costs is calls of Dear PyGui."""

_SLOW: Final = 0.15  # how fast the range of a curve closes in on what it shows


class Values(Protocol):
    """A part of `Watching`."""

    @property
    def ticks(self) -> int: ...
    def newest(self, port: str) -> float: ...
    def history(self, port: str, most: int = ...) -> NDArray[np.float64]: ...
    def fired(self, port: str) -> int: ...
    def value(self, port: str) -> object: ...


class Live:
    """What is known of each port that moves. `address` names a port as the values do."""

    def __init__(
        self, values: Values, address: Callable[[str], str], look: Look, cords: Cords
    ) -> None:
        self._values, self._address, self._look, self._cords = values, address, look, cords
        self._turn = self._age = 0
        self._points = POINTS[-1]
        self._news = News()
        self._ranges: dict[str, tuple[float, float]] = {}
        self._before: dict[str, float] = {}
        self._glow: dict[str, float] = {}
        self._fired: dict[str, int] = {}
        self._addresses: dict[str, str] = {}

    def forget(self) -> None:
        """Nodes may be called otherwise now: the patch or the view has changed."""
        self._addresses.clear()
        self._news.forget()
        self._age += 1

    def look_from(self, zoom: float) -> None:
        """Curves have no more points than can be told apart from there."""
        self._points = points_for((NARROW - 2 * INSET) * zoom)

    def tick(self, cards: Sequence[Card], wires: Sequence[Wire], nearness: int) -> None:
        """Give some of the visible boxes and wires their turn; boxes only if they are seen from
        `CLOSE` or nearer."""
        self._turn = (self._turn + 1) % (2 * EVERY)
        for place in range(self._turn % EVERY, len(cards) if nearness >= CLOSE else 0, EVERY):
            details = cards[place].details
            if details is not None:
                in_full = place % (2 * EVERY) == self._turn
                self._flashes(details)
                if nearness >= NEAR:
                    self._numbers(cards[place], details, in_full)
                if in_full:
                    self._curves(details)
        for wire in wires[self._turn :: 2 * EVERY]:
            self._wire(wire)

    # Boxes.

    def _flashes(self, details: Details) -> None:
        for drawn in details.marks:
            if drawn.flashes:
                self._flash(drawn)

    def _numbers(self, card: Card, details: Details, in_full: bool) -> None:
        for chip in details.chips:
            self._chip(chip, in_full)
        for field, shown in zip(details.fields, card.box.params, strict=False):
            if shown.driver and field.live is not None:
                self._driven(field, shown.driver)

    def _curves(self, details: Details) -> None:
        if details.curve is None:
            return
        if details.curve.spectrum:
            self._spectrum(details.curve)
            return
        for trace in details.curve.traces:
            self._curve(details.curve.area, trace)

    def _chip(self, chip: Chip, in_full: bool) -> None:
        value = self._values.newest(self._name(chip.name))
        if in_full and (words := live(value)) != chip.text:
            chip.text = words
            left = chip.area.right - 6.0 - width(words, LETTERS)
            dpg.configure_item(chip.words, text=words, pos=(left, chip.area.top + 1.5))
        low, high = self._range(chip.name, chip.mark)
        share = 0.0
        if isfinite(value) and high > low and chip.mark.kind != "clock":
            share = min(max((value - low) / (high - low), 0.0), 1.0)
        long = round(share * chip.area.width)
        if long != chip.long:
            chip.long = long
            end = (chip.area.left + long, chip.area.bottom)
            dpg.configure_item(chip.level, pmax=end, show=long > 2)

    def _flash(self, drawn: DrawnMark) -> None:
        """Flash a trigger, light a switch that is on."""
        name = self._name(drawn.flashes)
        if drawn.mark.kind == "trigger":
            count = self._values.fired(name)
            lit = count != self._fired.setdefault(name, count)
            self._fired[name] = count
        else:
            lit = self._values.newest(name) > 0.5
        if lit == drawn.lit:
            return
        drawn.lit = lit
        tone = mixed(drawn.colour, self._look.colours.text, 0.85) if lit else drawn.colour
        brush.tint(drawn.items, tone)
        if drawn.halo is not None:
            brush.show(drawn.halo, lit)

    def _driven(self, field: DrawnField, driver: str) -> None:
        """Show what drives a param: what it is now, and between what it went in 5 s."""
        param, area = field.field.param, field.field.area
        port = self._name(driver)
        value = self._values.newest(port)
        if not isfinite(value) or field.live is None or field.band is None:
            return
        at = round(area.left + share(value, param) * area.width)
        if self._news.of(field.live, at):
            brush.place_rect(field.live, Rect(at - 1.5, area.top, at + 1.5, area.bottom))
        past = self._values.history(port)
        if len(past):
            least = round(area.left + share(float(past.min()), param) * area.width)
            most = round(area.left + share(float(past.max()), param) * area.width)
            if self._news.of(field.band, (least, most)):
                brush.place_rect(field.band, Rect(least, area.top, most, area.bottom))
        words = show_number(held(value, param), param)
        if field.words is not None and self._news.of(field.words, words):
            left = area.right - 8.0 - width(words, LETTERS)
            top = area.top + (area.height - LETTERS) / 2 - 0.5
            dpg.configure_item(field.words, text=words, pos=(left, top))

    # Curves.

    def _curve(self, area: Rect, trace: Trace) -> None:
        """Let a curve flow, which is cheap, and lead it anew when it has one point more."""
        length = piece_of(self._points)
        pieces, on = divmod(self._values.ticks, length)
        if trace.led != (self._age, self._points, pieces):
            self._gather(trace, pieces, on)
            if trace.points:
                self._lead(area, trace)
        if trace.step:
            brush.shift(trace.layer, round(-trace.step * on / length, 1))

    def _gather(self, trace: Trace, pieces: int, on: int) -> None:
        """Bring the points of a curve up to date; one that is full mostly has one more."""
        name, most, length = self._name(trace.name), self._points, piece_of(self._points)
        point = nan
        if len(trace.points) == most and trace.led == (self._age, most, pieces - 1):
            point = farthest(self._values.history(name, length + on)[:length])
        if isfinite(point):
            trace.points = [*trace.points, point][-most:]
        else:
            trace.points = pooled(self._values.history(name), most, self._values.ticks).tolist()
        trace.led = (self._age, most, pieces) if trace.points else None

    def _lead(self, area: Rect, trace: Trace) -> None:
        points = trace.points
        least, most = min(points), max(points)
        low, high = self._open(trace.name, trace.mark, least, most)
        room = area.height - 8.0
        scale = room / (high - low) if high - low > 1e-9 else 0.0
        if (most - least) * scale >= 0.5:
            self._news.of(trace.layer, None)  # whatever comes next, it is no flat line yet
            heights = [(point - low) * scale for point in points]
            trace.step = draw_curve(area, trace.line, heights, self._points)
            return
        height = round((least - low) * scale if scale else room / 2, 1)
        if self._news.of(trace.layer, height):  # nothing moves
            trace.step, y = 0.0, area.bottom - 4.0 - height
            brush.shift(trace.layer, 0.0)
            dpg.configure_item(trace.line, points=[(area.left + 4.0, y), (area.right - 4.0, y)])

    def _spectrum(self, curve: DrawnCurve) -> None:
        value = self._values.value(self._name(curve.spectrum))
        if not isinstance(value, tuple) or len(value) < 2:
            return
        if not self._news.of(curve.traces[0].line, value):
            return
        bins = np.asarray(value, np.float64)
        most = POINTS[-1]
        if len(bins) > 4 * most:  # of many, low ones get more room, as to the ear
            edges = np.unique(np.geomspace(1, len(bins), most + 1).astype(int))
            bins = np.maximum.reduceat(bins, edges[:-1])
        elif len(bins) > most:
            edges = np.linspace(0, len(bins), most, endpoint=False).astype(int)
            bins = np.maximum.reduceat(bins, edges)
        bins = np.sqrt(np.clip(np.nan_to_num(bins), 0.0, None))
        _, high = self._open(curve.spectrum, None, 0.0, float(bins.max()))
        room = curve.area.height - 8.0
        heights = np.clip(bins / max(high, 1e-9), 0, 1) * room
        draw_curve(curve.area, curve.traces[0].line, heights.tolist(), most)

    def _open(self, name: str, mark: Mark | None, low: float, high: float) -> tuple[float, float]:
        """The range that a curve shows: the declared one, or one that opens fast, closes slowly."""
        if mark is not None and mark.low is not None and mark.high is not None:
            return min(mark.low, low), max(mark.high, high)
        was_low, was_high = self._ranges.get(name, (low, high))
        low = low if low < was_low else was_low + (low - was_low) * _SLOW
        high = high if high > was_high else was_high + (high - was_high) * _SLOW
        self._ranges[name] = low, high
        return low, high

    def _range(self, name: str, mark: Mark) -> tuple[float, float]:
        """The range of a meter: the declared one, or that of the curve, from 0."""
        if mark.low is not None and mark.high is not None:
            return mark.low, mark.high
        low, high = self._ranges.get(name, (0.0, 1.0))
        return min(low, 0.0), max(high, 1e-9)

    # Wires.

    def _wire(self, wire: Wire) -> None:
        drawn = self._cords.drawn.get(wire)
        if drawn is None:
            return
        kind = drawn.cord.kind
        name = self._name(column_of(str(wire.source), kind))
        if kind == "trigger":
            count = self._values.fired(name)
            fired = count != self._fired.setdefault(f"wire {name}", count)
            self._fired[f"wire {name}"] = count
            glow = 1.0 if fired else self._glow.get(name, 0.0) * 0.6
        else:
            value = self._values.newest(name)
            if not isfinite(value):
                glow = 0.0
            elif kind == "audio":
                glow = min(sqrt(max(value, 0.0)) * 1.6, 1.0)
            else:
                step = abs(value - self._before.get(name, value)) / max(abs(value), 1.0)
                self._before[name] = value
                glow = max(min(step * 12.0, 1.0), self._glow.get(name, 0.0) * 0.8)
        self._glow[name] = glow
        self._cords.set_level(wire, round(glow * STEPS))

    def _name(self, port: str) -> str:
        found = self._addresses.get(port)
        if found is None:
            found = self._addresses[port] = self._address(port)
        return found


def draw_curve(area: Rect, line: brush.Item, heights: Sequence[float], most: int) -> float:
    """Lead a line through heights above the foot of an area, which has room for so many; what is
    short ends at the right. Gives the pixels between two of them."""
    step = (area.width - 8.0) / (max(most, len(heights)) - 1)
    left = area.right - 4.0 - step * (len(heights) - 1)
    foot = area.bottom - 4.0
    points = [(left + step * i, foot - height) for i, height in enumerate(heights)]
    dpg.configure_item(line, points=points)
    return step
