"""Every edit can be taken back to the last byte, and one that does not fit changes nothing."""

from __future__ import annotations

import time
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from kit import many

from nodegraph.errors import EditError
from nodegraph.graph import (
    JSON,
    UNSET,
    AddNode,
    AddWire,
    Batch,
    Edit,
    Expose,
    Group,
    History,
    MoveNode,
    Node,
    Patch,
    Port,
    RemoveNode,
    RemoveWire,
    RenameNode,
    Replace,
    SetGroup,
    SetMode,
    SetParam,
    SetSolo,
    SetSubpatch,
    SetText,
    SetTheme,
    SetThemePart,
    Wire,
    Within,
    dump,
    parse,
)

IDS = st.sampled_from(["a", "b", "c", "d1", "d_"])
PARAMS = st.sampled_from(["x", "y", "Ünï"])
NUMBERS = st.one_of(st.integers(-9, 9), st.floats(-9, 9))
PORTS = st.builds(Port, IDS, st.sampled_from(["in", "out"]))
WIRES = st.builds(Wire, PORTS, PORTS)


THEMES = st.sampled_from(["t", "u"])
PLACES = st.builds(
    lambda field, inside: (field, *inside), PARAMS, st.lists(PARAMS | st.just(0), max_size=2)
)


def _edits(values: SearchStrategy[JSON]) -> SearchStrategy[Edit]:
    node = st.builds(Node, st.just("x.y"), params=st.dictionaries(PARAMS, values, max_size=2))
    place = st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS))
    group = st.builds(Group, st.text("é\n", max_size=2), nodes=st.lists(IDS, max_size=3).map(tuple))
    single = st.one_of(
        st.builds(AddNode, IDS, node, place),
        st.builds(RemoveNode, IDS),
        st.builds(AddWire, WIRES),
        st.builds(RemoveWire, WIRES),
        st.builds(SetParam, IDS, PARAMS, st.one_of(values, st.just(UNSET))),
        st.builds(MoveNode, IDS, place),
        st.builds(RenameNode, IDS, IDS),
        st.builds(SetMode, IDS, st.sampled_from(["", "bypass", "mute"])),
        st.builds(SetSolo, IDS, st.booleans()),
        st.builds(Expose, PARAMS, st.sampled_from([None, "a.x", "a.y", "b.x", "d1.x"])),
        st.builds(SetGroup, IDS, st.one_of(st.none(), group)),
        st.builds(SetText, st.sampled_from([None, "", "n"]), st.sampled_from([None, "", "t\n"])),
    )
    some = st.one_of(single, st.lists(single, max_size=4).map(lambda edits: Batch(tuple(edits))))
    subpatch = st.sampled_from([None, Patch(), INNER])
    return st.one_of(
        some,
        some,
        st.builds(Within, IDS, some),
        st.builds(SetSubpatch, IDS, subpatch),
        st.builds(SetTheme, THEMES, st.one_of(st.none(), st.dictionaries(PARAMS, values))),
        st.builds(SetThemePart, THEMES, PLACES, st.one_of(values, st.none())),
        st.builds(Replace, st.sampled_from([INNER, START])),
    )


INNER = Patch(nodes={"a": Node("x.y"), "d1": Node("subpatch.a")}, exposed={"x": "a.x"})
START = Patch(
    nodes={name: Node("x.y", params={"x": 1}) for name in ("a", "b", "c")},
    wires=(
        Wire(Port("a", "out"), Port("a", "in")),
        Wire(Port("a", "out"), Port("b", "in")),
        Wire(Port("b", "out"), Port("c", "in")),
    ),
    groups={"b": Group("Both", nodes=("a", "b")), "c": Group(nodes=("b",))},
    layout={"a": (0, -0.0), "b": (1, 2)},
    subpatches={"a": INNER},
    exposed={"x": "a.x", "y": "b.x", "z": "a.y"},
)


@given(data=st.data())
@settings(max_examples=many(60, 1_000))
def test_edits_are_taken_back_and_done_again(
    data: st.DataObject, values: SearchStrategy[JSON]
) -> None:
    history = History(START)
    steps = [START]
    for edit in data.draw(st.lists(_edits(values), max_size=12)):
        before = history.patch
        try:
            history.do(edit, "edit")
        except EditError:
            assert history.patch is before
            continue
        _is_whole(history.patch)
        steps.append(history.patch)
    for patch in reversed(steps[:-1]):
        history.undo()
        _identical(history.patch, patch)
    for patch in steps[1:]:
        history.redo()
        _identical(history.patch, patch)
    assert history.redo_label is None


