"""What the mouse does, frame by frame, without a window."""

from __future__ import annotations

from random import Random

import pytest
from editor.canvas_kit import Table
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.canvas.camera import STEP
from nodegraph.editor.canvas.hands import Sketch
from nodegraph.editor.canvas.hitting import OnFrame, OnNode
from nodegraph.editor.changes import Loose
from nodegraph.editor.changes_delete import delete
from nodegraph.graph import Group, Node, Patch, Port, Wire, dump, parse

WAVE_EASE = Wire(Port("wave", "out"), Port("ease", "value"))
EASE_MAP = Wire(Port("ease", "out"), Port("map", "value"))
PATCH = Patch(
    nodes={
        "beat": Node("beat.manual"),
        "ease": Node("shape.lag"),
        "map": Node("shape.remap"),
        "song": Node("audio.file"),
        "spare": Node("shape.smooth"),
        "turn": Node("beat.divide"),
        "wave": Node("generate.lfo"),
        "words": Node("flow.note", params={"text": "Hear this."}),
    },
    wires=(EASE_MAP, WAVE_EASE),
    layout={
        "beat": (0, 600),
        "ease": (400, 0),
        "map": (800, 0),
        "song": (0, 900),
        "spare": (400, 600),
        "turn": (800, 600),
        "wave": (0, 0),
        "words": (0, 1300),
    },
    groups={"pair": Group("Pair", "", ("ease", "wave"))},
)
EMPTY = (-300.0, -200.0)


@pytest.fixture(params=[0.5, 1.0, 2.3], ids=lambda zoom: f"zoom {zoom}")
def table(request: pytest.FixtureRequest) -> Table:
    return Table(PATCH, request.param)


# Selecting.


def test_clicks_select_and_shift_and_ctrl_add_and_toggle(table: Table) -> None:
    table.click(table.title("ease"))
    assert table.desk.selection == {"ease"}
    table.click(table.title("map"), shift=True)
    assert table.desk.selection == {"ease", "map"}
    table.click(table.title("ease"), ctrl=True)
    assert table.desk.selection == {"map"}
    table.click(EMPTY)
    assert not table.desk.selection
    assert table.desk.done == []


def test_a_click_on_one_of_several_selects_it_alone(table: Table) -> None:
    table.desk.select(["ease", "map"])
    table.click(table.title("ease"))
    assert table.desk.selection == {"ease"}


def test_a_box_selects_what_it_touches(table: Table) -> None:
    table.drag((-40.0, -60.0), (450.0, 100.0))
    assert table.desk.selection == {"wave", "ease"}
    table.drag((790.0, -60.0), (830.0, 20.0), shift=True)
    assert table.desk.selection == {"wave", "ease", "map"}
    assert table.bench.sketch.box is None


def test_a_wire_is_selected_in_its_middle(table: Table) -> None:
    (x0, y0), (x1, y1) = table.outlet("ease.out"), table.inlet("map.value")
    table.click(((x0 + x1) / 2, (y0 + y1) / 2))
    assert table.desk.selected_wires == {EASE_MAP}
    assert not table.desk.selection


# Moving.


def test_a_drag_moves_and_is_one_gesture(table: Table) -> None:
    x, y = table.title("map")
    table.drag((x, y), (x + 100, y + 303))
    (moved,) = table.desk.done
    assert moved[:2] == ("move", "map")
    assert table.desk.patch.layout["map"] == (900, 300)
    assert table.desk.selection == {"map"}
    assert table.bench.moved == {}, "the patch says the same, so the hand lets go"


def test_what_moves_is_drawn_there_before_it_is_dropped(table: Table) -> None:
    x, y = table.title("map")
    table.drag((x, y), (x + 100, y + 303), drop=False)
    assert table.desk.done == []
    assert table.scene.boxes["map"].rect.left == 900
    table.hands.cancel()
    table.refresh()
    assert table.scene.boxes["map"].rect.left == 800


def test_less_than_three_pixels_are_no_drag(table: Table) -> None:
    x, y = table.title("map")
    table.drag((x, y), (x + 2 / table.bench.camera.zoom, y))
    assert table.desk.done == []


