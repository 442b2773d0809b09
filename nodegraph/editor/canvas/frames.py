"""Draws frames: behind everything, with their title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.lettering import fitted
from nodegraph.editor.canvas.pieces import FRAME_HEAD, Frame
from nodegraph.editor.canvas.shape import INSET
from nodegraph.editor.look.colours import Colour, colour, faded, mixed
from nodegraph.editor.look.theme import Look

_LETTERS = 16.0
_INSIDE = 26.0  # the largest letters for which there is room in a frame


class Frames:
    """All frames that are drawn. There are few, so one that changes is drawn anew."""

    def __init__(self, parent: Item, look: Look) -> None:
        self._layers: dict[str, Item] = {}
        self._frames: Mapping[str, Frame] = {}
        self._parent, self._look = parent, look
        self._letters = _LETTERS

    def letter(self, size: float) -> None:
        """Write titles in letters of at least a size; large ones stand above the frame."""
        size = max(size, _LETTERS)
        if size != self._letters:
            self._letters = size
            self.refresh(self._frames, self._frames, ())

    def refresh(
        self, frames: Mapping[str, Frame], changed: Iterable[str], gone: Iterable[str]
    ) -> None:
        """Follow a change of the scene; the large ones lie behind the small ones."""
        self._frames = frames
        for id in gone:
            dpg.delete_item(self._layers.pop(id))
        if not changed:
            return
        for layer in self._layers.values():
            dpg.delete_item(layer)
        for frame in sorted(frames.values(), key=lambda each: -each.rect.width):
            self._layers[frame.id] = self._draw(frame)

    def _draw(self, frame: Frame) -> Item:
        look, layer = self._look, brush.layer(self._parent)
        tone: Colour = colour(frame.colour) if frame.colour else look.colours.faint
        edge = look.colours.accent if frame.selected else faded(tone, 0.55)
        brush.rect(layer, frame.rect, faded(tone, 0.1), 10.0, edge, 2.0 if frame.selected else 1.0)
        size = self._letters
        title = fitted(frame.title or frame.id, frame.rect.width - 2 * INSET, size, True)
        inside = (FRAME_HEAD - size) / 2 if size <= _INSIDE else -size * 1.15
        at = (frame.rect.left + INSET, frame.rect.top + inside)
        letters = mixed(tone, look.colours.text, 0.55)
        brush.text(layer, at, title, size, letters, look.fonts.strong)
        return layer
