"""What is where: the scene follows the patch by what has changed, and every place is found."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from editor.canvas_kit import TYPES, Table
from editor.drawn import random_patch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.canvas.camera import CLOSE, NEAR, nearness
from nodegraph.editor.canvas.hitting import OnFrame, OnMore, OnNode, OnParam, OnPort, OnWire, Places
from nodegraph.editor.canvas.hitting import Table as Rects
from nodegraph.editor.canvas.plane import Rect, along
from nodegraph.editor.canvas.scene import Facts, Scene
from nodegraph.editor.wiring import Wiring
from nodegraph.errors import Problem
from nodegraph.graph import (
    AddNode,
    Group,
    MoveNode,
    Node,
    Patch,
    Port,
    RemoveNode,
    RemoveWire,
    SetParam,
    Wire,
)

SMALL = Patch(
    nodes={
        "wave": Node("generate.lfo"),
        "ease": Node("shape.lag", params={"attack": 0.5}),
        "hold": Node("logic.hold"),
        "gone": Node("acme.gone"),
        "words": Node("flow.note", params={"text": "Hear this."}),
    },
    wires=(
        Wire(Port("ease", "out"), Port("gone", "value")),
        Wire(Port("ease", "out"), Port("hold", "value")),
        Wire(Port("wave", "out"), Port("ease", "value")),
    ),
    layout={
        "wave": (0, 0),
        "ease": (300, 0),
        "hold": (600, 0),
        "gone": (600, 300),
        "words": (0, 500),
    },
    groups={"all": Group("All", "#336699", ("wave", "ease"))},
)


def facts(patch: Patch, **more: object) -> Facts:
    return Facts(patch, TYPES, Wiring(patch, TYPES), **more)  # type: ignore[arg-type]  # a mixture


def test_a_wire_to_an_inlet_that_is_gone_meets_what_took_its_place() -> None:
    wire = Wire(Port("spec", "magnitude"), Port("beat", "magnitude"))
    old = Patch(
        nodes={"spec": Node("audio.spectrum"), "beat": Node("beat.tracker", 2)}, wires=(wire,)
    )
    scene = Scene()
    scene.refresh(facts(old))
    assert scene.place(wire.target, True) == scene.place(Port("beat", "audio"), True)
    assert "audio" in scene.boxes["beat"].inlets


def test_only_what_changed_is_made_anew() -> None:
    scene = Scene()
    first = scene.refresh(facts(SMALL))
    assert set(first.boxes) == set(SMALL.nodes)
    before = dict(scene.boxes)
    patch = SetParam("ease", "attack", 0.7).apply(SMALL)
    change = scene.refresh(facts(patch))
    assert change.boxes == ("ease",)
    assert not (change.cords)
    assert not (change.frames)
    assert all(scene.boxes[id] is before[id] for id in before if id != "ease")
    assert scene.boxes["ease"].shape is before["ease"].shape
    assert not scene.refresh(facts(patch))


def test_a_moved_box_takes_its_wires_and_its_frame_along() -> None:
    scene = Scene()
    scene.refresh(facts(SMALL))
    change = scene.refresh(facts(MoveNode("ease", (300, 400)).apply(SMALL)))
    assert change.boxes == ("ease",)
    assert set(change.cords) == set(SMALL.wires)
    assert change.frames == ("all",)
    assert scene.cords[SMALL.wires[2]].end == (300, 400 + scene.boxes["ease"].shape.marks[0].y)


def test_what_a_hand_holds_counts_before_the_patch() -> None:
    scene = Scene()
    held = facts(SMALL, moved={"ease": (5.0, 6.0)}, turned={("ease", "attack"): 0.05})
    scene.refresh(held)
    assert (scene.boxes["ease"].x, scene.boxes["ease"].y) == (5.0, 6.0)
    assert scene.boxes["ease"].params[0].text == "50 ms"
    back = scene.refresh(Facts(SMALL, TYPES, held.wiring))
    assert back.boxes == ("ease",)
    assert scene.boxes["ease"].params[0].text == "0.5 s"


def test_the_looks_of_a_node() -> None:
    patch = Patch(nodes={"a": Node("shape.lag", mode="bypass", solo=True)})
    scene = Scene()
    problems = {"a": (Problem("it is slow"), Problem("it is slow"), Problem("it failed"))}
    scene.refresh(facts(patch, problems=problems, selection=frozenset({"a"})))
    box = scene.boxes["a"]
    assert (box.mode, box.solo, box.selected) == ("bypass", True, True)
    assert box.problem == "it is slow\nit failed"
    scene.refresh(facts(SMALL))
    assert scene.boxes["gone"].ghost
    assert scene.boxes["gone"].shape.subtitle == "acme.gone"
    assert [line.text for line in scene.boxes["words"].shape.note] == ["Hear this."]
    hold = scene.boxes["hold"].shape
    for port, side in (("value", "in"), ("out", "out")):
        mark = hold.mark(port, side)  # type: ignore[arg-type]  # a side each
        assert mark is not None
        assert mark.kind == "number"


def test_a_driven_param_names_its_driver() -> None:
    patch = Patch(
        nodes={"wave": Node("generate.lfo"), "ease": Node("shape.lag")},
        wires=(Wire(Port("wave", "out"), Port("ease", "attack")),),
    )
    scene = Scene()
    scene.refresh(facts(patch))
    assert [shown.driver for shown in scene.boxes["ease"].params] == ["wave.out", "", ""]


def edited(patch: Patch, random: Random) -> Patch:
    """The patch after some edit or other."""
    id = random.choice([*patch.nodes])
    match random.randrange(5):
        case 0:
            return MoveNode(id, (random.randrange(900), random.randrange(900))).apply(patch)
        case 1 if len(patch.nodes) > 1:
            return RemoveNode(id).apply(patch)
        case 2 if patch.wires:
            return RemoveWire(random.choice(patch.wires)).apply(patch)
        case 3:
            free = next(f"new{i}" for i in range(99) if f"new{i}" not in patch.nodes)
            return AddNode(free, Node(random.choice(sorted(TYPES))), None).apply(patch)
        case _:
            params = TYPES[patch.nodes[id].type].params
            name = random.choice([*params]) if params else ""
            return SetParam(id, name, params[name].default).apply(patch) if name else patch


@given(st.randoms(use_true_random=False))
def test_following_edits_leads_to_the_scene_of_the_patch(random: Random) -> None:
    patch = random_patch(random)
    scene = Scene()
    places = Places(scene)
    for _ in range(6):
        places.refresh(scene.refresh(facts(patch)))
        patch = edited(patch, random)
    places.refresh(scene.refresh(facts(patch)))
    fresh = Scene()
    fresh.refresh(facts(patch))
    assert scene.boxes == fresh.boxes
    assert scene.cords == fresh.cords
    assert scene.frames == fresh.frames
    assert set(places.boxes.keys) == set(scene.boxes)
    assert set(places.cords.keys) == set(scene.cords)


@pytest.mark.parametrize("zoom", [0.1, 0.25, 0.5, 1.0, 2.0, 4.0])
def test_everything_is_found_at_every_zoom(zoom: float) -> None:
    table = Table(SMALL, zoom)
    scene, places = table.scene, table.places
    places.nearness = nearness(zoom, len(scene.boxes))
    for box in scene.boxes.values():
        for mark in box.shape.marks if places.nearness >= CLOSE else ():
            at = places.target(box.x + mark.x, box.y + mark.y, zoom)
            assert at == OnPort(Port(box.id, mark.port), mark.side)
        if places.nearness < NEAR:
            assert places.target(*box.rect.middle, zoom) == OnNode(box.id, "title")
            continue
        if box.id == "words":
            continue
        assert places.target(box.x + 40, box.y + 12, zoom) == OnNode(box.id, "title")
        for field in box.shape.fields:
            x, y = box.area(field).middle
            assert places.target(x, y, zoom) == OnParam(box.id, field.name)
    for wire, cord in scene.cords.items():
        x, y = along(cord.curve)[16]
        found = places.target(float(x), float(y), zoom)
        assert isinstance(found, OnWire | OnPort)
        if isinstance(found, OnWire):
            assert found.wire == wire
    frame = scene.frames["all"]
    assert places.target(frame.rect.right - 5, frame.rect.top + 5, zoom) == OnFrame("all")
    assert places.target(-300, -300, zoom) is None


def test_the_badge_is_there_only_with_a_problem() -> None:
    scene = Scene()
    places = Places(scene)
    places.refresh(scene.refresh(facts(SMALL)))
    right = scene.boxes["ease"].rect.right - 12
    assert places.target(right, 12, 1.0) == OnNode("ease", "title")
    places.refresh(scene.refresh(facts(SMALL, problems={"ease": (Problem("no"),)})))
    assert places.target(right, 12, 1.0) == OnNode("ease", "badge")


def test_hidden_params_have_a_line_of_their_own() -> None:
    table = Table(Patch(nodes={"map": Node("soundscape.mapping")}))
    box = table.scene.boxes["map"]
    assert box.shape.more is not None
    assert table.places.target(*box.shape.more.moved(box.x, box.y).middle, 1.0) == OnMore("map")


@given(
    st.lists(st.tuples(*[st.integers(-50, 50)] * 4), max_size=30),
    st.tuples(*[st.integers(-50, 50)] * 4),
    st.sets(st.integers(0, 29)),
)
def test_the_table_finds_what_a_search_finds(
    given_: list[tuple[int, int, int, int]], area: tuple[int, int, int, int], dropped: set[int]
) -> None:
    rects = {i: Rect.of(each[:2], each[2:]) for i, each in enumerate(given_)}
    table = Rects[int]()
    for key, rect in rects.items():
        table.put(key, Rect(0, 0, 0, 0))
        table.put(key, rect)
    table.drop([key for key in dropped if key in rects])
    sought = Rect.of(area[:2], area[2:])
    expected = [
        key
        for key, r in rects.items()
        if key not in dropped
        and r.left <= sought.right
        and r.right >= sought.left
        and r.top <= sought.bottom
        and r.bottom >= sought.top
    ]
    assert table.meeting(sought) == expected
    assert np.count_nonzero(table.mask(sought)) == len(expected)
