"""The menu of a right click.

Tags: `nodegraph.context`, `nodegraph.context.N` for the Nth line.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.theme import Look
from nodegraph.editor.menus import Item
from nodegraph.editor.panels.floating import Floating

_TAG: Final = "nodegraph.context"
_WIDTH: Final = 240


class Context(Floating):
    """Shows lines; a click takes one."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _TAG, _WIDTH)

    def fill(self) -> None:
        dpg.add_group(tag=f"{_TAG}.lines")

    def begin(self, items: list[Item], at: tuple[float, float]) -> None:
        """Show these lines at a place of the window."""
        lines = f"{_TAG}.lines"
        dpg.delete_item(lines, children_only=True)
        for place, item in enumerate(items):
            if not item.label:
                dpg.add_separator(parent=lines)
                continue
            line = dpg.add_menu_item(
                label=item.label,
                tag=f"{_TAG}.{place}",
                parent=lines,
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