def _identical(a: Patch, b: Patch) -> None:
    assert a == b
    assert dump(a) == dump(b)
    assert [list(a.nodes), list(a.groups), list(a.layout)] == [
        list(b.nodes),
        list(b.groups),
        list(b.layout),
    ]


def _is_whole(patch: Patch) -> None:
    """An edited patch is one that the checking constructor would have made."""
    made = replace(patch)
    _identical(made, patch)
    assert parse(dump(patch)).problems == ()


A_TO_B = Wire(Port("a", "out"), Port("b", "in"))


def test_a_wire_onto_a_taken_inlet_replaces_the_old_one() -> None:
    wire = Wire(Port("c", "out"), Port("b", "in"))
    edit = AddWire(wire)
    after = edit.apply(START)
    assert after.wire_to(Port("b", "in")) == wire
    assert len(after.wires) == len(START.wires)
    assert edit.inverse(START) == AddWire(A_TO_B)


def test_removing_a_node_takes_all_that_names_it() -> None:
    after = RemoveNode("b").apply(START)
    assert after.wires == (Wire(Port("a", "out"), Port("a", "in")),)
    assert after.groups == {"b": Group("Both", nodes=("a",)), "c": Group()}
    assert after.layout == {"a": (0, 0)}
    assert after.exposed == {"x": "a.x", "z": "a.y"}


def test_renaming_a_node_renames_it_everywhere() -> None:
    after = RenameNode("a", "z").apply(START)
    assert list(after.nodes) == ["b", "c", "z"]
    assert [str(wire) for wire in after.wires] == [
        "b.out -> c.in",
        "z.out -> b.in",
        "z.out -> z.in",
    ]
    assert after.groups["b"].nodes == ("b", "z")
    assert after.layout == {"b": (1, 2), "z": (0, 0)}
    assert after.exposed == {"x": "z.x", "y": "b.x", "z": "z.y"}


