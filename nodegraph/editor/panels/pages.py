"""The inspector's pages about more, or less, than one node: several, a frame, the patch.

Tags: `nodegraph.inspector.title`, `.color`, `.note`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import poured
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import colour, written
from nodegraph.editor.look.theme import Look
from nodegraph.editor.shell import Shell
from nodegraph.editor.tidy import How
from nodegraph.graph import Patch

_TAG: Final = "nodegraph.inspector"
_GREY: Final = "#6E6C72"  # what a frame without a colour begins with


class Pages:
    """Each writes its page into the container that is open."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self._gesture = ""
        acts = (self._titled, self._dyed, self._named)
        self._handlers = {act: when_edited(act) for act in acts}
        with dpg.item_handler_registry() as self._clicked:
            dpg.add_item_clicked_handler(callback=self._write_note)

    def several(self) -> None:
        """What can be done with several nodes."""
        editing = self.editing
        self.look.text(f"{len(editing.selection)} selected", font="strong")
        with dpg.group(horizontal=True, horizontal_spacing=self.look.px(4)):
            for label, act in (
                ("Bypass", editing.bypass),
                ("Mute", editing.mute),
                ("Solo", editing.solo),
            ):
                dpg.add_button(label=label, callback=calls(act))
        section(self.look, "Arrange")
        for row in (("left", "right"), ("top", "bottom"), ("across", "down")):
            with dpg.group(horizontal=True, horizontal_spacing=self.look.px(4)):
                for how in row:
                    label = f"Align {how}" if how not in ("across", "down") else f"Spread {how}"
                    dpg.add_button(
                        label=label, width=self.look.px(112), user_data=how, callback=self._align
                    )
        section(self.look, "Gather")
        with dpg.group(horizontal=True, horizontal_spacing=self.look.px(4)):
            dpg.add_button(label="Group into subpatch", callback=calls(editing.group))
            dpg.add_button(label="Frame", callback=calls(editing.frame))

    def frame(self, id: str) -> None:
        """The title and the colour of a frame."""
        group = self.editing.patch.groups[id]
        self.look.text("Frame", font="strong")
        title = dpg.add_input_text(
            tag=f"{_TAG}.title", default_value=group.title, hint="Title", width=-1, user_data=id
        )
        dpg.bind_item_handler_registry(title, self._handlers[self._titled])
        dye = dpg.add_color_edit(
            colour(group.color or _GREY),
            tag=f"{_TAG}.color",
            no_alpha=True,
            width=-1,
            user_data=id,
            callback=self._coloured,
        )
        dpg.bind_item_handler_registry(dye, self._handlers[self._dyed])
        self.look.text(f"{len(group.nodes)} nodes inside", "dim", "small")

    def patch(self, patch: Patch) -> None:
        """The name and the note of a patch or of a definition, and what it holds."""
        inside = self.editing.definition
        self.look.text("Subpatch" if inside else "Patch", font="strong")
        name = dpg.add_input_text(
            tag=f"{_TAG}.title", default_value=patch.name, hint="Name", width=-1
        )
        dpg.bind_item_handler_registry(name, self._handlers[self._named])
        with dpg.child_window(auto_resize_y=True, always_use_window_padding=True) as paper:
            text = poured(patch.note) or "What it is for: click to write"
            note = self.look.text(text, "dim", wrap=0, tag=f"{_TAG}.note")
        self.look.bind(paper, "paper")
        dpg.bind_item_handler_registry(note, self._clicked)
        self.look.text(f"{len(patch.nodes)} nodes, {len(patch.wires)} wires", "dim", "small")
        if patch.subpatches:
            section(self.look, "Subpatches")
            for id, each in patch.subpatches.items():
                self.look.text(f"{each.name or id}, {len(each.nodes)} nodes", "dim", "small")
        if patch.exposed:
            section(self.look, "Exposed params")
            for outer, address in patch.exposed.items():
                self.look.text(f"{outer} is {address}", "dim", "small", wrap=0)

    def _align(self, sender: object, data: object, how: How) -> None:
        self.editing.align(how)

    def _titled(self, sender: object, field: int | str) -> None:
        id = str(dpg.get_item_user_data(field))
        self.editing.change_frame(id, title=str(dpg.get_value(f"{_TAG}.title")))

    def _coloured(self, sender: int | str, data: list[float], id: str) -> None:
        """One step of undo for as long as the colour is held."""
        self._gesture = self._gesture or self.editing.begin_gesture()
        self.editing.change_frame(id, color=written(data), gesture=self._gesture)

    def _dyed(self) -> None:
        self._gesture = ""

    def _named(self) -> None:
        name = str(dpg.get_value(f"{_TAG}.title"))
        if name != self.editing.patch.name:
            self.editing.describe(name, self.editing.patch.note)

    def _write_note(self, sender: object, click: tuple[int, int | str]) -> None:
        left, top = dpg.get_item_rect_min(click[1])
        right, bottom = dpg.get_item_rect_max(click[1])
        self.shell.type_text(
            self.editing.patch.note,
            (left, top, right, bottom),
            lambda note: self.editing.describe(self.editing.patch.name, note),
        )


def section(look: Look, title: str) -> None:
    """The heading of a part of a page."""
    dpg.add_spacer(height=look.px(4))
    dpg.add_separator()
    look.text(title, "dim", "small_strong")


def calls(act: Callable[[], object]) -> Callable[[], None]:
    """A callback that takes nothing, of what could take more."""

    def call() -> None:
        act()

    return call


def when_edited(act: Callable[..., None]) -> int:
    """A handler for fields that were typed into and left."""
    with dpg.item_handler_registry() as registry:
        dpg.add_item_deactivated_after_edit_handler(callback=act)
    return int(registry)
