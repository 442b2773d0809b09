"""Themes: browse what there is, use it, copy it into the patch, and change it while it plays.

Tags: `nodegraph.themes`, `.search`, `.new`, `.import`; those of cards and of the page of one theme
are in `theme_cards` and `theme_page`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.theme_cards import TAG, ThemeCards, matching
from nodegraph.editor.panels.theme_page import ThemePage
from nodegraph.editor.shell import Shell
from nodegraph.editor.theme_filing import ThemeFiling
from nodegraph.editor.theme_uses import uses
from nodegraph.themes import ThemeFile, library, read
from nodegraph.themes.library import Entry

_LIST: Final = f"{TAG}.list"


class ThemesPanel:
    """Either the cards, or the page of the theme that is being changed, for as long as the patch
    has it: undo may take it away, and redo bring it back."""

    def __init__(self, editing: Editing, look: Look, shell: Shell, filing: ThemeFiling) -> None:
        self.editing, self.look, self.shell, self.filing = editing, look, shell, filing
        self.cards = ThemeCards(look, self._use, self._edit, filing.export, filing.discard)
        self.page = ThemePage(editing, look, shell, self._deeds())
        self._open = ""
        self._library: Mapping[str, ThemeFile] = {}
        self._version = -1
        self._known: object = None

    def build(self, parent: int | str) -> None:
        """Make the panel."""
        look = self.look
        with dpg.child_window(tag=TAG, parent=parent, width=-1, height=-1):
            with dpg.group(tag=_LIST):
                with dpg.group(horizontal=True, horizontal_spacing=look.px(4)):
                    new = dpg.add_button(label="New…", tag=f"{TAG}.new", callback=self._new)
                    look.bind(new, "chosen")
                    bring = dpg.add_button(
                        label="Import…", tag=f"{TAG}.import", callback=self._import
                    )
                    look.bind(bring, "quiet")
                    dpg.add_input_text(tag=f"{TAG}.search", hint="Search", width=-1)
                self.cards.build()
            self.page.build(TAG)

    def look_again(self) -> None:
        """Read the library anew: it may have been changed by others."""
        self._version = -1

    def tick(self) -> None:
        """Follow the patch and what is typed. To be called while the panel is seen."""
        name = self._open if self._open in self.editing.themes else ""
        if name != self.page.name:
            self.page.show(name)
            dpg.configure_item(_LIST, show=not name)
        if name:
            self.page.tick()
        else:
            self._browse()

    def _browse(self) -> None:
        asked = str(dpg.get_value(f"{TAG}.search"))
        if self.filing.version != self._version:
            self._version = self.filing.version
            self._library = library.mine()
        known = (self._version, self.editing.version, asked, self.look.colours.name)
        if known == self._known:
            return
        self._known = known
        found = library.entries(self.editing.themes, self._library)
        playing = {use.theme for use in uses(self.editing.deck.patch, self.editing.types)}
        self.cards.show(matching(found, asked), playing)

    def _entry(self) -> Entry:
        """The theme that is being changed."""
        data = self.editing.themes[self._open]
        theme, problems = read(self._open, data)
        return Entry(theme, data, "patch", problems)

    def _use(self, entry: Entry) -> None:
        self.editing.use_theme(entry, self.shell.middle)

    def _edit(self, entry: Entry) -> None:
        self._open = self.editing.take_theme(entry)

    def _new(self) -> None:
        self.shell.ask_text("A new theme: what does it paint?", "", "Add", self._add)

    def _add(self, words: str) -> None:
        self._open = self.editing.new_theme(words) or ""

    def _import(self) -> None:
        self.filing.bring_in(self._show)

    def _show(self, name: str | None) -> None:
        self._open = name or self._open

    def _back(self) -> None:
        self._open = ""

    def _copy(self) -> None:
        entry = self._entry()

        def add(words: str) -> None:
            self._show(self.editing.new_theme(words, entry.data))

        self.shell.ask_text("A copy under another name", f"{entry.theme.name} 2", "Add", add)

    def _rename(self) -> None:
        name = self._open

        def rename(words: str) -> None:
            self._open = self.editing.rename_theme(name, words)

        self.shell.ask_text(f"Rename {name}, in params too", name, "Rename", rename)

    def _deeds(self) -> list[tuple[str, str, Callable[[], object]]]:
        """The buttons of the page."""
        return [
            ("back", "‹ Themes", self._back),
            ("use", "Use", lambda: self._use(self._entry())),
            ("keep", "Keep", lambda: self.filing.keep(self._entry())),
            ("export", "Export…", lambda: self.filing.export(self._entry())),
            ("copy", "Copy…", self._copy),
            ("rename", "Rename…", self._rename),
            ("remove", "Remove", lambda: self.editing.remove_theme(self._open)),
        ]
