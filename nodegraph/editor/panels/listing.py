"""A floating field to type into and the ranked list of what was found.

Tags, for one called T: `T`, `T.input`, `T.N` for the Nth line, `T.empty`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import Colour
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating

LINES: Final = 12
_WIDTH: Final = 480
_REMARK: Final = 170


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list: what it is, how it reads, a remark at its end, a coloured mark."""

    id: str
    label: str
    remark: str = ""
    colour: Colour | None = None
    dim: bool = False


class Listing(Floating):
    """Arrow keys move, Enter takes, and so does a click. A subclass finds and takes."""

    width = _WIDTH
    nothing = "Nothing is called that."

    def __init__(self, look: Look, tag: str, hint: str) -> None:
        super().__init__(look, tag, self.width)
        self.entries: list[Entry] = []
        self.at = 0
        self._hint = hint
        self._asked: str | None = None
        self._top = 0

    def find(self, asked: str) -> list[Entry]:
        """What is found by these words, the best first; everything worth showing if none."""
        raise NotImplementedError

    def chosen(self, entry: Entry) -> None:
        """Somebody takes this one; the window is closed already."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Find anew what is asked for, because there may be something else."""
        self._look_up(self._asked or "")

    def moved(self, entry: Entry | None) -> None:
        """Another line is lit."""

    def beside(self) -> None:
        """Put further items beside the list."""

    @property
    def lit(self) -> Entry | None:
        """The line that Enter takes."""
        return self.entries[self.at] if self.at < len(self.entries) else None

    def fill(self) -> None:
        look = self.look
        with dpg.group(horizontal=True, horizontal_spacing=look.px(14)):
            with dpg.group():
                dpg.add_input_text(tag=f"{self.tag}.input", hint=self._hint, width=look.px(_WIDTH))
                dpg.add_spacer(height=look.px(2))
                self._lines()
                look.text("", "faint", tag=f"{self.tag}.empty", show=False, wrap=look.px(_WIDTH))
            self.beside()

    def begin(self, at: tuple[float, float] | None = None, asked: str = "") -> None:
        """Show it with a fresh field."""
        self._asked = None
        dpg.set_value(f"{self.tag}.input", asked)
        self.open(at, focus=f"{self.tag}.input")
        self._look_up(asked)

    def tick(self) -> None:
        asked = str(dpg.get_value(f"{self.tag}.input"))
        if asked != self._asked:
            self._look_up(asked)
        for key, by in ((dpg.mvKey_Down, 1), (dpg.mvKey_Up, -1)):
            if dpg.is_key_pressed(key) and self.entries:
                self._light((self.at + by) % len(self.entries))
        if dpg.is_key_pressed(dpg.mvKey_Return) or dpg.is_key_pressed(dpg.mvKey_NumPadEnter):
            self._take()
        if self.is_open:
            super().tick()

    def _lines(self) -> None:
        with dpg.table(header_row=False, width=self.look.px(_WIDTH), tag=f"{self.tag}.lines"):
            dpg.add_table_column(width_fixed=True, init_width_or_weight=self.look.px(8))
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column(width_fixed=True, init_width_or_weight=self.look.px(_REMARK))
            for place in range(LINES):
                tag = f"{self.tag}.{place}"
                with dpg.table_row(tag=f"{tag}.row", show=False):
                    self.look.text("●", tag=f"{tag}.mark")
                    dpg.add_selectable(
                        tag=tag, span_columns=True, user_data=place, callback=self._clicked
                    )
                    self.look.text("", "faint", "small", tag=f"{tag}.remark")

    def _look_up(self, asked: str) -> None:
        self._asked = asked
        self.entries = self.find(asked.strip())
        dpg.configure_item(f"{self.tag}.empty", show=not self.entries)
        dpg.set_value(f"{self.tag}.empty", self.nothing)
        self._top = 0
        self._light(0)

    def _light(self, at: int) -> None:
        self.at = at
        self._top = max(min(self._top, at), at - LINES + 1)
        for place in range(LINES):
            self._draw(place)
        self.moved(self.lit)

    def _draw(self, place: int) -> None:
        tag, index = f"{self.tag}.{place}", self._top + place
        there = index < len(self.entries)
        dpg.configure_item(f"{tag}.row", show=there)
        if not there:
            return
        entry = self.entries[index]
        dpg.configure_item(tag, label=entry.label)
        dpg.set_value(tag, index == self.at)
        self.look.bind(tag, "faint" if entry.dim else "line")
        dpg.set_value(f"{tag}.remark", entry.remark)
        dpg.set_value(f"{tag}.mark", "●" if entry.colour else "")
        if entry.colour:
            dpg.configure_item(f"{tag}.mark", color=entry.colour)

    def _clicked(self, sender: object, data: object, place: int) -> None:
        self._light(self._top + place)
        self._take()

    def _take(self) -> None:
        entry = self.lit
        if entry is not None:
            self.close()
            self.chosen(entry)
