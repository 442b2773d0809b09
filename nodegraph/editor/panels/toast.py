"""Notes that rise at the foot of the canvas and go by themselves.

They are drawn, not windows: the mouse reaches what lies below them.
"""

from __future__ import annotations

import time
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.lettering import width, wrapped
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import CLEAR, mixed
from nodegraph.editor.look.fonts import BODY
from nodegraph.editor.look.theme import Look
from nodegraph.editor.looking import Note
from nodegraph.editor.news import News

_MOST: Final = 3
_STAYS: Final = {"info": 3.0, "problem": 8.0}  # seconds
_WIDTH: Final = 420.0
_FOOT, _BETWEEN, _LINE, _PAD, _MARK = 44.0, 6.0, 19.0, 14.0, 20.0


class Toast:
    """The newest notes, and the `areas` of the window in which they are. A click on one takes it
    away, beside what it does to what lies below."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self._until: dict[Note, float] = {}
        self.areas: dict[Note, Rect] = {}
        self._news = News()
        self._room = 0

    def build(self) -> None:
        """Make the room that they are drawn in."""
        self._room = int(dpg.add_viewport_drawlist(front=True))

    def tick(self) -> None:
        """Show what is new, and forget what is old."""
        now = time.monotonic()
        self._until = {
            note: self._until.get(note, now + _STAYS[note.kind]) for note in self.editing.notes
        }
        if self.areas and dpg.is_mouse_button_clicked(0):
            x, y = dpg.get_mouse_pos(local=False)
            self._until |= {note: 0.0 for note, at in self.areas.items() if at.holds(x, y)}
        newest = {note.text: note for note, until in self._until.items() if now < until}
        notes = tuple(newest.values())[-_MOST:]
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if self._news.of("notes", (notes, size, self.look.colours.name)):
            self._draw(notes, *size)

    def _draw(self, notes: tuple[Note, ...], across: float, down: float) -> None:
        """The newest at the foot, the others above it."""
        dpg.delete_item(self._room, children_only=True)
        self.areas.clear()
        scale, foot = self.look.scale, down - _FOOT * self.look.scale
        for note in reversed(notes):
            lines = wrapped(note.text, _WIDTH, BODY)
            wide = max(width(line, BODY) for line in lines) + _MARK + 2.0 * _PAD
            high = _LINE * len(lines) + 2.0 * _PAD
            left, top = (across - wide * scale) / 2.0, foot - high * scale
            self.areas[note] = Rect.sized((left, top), (wide * scale, high * scale))
            self._sheet(note, lines, self.areas[note])
            foot = top - _BETWEEN * scale

    def _sheet(self, note: Note, lines: tuple[str, ...], area: Rect) -> None:
        c, scale = self.look.colours, self.look.scale
        brush.rect(self._room, area.moved(0.0, 3.0 * scale), c.shadow, 8.0 * scale)
        ground, edge = mixed(c.panel, c.raised, 0.45), mixed(c.line, c.faint, 0.35)
        brush.rect(self._room, area, ground, 8.0 * scale, edge, 1.0)
        tone = c.problem if note.kind == "problem" else c.accent
        x, y = area.left + _PAD * scale, area.top + _PAD * scale
        dpg.draw_circle(
            (x + 5.0 * scale, y + _LINE * scale / 2.0),
            4.0 * scale,
            color=CLEAR,
            fill=tone,
            parent=self._room,
        )
        for row, line in enumerate(lines):
            at = (x + _MARK * scale, y + row * _LINE * scale)
            brush.text(self._room, at, line, BODY * scale, c.text)
