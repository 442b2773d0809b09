"""What a right click offers, by what was under the mouse."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from nodegraph.editor.action import run
from nodegraph.editor.actions import BY_ID
from nodegraph.editor.canvas.hitting import (
    OnFrame,
    OnMore,
    OnNode,
    OnParam,
    OnPort,
    OnWire,
    Target,
)
from nodegraph.editor.canvas.markdown import links_of
from nodegraph.editor.canvas.odd import NOTE
from nodegraph.editor.changes import Loose
from nodegraph.editor.editing import FRAME
from nodegraph.editor.learning import KEY, KNOB, PAD, WAYS
from nodegraph.editor.shell import Area, Shell
from nodegraph.editor.tidy import GAP_X
from nodegraph.graph import Port, Position

DRIVERS: Final = {
    "generate.lfo": "LFO",
    "generate.noise": "noise",
    "generate.pulse": "envelope",
    "generate.constant": "macro slider",
}
"""Node types that a param is often driven by, by what they are called in the menu."""

_STRUCK: Final = {"trigger", "boolean"}

COLOURS: Final = {
    "Grey": "",
    "Red": "#c9524a",
    "Orange": "#c98a3d",
    "Green": "#4f9e62",
    "Blue": "#4a83c4",
    "Violet": "#8e6cc4",
}
"""Colours of frames."""

HANDS: Final = {KNOB: "Learn a MIDI knob…", PAD: "Learn a MIDI pad…", KEY: "Learn a key…"}
"""What drives a port from then on, and how the menu calls it; two of them give triggers."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu; one without a label is a rule."""

    label: str = ""
    run: Callable[[], object] = lambda: None
    shortcut: str = ""
    enabled: bool = True


RULE: Final = Item()


def items(target: Target, at: Position, shell: Shell) -> list[Item]:
    """The lines for a target at a place of the canvas."""
    match target:
        case OnNode(node) | OnMore(node):
            return _of_node(node, shell)
        case OnParam(node, param):
            return _of_param(node, param, shell)
        case OnPort():
            return _of_port(target, at, shell)
        case OnWire(wire):
            shell.editing.select((), [wire])
            return [
                Item("Put a node here…", lambda: shell.find_node(at)),
                _action("node.knot", shell),
                Item("Delete wire", lambda: shell.editing.disconnect([wire])),
                RULE,
                Item("Select both ends", lambda: shell.editing.select([p.node for p in wire])),
            ]
        case OnFrame(group):
            return _of_frame(group, shell)
        case _:
            return _of_nothing(at, shell)


def _of_node(node: str, shell: Shell) -> list[Item]:
    if node not in shell.editing.selection:
        shell.editing.select([node])
    rows = (
        ("node.rename", "node.enter", "node.reset"),
        ("node.bypass", "node.mute", "node.solo"),
        ("edit.cut", "edit.copy", "edit.duplicate"),
        ("node.group", "node.ungroup", "node.frame"),
        ("edit.connected", "edit.delete", "edit.remove"),
    )
    found: list[Item] = []
    for row in rows:
        lines = [line for id in row if (line := _action(id, shell)).enabled]
        found += [RULE, *lines] if found and lines else lines
    first = _links(node, shell)
    if shell.editing.patch.nodes[node].type in WAYS:
        first.append(Item("Learn…", partial(shell.teach, node)))
    return [*first, RULE, *found] if first else found


def _links(node: str, shell: Shell) -> list[Item]:
    """The links of a note; a patch may come from anybody, so only such as lead to the web."""
    if shell.editing.patch.nodes[node].type != NOTE:
        return []
    return [
        Item(f"Open {words}", partial(webbrowser.open, url))
        for words, url in links_of(str(shell.editing.param(node, "text") or ""))
        if url.startswith(("https://", "http://"))
    ]


