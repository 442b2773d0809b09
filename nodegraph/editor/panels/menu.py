"""The menu bar, made of the actions.

Tags: `nodegraph.menu.ID` for the action of that id.
"""

from __future__ import annotations

import time
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.action import Action, run
from nodegraph.editor.actions import ACTIONS
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.shell import Shell

MENUS: Final = {
    "file": "File",
    "edit": "Edit",
    "node": "Node",
    "view": "View",
    "show": "Show",
    "help": "Help",
}
_EVERY: Final = 0.1  # seconds, less than it takes to open a menu


class Menu:
    """Knows what can be done now, and which switches are on."""

    def __init__(self, look: Look, shell: Shell) -> None:
        self.look, self.shell = look, shell
        self._news = News()
        self._due = 0.0

    def build(self) -> None:
        """Fill the menu bar that is open."""
        for menu, label in MENUS.items():
            with dpg.menu(label=label) as falling:
                self.look.bind(falling, "menu")
                for action in ACTIONS:
                    if action.menu == menu and action.listed:
                        self._item(action)

    def tick(self) -> None:
        """Grey out what cannot be done."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _EVERY
        for action in ACTIONS:
            if not action.listed:
                continue
            on = action.checked is not None and action.checked(self.shell)
            state = (action.when(self.shell), on)
            if self._news.of(action.id, state):
                dpg.configure_item(_tag(action), enabled=state[0])
                dpg.set_value(_tag(action), on)

    def _item(self, action: Action) -> None:
        if action.rule:
            dpg.add_separator()
        dpg.add_menu_item(
            label=action.label,
            tag=_tag(action),
            shortcut=action.shortcut,
            check=action.checked is not None,
            user_data=action,
            callback=self._chosen,
        )

    def _chosen(self, sender: int | str, data: object, action: Action) -> None:
        if action.checked is not None:
            dpg.set_value(sender, action.checked(self.shell))  # the action decides what is on
        run(action, self.shell)


def _tag(action: Action) -> str:
    return f"nodegraph.menu.{action.id}"
