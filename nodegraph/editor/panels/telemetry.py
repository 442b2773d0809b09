"""How the show does: engine, pictures, delays over the last minute, and what is not well.

Tags: `nodegraph.telemetry`, `nodegraph.telemetry.NAME` for each gauge.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.gauges import Gauge, Gauges
from nodegraph.editor.layout import DRAWER
from nodegraph.editor.look.colours import CLEAR, Colour, faded
from nodegraph.editor.look.theme import Look

_TAG: Final = "nodegraph.telemetry"
_MOST_WIDE: Final = 220
_GAP: Final = 20
_ROWS: Final = 3  # of words in a column
_HEIGHT: Final = 34


class Telemetry:
    """Keeps the past of the show also while it is not seen: call `hear` with every frame."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self.gauges = Gauges()
        self._names: list[str] = []
        self._width = 0
        self._words: object = None

    def build(self, parent: int | str) -> None:
        """Make the panel."""
        with dpg.child_window(tag=_TAG, parent=parent, width=-1, height=-1):
            dpg.add_group(
                tag=f"{_TAG}.gauges", horizontal=True, horizontal_spacing=self.look.px(_GAP)
            )
            dpg.add_group(tag=f"{_TAG}.words")

    def hear(self) -> bool:
        """Note how the show stands; whether that is news."""
        return self.gauges.hear(self.editing.mirror.status, time.monotonic())

    def tick(self) -> None:
        """Draw what is news."""
        if not self.hear():
            return
        gauges = self.gauges.all()
        if [gauge.name for gauge in gauges] != self._names:
            self._names = [gauge.name for gauge in gauges]
            self._make()
        self._width = self._share(len(gauges))
        for gauge in gauges:
            self._draw(gauge)
        words = (self.gauges.problems(), self.gauges.words())
        if words != self._words:
            self._words = words
            self._write(*words)

    def _share(self, count: int) -> int:
        """How wide each of so many gauges is."""
        px = self.look.px
        room = int(dpg.get_item_width(DRAWER) or 0) - px(2 * 12 + 10) - (count - 1) * px(_GAP)
        return max(min(room // max(count, 1), px(_MOST_WIDE)), px(60))

    def _make(self) -> None:
        dpg.delete_item(f"{_TAG}.gauges", children_only=True)
        for name in self._names:
            with dpg.group(parent=f"{_TAG}.gauges"):
                self.look.text(name, "faint", "small")
                self.look.text("", font="strong", tag=f"{_TAG}.{name}.value")
                dpg.add_drawlist(10, self.look.px(_HEIGHT), tag=f"{_TAG}.{name}")

    def _draw(self, gauge: Gauge) -> None:
        look, tag = self.look, f"{_TAG}.{gauge.name}"
        width, height = self._width, look.px(_HEIGHT)
        dpg.configure_item(tag, width=width, height=height)
        dpg.set_value(f"{tag}.value", gauge.value)
        dpg.delete_item(tag, children_only=True)
        ground = look.colours.canvas
        dpg.draw_rectangle(
            (0, 0), (width, height), fill=ground, color=CLEAR, rounding=look.px(4), parent=tag
        )
        if len(gauge.past) < 2:
            return
        step = (width - 4) / (len(gauge.past) - 1)
        points = [
            (2 + step * at, height - 3 - share * (height - 6))
            for at, share in enumerate(gauge.past)
        ]
        tone = self._tone(gauge.tone)
        for (left, y), (right, _) in pairwise(points):
            dpg.draw_rectangle(
                (left, y), (right, height - 2), fill=faded(tone, 0.15), color=CLEAR, parent=tag
            )
        dpg.draw_polyline(points, color=tone, thickness=look.px(1.5), parent=tag)

    def _tone(self, tone: str) -> Colour:
        c = self.look.colours
        return {"good": c.good, "warning": c.warning, "problem": c.problem}.get(tone, c.dim)

    def _write(self, problems: list[str], words: list[tuple[str, str]]) -> None:
        group = f"{_TAG}.words"
        dpg.delete_item(group, children_only=True)
        for text in problems:
            self.look.text(text, "problem", "small", wrap=0, parent=group)
        with dpg.group(parent=group, horizontal=True, horizontal_spacing=self.look.px(_GAP)):
            for first in range(0, len(words), _ROWS):
                with dpg.group():
                    for text, tone in words[first : first + _ROWS]:
                        self.look.text(text, tone or "dim", "small")
