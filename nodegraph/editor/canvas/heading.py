"""Draws the title of a box, as large as it has to be to be read; from afar it fills the box."""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.camera import LETTERS, MIDDLE, NEAR
from nodegraph.editor.canvas.lettering import fitted, width
from nodegraph.editor.canvas.pieces import Box
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import CORNER, HEAD, INSET, SMALL, TEXT, TITLE
from nodegraph.editor.look.colours import mixed
from nodegraph.editor.look.theme import Look

ROUND: Final = 7.0
"""The radius of a box's corners."""

_MOST: Final = LETTERS[1]  # what the title's own row has room for
_EDGE: Final = 0.4  # of its size: what is left free beside a title that fills the box
_LEAST: Final = 0.7  # of the size that is wanted, down to which a long title shrinks


class Heading:
    """The body of one box with its title: in a row of its own, or large, where the rest cannot be
    read. `body` has the colour of the title; the ground of the rest lies on it."""

    def __init__(self, box: Box, parent: Item, look: Look) -> None:
        self._box = box
        colours, wide = look.colours, box.shape.width
        family = colours.family(box.shape.family) if not box.ghost else colours.faint
        tone = mixed(colours.raised, family, 0.32)
        raised = colours.raised if colours.name == "dark" else colours.panel
        ground = mixed(raised, colours.canvas, 0.15 if not box.ghost else 0.7)
        self.body = brush.rect(parent, Rect(0, 0, wide, box.shape.height), tone, ROUND)
        self._ground = brush.rect(parent, self._below(HEAD - 2.0), ground, ROUND - 3.0)
        line = Rect(1.0, HEAD - 2.0, wide - 1.0, HEAD)
        self._line = brush.rect(parent, line, mixed(tone, family, 0.6))
        strong = colours.text if not box.ghost else colours.dim
        self._title = brush.text(parent, (0, 0), "", TITLE, strong, look.fonts.strong)
        self._subtitle: Item | None = None
        if box.shape.subtitle:
            left = INSET + width(box.shape.title, TITLE, True) + 8.0
            at = (INSET, HEAD + 3.0) if box.ghost else (left, (HEAD - SMALL) / 2)
            size = TEXT if box.ghost else SMALL
            self._subtitle = brush.text(parent, at, box.shape.subtitle, size, colours.dim)
        self.show(NEAR, TITLE)

    def show(self, nearness: int, size: float) -> None:
        """Show as much as can be read from there, in letters of about a size."""
        shape, near = self._box.shape, nearness >= NEAR
        brush.show(self._line, near)
        if self._subtitle is not None:
            brush.show(self._subtitle, near and (size <= TITLE or self._box.ghost))
        foot = HEAD
        if near:
            size = min(size, _MOST)
            tagged = self._box.problem or self._box.mode or self._box.solo or size <= TITLE
            words = fitted(shape.title, shape.width - INSET - (CORNER if tagged else 6), size, True)
            at = (INSET, (HEAD - size) / 2 - 1.0)
            brush.place_rect(self._ground, self._below(HEAD - 2.0))
        else:
            curve = None if nearness == MIDDLE else shape.curve
            foot = curve.top - 4.0 if curve else shape.height
            brush.place_rect(self._ground, self._below(foot))
            room = shape.width - 2 * _EDGE * size
            long = width(shape.title, size, True)
            size = min(size * max(min(room / long, 1.0), _LEAST), foot * 0.8)
            words = fitted(shape.title, room, size, True)
            at = (_EDGE * size, (foot - size) / 2)
        brush.show(self._ground, foot < shape.height)
        dpg.configure_item(self._title, text=words, size=size, pos=at)

    def _below(self, top: float) -> Rect:
        """All of the box from there on, within its border."""
        shape = self._box.shape
        return Rect(1.0, top, shape.width - 1.0, max(shape.height - 1.0, top))
