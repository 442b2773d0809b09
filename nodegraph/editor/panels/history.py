"""The gestures of this patch, done and undone; a click goes back or forth to there.

Tags: `nodegraph.history.list`, `nodegraph.history.N` for the state after N gestures.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look

_LIST: Final = "nodegraph.history.list"
_MOST: Final = 100


class History:
    """Newest on top. What is undone stands above the present, dim."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self._drawn: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._here = 0

    def build(self, parent: int | str) -> None:
        """Make the empty list."""
        self.look.bind(dpg.add_child_window(tag=_LIST, parent=parent, height=-1), "row")

    def tick(self) -> None:
        """Write the list anew if anything was done or undone, but not under a finger."""
        deck = self.editing.deck
        labels = (deck.done, deck.undone)
        if labels == self._drawn or dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            return
        self._drawn = labels
        done, undone = labels
        self._here = len(done)
        dpg.delete_item(_LIST, children_only=True)
        # `undone` runs from the earliest gesture to the latest, as `done` does.
        states = [*enumerate(done, 1), *enumerate(undone, len(done) + 1)]
        for place, label in reversed(states[-_MOST:]):
            self._row(place, label)
        if len(states) <= _MOST:
            self._row(0, "Patch as it was opened")

    def _row(self, place: int, label: str) -> None:
        item = dpg.add_selectable(
            label=label,
            tag=f"nodegraph.history.{place}",
            parent=_LIST,
            default_value=place == self._here,
            user_data=place,
            callback=self._go,
        )
        if place > self._here:
            self.look.bind(item, "faint")

    def _go(self, sender: int | str, data: object, place: int) -> None:
        dpg.set_value(sender, place == self._here)
        self.editing.go_to(place)
