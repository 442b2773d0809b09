"""Wires by a real mouse: drawn either way, refused, inserted into, taken by their ends."""

from __future__ import annotations

from editor.patcher import Patcher
from editor.show import Show
from kit import patch

PATCH = patch(
    {
        "lfo": "generate.lfo",
        "ease": "shape.smooth",
        "hit": "logic.threshold",
        "look": ("prompt.text", {"text": "a calm sea"}),
        "scope": "scope.output",
        "see": "flow.probe",
    },
    ["lfo.out -> see.value"],
).evolve(
    layout={
        "lfo": (0, 0),
        "see": (700, 0),
        "ease": (350, 60),
        "hit": (350, 340),
        "look": (0, 340),
        "scope": (700, 340),
    }
)


def test_a_wire_is_drawn_either_way(editor: Patcher, show: Show) -> None:
    editor.connect("lfo.out", "ease.value")
    assert "lfo.out -> ease.value" in editor.wires()
    editor.drag(editor.inlet("scope.noise_scale"), editor.outlet("ease.out"))
    editor.wait("len(mirror.decks['main'].done) == 2")
    assert set(editor.wires()) == {
        "ease.out -> scope.noise_scale",
        "lfo.out -> ease.value",
        "lfo.out -> see.value",
    }
    assert {str(wire) for wire in show.patch().wires} == set(editor.wires())


def test_a_wire_drives_a_param(editor: Patcher) -> None:
    editor.drag(editor.outlet("lfo.out"), editor.param("hit.level"))
    editor.wait("len(mirror.decks['main'].done) == 1")
    assert "lfo.out -> hit.level" in editor.wires()


def test_a_wrong_wire_is_refused_before_the_drop_and_with_a_reason(
    editor: Patcher, show: Show
) -> None:
    before = editor.wires()
    editor.drag(editor.outlet("lfo.out"), editor.inlet("scope.prompts"), drop=False)
    assert editor.tell("canvas.bench.sketch.loose_fits") is False
    assert "prompts" in editor.tell("canvas.bench.sketch.hint")
    lit = editor.tell("[str(each.port) for each in canvas.bench.sketch.lit]")
    assert "scope.noise_scale" in lit
    assert "scope.prompts" not in lit
    editor.release()
    editor.frames(3)
    assert editor.wires() == before
    assert "prompts" in editor.notes()[-1]
    assert not show.deck()["done"]


def test_a_node_dropped_on_a_wire_goes_into_it(editor: Patcher, show: Show) -> None:
    x, y = editor.node("ease")
    to = editor.wire_at("lfo.out -> see.value")
    box = editor.tell("canvas.scene.boxes['ease'].rect")
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    dx, dy = editor.canvas_at(*middle)
    editor.drag((x, y), (x + to[0] - dx, y + to[1] - dy), held="ctrl")
    editor.wait("'ease.out -> see.value' in [str(wire) for wire in editing.patch.wires]")
    assert editor.wires() == ["ease.out -> see.value", "lfo.out -> ease.value"]
    assert len(show.deck()["done"]) == 1, "move and insertion are one step of undo"
    editor.key("ctrl+z")
    editor.wait("not mirror.decks['main'].done")
    assert show.patch() == PATCH


def test_the_end_of_a_wire_is_taken_elsewhere(editor: Patcher) -> None:
    editor.drag(editor.inlet("see.value"), editor.inlet("ease.value"))
    editor.wait("[str(wire) for wire in editing.patch.wires] == ['lfo.out -> ease.value']")
    editor.wait("len(mirror.decks['main'].done) == 1")


def test_the_end_of_a_wire_dropped_nowhere_is_cut(editor: Patcher) -> None:
    editor.drag(editor.wire_at("lfo.out -> see.value", 0.97), editor.canvas_at(560, 260))
    editor.wait("not editing.patch.wires")


def test_a_loose_wire_in_empty_space_offers_what_fits(editor: Patcher) -> None:
    editor.drag(editor.outlet("look.prompts"), editor.canvas_at(200, 560))
    editor.write("cross", "nodegraph.finder.input")
    (id,) = editor.wait(f"sorted(set(editing.patch.nodes) - {set(PATCH.nodes)!r})")
    assert editor.nodes()[id] == "prompt.crossfade"
    assert f"look.prompts -> {id}.a" in editor.wires()


