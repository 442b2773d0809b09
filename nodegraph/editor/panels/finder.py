"""Adds a node by typing: a ranked list of what is meant and fits, with its manual beside it.

Tags: `nodegraph.finder`, `nodegraph.finder.input`, `nodegraph.finder.N` for the Nth line,
`nodegraph.finder.manual`, `nodegraph.finder.example`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.changes import Loose
from nodegraph.editor.editing import Editing
from nodegraph.editor.fitting import distance
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.listing import Entry, Listing
from nodegraph.editor.panels.manual import page
from nodegraph.editor.search import TypeSearch
from nodegraph.editor.shell import Shell
from nodegraph.graph import Position
from nodegraph.nodetype import ANY, NodeType

_TAG: Final = "nodegraph.finder"
_MANUAL: Final = f"{_TAG}.manual"
_MANUAL_WIDTH, _HEIGHT = 330, 360


class Finder(Listing):
    """`begin_at` opens it for a place of the canvas, and for a loose wire if there is one."""

    width = 480 + _MANUAL_WIDTH

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        super().__init__(look, _TAG, "Add a node: what should it do?")
        self.editing, self.shell = editing, shell
        self._types: Mapping[str, NodeType] | None = None
        self._search = TypeSearch(())
        self._world: Position | None = None
        self._loose: Loose | None = None

    def begin_at(
        self,
        world: Position | None,
        loose: Loose | None = None,
        screen: tuple[float, float] | None = None,
    ) -> None:
        """`world` is where the node goes, `screen` where the window is wanted."""
        self._world, self._loose = world, loose
        if self._types is not self.editing.types:
            self._types = self.editing.types
            self._search = TypeSearch(self._types.values())
        self.begin(screen)

    def beside(self) -> None:
        width, height = self.look.px(_MANUAL_WIDTH), self.look.px(_HEIGHT)
        dpg.add_child_window(tag=_MANUAL, width=width, height=height)

    def find(self, asked: str) -> list[Entry]:
        hits = self._search.find(asked, self.shell.settings.used, self._distance())
        return [self._entry(hit.item, hit.why) for hit in hits]

    def moved(self, entry: Entry | None) -> None:
        dpg.delete_item(_MANUAL, children_only=True)
        if entry is not None and self._types is not None:
            dpg.push_container_stack(_MANUAL)
            page(self.look, self._types[entry.id], _TAG, self._put_example)
            dpg.pop_container_stack()

    def chosen(self, entry: Entry) -> None:
        wires = self.editing.selected_wires
        if self._loose is None and len(wires) == 1:
            (wire,) = wires
            self.editing.insert(entry.id, wire, self._world)
        else:
            self.editing.add_node(entry.id, self._world, self._loose)
        self.shell.used(entry.id)

    def _put_example(self, type_id: str) -> None:
        self.close()
        self.shell.put_example(type_id)

    def _entry(self, type_: NodeType, why: str) -> Entry:
        colour = self.look.colours.family(type_.family)
        return Entry(type_.id, type_.title, why or type_.family, colour)

    def _distance(self) -> partial[float | None] | None:
        """How far a type is from fitting the loose wire, or the selected wire that it is put on."""
        if self._loose is None:
            return None
        port, end = self._loose
        wiring = self.editing.wiring
        if end == "source":
            kind = wiring.outlet_kind(port) or ANY
            return partial(distance, kind=kind, end="inlet")
        return partial(distance, kind=wiring.target_kind(port) or ANY, end="outlet")