def test_unset_takes_a_param_out_of_the_file() -> None:
    after = SetParam("a", "x", UNSET).apply(START)
    assert after.nodes["a"].params == {}
    assert SetParam("a", "x", UNSET).inverse(START) == SetParam("a", "x", 1)
    assert SetParam("a", "new", 5).inverse(START) == SetParam("a", "new", UNSET)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (AddNode("a", Node("x.y")), "there is a node 'a' already"),
        (AddNode("Not ok", Node("x.y")), "'Not ok' is not an id"),
        (AddNode("n", Node("x.y"), (1, float("inf"))), "two finite numbers"),
        (RemoveNode("n"), "there is no node 'n'"),
        (AddWire(Wire(Port("a", "out"), Port("n", "in"))), "there is no node 'n'"),
        (AddWire(Wire(Port("a", "o o"), Port("b", "in"))), "'o o' is not a port name"),
        (RemoveWire(Wire(Port("c", "out"), Port("b", "in"))), "no wire c.out -> b.in"),
        (SetParam("n", "x", 1), "there is no node 'n'"),
        (MoveNode("a", (float("nan"), 0)), "two finite numbers"),
        (MoveNode("n", None), "there is no node 'n'"),
        (RenameNode("a", "b"), "there is a node 'b' already"),
        (RenameNode("a", "1"), "'1' is not an id"),
        (RenameNode("n", "m"), "there is no node 'n'"),
        (SetGroup("g", None), "there is no group 'g'"),
        (SetGroup("g", Group(nodes=("n",))), "there is no node 'n'"),
        (SetGroup("G", Group()), "'G' is not an id"),
        (SetText(name="\ud800"), "surrogate"),
        (Batch((RemoveNode("a"), RemoveNode("a"))), "there is no node 'a'"),
        (SetMode("n", ""), "there is no node 'n'"),
        (SetMode("a", "off"), "'off' is not a mode"),
        (SetSolo("n", True), "there is no node 'n'"),
        (SetSolo("a", 1), "neither true nor false"),
        (Expose("x", "n.x"), "there is no node 'n'"),
        (Expose("x", "a"), "'a' is not the address"),
        (Expose("x y", "a.x"), "'x y' is not the name"),
        (Expose("new", "a.x"), "a.x is exposed as 'x'"),
        (Expose("new", None), "nothing is exposed as 'new'"),
        (SetSubpatch("A", Patch()), "'A' is not an id"),
        (SetSubpatch("n", None), "there is no subpatch 'n'"),
        (SetSubpatch("n", Patch(subpatches={"m": Patch()})), "a definition holds no others"),
        (SetSubpatch("n", Patch(themes={"m": {}})), "a definition has no themes of its own"),
        (SetTheme("n", None), "the patch has no theme 'n'"),
        (SetThemePart("n", ("prompt",), "x"), "the patch has no theme 'n'"),
        (Within("n", SetText("x")), "there is no subpatch 'n'"),
        (Within("a", RemoveNode("c")), "there is no node 'c'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: Edit, fault: str) -> None:
    with pytest.raises(EditError, match=fault):
        edit.apply(START)


@pytest.mark.parametrize("value", [float("nan"), b"", {1}, 2**63, "\udfff", [{"a": [object()]}]])
def test_a_value_that_no_file_holds_is_refused(value: JSON) -> None:
    with pytest.raises(EditError, match=r"^a\.x cannot be set: "):
        SetParam("a", "x", value)


def test_an_edit_keeps_no_hold_on_what_it_was_given() -> None:
    value: list[JSON] = [1, {"k": [2]}]
    edit = SetParam("a", "x", value)
    value.append(3)
    assert edit.apply(START).nodes["a"].params["x"] == (1, {"k": (2,)})
    with pytest.raises(FrozenInstanceError):
        edit.param = "y"  # type: ignore[misc] # that it is refused is the test


def test_a_gesture_is_one_entry() -> None:
    history = History(START)
    for x in range(5):
        history.do(MoveNode("a", (x, 0)), "Move a", gesture="drag 1")
    history.do(MoveNode("a", (9, 9)), "Move a again", gesture="drag 2")
    assert history.undo_label == "Move a again"
    history.undo()
    assert history.patch.layout["a"] == (4, 0)
    history.undo()
    _identical(history.patch, START)
    assert history.undo_label is None
    assert history.redo_label == "Move a"
    with pytest.raises(EditError, match="nothing to undo"):
        history.undo()
    history.redo()
    assert history.patch.layout["a"] == (4, 0)
    history.do(RemoveNode("c"), "Remove c", gesture="drag 1")
    with pytest.raises(EditError, match="nothing to redo"):
        history.redo()


def test_a_gesture_that_was_taken_back_is_not_continued() -> None:
    history = History(START)
    history.do(MoveNode("a", (1, 1)), "Move", gesture="drag")
    history.undo()
    history.redo()
    history.do(MoveNode("a", (2, 2)), "Move", gesture="drag")
    history.undo()
    assert history.patch.layout["a"] == (1, 1)


def test_history_forgets_the_oldest_first() -> None:
    history = History(START, limit=2)
    for x in range(3):
        history.do(MoveNode("a", (x, 0)), str(x))
    history.undo()
    history.undo()
    assert history.undo_label is None
    assert history.patch.layout["a"] == (0, 0)


def test_a_large_patch_is_edited_quickly() -> None:
    count = 1000
    ids = [f"n{i}" for i in range(count)]
    patch = Patch(
        nodes={name: Node("x.y", params={"p": 0.5}) for name in ids},
        wires=tuple(
            Wire(Port(ids[i], "out"), Port(ids[i * 7 % count], f"i{i}")) for i in range(count)
        ),
        layout=dict.fromkeys(ids, (0, 0)),
    )
    clear = Batch(tuple(RemoveNode(name) for name in ids))
    began = time.process_time()
    back = clear.inverse(patch)
    assert back.apply(clear.apply(patch)) == patch
    assert time.process_time() - began < 5.0


def test_two_parts_of_a_theme_are_both_kept_whoever_changes_them() -> None:
    """The second one knew nothing of the first."""
    theme: dict[str, JSON] = {"prompt": "a lake", "variations": [{"text": "a"}, {"text": "b"}]}
    history = History(Patch(themes={"mine": theme}))
    history.do(SetThemePart("mine", ("variations", 0, "text"), "c"), "one")
    history.do(SetThemePart("mine", ("ranges", "noise_scale", "low"), 0.4), "another")
    history.do(SetThemePart("mine", ("prompt",), None), "a third")
    assert history.patch.themes["mine"] == {
        "ranges": {"noise_scale": {"low": 0.4}},
        "variations": ({"text": "c"}, {"text": "b"}),
    }
    with pytest.raises(EditError, match="number 2 of a list is not there"):
        history.do(SetThemePart("mine", ("variations", 2, "text"), "d"), "late")
    with pytest.raises(EditError, match="begins with the name of a field"):
        SetThemePart("mine", (), "d")


def test_a_part_that_is_dragged_after_all_of_it_was_set_stays_behind_that_when_redone() -> None:
    history = History(Patch(themes={"mine": {"prompt": "a"}}))
    edits = (
        SetThemePart("mine", ("prompt",), "b"),
        SetTheme("mine", {"prompt": "c", "name": "C"}),
        SetThemePart("mine", ("prompt",), "d"),
    )
    for edit in edits:
        history.do(edit, "drag", gesture=1)
    made = history.patch
    history.undo()
    assert history.patch.themes["mine"] == {"prompt": "a"}
    history.redo()
    assert history.patch == made