def test_all_that_is_selected_moves_together(table: Table) -> None:
    table.desk.select(["map", "turn"])
    x, y = table.title("turn")
    table.drag((x, y), (x + 500, y + 500), ctrl=True)
    assert {done[1] for done in table.desk.done} == {"map", "turn"}
    assert len({done[3] for done in table.desk.done}) == 1
    layout = table.desk.patch.layout
    assert (layout["turn"][0] - 800, layout["turn"][1] - 600) == pytest.approx((500, 500))
    assert (layout["map"][0] - 800, layout["map"][1]) == pytest.approx((500, 500))


def test_with_alt_a_copy_is_put_down(table: Table) -> None:
    x, y = table.title("map")
    table.drag((x, y), (x + 300, y + 400), drop=False, alt=True)
    assert table.bench.sketch.hint == "Let go to put a copy here"
    table.frame(left=False)
    ((what, id, by),) = table.desk.done
    assert (what, id) == ("duplicate", "map")
    assert by == pytest.approx((300, 400), abs=20)
    assert not table.bench.moved


def test_a_frame_is_moved_with_what_is_in_it(table: Table) -> None:
    head = table.scene.frames["pair"].head.middle
    assert table.places.target(*head, 1.0) == OnFrame("pair")
    table.drag(head, (head[0] + 40, head[1] - 400), ctrl=True)
    assert {done[1] for done in table.desk.done} == {"ease", "wave"}
    assert table.desk.selection == {"group:pair"}


def test_what_is_dropped_into_a_frame_is_in_it(table: Table) -> None:
    x, y = table.title("spare")
    table.drag((x, y), (x - 110, y - 500), drop=False)
    assert table.bench.sketch.hint == "Let go to take it into the frame “Pair”"
    table.frame(left=False)
    assert [done[:2] for done in table.desk.done] == [("move", "spare"), ("frame", "pair")]
    assert len({done[3] for done in table.desk.done}) == 1, "one step of undo"
    assert table.desk.patch.groups["pair"].nodes == ("ease", "spare", "wave")


def test_what_is_dragged_well_out_of_a_frame_leaves_it(table: Table) -> None:
    x, y = table.title("ease")
    table.drag((x, y), (x, y + 40))
    frame = table.scene.frames["pair"].rect
    assert table.desk.patch.groups["pair"].nodes == ("ease", "wave")
    x, y = table.title("ease")
    table.drag((x, y), (x, y + 500), drop=False)
    assert table.bench.sketch.hint == "Let go to take it out of the frame “Pair”"
    assert table.scene.frames["pair"].rect.width == frame.width
    table.frame(left=False)
    assert table.desk.patch.groups["pair"].nodes == ("wave",)
    assert table.scene.frames["pair"].rect.right < frame.right


def test_boxes_come_in_line_with_others(table: Table) -> None:
    x, y = table.title("spare")
    table.drag((x, y), (x + 399, y + 304), drop=False)
    assert table.scene.boxes["spare"].x == 800
    assert next(line.upright for line in table.bench.sketch.lines)


def test_a_loose_node_is_put_into_a_wire(table: Table) -> None:
    (x0, y0), (x1, y1) = table.outlet("ease.out"), table.inlet("map.value")
    box = table.scene.boxes["spare"]
    x, y = table.title("spare")
    to_x = x + (x0 + x1) / 2 - box.rect.middle[0]
    to_y = y + (y0 + y1) / 2 - box.rect.middle[1]
    table.drag((x, y), (to_x, to_y), ctrl=True)
    assert [done[0] for done in table.desk.done] == ["move", "insert"]
    assert len({done[-1] for done in table.desk.done}) == 1, "one step of undo"
    assert Wire(Port("spare", "out"), EASE_MAP.target) in table.desk.patch.wires
    assert Wire(EASE_MAP.source, Port("spare", "value")) in table.desk.patch.wires


