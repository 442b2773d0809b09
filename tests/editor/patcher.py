"""A person at the editor: what they point at, what they do, and what the editor then holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from editor.rig import Point, Window
from editor.screen import Screen
from editor.show import Show

LAUNCH = Path(__file__).with_name("launch.py")


class Patcher(Window):
    """An editor that is attached to a show."""

    def __init__(
        self,
        screen: Screen,
        show: Show,
        *,
        pixels: bool = False,
        pace: str = "eager",
        **remembered: object,
    ) -> None:
        """Open it over the whole screen; `remembered` are further settings of the editor.

        The canvas jumps from view to view, so that nothing has to be waited for.
        """
        self.folder = show.folder
        settings = show.folder / "editor.json"
        plain = {"window": [screen.width, screen.height], "calm": True}
        settings.write_text(json.dumps(plain | remembered))
        super().__init__(
            screen,
            LAUNCH,
            show.process.pid,
            pace,
            environment=show.environment | {"NODEGRAPH_EDITOR": str(settings)},
            pixels=pixels,
        )
        self.wait("mirror.attached")
        self.frames(10)

    # What the editor holds.

    def nodes(self) -> dict[str, str]:
        """The types of the nodes that are looked at."""
        return dict(self.tell("{id: node.type for id, node in editing.patch.nodes.items()}"))

    def wires(self) -> list[str]:
        return list(self.tell("[str(wire) for wire in editing.patch.wires]"))

    def params(self, node: str) -> dict[str, Any]:
        return dict(self.tell(f"dict(editing.patch.nodes[{node!r}].params)"))

    def selection(self) -> list[str]:
        return list(self.tell("editing.selection"))

    def notes(self) -> list[str]:
        return list(self.tell("[note.text for note in editing.notes]"))

    def done(self) -> list[str]:
        """The labels of what can be undone."""
        return list(self.tell("mirror.decks['main'].done"))

    # Where things are.

    def node(self, id: str) -> Point:
        return self._at(f"where.node({id!r})")

    def outlet(self, address: str) -> Point:
        return self._at(f"where.port({address!r}, 'out')")

    def inlet(self, address: str) -> Point:
        return self._at(f"where.port({address!r}, 'in')")

    def param(self, address: str, at: float = 0.5) -> Point:
        return self._at(f"where.param({address!r}, {at})")

    def wire_at(self, wire: str, at: float = 0.5) -> Point:
        return self._at(f"where.wire({wire!r}, {at})")

    def canvas_at(self, x: float, y: float) -> Point:
        """The pixel under which a place of the canvas lies."""
        return self._at(f"canvas.to_screen({x}, {y})")

    def look_at(self, left: float, top: float, right: float, bottom: float) -> None:
        """Have the whole of an area of the canvas in the window."""
        self.tell(f"where.look_at({left}, {top}, {right}, {bottom})")
        self.frames(3)

    def _at(self, expression: str) -> Point:
        x, y = self.tell(expression)
        return x, y

    # What a person does.

    def find(self, text: str, at: Point) -> str:
        """Add a node by typing what to search for at a place of the canvas; its id."""
        before = set(self.nodes())
        self.move(at)
        self.key("Tab")
        self.write(text, "nodegraph.finder.input")
        return self._new(before)

    def take(self, type_id: str, to: Point) -> str:
        """Drag a node type from the palette onto the canvas; the new node's id."""
        before = set(self.nodes())
        tag = f"nodegraph.palette.{type_id}"
        x, top = self.middle("nodegraph.palette.search")
        self.tell("dpg.set_y_scroll('nodegraph.palette.list', 0)")
        self.frames(2)
        for _ in range(40):
            if self.tell(f"dpg.is_item_visible({tag!r})") and self.middle(tag)[1] < top + 500:
                break
            self.scroll((x, top + 200), -2)
        self.drag(self.middle(tag), to)
        return self._new(before)

    def set(self, address: str, value: object) -> None:
        """Give a param a value: type it in place, or choose it."""
        node, param = address.split(".")
        type_ = f"editing.type_of({node!r}).params[{param!r}]"
        if choices := self.tell(f"list({type_}.choices)"):
            self.click(self.param(address))
            self.frames(4)
            self.click(self.middle(f"nodegraph.type_in.{choices.index(value)}"))
        else:
            self.double_click(self.param(address))
            self.write(str(value), "nodegraph.type_in.field")
        self.wait(f"editing.patch.nodes[{node!r}].params.get({param!r}) == {value!r}")

    def write(self, text: str, field: str) -> None:
        """Type into a field that has just opened, in the place of what stands there."""
        self.wait(f"dpg.is_item_active({field!r})")
        self.key("ctrl+a")
        self.type(text)
        self.key("Return")

    def connect(self, outlet: str, inlet: str) -> None:
        """Draw a wire from an outlet to an inlet."""
        before = self.wires()
        self.drag(self.outlet(outlet), self.inlet(inlet))
        self.wait(f"[str(wire) for wire in editing.patch.wires] != {before!r}")

    def _new(self, before: set[str]) -> str:
        (id,) = self.wait(f"sorted(set(editing.patch.nodes) - {before!r})")
        self.frames(3)
        return str(id)
