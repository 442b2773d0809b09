"""Edits through msgpack and back; and whatever else arrives is refused in a sentence."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import msgpack
import pytest
from graph.random_edits import random_edits
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
    edit_from_data,
    edit_to_data,
    parse,
)
from nodegraph.graph.frozen import MAX_DEPTH
from nodegraph.graph.store import MAX_BYTES

A_TO_B = Wire(Port("a", "out"), Port("b", "in"))
SMALL = Patch("small", nodes={"a": Node("x.y")})
ONE_OF_EACH: list[tuple[Edit, dict[str, Any]]] = [
    (
        AddNode("a", Node("x.y", 2, {"p": (1, {})}, "mute", True, {"k": "v"}), (1, 2.5)),
        {
            "do": "add_node",
            "id": "a",
            "node": {
                "type": "x.y@2",
                "params": {"p": [1, {}]},
                "mode": "mute",
                "solo": True,
                "k": "v",
            },
            "position": [1, 2.5],
        },
    ),
    (AddWire(A_TO_B), {"do": "add_wire", "wire": "a.out -> b.in"}),
    (
        Batch((RemoveNode("a"), SetText("n"))),
        {
            "do": "batch",
            "edits": [
                {"do": "remove_node", "id": "a"},
                {"do": "set_text", "name": "n", "note": None},
            ],
        },
    ),
    (Expose("x", "a.x"), {"do": "expose", "name": "x", "address": "a.x"}),
    (Expose("x", None), {"do": "expose", "name": "x", "address": None}),
    (MoveNode("a", (-0.0, 1)), {"do": "move_node", "id": "a", "position": [-0.0, 1]}),
    (MoveNode("a", None), {"do": "move_node", "id": "a", "position": None}),
    (RemoveNode("a"), {"do": "remove_node", "id": "a"}),
    (RemoveWire(A_TO_B), {"do": "remove_wire", "wire": "a.out -> b.in"}),
    (RenameNode("a", "b"), {"do": "rename_node", "old": "a", "new": "b"}),
    (Replace(SMALL), {"do": "replace", "patch": dump(SMALL)}),
    (
        SetGroup("g", Group("Ünï", "#00ff9C", ("a",), {"k": None})),
        {
            "do": "set_group",
            "id": "g",
            "group": {"title": "Ünï", "color": "#00ff9C", "nodes": ["a"], "k": None},
        },
    ),
    (SetGroup("g", None), {"do": "set_group", "id": "g", "group": None}),
    (SetMode("a", "bypass"), {"do": "set_mode", "id": "a", "mode": "bypass"}),
    (SetParam("a", "p", None), {"do": "set_param", "node": "a", "param": "p", "value": None}),
    (SetParam("a", "p", UNSET), {"do": "unset_param", "node": "a", "param": "p"}),
    (SetSolo("a", True), {"do": "set_solo", "id": "a", "solo": True}),
    (SetSubpatch("v", SMALL), {"do": "set_subpatch", "id": "v", "patch": dump(SMALL)}),
    (SetSubpatch("v", None), {"do": "set_subpatch", "id": "v", "patch": None}),
    (SetText(None, "t"), {"do": "set_text", "name": None, "note": "t"}),
    (
        SetTheme("dusk", {"prompt": "a lake", "ranges": {"noise_scale": {"low": 0.5, "high": 1}}}),
        {
            "do": "set_theme",
            "name": "dusk",
            "theme": {"prompt": "a lake", "ranges": {"noise_scale": {"low": 0.5, "high": 1}}},
        },
    ),
    (SetTheme("dusk", None), {"do": "set_theme", "name": "dusk", "theme": None}),
    (
        SetThemePart("dusk", ("variations", 0, "on"), "beat"),
        {
            "do": "set_theme_part",
            "name": "dusk",
            "place": ["variations", 0, "on"],
            "value": "beat",
        },
    ),
    (
        Within("v", RemoveNode("a")),
        {"do": "within", "subpatch": "v", "edit": {"do": "remove_node", "id": "a"}},
    ),
]


@pytest.mark.parametrize(("edit", "data"), ONE_OF_EACH)
def test_each_edit_has_a_form_of_its_own(edit: Edit, data: dict[str, Any]) -> None:
    assert edit_to_data(edit) == data
    assert edit_from_data(data) == edit
    assert _sent(edit) == edit
    assert json.loads(json.dumps(edit_to_data(edit))) == data


def test_no_kind_of_edit_is_left_out() -> None:
    kinds = {kind.__name__ for kind in Edit.__subclasses__()}
    assert {type(edit).__name__ for edit, _ in ONE_OF_EACH} == kinds


def _sent(edit: Edit) -> Edit:
    return edit_from_data(msgpack.unpackb(msgpack.packb(edit_to_data(edit))))


@given(random=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=many(50, 500))
def test_any_edit_and_its_inverse_arrive_as_they_were_sent(random: Random) -> None:
    patch = SMALL
    for edit in random_edits(patch, random, 12):
        inverse = edit.inverse(patch)
        assert _sent(edit) == edit
        assert _sent(inverse) == inverse
        assert dump(_sent(inverse).apply(_sent(edit).apply(patch))) == dump(patch)
        patch = edit.apply(patch)


@given(data=st.data())
@settings(deadline=None)
def test_any_value_arrives_as_it_was_sent(
    data: st.DataObject, values: SearchStrategy[JSON]
) -> None:
    edit = SetParam("a", "p", data.draw(values))
    assert repr(_sent(edit)) == repr(edit)  # tells 1 from 1.0 and from True


def test_a_value_at_the_limit_of_depth_arrives_from_the_deepest_edit() -> None:
    value: Any = 0
    for _ in range(MAX_DEPTH):
        value = [value]
    node = Node("x.y", params={"p": value})
    edit = Batch((Within("v", Batch((AddNode("a", node), SetText("n")))), SetText("n")))
    assert _sent(edit) == edit


ANYTHING: SearchStrategy[object] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.just("\ud800"),
        st.binary(max_size=3),
        st.sampled_from(["batch", "set_param", "within", "a", "a.out -> b.in", "{", "v" * 5000]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["do", "id", "edit", "edits", "node"]), st.integers()), inner
        ),
    ),
    max_leaves=8,
)


@given(ANYTHING)
@settings(deadline=None)
def test_anything_else_is_refused_in_a_sentence(data: object) -> None:
    _read_or_refused(data)


@given(data=st.data(), junk=ANYTHING)
@settings(deadline=None, max_examples=many(100, 3_000))
def test_a_damaged_edit_is_read_or_refused_in_a_sentence(data: st.DataObject, junk: object) -> None:
    damaged = copy.deepcopy(data.draw(st.sampled_from([form for _, form in ONE_OF_EACH])))
    at: Any = damaged
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
            at = at[key]
            continue
        if isinstance(at[key], str) and data.draw(st.booleans()):
            cut = data.draw(st.integers(0, len(at[key])))
            at[key] = at[key][:cut] + data.draw(st.sampled_from(["", "\0", "\ud83d", "}"]))
        elif isinstance(at, dict) and data.draw(st.booleans()):
            del at[key]
        else:
            at[key] = junk
        break
    _read_or_refused(damaged)


def _read_or_refused(data: object) -> None:
    edit = _tried(lambda: edit_from_data(data))
    if isinstance(edit, Edit):
        assert _sent(edit) == edit
        after = _tried(lambda: edit.apply(SMALL))  # what was read can at worst not fit
        if isinstance(after, Patch):
            assert parse(dump(after).encode()).problems == ()


def _tried(what: Callable[[], object]) -> object:
    """Return what comes of it, or, if it is refused, the sentence that says why."""
    try:
        return what()
    except EditError as error:
        str(error).encode()
        return str(error)


def _nested(depth: int, form: Any) -> Any:
    data: Any = {"do": "remove_node", "id": "a"}
    for _ in range(depth):
        data = form(data)
    return data


LOOP: list[object] = []
LOOP.append(LOOP)
LAUGHS: list[object] = ["ha"]
for _ in range(40):
    LAUGHS = [LAUGHS, LAUGHS]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (None, "null is not an edit"),
        ([], "is not an edit"),
        ({}, "'do' wants one of add_node, "),
        ({"do": ["batch"]}, "'do' wants one of"),
        ({"do": "format_disk"}, "'format_disk' is not an edit"),
        ({"do": "remove_node"}, "remove_node wants 'id' too"),
        ({"do": "remove_node", "id": "a", "also": 1}, "remove_node takes no 'also', only id"),
        ({"do": "remove_node", "id": b"a"}, "bytes is not a kind of value"),
        ({"do": "remove_node", "id": 5}, "wants text, not 5"),
        ({"do": "remove_node", "id": "\udc00"}, "surrogate"),
        ({"do": "remove_node", "id": "a", 5: 5}, "not text"),
        ({"do": "set_solo", "id": "a", "solo": 1}, "true or false, not 1"),
        ({"do": "add_wire", "wire": "a -> b"}, "'a -> b' is not a wire"),
        ({"do": "batch", "edits": {}}, "a list of edits"),
        ({"do": "batch", "edits": [{"do": "batch", "edits": [7]}]}, "7 is not an edit"),
        ({"do": "move_node", "id": "a", "position": [1, "2"]}, "two finite numbers"),
        ({"do": "add_node", "id": "a", "node": {}, "position": None}, "wants the type"),
        (
            {"do": "add_node", "id": "a", "node": {"type": "x", "mode": "off"}, "position": None},
            "mode: wants 'bypass' or 'mute'",
        ),
        ({"do": "set_group", "id": "a", "group": {"color": "red"}}, "color: 'red' is not a color"),
        ({"do": "replace", "patch": "{}"}, "it has no nodes"),
        ({"do": "set_subpatch", "id": "a", "patch": '{"nodes": 5, "wires": 5}'}, "and more"),
        ({"do": "set_param", "node": "a", "param": "p", "value": float("nan")}, "not a finite"),
        ({"do": "set_param", "node": "a", "param": "p", "value": 2**64}, "64 bits"),
        ({"do": "set_param", "node": "a", "param": "p", "value": 10**5000}, "64 bits"),
        ({"do": "set_param", "node": "a", "param": "p", "value": LOOP}, "larger than"),
        ({"do": "set_param", "node": "a", "param": "p", "value": LAUGHS}, "larger than"),
        ({"do": "set_param", "node": "a", "param": "p", "value": "x" * MAX_BYTES}, "larger than"),
        (_nested(400, lambda edit: {"do": "batch", "edits": [edit]}), "nested deeper"),
        (
            {"do": "within", "subpatch": "a", "edit": _nested(1, lambda edit: LOOP)},
            "larger than",
        ),
        (
            _nested(2, lambda edit: {"do": "within", "subpatch": "a", "edit": edit}),
            "a definition holds no others",
        ),
        (_nested(100_000, lambda edit: [edit]), "nested deeper"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_edit_is_told_what_is_wrong(data: object, fault: str) -> None:
    began = time.process_time()
    with pytest.raises(EditError, match=fault):
        edit_from_data(data)
    assert time.process_time() - began < 5.0