def test_a_wired_node_is_not_put_into_a_wire(table: Table) -> None:
    (x0, y0), (x1, y1) = table.outlet("ease.out"), table.inlet("map.value")
    x, y = table.title("wave")
    table.drag((x, y), ((x0 + x1) / 2, (y0 + y1) / 2), ctrl=True)
    assert "insert" not in {done[0] for done in table.desk.done}


# Params.


def test_a_slider_is_dragged_and_only_what_is_new_is_sent(table: Table) -> None:
    x, y = table.param("ease.attack")
    table.drag((x, y), (x + 20, y), (x + 40, y))
    values = [done[3] for done in table.desk.done]
    assert values == sorted(values)
    assert len(set(values)) == len(values)
    assert {done[4] for done in table.desk.done} == {"hand 1"}
    assert table.desk.patch.nodes["ease"].params["attack"] == values[-1]
    assert table.bench.turned == {}


def test_shift_is_fine_and_ctrl_is_coarse(table: Table) -> None:
    def turned(**held: bool) -> float:
        fresh = Table(PATCH, table.bench.camera.zoom)
        x, y = fresh.param("map.in_low")
        fresh.drag((x, y), (x + 20, y), **held)
        start = 0.0
        return float(fresh.desk.patch.nodes["map"].params["in_low"]) - start  # type: ignore[arg-type]  # a number

    usual, fine, coarse = turned(), turned(shift=True), turned(ctrl=True)
    assert 0 < fine < usual / 5 < usual < coarse


def test_a_slider_stays_within_its_range_and_comes_back_at_once(table: Table) -> None:
    x, y = table.param("ease.attack")
    table.drag((x, y), (x + 2000, y), (x + 1990, y))
    low, high = table.desk.done[-1][3], max(done[3] for done in table.desk.done)
    assert high == table.scene.boxes["ease"].shape.fields[0].param.high
    assert low < high


def test_three_pixels_pass_before_a_slider_turns(table: Table) -> None:
    x, y = table.param("ease.attack")
    table.drag((x, y), (x + 2 / table.bench.camera.zoom, y))
    assert table.desk.done == []
    assert table.desk.selection == {"ease"}


@pytest.mark.parametrize("key", ["alt", "ctrl"])
def test_alt_and_ctrl_click_reset(table: Table, key: str) -> None:
    table.click(table.param("ease.attack"), **{key: True})
    assert table.desk.done == [("unset", "ease", "attack")]


def test_a_double_click_asks_for_a_field_to_type_in(table: Table) -> None:
    table.double_click(table.param("ease.attack"))
    assert table.desk.asked == [("type in", "ease", "attack")]
    assert table.desk.done == []


def test_a_choice_is_asked_for_and_a_switch_is_switched(table: Table) -> None:
    table.click(table.param("map.outside"))
    assert table.desk.asked == [("type in", "map", "outside")]
    table.click(table.param("song.loop"))
    assert table.desk.done[0][:3] == ("set", "song", "loop")
    before = table.desk.done[0][3]
    table.click(table.param("song.loop"))
    assert table.desk.done[1][3] is (not before)


def test_a_slider_that_is_let_go_of_by_escape_is_back(table: Table) -> None:
    x, y = table.param("ease.attack")
    table.drag((x, y), (x + 40, y), drop=False)
    table.hands.cancel()
    table.refresh()
    assert "attack" not in table.desk.patch.nodes["ease"].params


# Wires.


def test_a_wire_is_drawn_in_either_direction(table: Table) -> None:
    table.drag(table.outlet("beat.clock"), table.inlet("turn.clock"))
    table.drag(table.inlet("spare.value"), table.outlet("wave.out"))
    assert [done[0] for done in table.desk.done] == ["connect", "connect"]
    assert {wire.target for wire in table.desk.patch.wires} >= {
        Port("turn", "clock"),
        Port("spare", "value"),
    }


