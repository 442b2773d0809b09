"""Nodes become a subpatch and nodes again, and whatever they were wired to stays wired."""

from __future__ import annotations

from random import Random

import pytest
from graph.random_edits import Words, random_edits
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.errors import EditError
from nodegraph.graph import (
    AddWire,
    Edit,
    Group,
    MoveNode,
    Node,
    Patch,
    Port,
    SetMode,
    SetParam,
    SetSubpatch,
    Wire,
    Within,
    collapse,
    dump,
    expand,
    parse,
)

NODES = {id: Node("x.y", params={"p": 1}) for id in ("mic", "low", "high", "mix", "out")}
PATCH = Patch(
    nodes=NODES,
    wires=tuple(
        map(
            Wire.parse,
            [
                "mic.level -> low.value",
                "mic.level -> high.value",
                "mic.beat -> high._Beat",
                "low.out -> mix.a",
                "high.out -> mix.b",
                "mix.out -> out.value",
                "high.out -> out.x",
                "high.out -> high.back",
                "out.done -> low.reset",
            ],
        )
    ),
    groups={
        "all": Group("All", nodes=tuple(NODES)),
        "bands": Group("Bands", "#00ff9c", ("high", "low")),
        "cut": Group("Cut", nodes=("low", "mic")),
        "empty": Group(),
    },
    layout={"mic": (0, 0), "low": (200, 0), "high": (201, 100), "mix": (400, 51), "out": (600, 0)},
    exposed={"Gain": "low.p", "gain": "mic.p"},
)
CHOSEN = ("low", "high", "mix")


def _done(edit: Edit, patch: Patch = PATCH) -> Patch:
    """Do an edit, see that it gives a whole patch and can be taken back, and return the patch."""
    after = edit.apply(patch)
    reading = parse(dump(after))
    assert reading.problems == ()
    assert reading.patch == after
    assert dump(edit.inverse(patch).apply(after)) == dump(patch)
    return after


def test_a_selection_becomes_a_subpatch() -> None:
    after = _done(collapse(PATCH, CHOSEN, "bands"))
    assert after.nodes == {
        "bands": Node("subpatch.bands"),
        "mic": NODES["mic"],
        "out": NODES["out"],
    }
    assert [str(wire) for wire in after.wires] == [
        "bands.out -> out.x",
        "bands.out_2 -> out.value",
        "mic.beat -> bands.beat",
        "mic.level -> bands.value",
        "out.done -> bands.reset",
    ]
    inside = after.subpatches["bands"]
    ports = {id: node.type for id, node in inside.nodes.items() if id not in CHOSEN}
    assert ports == {
        "beat": "flow.inlet",
        "out": "flow.outlet",
        "out_2": "flow.outlet",
        "reset": "flow.inlet",
        "value": "flow.inlet",
    }
    assert [str(wire) for wire in inside.wires] == [
        "beat.out -> high._Beat",
        "high.out -> high.back",
        "high.out -> mix.b",
        "high.out -> out.value",
        "low.out -> mix.a",
        "mix.out -> out_2.value",
        "reset.out -> low.reset",
        "value.out -> high.value",
        "value.out -> low.value",
    ]


def test_the_instance_lies_in_the_middle_of_the_nodes() -> None:
    after = _done(collapse(PATCH, CHOSEN, "bands"))
    assert after.layout == {"bands": (300, 50), "mic": (0, 0), "out": (600, 0)}
    inside = after.subpatches["bands"].layout
    assert (inside["low"], inside["high"], inside["mix"]) == ((-100, -50), (-99, 50), (100, 1))
    assert all(inside[id][0] == -400 for id in ("beat", "reset", "value"))
    assert all(inside[id][0] == 400 for id in ("out", "out_2"))
    assert len(set(inside.values())) == len(inside)


