"""The drawer under the canvas: problems, history, log, telemetry.

Tags: `nodegraph.drawer.tabs.problems`, `.history`, `.log`, `.telemetry`.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.history import History
from nodegraph.editor.panels.log import Log
from nodegraph.editor.panels.problems import Problems
from nodegraph.editor.panels.tabs import Tabs
from nodegraph.editor.panels.telemetry import Telemetry

TABS: Final = {
    "problems": "Problems",
    "history": "History",
    "log": "Log",
    "telemetry": "Telemetry",
}


class Drawer:
    """Only the page that is seen is kept up to date."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.tabs = Tabs(look, "nodegraph.drawer.tabs", TABS)
        self.problems = Problems(editing, look)
        self._telemetry = Telemetry(editing, look)
        self._pages: dict[str, Problems | History | Log | Telemetry] = {
            "problems": self.problems,
            "history": History(editing, look),
            "log": Log(editing, look),
            "telemetry": self._telemetry,
        }

    def build(self, parent: int | str) -> None:
        """Make the words and the pages under them."""
        self.tabs.build(parent)
        for name, page in self._pages.items():
            dpg.add_child_window(
                tag=self.tabs.page(name), parent=parent, show=name == self.tabs.chosen
            )
            page.build(self.tabs.page(name))

    def tick(self) -> None:
        """Follow what has changed."""
        self._pages[self.tabs.chosen].tick()
        if self.tabs.chosen != "telemetry":
            self._telemetry.hear()
        count = self.problems.count()
        self.tabs.rename("problems", f"Problems {count}" if count else "Problems")
