"""Draws wires: below the boxes, coloured by kind, brighter while something happens on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.pieces import Cord
from nodegraph.editor.look.colours import CLEAR, Colour, faded, mixed
from nodegraph.editor.look.theme import Look
from nodegraph.graph import Wire

STEPS: Final = 4
"""How many steps of brightness there are; 0 is quiet."""

_THICK = {"audio": 3.2, "vector": 3.2, "message": 1.6, "trigger": 1.8, "boolean": 1.8}


class DrawnCord:
    """One wire as an item of Dear PyGui."""

    __slots__ = ("cord", "item", "level", "visible")

    def __init__(self, cord: Cord, item: Item) -> None:
        self.cord, self.item = cord, item
        self.level, self.visible = 0, True


class Cords:
    """All wires that are drawn."""

    def __init__(self, parent: Item, look: Look) -> None:
        self.drawn: dict[Wire, DrawnCord] = {}
        self._parent, self._look = parent, look

    def refresh(
        self, cords: Mapping[Wire, Cord], changed: Iterable[Wire], gone: Iterable[Wire]
    ) -> None:
        """Follow a change of the scene."""
        for wire in gone:
            dpg.delete_item(self.drawn.pop(wire).item)
        for wire in changed:
            cord = cords[wire]
            drawn = self.drawn.get(wire)
            if drawn is None:
                item = brush.cord(self._parent, cord.curve, CLEAR, _thick(cord))
                drawn = self.drawn[wire] = DrawnCord(cord, item)
            elif (drawn.cord.start, drawn.cord.end) != (cord.start, cord.end):
                brush.place_cord(drawn.item, cord.curve)
            drawn.cord = cord
            self._tint(drawn)

    def set_visible(self, wire: Wire, visible: bool) -> None:
        """Show a wire, or leave it out as it is not in the window."""
        drawn = self.drawn[wire]
        if drawn.visible != visible:
            drawn.visible = visible
            brush.show(drawn.item, visible)

    def set_level(self, wire: Wire, level: int) -> None:
        """Let a wire glow, from 0 to `STEPS`."""
        drawn = self.drawn[wire]
        if drawn.level != level:
            drawn.level = level
            self._tint(drawn)

    def _tint(self, drawn: DrawnCord) -> None:
        thick = _thick(drawn.cord)
        dpg.configure_item(
            drawn.item,
            color=self._colour(drawn),
            thickness=thick + 1.2 if drawn.cord.selected else thick,
        )

    def _colour(self, drawn: DrawnCord) -> Colour:
        colours = self._look.colours
        if drawn.cord.selected:
            return colours.accent
        colour = colours.kind(drawn.cord.kind)
        share = drawn.level / STEPS
        return faded(mixed(colour, colours.text, 0.35 * share), 0.55 + 0.45 * share)


def _thick(cord: Cord) -> float:
    return _THICK.get(cord.kind, 2.2)