def test_frames_follow_what_they_are_around() -> None:
    after = _done(collapse(PATCH, CHOSEN, "bands"))
    assert after.groups == {
        "all": Group("All", nodes=("bands", "mic", "out")),
        "cut": Group("Cut", nodes=("mic",)),
        "empty": Group(),
    }
    assert after.subpatches["bands"].groups == {"bands": PATCH.groups["bands"]}


def test_what_was_exposed_of_the_nodes_is_so_through_the_instance() -> None:
    after = _done(collapse(PATCH, CHOSEN, "bands"))
    assert after.exposed == {"Gain": "bands.Gain", "gain": "mic.p"}
    assert after.subpatches["bands"].exposed == {"Gain": "low.p"}


def test_expanding_gives_back_what_was_collapsed() -> None:
    middle = collapse(PATCH, CHOSEN, "bands").apply(PATCH)
    after = _done(expand(middle, "bands"), middle)
    whole = PATCH.groups | {"cut": Group("Cut", nodes=("mic",))}  # it was around low and others
    assert after == PATCH.evolve(groups=whole, subpatches=middle.subpatches)


@given(random=st.randoms(use_true_random=False), count=st.integers(0, 30), share=st.floats(0, 1))
@settings(max_examples=many(60, 1_000))
def test_any_selection_collapsed_and_expanded_is_as_it_was(
    random: Random, count: int, share: float
) -> None:
    patch = PATCH
    for edit in random_edits(PATCH, random, count, Words(types=("x.y", "y.z"))):
        patch = edit.apply(patch)
    own = {id for id, node in patch.nodes.items() if not node.type.startswith("flow.")}
    chosen = {id for id in own if random.random() <= share}
    if not chosen or "new" in patch.subpatches:
        return
    middle = _done(collapse(patch, chosen, "new"), patch)
    (instance,) = (id for id, node in middle.nodes.items() if node.type == "subpatch.new")
    after = _done(expand(middle, instance), middle)
    assert after.nodes == patch.nodes
    assert after.wires == patch.wires
    assert after.exposed == patch.exposed
    for id, group in patch.groups.items():
        nodes = set(group.nodes)
        if nodes <= chosen or chosen <= nodes or not nodes & chosen:
            assert after.groups[id] == group
    for id, (x, y) in patch.layout.items():
        assert after.layout[id] == pytest.approx((x, y))


def test_a_node_of_a_definition_may_become_a_subpatch_too() -> None:
    outer = Patch(nodes={"v": Node("subpatch.voice")}, subpatches={"voice": PATCH})
    after = _done(collapse(outer, CHOSEN, "bands", within="voice"), outer)
    alone = collapse(PATCH, CHOSEN, "bands").apply(PATCH)
    assert after.nodes == outer.nodes
    assert after.subpatches["bands"] == alone.subpatches["bands"]
    assert after.subpatches["voice"] == alone.evolve(subpatches={})
    again = _done(expand(after, "bands", within="voice"), after)
    assert again.subpatches["voice"].wires == PATCH.wires


VOICE = Patch(
    nodes={
        "value": Node("flow.inlet"),
        "ease": Node("acme.smooth", params={"rise": 1, "fall": 1}),
        "loud": Node("flow.outlet"),
        "thru": Node("flow.outlet"),
    },
    wires=tuple(
        map(
            Wire.parse,
            ["value.out -> ease.value", "ease.out -> loud.value", "value.out -> thru.value"],
        )
    ),
    groups={"frame": Group("Frame", nodes=("ease", "loud"))},
    layout={"ease": (10, 20)},
    exposed={"fall": "ease.fall", "rise": "ease.rise"},
)
USED = Patch(
    nodes={
        "ease": Node("x.y"),
        "v": Node("subpatch.voice", params={"rise": 2, "gone": 3}),
        "z": Node("x.y"),
    },
    wires=tuple(
        map(
            Wire.parse,
            ["ease.out -> v.value", "ease.x -> v.fall", "v.loud -> z.a", "v.thru -> z.b"],
        )
    ),
    groups={"frame": Group(nodes=("v", "z"))},
    layout={"v": (100, 100)},
    subpatches={"voice": VOICE},
    exposed={"speed": "v.rise"},
)


