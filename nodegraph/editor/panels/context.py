"""The menu of a right click.

Tags: `nodegraph.context`, `nodegraph.context.N` for the Nth line.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import width
from nodegraph.editor.look.fonts import BODY
from nodegraph.editor.look.theme import Look
from nodegraph.editor.menus import Item
from nodegraph.editor.panels.floating import Floating

_TAG: Final = "nodegraph.context"
_LINES: Final = f"{_TAG}.lines"
_WIDTH: Final = 240
_GAPS: Final = 48  # around labels, and between them and their shortcuts


class Context(Floating):
    """Shows lines; a click takes one."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _TAG, _WIDTH)

    def fill(self) -> None:
        dpg.add_child_window(tag=_LINES, auto_resize_y=True)  # lines widen a window of no own width

    def begin(self, items: list[Item], at: tuple[float, float]) -> None:
        """Show these lines at a place of the window."""
        dpg.delete_item(_LINES, children_only=True)
        wide = max(width(each.label, BODY) + width(each.shortcut, BODY) for each in items) + _GAPS
        dpg.configure_item(_LINES, width=self.look.px(max(wide, _WIDTH)))
        for place, item in enumerate(items):
            if not item.label:
                dpg.add_separator(parent=_LINES)
                continue
            line = dpg.add_menu_item(
                label=item.label,
                tag=f"{_TAG}.{place}",
                parent=_LINES,
                shortcut=item.shortcut,
                enabled=item.enabled,
                user_data=item,
                callback=self._clicked,
            )
            self.look.bind(line, "line")
        self.open(at)

    def _clicked(self, sender: object, data: object, item: Item) -> None:
        self.close()
        item.run()
