"""Subpatches are edited as patches are, for all of their instances, and all of it can be undone."""

from __future__ import annotations

from random import Random

import pytest
from graph.random_edits import random_edits
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.errors import EditError
from nodegraph.graph import (
    AddNode,
    Batch,
    Edit,
    Expose,
    History,
    Node,
    Patch,
    Port,
    RemoveNode,
    RenameNode,
    Replace,
    SetParam,
    SetSubpatch,
    SetText,
    Wire,
    Within,
    dump,
    parse,
    rename_subpatch,
)

VOICE = Patch(
    nodes={"value": Node("flow.inlet"), "ease": Node("acme.smooth", params={"rise": 1})},
    wires=(Wire(Port("value", "out"), Port("ease", "value")),),
    exposed={"fall": "ease.fall", "rise": "ease.rise"},
)
PAIR = Patch(nodes={"one": Node("subpatch.voice"), "two": Node("subpatch.voice", 2)})
PATCH = Patch(
    nodes={"a": Node("subpatch.voice", params={"rise": 2}), "b": Node("subpatch.pair")},
    wires=(Wire(Port("b", "out"), Port("a", "value")),),
    subpatches={"pair": PAIR, "voice": VOICE},
)


@given(random=st.randoms(use_true_random=False), count=st.integers(0, 12))
@settings(max_examples=many(60, 1_000))
def test_any_edits_are_taken_back_and_done_again(random: Random, count: int) -> None:
    _there_and_back(PATCH, random_edits(PATCH, random, count))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(many(2, 20)))
def test_hundreds_of_edits_are_taken_back_and_done_again(seed: int) -> None:
    random = Random(seed)
    _there_and_back(PATCH, random_edits(PATCH, random, many(250, 1_000)))


def _there_and_back(patch: Patch, edits: list[Edit]) -> None:
    history = History(patch, limit=len(edits))
    texts = [dump(patch)]
    for edit in edits:
        before = history.patch
        history.do(edit, "edit")
        assert dump(edit.inverse(before).apply(history.patch)) == texts[-1]
        texts.append(dump(history.patch))
        reading = parse(texts[-1])
        assert reading.problems == ()
        assert reading.patch == history.patch
    for text in reversed(texts[:-1]):
        history.undo()
        assert dump(history.patch) == text
    for text in texts[1:]:
        history.redo()
        assert dump(history.patch) == text


def test_an_edit_within_is_an_edit_of_the_definition_alone() -> None:
    edit = SetParam("ease", "fall", 3)
    after = Within("voice", edit).apply(PATCH)
    assert after.subpatches["voice"] == edit.apply(VOICE)
    assert after.subpatches["pair"] is PAIR
    assert after.nodes is PATCH.nodes
    assert Within("voice", edit).inverse(PATCH) == Within("voice", edit.inverse(VOICE))


@pytest.mark.parametrize(
    "edit",
    [
        Within("pair", SetText("x")),
        SetSubpatch("pair", None),
        Batch((SetText("x"), Batch((Within("pair", SetText("x")),)))),
        Replace(PATCH),
    ],
)
def test_there_is_no_definition_within_a_definition(edit: Edit) -> None:
    with pytest.raises(EditError, match="a definition holds no others"):
        Within("voice", edit)


def test_what_is_exposed_follows_a_node_that_is_renamed() -> None:
    edit = Within("voice", RenameNode("ease", "soft"))
    after = edit.apply(PATCH)
    assert after.subpatches["voice"].exposed == {"fall": "soft.fall", "rise": "soft.rise"}
    assert edit.inverse(PATCH).apply(after) == PATCH


def test_what_is_exposed_goes_and_comes_back_with_its_node() -> None:
    edit = Within("voice", RemoveNode("ease"))
    after = edit.apply(PATCH)
    assert after.subpatches["voice"].exposed == {}
    assert dump(edit.inverse(PATCH).apply(after)) == dump(PATCH)


def test_exposing_is_undone_to_what_was_exposed_before() -> None:
    assert Expose("rise", "ease.other").inverse(VOICE) == Expose("rise", "ease.rise")
    assert Expose("rise", None).inverse(VOICE) == Expose("rise", "ease.rise")
    assert Expose("new", "ease.other").inverse(VOICE) == Expose("new", None)
    assert Expose("rise", "ease.other").apply(VOICE).exposed["rise"] == "ease.other"


def test_instances_stay_when_their_definition_goes() -> None:
    after = SetSubpatch("voice", None).apply(PATCH)
    assert after.nodes == PATCH.nodes
    assert after.subpatches == {"pair": PAIR}
    assert parse(dump(after)).patch == after


def test_a_definition_is_renamed_wherever_it_has_instances() -> None:
    edit = rename_subpatch(PATCH, "voice", "soft")
    after = edit.apply(PATCH)
    assert list(after.subpatches) == ["pair", "soft"]
    assert after.subpatches["soft"] == VOICE
    assert after.subpatches["pair"].nodes["two"] == Node("subpatch.soft", 2)
    assert after.nodes["a"] == Node("subpatch.soft", params={"rise": 2})
    assert after.nodes["b"] == PATCH.nodes["b"]
    assert after.wires == PATCH.wires
    assert dump(edit.inverse(PATCH).apply(after)) == dump(PATCH)
    for name, fault in [("pair", "a subpatch 'pair' already"), ("Voice", "is not an id")]:
        with pytest.raises(EditError, match=fault):
            rename_subpatch(PATCH, "voice", name)
    with pytest.raises(EditError, match="no subpatch 'gone'"):
        rename_subpatch(PATCH, "gone", "new")


def test_a_batch_in_a_batch_is_its_edits() -> None:
    a, b, c = (AddNode(id, Node("x.y")) for id in "xyz")
    assert Batch((Batch((a, Batch(()), Batch((b,)))), c)) == Batch((a, b, c))
