"""All node types by family, to be dragged onto the canvas.

Tags: `nodegraph.palette.search`, `nodegraph.palette.list`, `nodegraph.palette.ID` for the type of
that id. Dragged types travel as the payload `nodegraph.type`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import Colour
from nodegraph.editor.look.theme import Look
from nodegraph.editor.search import TypeSearch
from nodegraph.editor.shell import Shell
from nodegraph.nodetype import NodeType

PAYLOAD: Final = "nodegraph.type"

_TAG: Final = "nodegraph.palette"
_SEARCH: Final = f"{_TAG}.search"
_LIST: Final = f"{_TAG}.list"
_WRAP: Final = 300


class Palette:
    """Families can be folded; while something is searched, the finds stand in their rank."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self._types: Mapping[str, NodeType] | None = None
        self._asked = ""
        self._colours = look.colours
        self._shut: set[str] = set()
        self._held = ""
        with dpg.item_handler_registry() as self._activated:
            dpg.add_item_activated_handler(callback=self._pressed)

    @property
    def dragged(self) -> str:
        """The type of the row that the mouse holds, wherever it is; empty if it holds none."""
        if not dpg.is_mouse_button_down(0):
            self._held = ""
        return self._held

    def build(self, parent: int | str) -> None:
        """Make the search field and an empty list."""
        dpg.add_input_text(tag=_SEARCH, parent=parent, hint="Search nodes", width=-1)
        dpg.add_spacer(parent=parent, height=self.look.px(2))
        dpg.add_child_window(tag=_LIST, parent=parent, width=-1, height=-1)
        self.look.bind(_LIST, "dense")

    def tick(self) -> None:
        """Write the list anew if there are other types, or another search."""
        asked = str(dpg.get_value(_SEARCH)).strip()
        types, colours = self.editing.types, self.look.colours
        is_same = types is self._types and colours is self._colours
        if not is_same or asked != self._asked:
            self._types, self._asked, self._colours = types, asked, colours
            self._write()

    def _write(self) -> None:
        types, look = self._types or {}, self.look
        dpg.delete_item(_LIST, children_only=True)
        dpg.push_container_stack(_LIST)
        if self._asked:
            found = TypeSearch(types.values()).find(self._asked, self.shell.settings.used)
            self._rows([hit.item for hit in found])
            if not found:
                look.text("No node is called that.", "faint", "small")
        else:
            for family, members in by_family(types.values()).items():
                self._family(family, members)
        dpg.pop_container_stack()

    def _family(self, family: str, members: list[NodeType]) -> None:
        heading = dpg.add_button(
            label=family.capitalize(),
            tag=f"{_TAG}.family.{family}",
            width=-1,
            user_data=family,
            callback=self._fold,
        )
        self.look.bind(heading, "heading")
        dpg.bind_item_font(heading, self.look.fonts.small_strong)
        if family not in self._shut:
            self._rows(members)

    def _rows(self, types: Iterable[NodeType]) -> None:
        """Rows of one height, of which only those that are scrolled to cost anything."""
        with dpg.group() as rows, dpg.clipper():
            for type_ in types:
                self._row(type_, self.look.colours.family(type_.family))
        self.look.bind(rows, "listed")  # at once: to put a theme on costs as much as the button

    def _row(self, type_: NodeType, colour: Colour) -> None:
        """With a letter as its mark: a drawing would cost a frame more than all the rest of it."""
        look = self.look
        with dpg.group(horizontal=True, horizontal_spacing=look.px(2)):
            dpg.bind_item_font(
                dpg.add_text("|", color=colour, indent=look.px(4)), look.fonts.strong
            )
            button = dpg.add_button(
                label=type_.title,
                tag=f"{_TAG}.{type_.id}",
                width=-1,
                user_data=type_.id,
                callback=self._clicked,
            )
        dpg.bind_item_handler_registry(button, self._activated)
        with dpg.drag_payload(parent=button, drag_data=type_.id, payload_type=PAYLOAD):
            dpg.add_text(type_.title)
        with dpg.tooltip(button, delay=0.5, hide_on_activity=True), dpg.group(width=look.px(_WRAP)):
            look.text(type_.title, font="strong")
            look.text(type_.summary, "dim", "small", wrap=look.px(_WRAP))

    def _pressed(self, sender: object, row: int | str) -> None:
        self._held = str(dpg.get_item_user_data(row))

    def _clicked(self, sender: object, data: object, type_id: str) -> None:
        self.shell.add(type_id)

    def _fold(self, sender: object, data: object, family: str) -> None:
        self._shut ^= {family}
        self._write()


def by_family(types: Iterable[NodeType]) -> dict[str, list[NodeType]]:
    """Node types by family, in the order in which a signal runs; those of plugins come last."""
    families: dict[str, list[NodeType]] = {}
    for type_ in sorted(types, key=lambda each: each.title.lower()):
        families.setdefault(type_.family, []).append(type_)
    order = {family: place for place, family in enumerate(ORDER)}
    return {
        family: families[family]
        for family in sorted(families, key=lambda each: (order.get(each, len(order)), each))
    }


ORDER: Final = (
    *("subpatch", "audio", "spectrum", "bands", "onset", "beat", "generate", "shape", "logic"),
    *(
        "vector",
        "flow",
        "prompt",
        "story",
        "theme",
        "soundscape",
        "scope",
        "control",
        "midi",
        "osc",
        "link",
        "speech",
    ),
)
