"""What a history tells, how gestures are merged, and that it goes through a journal."""

from __future__ import annotations

from random import Random
from typing import Any

import msgpack
import pytest
from graph.random_edits import random_edits
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.errors import EditError
from nodegraph.graph import (
    UNSET,
    AddNode,
    Batch,
    Edit,
    History,
    MoveNode,
    Node,
    Patch,
    RemoveNode,
    RenameNode,
    SetParam,
    Within,
    dump,
)

START = Patch(
    nodes={"a": Node("x.y", params={"p": 0}), "b": Node("x.y")},
    layout={"a": (0, 0)},
    subpatches={"v": Patch(nodes={"a": Node("x.y")})},
)


def test_labels_are_told_in_the_order_of_time() -> None:
    history = History(START)
    for label in ("one", "two", "three", "four"):
        history.do(MoveNode("a", (1, 1)), label)
    history.undo()
    history.undo()
    assert history.labels() == (("one", "two"), ("three", "four"))
    assert (history.undo_label, history.redo_label) == ("two", "three")


def _gesture(*edits: Edit) -> tuple[Edit, Edit]:
    """Do edits as one gesture; return what undoes it and what does it again."""
    history = History(START)
    for edit in edits:
        history.do(edit, "drag", gesture=1)
    end = dump(history.patch)
    back = history.undo()
    assert dump(history.patch) == dump(START)
    forward = history.redo()
    assert dump(history.patch) == end
    assert history.labels() == (("drag",), ())
    return back, forward


def test_a_drag_is_one_edit_forward_and_one_back() -> None:
    back, forward = _gesture(*[SetParam("a", "p", value) for value in range(1, 1001)])
    assert back == Batch((SetParam("a", "p", 0),))
    assert forward == Batch((SetParam("a", "p", 1000),))
    back, forward = _gesture(*[SetParam("b", "p", value) for value in range(1, 1001)])
    assert back == Batch((SetParam("b", "p", UNSET),))


def test_several_nodes_dragged_together_are_one_edit_each() -> None:
    drag = [Batch((MoveNode("a", (x, 1)), MoveNode("b", (x, 2)))) for x in range(100)]
    back, forward = _gesture(*drag)
    assert back == Batch((MoveNode("b", None), MoveNode("a", (0, 0))))
    assert forward == drag[-1]


def test_a_drag_inside_a_subpatch_is_not_one_outside() -> None:
    inside = [Within("v", Batch((MoveNode("a", (x, 1)),))) for x in range(5)]
    outside = [MoveNode("a", (x, 7)) for x in range(5)]
    both = [edit for pair in zip(inside, outside, strict=True) for edit in pair]
    _, forward = _gesture(*both)
    assert forward == Batch((Within("v", MoveNode("a", (4, 1))), MoveNode("a", (4, 7))))


def test_other_edits_of_a_gesture_stay_in_their_order() -> None:
    edits = (
        SetParam("a", "p", 1),
        RenameNode("a", "c"),
        AddNode("a", Node("x.y")),
        SetParam("a", "p", 2),
        SetParam("c", "p", 3),
        RemoveNode("a"),
    )
    assert _gesture(*edits)[1] == Batch(edits)


def test_a_batch_that_fits_in_part_changes_nothing() -> None:
    history = History(START)
    history.do(MoveNode("a", (1, 1)), "move", gesture=1)
    before = history.patch
    with pytest.raises(EditError, match="no node 'n'"):
        history.do(Batch((MoveNode("a", (2, 2)), RemoveNode("n"))), "move", gesture=1)
    assert history.patch is before
    history.undo()
    assert history.patch == START


@given(random=st.randoms(use_true_random=False), count=st.integers(0, 12))
@settings(deadline=None, max_examples=many(50, 500))
def test_any_gestures_are_undone_and_done_again(random: Random, count: int) -> None:
    history = History(START)
    for edit in random_edits(START, random, count):
        history.do(edit, "edit", gesture=random.choice([None, 1, 1, 1]))
    end = dump(history.patch)
    gestures = len(history.labels()[0])
    for _ in range(gestures):
        history.undo()
    assert dump(history.patch) == dump(START)
    for _ in range(gestures):
        history.redo()
    assert dump(history.patch) == end


def _stored(history: History, limit: int = 1000) -> History:
    return History.from_data(msgpack.unpackb(msgpack.packb(history.to_data())), limit)


@given(random=st.randoms(use_true_random=False), done=st.integers(0, 8), undone=st.integers(0, 8))
@settings(deadline=None, max_examples=many(50, 500))
def test_a_stored_history_goes_on_as_it_would_have(random: Random, done: int, undone: int) -> None:
    history = History(START)
    texts = [dump(START)]
    for number, edit in enumerate(random_edits(START, random, done)):
        texts.append(dump(history.do(edit, str(number))))
    for _ in range(min(done, undone)):
        history.undo()
    stored = _stored(history)
    assert stored.labels() == history.labels()
    assert dump(stored.patch) == dump(history.patch)
    while stored.redo_label:
        stored.redo()
    assert dump(stored.patch) == texts[-1]
    for text in reversed(texts[:-1]):
        stored.undo()
        assert dump(stored.patch) == text


def test_a_stored_gesture_is_over() -> None:
    history = History(START)
    history.do(MoveNode("a", (1, 1)), "move", gesture=1)
    stored = _stored(history)
    stored.do(MoveNode("a", (2, 2)), "move", gesture=1)
    assert stored.labels() == (("move", "move"), ())


def test_a_stored_history_keeps_to_its_limit() -> None:
    history = History(START)
    for x in range(5):
        history.do(MoveNode("a", (x, 1)), str(x))
    assert _stored(history, limit=2).labels() == (("3", "4"), ())


ENTRY: dict[str, Any] = {"label": "", "forward": [], "back": []}
REMOVE = {"do": "remove_node", "id": "a"}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (None, "a history wants its patch"),
        ({"patch": 5, "done": [], "undone": []}, "a history wants its patch"),
        ({"patch": "{}", "done": [], "undone": []}, "cannot be read: .*it has no nodes"),
        ({"done": ""}, "a history wants its patch"),
        ({"done": [5]}, "a gesture wants a label"),
        ({"done": [{**ENTRY, "label": 5}]}, "a gesture wants a label"),
        ({"undone": [{**ENTRY, "forward": [REMOVE]}]}, "as many edits forward as back"),
        ({"undone": [{**ENTRY, "forward": [REMOVE], "back": [{}]}]}, "null is not an edit"),
    ],
)
def test_what_is_no_history_is_refused(data: Any, fault: str) -> None:
    if isinstance(data, dict):
        data = {"patch": dump(START), "done": [], "undone": []} | data
    with pytest.raises(EditError, match=fault):
        History.from_data(data)
