"""The column at the right: the picture, and under it what is selected, Scope, or themes.

Tags: `nodegraph.side.tabs.inspector`, `.scope`, `.themes`.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.inspector import Inspector
from nodegraph.editor.panels.preview import Preview
from nodegraph.editor.panels.scope import Scope
from nodegraph.editor.panels.tabs import Tabs
from nodegraph.editor.panels.themes import ThemesPanel
from nodegraph.editor.serving import link_of
from nodegraph.editor.shell import Shell
from nodegraph.editor.theme_filing import ThemeFiling

PAGES: Final = {"inspector": "Inspector", "scope": "Scope", "themes": "Themes"}


class Side:
    """The picture has its place as long as there is a server that could paint one."""

    def __init__(
        self,
        editing: Editing,
        look: Look,
        shell: Shell,
        preview: Preview,
        filing: ThemeFiling,
    ) -> None:
        self.editing, self.preview = editing, preview
        self.inspector = Inspector(editing, look, shell)
        self.scope = Scope(editing, look, shell)
        self.themes = ThemesPanel(editing, look, shell, filing)
        self._pages: dict[str, Inspector | Scope | ThemesPanel] = {
            "inspector": self.inspector,
            "scope": self.scope,
            "themes": self.themes,
        }
        self._page = ""
        self.tabs = Tabs(look, "nodegraph.side.tabs", PAGES)
        self._seen: bool | None = None

    def build(self, parent: int | str) -> None:
        """Make the column."""
        self.preview.build(parent)
        self.tabs.build(parent)
        for name, page in self._pages.items():
            tag = self.tabs.page(name)
            dpg.add_child_window(
                tag=tag,
                parent=parent,
                show=name == self.tabs.chosen,
                always_use_window_padding=True,
            )
            self.inspector.look.bind(tag, "page")
            page.build(tag)

    def tick(self) -> None:
        """Keep what is seen up to date."""
        seen = link_of(self.editing.mirror.status) is not None
        if seen != self._seen:
            self._seen = seen
            self.preview.show(seen)
        if self.tabs.chosen != self._page:
            self._page = self.tabs.chosen
            self.themes.look_again()
        self._pages[self._page].tick()
