"""What is seen of a band: two charts in a drawlist, whose items stay and are moved."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.band import Grip, Setting
from nodegraph.editor.band_charts import SECONDS, Charts
from nodegraph.editor.band_curves import PIECE, ages_of, line_of
from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.lettering import width
from nodegraph.editor.canvas.plane import Point, Rect
from nodegraph.editor.look.colours import Colour, faded
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import show_amount, show_number

_STEP: Final = 4  # pixels from one column of the spectrum to the next
_FALL: Final = 0.8  # what is left of a column, drawing by drawing, of what was louder
_MOST_HITS: Final = 48
_THIN: Final = 1.5  # a line that can be dragged
_THICK: Final = 3.0  # one that the hand has, or could take
_MARKS: Final = ((100.0, "100"), (1000.0, "1k"), (10000.0, "10k"))
_NOWHERE: Final = Rect(0.0, 0.0, 0.0, 0.0)


class Drawing:
    """Call `make` before each drawing: it makes the items anew where size or colours differ."""

    def __init__(self, look: Look, tag: str) -> None:
        self.look, self.tag = look, tag
        self._made: tuple[object, ...] = ()
        self._root: Item = 0
        self._items: dict[str, Item] = {}
        self._columns: list[Item] = []
        self._heights = np.zeros(0)
        self._seen: list[tuple[float, bool]] = []
        self._hits: list[tuple[Item, Item]] = []
        self._hits_shown = 0

    @property
    def count(self) -> int:
        """How many columns the spectrum has."""
        return len(self._columns)

    def forget(self) -> None:
        """The drawlist is another one."""
        self._made = ()

    def make(self, charts: Charts) -> None:
        """Have all items there; those that never move are in their places then."""
        look, wide = self.look, max(charts.spectrum.right, charts.past.right)
        made = (wide, charts.height, look.colours.name, look.scale, charts.band)
        if made == self._made:
            return
        self._made = made
        dpg.delete_item(self.tag, children_only=True)
        dpg.configure_item(self.tag, width=int(wide), height=int(charts.height))
        self._root = int(dpg.add_draw_node(parent=self.tag))
        self._grounds(charts)
        self._make_spectrum(charts.spectrum)
        self._make_past(charts.past)

    # The items.

    def _grounds(self, charts: Charts) -> None:
        c, px, area = self.look.colours, self.look.px, charts.spectrum
        brush.rect(self._root, area, c.canvas)
        brush.rect(self._root, charts.past, c.canvas)
        brush.rect(self._root, _bar(charts.strip, self.look), c.canvas)
        for hz, words in _MARKS:
            x = charts.x_of(hz)
            self._line((x, area.top), (x, area.bottom), c.line)
            left = x - width(words, px(11)) / 2
            brush.text(self._root, (left, area.bottom + px(2)), words, px(11), c.faint)

    def _make_spectrum(self, area: Rect) -> None:
        c, px = self.look.colours, self.look.px
        count, wide = max(int(area.width) // px(_STEP), 1), max(px(_STEP) - 1, 1)
        nowhere = (0.0, 0.0)
        self._heights, self._seen = np.zeros(count), [(-1.0, False)] * count
        self._items["band"] = brush.rect(self._root, _NOWHERE, c.accent)
        self._columns = [self._line(nowhere, nowhere, c.faint, wide) for _ in range(count)]
        for name in ("across", "low", "high"):
            self._items[name] = self._line(nowhere, nowhere, c.accent)
        self._items["range"] = self._words(area)

    def _make_past(self, area: Rect) -> None:
        c, px, root = self.look.colours, self.look.px, self._root
        hit, nowhere = c.kind("trigger"), (0.0, 0.0)
        self._hits = [
            (
                self._line(nowhere, nowhere, faded(hit, 0.4)),
                brush.rect(root, _NOWHERE, faded(hit, 0.6), px(2)),
            )
            for _ in range(_MOST_HITS)
        ]
        self._hits_shown = _MOST_HITS
        flat = [(area.left, area.bottom), (area.right, area.bottom)]
        wide = _THIN * self.look.scale
        self._items["level"] = brush.line(root, flat, c.kind("number"), wide)
        for name in ("hysteresis", "threshold"):
            self._items[name] = self._line(nowhere, nowhere, c.accent)
        self._items["words"] = self._words(area)

    def _words(self, area: Rect) -> Item:
        """A line of words above a chart."""
        px, colours = self.look.px, self.look.colours
        return brush.text(self._root, (area.left, area.top - px(17)), "", px(13), colours.dim)

    def _line(self, a: Point, b: Point, colour: Colour, thickness: float = 1.0) -> Item:
        return int(dpg.draw_line(a, b, color=colour, thickness=thickness, parent=self._root))

    # What moves.

    def spectrum(self, charts: Charts, levels: NDArray[np.float64], setting: Setting) -> None:
        """Show the columns, those in the band lit. A column falls slowly."""
        self._heights = np.maximum(levels, self._heights * _FALL)
        lit = self.look.colours.kind("vector")
        dark, area = faded(lit, 0.35), charts.spectrum
        low, high = charts.x_of(setting.low), charts.x_of(setting.high)
        step = area.width / len(self._columns)
        tall = np.round(charts.shares(self._heights) * area.height)
        xs = area.left + (np.arange(len(tall)) + 0.5) * step
        is_lit = (xs >= low - step / 2) & (xs <= high + step / 2)
        now = list(zip(tall.tolist(), is_lit.tolist(), strict=True))
        for item, x, before, new in zip(self._columns, xs.tolist(), self._seen, now, strict=True):
            if new != before:
                long, colour = new[0], lit if new[1] else dark
                foot, head = (x, area.bottom), (x, area.bottom - long)
                dpg.configure_item(item, p1=foot, p2=head, color=colour, show=long > 0)
        self._seen = now

    def past(self, charts: Charts, levels: NDArray[np.float64], ticks: int, tick: float) -> None:
        """Show what the level did in the last seconds; a tick is so many seconds long."""
        area, pace = charts.past, charts.past.width * tick / SECONDS
        ages, most = line_of(levels[-round(SECONDS / tick) - PIECE :], ticks)
        known = np.isfinite(most)
        xs = np.maximum(area.right - ages[known] * pace, area.left)
        ys = area.bottom - 1.0 - charts.shares(most[known]) * (area.height - 1.0)
        points = np.stack((xs, ys), axis=1).tolist()
        seen = len(points) > 1
        dpg.configure_item(self._items["level"], show=seen, **({"points": points} if seen else {}))

    def hits(
        self, charts: Charts, trigger: NDArray[np.float64], tick: float, cooldown: float
    ) -> None:
        """Show when it hit, and the cooldown after each."""
        area, strip = charts.past, _bar(charts.strip, self.look)
        pace, long = area.width * tick / SECONDS, cooldown / charts.seconds(1.0)
        places = area.right - ages_of(trigger) * pace
        shown = places[places >= area.left][-_MOST_HITS:].tolist()
        for (line, bar), x in zip(self._hits, shown, strict=False):
            end = min(x + max(long, 2.0), strip.right)
            dpg.configure_item(line, p1=(x, area.top), p2=(x, area.bottom), show=True)
            brush.place_rect(bar, strip._replace(left=x, right=end))
            brush.show(bar, True)
        for line, bar in self._hits[len(shown) : self._hits_shown]:
            brush.show(line, False)
            brush.show(bar, False)
        self._hits_shown = len(shown)

    def lines(
        self, charts: Charts, setting: Setting, driven: Collection[str], grip: Grip | None
    ) -> None:
        """Show where everything is set, and what the hand has, or could take. Params that wires
        drive are not for the hand."""
        c, area, past, band = self.look.colours, charts.spectrum, charts.past, charts.band
        left, right = charts.x_of(setting.low), charts.x_of(setting.high)
        brush.place_rect(self._items["band"], area._replace(left=left, right=right))
        self._set("band", fill=faded(c.accent, 0.22 if grip == "band" else 0.12))
        for name, x in (("low", left), ("high", right)):
            self._lead(name, (x, area.top), (x, area.bottom), driven, held=grip == name)
        y = charts.y_of(setting.threshold)
        self._lead("threshold", (past.left, y), (past.right, y), driven, held=grip == "threshold")
        y = area.bottom - float(charts.shares(setting.threshold)) * area.height
        self._set("across", p1=(left, y), p2=(right, y))
        y, held = charts.y_of(setting.release), grip == "hysteresis"
        self._set(
            "hysteresis",
            p1=(past.left, y),
            p2=(past.right, y),
            color=c.accent if held else faded(c.accent, 0.45),
            thickness=(_THICK if held else 1.0) * self.look.scale,
            show=band.hysteresis is not None,
        )
        words = f"{show_number(setting.low, band.low)} to {show_number(setting.high, band.high)}"
        self._set("range", text=words, color=c.text if grip in ("low", "high", "band") else c.dim)
        words = _words(charts, setting, grip)
        self._set("words", text=words, color=c.dim if words.startswith("hits") else c.text)

    def _lead(self, name: str, a: Point, b: Point, driven: Collection[str], *, held: bool) -> None:
        thickness = (_THICK if held else _THIN) * self.look.scale
        colour = self.look.colours.dim if name in driven else self.look.colours.accent
        self._set(name, p1=a, p2=b, thickness=thickness, color=colour)

    def _set(self, name: str, **changes: object) -> None:
        dpg.configure_item(self._items[name], **changes)


def _bar(strip: Rect, look: Look) -> Rect:
    """What is seen of the strip."""
    return strip._replace(top=strip.top + look.px(5), bottom=strip.bottom - look.px(5))


def _words(charts: Charts, setting: Setting, grip: Grip | None) -> str:
    """What the hand would change in the lower chart; else the threshold."""
    band = charts.band
    match grip:
        case "hysteresis" if band.hysteresis:
            level = float(f"{setting.release:.3g}")
            part = show_number(setting.hysteresis, band.hysteresis)
            return f"lets go at {show_amount(level)}, hysteresis {part}"
        case "cooldown" if band.cooldown:
            return f"cooldown {show_number(setting.cooldown, band.cooldown)}"
        case "threshold":
            return f"threshold {show_number(setting.threshold, band.threshold)}"
    return f"hits at {show_number(setting.threshold, band.threshold)}"