def test_a_wire_that_does_not_fit_is_refused_before_it_is_dropped(table: Table) -> None:
    table.drag(table.outlet("wave.out"), table.inlet("turn.clock"), drop=False)
    sketch = table.bench.sketch
    assert sketch.loose_fits is False
    assert sketch.hint == "turn.clock wants clock, wave.out gives number"
    lit = {(each.port, each.side) for each in sketch.lit or ()}
    assert (Port("spare", "value"), "in") in lit
    assert (Port("turn", "clock"), "in") not in lit
    assert (Port("beat", "clock"), "out") not in lit
    table.frame(left=False)
    assert table.desk.done == []
    assert table.desk.asked == [("note", "Turn.clock wants clock, wave.out gives number")]
    assert table.bench.sketch.lit is None


def test_a_loop_is_refused_with_its_reason(table: Table) -> None:
    table.drag(table.outlet("map.out"), table.inlet("wave.reset"), drop=False)
    assert "wait for each other" in table.bench.sketch.hint


def test_a_converter_is_offered_and_put_between(table: Table) -> None:
    table.drag(table.outlet("song.audio"), table.inlet("spare.value"), drop=False)
    assert table.bench.sketch.hint.endswith("let go to put Level between")
    assert table.bench.sketch.loose_fits
    table.frame(left=False)
    assert table.desk.done == [("convert", "audio.level")]


def test_a_wire_can_end_at_a_param(table: Table) -> None:
    table.drag(table.outlet("wave.out"), table.param("map.in_high"))
    assert Wire(Port("wave", "out"), Port("map", "in_high")) in table.desk.patch.wires


def test_on_a_box_the_best_port_is_meant(table: Table) -> None:
    table.drag(table.outlet("beat.clock"), table.title("turn"))
    assert table.desk.done == [("connect", Port("beat", "clock"), Port("turn", "clock"))]


def test_a_wire_is_taken_by_its_end_and_goes_elsewhere(table: Table) -> None:
    table.drag(table.inlet("map.value"), table.inlet("spare.value"))
    assert table.desk.done == [("rewire", EASE_MAP, "target", Port("spare", "value"))]
    assert table.desk.patch.wire_to(EASE_MAP.target) is None


def test_a_wire_is_taken_by_its_source(table: Table) -> None:
    x, y = table.outlet("ease.out")
    table.drag((x + 16, y), table.outlet("wave.out"))
    assert table.desk.done == [("rewire", EASE_MAP, "source", Port("wave", "out"))]


def test_a_wire_that_is_pulled_off_is_gone(table: Table) -> None:
    table.drag(table.inlet("map.value"), EMPTY)
    assert table.desk.done == [("disconnect", EASE_MAP)]


def test_a_wire_that_is_put_back_stays(table: Table) -> None:
    start = table.inlet("map.value")
    table.drag(start, EMPTY, start)
    assert table.desk.done == []
    assert table.desk.asked == []


def test_dropped_in_empty_space_a_wire_asks_for_a_node(table: Table) -> None:
    table.drag(table.outlet("wave.out"), EMPTY)
    table.drag(table.inlet("turn.clock"), EMPTY)
    (_, where, out), (_, _, back) = table.desk.asked
    assert where == pytest.approx(EMPTY)
    assert out == Loose(Port("wave", "out"), "source")
    assert back == Loose(Port("turn", "clock"), "target")


# Looking.


def test_the_wheel_zooms_at_the_mouse(table: Table) -> None:
    zoom = table.bench.camera.zoom
    table.go(100.0, 50.0)
    table.frame(wheel=2.0)
    assert table.bench.camera.zoom == pytest.approx(min(zoom * STEP**2, 4.0))
    x, y = table.bench.camera.to_screen(100.0, 50.0)
    assert table.bench.camera.to_world(x, y) == pytest.approx((100.0, 50.0))


@pytest.mark.parametrize("how", [{"middle": True}, {"left": True, "space": True}])
def test_middle_and_space_push_the_canvas(table: Table, how: dict[str, bool]) -> None:
    before = table.bench.camera
    table.go(*EMPTY)
    table.frame(**how)
    x, y = before.to_screen(*EMPTY)
    for _ in range(2):
        table.at = table.bench.camera.to_world(x + 30.0, y + 40.0)
        table.frame()
    table.frame(**dict.fromkeys(how, False))
    after = table.bench.camera
    assert after.x == pytest.approx(before.x - 30.0 / before.zoom)
    assert after.y == pytest.approx(before.y - 40.0 / before.zoom)
    assert table.desk.selection == frozenset()