def test_an_instance_is_expanded_as_it_was_set() -> None:
    after = _done(expand(USED, "v"), USED)
    assert after.nodes == {
        "ease": Node("x.y"),
        "ease_2": Node("acme.smooth", params={"rise": 2, "fall": 1}),
        "z": Node("x.y"),
    }
    assert [str(wire) for wire in after.wires] == [
        "ease.out -> ease_2.value",
        "ease.out -> z.b",  # straight through
        "ease.x -> ease_2.fall",
        "ease_2.out -> z.a",
    ]
    assert after.layout == {"ease_2": (110, 120)}
    assert after.exposed == {"speed": "ease_2.rise"}
    assert after.groups == {
        "frame": Group(nodes=("ease_2", "z")),
        "frame_2": Group("Frame", nodes=("ease_2",)),
    }
    assert after.subpatches == USED.subpatches


@pytest.mark.parametrize(
    ("outside", "inside", "both"),
    [("", "mute", "mute"), ("bypass", "", "bypass"), ("mute", "bypass", "mute")],
)
def test_the_mode_of_an_instance_is_that_of_its_nodes(outside: str, inside: str, both: str) -> None:
    patch = Within("voice", SetMode("ease", inside)).apply(SetMode("v", outside).apply(USED))
    assert _done(expand(patch, "v"), patch).nodes["ease_2"].mode == both


def test_a_wire_from_an_instance_to_itself() -> None:
    patch = AddWire(Wire.parse("v.loud -> v.value")).apply(USED)
    assert "ease_2.out -> ease_2.value" in map(str, _done(expand(patch, "v"), patch).wires)
    round_and_round = AddWire(Wire.parse("v.thru -> v.value")).apply(USED)
    after = _done(expand(round_and_round, "v"), round_and_round)
    assert [str(wire) for wire in after.wires] == ["ease.x -> ease_2.fall", "ease_2.out -> z.a"]


def test_places_beyond_all_numbers_are_left_out() -> None:
    patch = MoveNode("low", (2**63 - 1, -1e308)).apply(
        MoveNode("high", (-(2**63), 1e308)).apply(PATCH)
    )
    after = _done(collapse(patch, CHOSEN, "bands"), patch)
    _done(expand(after, "bands"), after)


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: collapse(PATCH, [], "new"), "select some nodes"),
        (lambda: collapse(PATCH, ["gone"], "new"), "no node 'gone'"),
        (lambda: collapse(PATCH, ["mic"], "New"), "'New' is not an id"),
        (lambda: collapse(USED, ["z"], "voice"), "a subpatch 'voice' already"),
        (lambda: collapse(USED, ["value"], "new", "voice"), "value is a port"),
        (lambda: collapse(USED, ["ease"], "new", "gone"), "no subpatch 'gone'"),
        (lambda: expand(USED, "gone"), "no node 'gone'"),
        (lambda: expand(USED, "z"), "z is no subpatch, but of type x.y"),
        (lambda: expand(SetSubpatch("voice", None).apply(USED), "v"), "no subpatch 'voice'"),
        (lambda: expand(USED, "v", "gone"), "no subpatch 'gone'"),
    ],
)
def test_what_cannot_be_is_refused(make: object, fault: str) -> None:
    assert callable(make)
    with pytest.raises(EditError, match=fault):
        make()


def test_params_set_after_collapsing_arrive_inside() -> None:
    middle = collapse(PATCH, CHOSEN, "bands").apply(PATCH)
    middle = SetParam("bands", "Gain", 9).apply(middle)
    assert expand(middle, "bands").apply(middle).nodes["low"].params == {"p": 9}
    wired = AddWire(Wire(Port("mic", "x"), Port("bands", "Gain"))).apply(middle)
    after = _done(expand(wired, "bands"), wired)
    assert after.wire_to(Port("low", "p")) == Wire.parse("mic.x -> low.p")
