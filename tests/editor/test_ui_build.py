"""The demo patch, built from nothing with a mouse; the keyboard only types numbers and words."""

from __future__ import annotations

from pathlib import Path

from editor.patcher import Patcher
from editor.show import Show

from nodegraph.graph import UNSET, Patch, Port, RenameNode, SetParam, dump, load
from nodegraph.plugins import find

PATCH = Patch()

DEMO = load(Path(__file__).parents[2] / "patches" / "demo.json")
for _id, _node in DEMO.nodes.items():
    _known = find().types[_node.type].params
    for _param, _value in _node.params.items():
        if _value == _known[_param].default or "\n" in str(_value):  # set to it, or of many lines
            DEMO = SetParam(_id, _param, UNSET).apply(DEMO)

_FEED = {wire.source.node for wire in DEMO.wires}
_ORDER = sorted(DEMO.nodes, key=lambda id: -len(DEMO.nodes[id].params))
_LAST = [id for id in reversed(_ORDER) if id not in _FEED][:3]
_INNER = [id for id in _ORDER if id not in _LAST]
PLACES = {id: (place % 5 * 300.0, place // 5 * 450.0) for place, id in enumerate(_INNER)}
PLACES |= {id: (1500.0, row * 450.0) for row, id in enumerate(_LAST)}
"""Three rows of six, as far apart as the tallest box is high; nothing has to be wired from the last
column, and hardly anything has to be set in the last row, half of which is not seen."""


def test_the_demo_patch_is_built_by_mouse(editor: Patcher, show: Show, file: Path) -> None:
    ids = {}
    editor.key("ctrl+i", "n")  # the inspector and the minimap make room
    editor.look_at(50, 50, 1650, 1090)
    assert editor.tell("canvas.camera.zoom") > 0.5, "small boxes are taken by no port"
    for id, node in DEMO.nodes.items():
        ids[id] = editor.take(node.type, editor.canvas_at(*PLACES[id]))
    for wire in DEMO.wires:
        source, target = (Port(ids[end.node], end.port) for end in wire)
        editor.connect(str(source), str(target))
    for id, node in DEMO.nodes.items():
        for param, value in node.params.items():
            editor.set(f"{ids[id]}.{param}", value)
    editor.key("ctrl+i", "n", "ctrl+s")
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
