"""The demo patch, built from nothing with a mouse; the keyboard only types numbers and words."""

from __future__ import annotations

from pathlib import Path

from editor.patcher import Patcher
from editor.show import Show

from nodegraph.graph import UNSET, Patch, Port, RenameNode, SetParam, dump, load

PATCH = Patch()

DEMO = load(Path(__file__).parents[2] / "patches" / "demo.json")
for _node, _param in (("scope", "transition_steps"), ("theme", "theme")):  # set to their defaults
    DEMO = SetParam(_node, _param, UNSET).apply(DEMO)

PLACES = {
    id: (column * 300.0, row * 380.0)
    for row, ids in enumerate(
        (
            ("song", "spec", "bands", "beat", "chapter", "count"),
            ("energy", "sparkle", "flow", "shine", "theme", "steer"),
            ("detail", "drive", "light", "scope"),
        )
    )
    for column, id in enumerate(ids)
}


def test_the_demo_patch_is_built_by_mouse(editor: Patcher, show: Show, file: Path) -> None:
    ids = {}
    editor.key("ctrl+i")  # the inspector makes room
    editor.look_at(50, 50, 1650, 950)
    assert editor.tell("canvas.camera.zoom") > 0.5, "small boxes are taken by no port"
    for id, node in DEMO.nodes.items():
        ids[id] = editor.take(node.type, editor.canvas_at(*PLACES[id]))
    for wire in DEMO.wires:
        source, target = (Port(ids[end.node], end.port) for end in wire)
        editor.connect(str(source), str(target))
    for id, node in DEMO.nodes.items():
        for param, value in node.params.items():
            editor.set(f"{ids[id]}.{param}", value)
    editor.key("ctrl+i", "ctrl+s")
    editor.wait("not mirror.decks['main'].dirty")

    text = file.read_text("utf-8")
    built = load(file)
    assert dump(built) == text
    for id, new in ids.items():
        built = RenameNode(new, f"x_{id}").apply(built)
    for id in ids:
        built = RenameNode(f"x_{id}", id).apply(built)
    assert built.nodes == DEMO.nodes
    assert built.wires == DEMO.wires
    for id, (x, y) in PLACES.items():
        at = built.layout[id]
        assert abs(at[0] - x) < 200
        assert abs(at[1] - y) < 60
    assert not show.deck()["problems"]