def _of_param(node: str, param: str, shell: Shell) -> list[Item]:
    editing = shell.editing
    type_, wire = editing.type_of(node), editing.patch.wire_to(Port(node, param))
    found = [
        Item("Type a value…", lambda: shell.type_value(node, param, _at_mouse(shell))),
        Item("Reset", lambda: editing.unset_param(node, param)),
    ]
    if editing.definition:
        outside = f"{node}.{param}" in editing.patch.exposed.values()
        act = editing.hide if outside else editing.expose
        found.append(Item("Hide outside" if outside else "Show outside", lambda: act(node, param)))
    if wire is not None:
        cut = Item(f"Let go of {wire.source}", lambda: editing.disconnect([wire]))
        return [*found, RULE, cut]
    kind = type_.params[param].kind if type_ and param in type_.params else ""
    if kind == "boolean":
        return [*found, *_hands((PAD, KEY), Port(node, param), shell)]
    if kind == "number":
        known = {id: word for id, word in DRIVERS.items() if id in editing.types}
        found.append(RULE)
        found += [_driver(id, word, Port(node, param), shell) for id, word in known.items()]
        loose = Loose(Port(node, param), "target")
        place = _beside(node, shell)
        found.append(Item("Drive by…", lambda: shell.find_node(place, loose)))
        found += _hands((KNOB,), Port(node, param), shell)
    return found


def _driver(type_id: str, word: str, param: Port, shell: Shell) -> Item:
    def act() -> None:
        shell.editing.modulate(param.node, param.port, type_id)
        shell.used(type_id)

    return Item(f"Drive by {word}", act)


def _hands(type_ids: tuple[str, ...], target: Port, shell: Shell) -> list[Item]:
    """Lines that have a hand drive a port."""
    known = [id for id in type_ids if id in shell.editing.types]
    lines = [Item(HANDS[id], partial(shell.learn, target, id)) for id in known]
    return [RULE, *lines] if lines else []


def _of_port(target: OnPort, at: Position, shell: Shell) -> list[Item]:
    port, editing = target.port, shell.editing
    wires = [wire for wire in editing.patch.wires if port in wire]
    loose = Loose(port, "source" if target.side == "out" else "target")
    kind = editing.wiring.target_kind(port) if target.side == "in" and not wires else None
    hands = (PAD, KEY) if kind in _STRUCK else (KNOB,) if kind == "number" else ()
    return [
        Item("Wire to a new node…", lambda: shell.find_node(at, loose)),
        Item(
            "Cut all wires" if len(wires) != 1 else "Cut the wire",
            lambda: editing.disconnect(wires),
            enabled=bool(wires),
        ),
        *_hands(hands, port, shell),
    ]


def _of_frame(group: str, shell: Shell) -> list[Item]:
    editing = shell.editing
    editing.select([FRAME + group])
    frame = editing.patch.groups[group]

    def title() -> None:
        shell.ask_text(
            "Title of the frame",
            frame.title,
            "Rename",
            lambda text: editing.change_frame(group, title=text),
        )

    def dye(value: str) -> Callable[[], object]:
        return lambda: editing.change_frame(group, color=value)

    return [
        Item("Title…", title),
        Item("Select what is inside", lambda: editing.select(frame.nodes)),
        RULE,
        *(Item(word, dye(value)) for word, value in COLOURS.items()),
        RULE,
        Item("Remove the frame", editing.delete),
    ]


def _of_nothing(at: Position, shell: Shell) -> list[Item]:
    add = Item("Add node…", lambda: shell.find_node(at), BY_ID["node.add"].shortcut)
    note = Item("Add note", lambda: shell.editing.add_node("flow.note", at))
    rest = ("edit.paste", "edit.all"), ("view.fit", "node.tidy", "node.leave")
    found = [add, note]
    for row in rest:
        found += [RULE, *(line for id in row if (line := _action(id, shell)).enabled)]
    return found


def _action(id: str, shell: Shell) -> Item:
    action = BY_ID[id]
    return Item(action.label, lambda: run(action, shell), action.shortcut, action.when(shell))


def _beside(node: str, shell: Shell) -> Position:
    """Where a wire comes from that drives a node: at its left."""
    x, y = shell.editing.patch.layout.get(node, (0.0, 0.0))
    return (x - GAP_X, y)


def _at_mouse(shell: Shell) -> Area:
    x, y = shell.mouse
    return (x, y, x + 160, y + 24)
