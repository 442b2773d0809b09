"""What the show and the editor have said, newest below, with a filter.

Tags: `nodegraph.log.filter`, `nodegraph.log.warnings`, `nodegraph.log.lines`.
"""

from __future__ import annotations

import time
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.mirror import LogLine

_FILTER: Final = "nodegraph.log.filter"
_WARNINGS: Final = "nodegraph.log.warnings"
_LINES: Final = "nodegraph.log.lines"
_MOST: Final = 200
_TONES: Final = {"warning": "warning", "error": "problem"}


class Log:
    """The last lines that hold what is typed into the filter."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self._drawn: tuple[object, ...] = ()

    def build(self, parent: int | str) -> None:
        """Make the filter and an empty list."""
        with dpg.group(parent=parent, horizontal=True):
            dpg.add_input_text(tag=_FILTER, hint="Filter", width=self.look.px(220))
            dpg.add_checkbox(tag=_WARNINGS, label="warnings only")
        dpg.add_child_window(tag=_LINES, parent=parent, height=-1)

    def tick(self) -> None:
        """Write the lines anew if there are others, and stay at the end if that was in view."""
        asked, warnings = str(dpg.get_value(_FILTER)).lower(), bool(dpg.get_value(_WARNINGS))
        lines = self.editing.mirror.log
        drawn = (len(lines), lines[-1] if lines else None, asked, warnings)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        chosen = [line for line in lines if chooses(line, asked, warnings)][-_MOST:]
        at_end = dpg.get_y_scroll(_LINES) >= dpg.get_y_scroll_max(_LINES) - self.look.px(20)
        dpg.delete_item(_LINES, children_only=True)
        for line in chosen:
            with dpg.group(horizontal=True, parent=_LINES):
                self.look.text(time.strftime("%H:%M:%S", time.localtime(line.at)), "faint", "small")
                self.look.text(line.text, _TONES.get(line.level, "line"), "small", wrap=0)
        if not chosen:
            empty = "Nothing has been said yet." if not lines else "No line holds these words."
            self.look.text(empty, "faint", parent=_LINES)
        if at_end:
            dpg.set_y_scroll(_LINES, -1.0)


def chooses(line: LogLine, asked: str, warnings: bool) -> bool:
    """Whether a filter lets a line through: all its words are in it."""
    text = line.text.lower()
    return (not warnings or line.level in _TONES) and all(word in text for word in asked.split())