def test_a_conversion_is_offered_where_one_is_needed(editor: Patcher) -> None:
    editor.drag(editor.outlet("lfo.out"), editor.inlet("scope.paused"))
    editor.wait("len(mirror.decks['main'].done) == 1")
    (id,) = set(editor.nodes()) - set(PATCH.nodes)
    assert editor.nodes()[id] == "logic.threshold"
    assert {f"lfo.out -> {id}.value", f"{id}.on -> scope.paused"} <= set(editor.wires())


def test_a_deleted_node_leaves_its_wires_mended(editor: Patcher) -> None:
    editor.connect("lfo.out", "ease.value")
    editor.connect("ease.out", "scope.noise_scale")
    editor.click(editor.node("ease"))
    editor.key("Delete")
    editor.wait("'ease' not in editing.patch.nodes")
    assert set(editor.wires()) == {"lfo.out -> scope.noise_scale", "lfo.out -> see.value"}


def test_a_knot_leads_a_wire_round_and_leaves_it_whole(editor: Patcher, show: Show) -> None:
    editor.double_click(editor.wire_at("lfo.out -> see.value"))
    (id,) = editor.wait(f"sorted(set(editing.patch.nodes) - {set(PATCH.nodes)!r})")
    assert editor.nodes()[id] == "flow.reroute"
    assert editor.wires() == [f"lfo.out -> {id}.value", f"{id}.out -> see.value"]
    editor.frames(3)
    left, top, right, bottom = editor.tell(f"canvas.scene.boxes[{id!r}].rect")
    at = editor.canvas_at((left + right) / 2, (top + bottom) / 2)
    editor.drag(at, (at[0], at[1] + 60))
    editor.wait("len(mirror.decks['main'].done) == 2")
    assert editor.selection() == [id]
    editor.key("Delete")
    editor.wait("[str(wire) for wire in editing.patch.wires] == ['lfo.out -> see.value']")
    editor.key("ctrl+z", "ctrl+z", "ctrl+z")
    editor.wait("not mirror.decks['main'].done")
    assert show.patch() == PATCH


def test_a_type_from_the_palette_goes_into_the_wire_it_is_dropped_on(editor: Patcher) -> None:
    id = editor.take("shape.smooth", editor.wire_at("lfo.out -> see.value", 0.6))
    assert editor.wires() == [f"lfo.out -> {id}.value", f"{id}.out -> see.value"]
    assert len(editor.done()) == 1
    other = editor.take("theme.preset", editor.wire_at(f"lfo.out -> {id}.value"))
    assert editor.nodes()[other] == "theme.preset"
    assert len(editor.wires()) == 2, "no wire was cut for what does not fit"


def test_a_key_puts_a_knot_into_the_wire_that_is_selected(editor: Patcher) -> None:
    editor.click(editor.wire_at("lfo.out -> see.value"))
    editor.wait("editing.selected_wires")
    editor.key("r")
    editor.wait("len(mirror.decks['main'].done) == 1")
    (knot,) = (id for id, type_ in editor.nodes().items() if type_ == "flow.reroute")
    assert set(editor.wires()) == {f"lfo.out -> {knot}.value", f"{knot}.out -> see.value"}


def test_the_wire_that_takes_a_node_of_the_palette_is_lit_before_the_drop(editor: Patcher) -> None:
    tag = "nodegraph.palette.shape.smooth"
    editor.click(editor.middle("nodegraph.palette.search"))
    editor.type("smooth")
    editor.frames(6)
    editor.drag(editor.middle(tag), editor.wire_at("lfo.out -> see.value"), drop=False)
    editor.frames(4)
    assert editor.tell("str(canvas.bench.sketch.receiving)") == "lfo.out -> see.value"
    editor.move(editor.canvas_at(200, 600))
    editor.frames(4)
    assert editor.tell("canvas.bench.sketch.receiving is None")
    editor.move(editor.wire_at("lfo.out -> see.value"))
    editor.release()
    editor.wait("len(editing.patch.nodes) == 7 and len(editing.patch.wires) == 2")
    assert editor.tell("canvas.bench.sketch.receiving is None")
    editor.click(editor.middle("nodegraph.palette.search"))
    editor.key("ctrl+a", "BackSpace", "Return")
