"""The keyboard map, made of the actions, and what the mouse does.

Tags: `nodegraph.keys`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.action import shown
from nodegraph.editor.actions import ACTIONS
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.panels.menu import MENUS

MOUSE: Final = (
    ("Pan", "middle drag, or space and drag"),
    ("Zoom at the pointer", "wheel"),
    ("Add a node", "double click on empty canvas"),
    ("Wire", "drag from port to port, either way"),
    ("Add a node to a wire", "drop the wire's loose end"),
    ("Put a node into a wire", "drop the node on it"),
    ("Select several", "drag a box; shift adds"),
    ("Duplicate", "alt and drag a node"),
    ("Move without snapping", "ctrl and drag"),
    ("Turn a param", "drag it; shift is fine, ctrl coarse"),
    ("Type a param", "double click it: 1/16, *2, +3, 50%"),
    ("Param to its default", "alt and click it"),
    ("Learn a knob, pad or key", "right click a param or trigger"),
    ("Lead a wire round", "double click it, drag the knot"),
    ("Menu", "right click anything"),
    ("Remember a view, go there", "shift and 1 to 9, 1 to 9"),
)
_WHAT, _KEYS, _HOW = 142, 116, 196
_COLUMNS: Final = (("file", "edit"), ("node", "show"), ("view", "help"))


class Keys(Floating):
    """All chords and gestures on one sheet."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "nodegraph.keys", 1160)

    def fill(self) -> None:
        self.look.text("Keyboard and mouse", font="title")
        with dpg.group(horizontal=True, horizontal_spacing=self.look.px(28)):
            for menus in _COLUMNS:
                with dpg.group():
                    for menu in menus:
                        keyed = [
                            each
                            for each in ACTIONS
                            if each.menu == menu and each.keys and each.listed
                        ]
                        lines = [(each.label, "  ".join(map(shown, each.chords))) for each in keyed]
                        self._sheet(MENUS[menu], lines, _KEYS)
            with dpg.group():
                self._sheet("Mouse", MOUSE, _HOW)

    def _sheet(self, title: str, lines: Sequence[tuple[str, str]], width: int) -> None:
        """What there is to do, and how, side by side."""
        px = self.look.px
        dpg.add_spacer(height=px(2))
        self.look.text(title, "accent_text", "small_strong")
        with dpg.table(header_row=False, width=px(_WHAT + width + 8)) as table:
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(_WHAT))
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(width))
            for what, how in lines:
                with dpg.table_row():
                    self.look.text(what, font="small")
                    self.look.text(how, "dim", "small")
        self.look.bind(table, "row")