def test_a_click_on_the_minimap_looks_there(table: Table) -> None:
    table.bench.minimap = lambda x, y: (1234.0, 567.0) if x < 100 else None
    table.at = table.bench.camera.to_world(50.0, 50.0)
    table.frame()
    table.frame(left=True)
    middle = table.bench.camera.seen.middle
    assert middle == pytest.approx((1234.0, 567.0))
    table.frame(left=False)
    assert table.desk.selection == frozenset()


# Asking.


def test_a_right_click_selects_and_asks_for_the_menu(table: Table) -> None:
    table.click(table.title("ease"), button="right")
    assert table.desk.asked == [("menu", OnNode("ease", "title"))]
    assert table.desk.selection == {"ease"}
    table.desk.select(["ease", "map"])
    table.click(table.title("map"), button="right")
    assert table.desk.selection == {"ease", "map"}, "it is about all that is selected"


@pytest.mark.parametrize(("frames", "twice"), [(1, True), (30, False)])
def test_half_a_second_between_clicks_is_long_unless_it_was_one_frame(
    table: Table, frames: int, twice: bool
) -> None:
    table.click(table.param("ease.attack"))
    for _ in range(frames):
        table.now += 0.5 / frames
        table.frame(left=False)
    table.now += 0.5 / frames
    table.frame(left=True)
    table.frame(left=False)
    assert (("type in", "ease", "attack") in table.desk.asked) == twice


def test_double_clicks_add_a_node_or_open_what_is_there() -> None:
    patch = Patch(
        nodes={"voice": Node("subpatch.voice"), **PATCH.nodes},
        layout={"voice": (1200, 0), **PATCH.layout},
        subpatches={"voice": Patch()},
    )
    table = Table(patch)
    table.double_click(EMPTY)
    assert table.desk.asked[0] == ("finder", pytest.approx(EMPTY), None)
    table.double_click(table.title("voice"))
    assert table.desk.done == [("enter", "voice")]
    x, y = table.scene.boxes["words"].rect.middle
    table.double_click((x, y))
    assert table.desk.asked[-1] == ("type in", "words", "text")


def test_two_slow_clicks_are_no_double_click(table: Table) -> None:
    table.click(EMPTY)
    table.click(EMPTY)
    assert table.desk.asked == []


def test_hidden_params_come_and_go() -> None:
    table = Table(Patch(nodes={"map": Node("soundscape.mapping")}, layout={"map": (0, 0)}))
    box = table.scene.boxes["map"]
    few = len(box.shape.fields)
    assert box.shape.more is not None
    table.click(box.shape.more.middle)
    opened = table.scene.boxes["map"].shape
    assert len(opened.fields) == few + box.shape.hidden
    assert opened.more is not None
    table.click(opened.more.middle)
    assert table.scene.boxes["map"].shape == box.shape


def test_overlapping_boxes_are_taken_by_the_one_on_top() -> None:
    patch = Patch(
        nodes={"a": Node("shape.lag"), "b": Node("shape.lag")},
        layout={"a": (0, 0), "b": (20, 10)},
    )
    table = Table(patch)
    table.click((100.0, 20.0))
    assert table.desk.selection == {"b"}
    table.click((10.0, 5.0))
    assert table.desk.selection == {"a"}
    table.click((100.0, 20.0))
    assert table.desk.selection == {"a"}, "what was taken last lies on top"


def test_beside_the_canvas_nothing_happens(table: Table) -> None:
    table.go(*table.title("ease"))
    table.frame(over=False)
    table.frame(left=True)
    table.frame(left=False)
    assert table.desk.selection == frozenset()
    assert table.hands.hover is None


