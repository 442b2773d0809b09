"""What is selected, in full: params, ports with their values, problems, the manual page.

Tags: `nodegraph.inspector`, `.name`, `.bypass`, `.mute`, `.solo`, `.example`,
`nodegraph.inspector.value.PORT`; those of params are in `params`, those of a frame and of the patch
in `pages`.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.shape import column_of
from nodegraph.editor.canvas.turning import live
from nodegraph.editor.editing import FRAME, Editing
from nodegraph.editor.look.colours import CLEAR
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.band import BandPanel
from nodegraph.editor.panels.manual import kind_mark, page
from nodegraph.editor.panels.pages import Pages, calls, section, when_edited
from nodegraph.editor.panels.params import Params
from nodegraph.editor.shell import Shell
from nodegraph.graph import Node, Port, Wire
from nodegraph.nodetype import ANY, NodeType

_TAG: Final = "nodegraph.inspector"
_EVERY: Final = 6  # frames between two looks at live values


class Inspector:
    """One page: of a node, of several, of a frame, of a wire, or of the patch."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self._params = Params(editing, look, shell)
        self._band = BandPanel(editing, look, shell)
        self._drawn: object = None
        self._version: tuple[int, str] = (-1, "")
        self._values: dict[str, str] = {}
        self._node = ""
        self._frame = 0
        self._pages = Pages(editing, look, shell)
        self._edited = when_edited(self._renamed)

    def build(self, parent: int | str) -> None:
        """Make the empty page."""
        dpg.add_group(tag=_TAG, parent=parent)

    def tick(self) -> None:
        """Write the page anew if it is another one, and follow what plays."""
        version = (self.editing.version, self.look.colours.name)
        if version != self._version:
            self._version = version
            about = self._about()
            if about != self._drawn:
                self._drawn = about
                self._write()
        if self._node in self.editing.patch.nodes:
            self._params.tick()
        self._band.tick()
        self._frame += 1
        if self._frame % _EVERY == 0:
            for port, name in self._values.items():
                dpg.set_value(f"{_TAG}.value.{port}", self._read(name))

    def _about(self) -> object:
        """All that the page shows, but for what its widgets follow by themselves."""
        editing = self.editing
        selected, patch = editing.selection, editing.patch
        colours = self.look.colours.name
        here = (colours, editing.view, selected, editing.selected_wires, editing.mirror.attached)
        if len(selected) != 1:
            exposed = tuple(patch.exposed.items())
            return (*here, patch.name, patch.note, len(patch.nodes), len(patch.wires), exposed)
        (id,) = selected
        if id.startswith(FRAME):
            return (*here, patch.groups[id.removeprefix(FRAME)].nodes)
        node = patch.nodes[id]
        wires = patch.wires_into(id)
        known = frozenset(node.params) if editing.type_of(id) is None else frozenset()
        return (
            *(*here, node.type, node.mode, node.solo, known, wires),
            *(editing.type_of(id), editing.problems_of(id), tuple(patch.exposed.items())),
        )

    def _write(self) -> None:
        self._values, self._node = {}, ""
        self._params.clear()
        self._band.clear()
        dpg.delete_item(_TAG, children_only=True)
        dpg.push_container_stack(_TAG)
        try:
            self._page()
        finally:
            dpg.pop_container_stack()

    def _page(self) -> None:
        editing = self.editing
        if len(editing.selection) == 1:
            (id,) = editing.selection
            if id.startswith(FRAME):
                self._pages.frame(id.removeprefix(FRAME))
            else:
                self._of_node(id, editing.patch.nodes[id])
        elif editing.selection:
            self._pages.several()
        elif len(editing.selected_wires) == 1:
            (wire,) = editing.selected_wires
            self._of_wire(wire)
        elif editing.deck.open:
            self._pages.patch(editing.patch)
        else:
            self.look.text("No patch is open.", "faint")

    # One node.

    def _of_node(self, id: str, node: Node) -> None:
        self._node = id
        type_ = self.editing.type_of(id)
        self._heading(id, node, type_)
        self._switches(node)
        for problem in self.editing.problems_of(id):
            self.look.text(problem.text, "problem", "small", wrap=0)
        if type_ is None:
            self._ghost(node)
            return
        self._band.build(id, type_)
        if type_.params:
            section(self.look, "Params")
            outside = set(self.editing.patch.exposed.values())
            exposed = {name for name in type_.params if f"{id}.{name}" in outside}
            self._params.build(id, list(type_.params.values()), exposed)
        self._ports(id, type_)
        section(self.look, "Manual")
        page(self.look, type_, _TAG, self.shell.put_example, titled=False)

    def _heading(self, id: str, node: Node, type_: NodeType | None) -> None:
        look = self.look
        with dpg.group(horizontal=True, horizontal_spacing=look.px(8)):
            with dpg.drawlist(look.px(4), look.px(38)):
                family = type_.family if type_ else ""
                fill = look.colours.family(family) if type_ else look.colours.problem
                dpg.draw_rectangle(
                    (0, 0), (look.px(4), look.px(38)), fill=fill, color=CLEAR, rounding=2
                )
            with dpg.group():
                look.text(type_.title if type_ else node.type, font="strong")
                look.text(node.type, "faint", "small")
        name = dpg.add_input_text(tag=f"{_TAG}.name", default_value=id, width=-1, user_data=id)
        dpg.bind_item_handler_registry(name, self._edited)

    def _switches(self, node: Node) -> None:
        with dpg.group(horizontal=True, horizontal_spacing=self.look.px(4)):
            for name, is_on, act in (
                ("Bypass", node.mode == "bypass", self.editing.bypass),
                ("Mute", node.mode == "mute", self.editing.mute),
                ("Solo", node.solo, self.editing.solo),
            ):
                tag = f"{_TAG}.{name.lower()}"
                button = dpg.add_button(label=name, tag=tag, callback=calls(act))
                self.look.bind(button, "accent" if is_on else "chosen")

    def _ghost(self, node: Node) -> None:
        text = "This node type is not installed. The node is kept as it is, and nothing of it runs."
        self.look.text(text, "dim", wrap=0)
        for name, value in node.params.items():
            self.look.text(f"{name}  {value}", "faint", "small", wrap=0)

    def _ports(self, id: str, type_: NodeType) -> None:
        wiring = self.editing.wiring
        if type_.inlets:
            section(self.look, "In")
        for inlet in type_.inlets.values():
            port = Port(id, inlet.name)
            source = self.editing.patch.wire_to(port)
            kind = wiring.target_kind(port) or inlet.kind
            remark = f"← {source.source}" if source else ""
            self._port(f"in.{inlet.name}", inlet.name, kind, self.editing.brings(port), remark)
        if type_.outlets:
            section(self.look, "Out")
        for outlet in type_.outlets.values():
            kind = wiring.outlet_kind(Port(id, outlet.name)) or outlet.kind
            address = self.editing.address(f"{id}.{outlet.name}")
            self._port(outlet.name, outlet.name, kind, address, "")

    def _port(self, key: str, name: str, kind: str, address: str | None, remark: str) -> None:
        look = self.look
        with dpg.group(horizontal=True, horizontal_spacing=look.px(6)):
            kind_mark(look, kind)
            look.text(name, font="small")
            if remark:
                look.text(remark, "faint", "small")
            if address:
                look.text("", "dim", "small", tag=f"{_TAG}.value.{key}")
                self._values[key] = column_of(address, kind)

    def _read(self, name: str) -> str:
        value = self.editing.watching.newest(name)
        return live(value) if value == value else self.editing.watching.text(name)

    def _renamed(self, sender: object, field: int | str) -> None:
        id = str(dpg.get_item_user_data(field))
        name = str(dpg.get_value(f"{_TAG}.name")).strip()
        if not name or not self.editing.rename(id, name):
            dpg.set_value(f"{_TAG}.name", id)

    def _of_wire(self, wire: Wire) -> None:
        kind = self.editing.wiring.outlet_kind(wire.source) or ANY
        self.look.text("Wire", font="strong")
        self._port("wire", f"{wire.source} → {wire.target}", kind, None, "")
        self._values["now"] = column_of(self.editing.address(str(wire.source)), kind)
        self.look.text("", font="title", tag=f"{_TAG}.value.now", wrap=0)
        dpg.add_button(label="Delete", callback=calls(self.editing.delete))
