"""Notes that rise at the foot of the canvas and go by themselves.

Tags: `nodegraph.toast.N`, counted from below.
"""

from __future__ import annotations

import time
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.looking import Note

_MOST: Final = 3
_STAYS: Final = {"info": 3.0, "problem": 8.0}  # seconds
_WIDTH: Final = 420


class Toast:
    """The newest notes. A click takes one away."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self._shown: list[Note] = []
        self._until: dict[Note, float] = {}

    def build(self) -> None:
        """Make the windows, hidden."""
        for place in range(_MOST):
            dpg.add_window(
                tag=_tag(place),
                show=False,
                no_title_bar=True,
                no_move=True,
                no_resize=True,
                no_scrollbar=True,
                no_focus_on_appearing=True,
                autosize=True,
                no_saved_settings=True,
                min_size=(10, 10),
            )
            with dpg.group(horizontal=True, parent=_tag(place)):
                dpg.add_text("●", tag=_tag(place) + ".mark")
                dpg.add_text("", tag=_tag(place) + ".text", wrap=self.look.px(_WIDTH))
            self.look.bind(_tag(place), "float")

    def tick(self) -> None:
        """Show what is new, forget what is old, and keep them where they belong."""
        now = time.monotonic()
        self._until = {
            note: self._until.get(note, now + _STAYS[note.kind]) for note in self.editing.notes
        }
        notes = [note for note, until in self._until.items() if now < until][-_MOST:]
        if notes != self._shown:
            self._show(notes)
        if notes:
            self._stack()

    def _show(self, notes: list[Note]) -> None:
        self._shown = notes
        for place, note in enumerate(reversed(notes)):
            dpg.set_value(_tag(place) + ".text", note.text)
            tone = "problem" if note.kind == "problem" else "accent_text"
            self.look.bind(_tag(place) + ".mark", tone)
            dpg.configure_item(_tag(place), show=True)
        for place in range(len(notes), _MOST):
            dpg.configure_item(_tag(place), show=False)

    def _stack(self) -> None:
        foot = dpg.get_viewport_client_height() - self.look.px(44)
        middle = dpg.get_viewport_client_width() / 2
        clicked = dpg.is_mouse_button_clicked(0)
        for place, note in enumerate(reversed(self._shown)):
            width, height = dpg.get_item_rect_size(_tag(place))
            foot -= height
            dpg.set_item_pos(_tag(place), [round(middle - width / 2), round(foot)])
            foot -= self.look.px(6)
            if clicked and dpg.is_item_hovered(_tag(place)):
                self._until[note] = 0.0


def _tag(place: int) -> str:
    return f"nodegraph.toast.{place}"