def test_what_the_patch_never_says_is_let_go_of_after_a_second(table: Table) -> None:
    table.bench.moved["ease"] = (1.0, 2.0)
    table.frame()
    assert table.bench.moved
    table.now += 2.0
    table.frame()
    assert not table.bench.moved


def somewhere(table: Table, random: Random) -> tuple[float, float]:
    """A place of the canvas where there may well be something."""
    scene = table.scene
    spots = [scene.place(wire.source, False) for wire in scene.cords]
    for box in scene.boxes.values():
        spots += [(box.x + mark.x, box.y + mark.y) for mark in box.shape.marks]
        spots += [box.area(field).middle for field in box.shape.fields]
        spots.append(table.title(box.id))
    x, y = random.choice(spots)
    return x + random.randrange(-40, 40), y + random.randrange(-20, 20)


@given(st.randoms(use_true_random=False))
def test_whatever_the_mouse_does_nothing_breaks(random: Random) -> None:
    table = Table(PATCH, random.choice([0.2, 0.6, 1.0, 3.0]))
    for _ in range(40):
        table.go(*somewhere(table, random), steps=1)
        keys = random.choices(["shift", "ctrl", "alt", "space"], k=random.randrange(3))
        held = {key: key in keys for key in ("shift", "ctrl", "alt", "space")}
        button = random.choice(["left", "left", "left", "left", "middle", "right"])
        table.frame(**held, **{button: random.random() < 0.6}, over=random.random() < 0.95)
        if random.random() < 0.1:
            table.frame(wheel=random.choice([-3.0, 3.0]))
        if random.random() < 0.05:
            table.hands.cancel()
    table.frame(left=False, middle=False, right=False)
    table.now += 2.0
    table.frame()
    table.frame()
    assert not table.hands.is_busy
    assert table.bench.sketch == Sketch()
    assert not table.bench.moved
    assert not table.bench.turned
    patch = table.desk.patch
    assert parse(dump(patch)).patch == patch, "it is still a whole patch"
    fresh = Table(patch)
    fresh.bench.opened |= table.bench.opened
    fresh.desk.select(table.desk.selection, table.desk.selected_wires)
    fresh.refresh()
    assert fresh.scene.boxes == table.scene.boxes
    assert fresh.scene.cords == table.scene.cords


# Knots in wires.


def test_a_double_click_on_a_wire_ties_a_knot_that_is_moved_and_untied() -> None:
    table = Table(PATCH, 1.0)
    table.double_click((680.0, table.outlet("ease.out")[1]))
    (dot,) = table.desk.patch.nodes.keys() - PATCH.nodes.keys()
    assert table.desk.patch.nodes[dot].type == "flow.reroute"
    wires = {str(wire) for wire in table.desk.patch.wires}
    assert wires == {f"{dot}.out -> map.value", f"ease.out -> {dot}.value", str(WAVE_EASE)}
    box = table.scene.boxes[dot]
    assert box.shape.dot
    assert {mark.kind for mark in box.shape.marks} == {"number"}
    x, y = box.rect.middle
    table.drag((x, y), (x + 3.0, y + 200.0))
    assert table.scene.boxes[dot].rect.middle[1] == pytest.approx(y + 200.0, abs=10.0)
    healed = delete(table.desk.patch, table.desk.wiring, [dot]).apply(table.desk.patch)
    assert set(healed.wires) == set(PATCH.wires)


def test_beside_a_knot_a_wire_is_drawn_from_it() -> None:
    patch = PATCH.evolve(
        nodes={**PATCH.nodes, "dot": Node("flow.reroute")},
        layout={**PATCH.layout, "dot": (600, 300)},
    )
    table = Table(patch, 1.0)
    table.drag(table.outlet("wave.out"), table.scene.boxes["dot"].rect.middle)
    assert Wire(Port("wave", "out"), Port("dot", "value")) in table.desk.patch.wires
    right, middle = table.scene.boxes["dot"].rect.right, table.scene.boxes["dot"].rect.middle[1]
    table.drag((right + 4.0, middle), table.inlet("spare.value"))
    assert Wire(Port("dot", "out"), Port("spare", "value")) in table.desk.patch.wires
