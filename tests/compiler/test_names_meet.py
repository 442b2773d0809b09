"""Names that might meet in emitted code, patches that are deep or large, and bodies that cannot
stand without a call."""

from __future__ import annotations

import time
from dataclasses import replace
from keyword import kwlist
from typing import Any

import pytest
from kit import catalogue, engine, patch, run

from nodegraph import Trigger, Vector, inlet, node, param
from nodegraph.body import read_body
from nodegraph.compiler import compile_patch
from nodegraph.compiler.flatten import DEEPEST, flatten
from nodegraph.graph import Node, Patch
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of
from nodes import flow


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count."""
    return state + step, state + step


@node("t.add", outlets="out")
def add(a: float = inlet(0.0), b: float = inlet(0.0)) -> float:
    """Add."""
    return a + b


@node("check.vector", outlets="out")
def check_vector(value: float = inlet(0.0)) -> Vector:
    """Be called like a guard, if dots were underlines."""
    raise AssertionError("it is never run")


def test_a_node_type_called_like_a_guard_does_not_take_its_place() -> None:
    @node("t.vector", outlets="out")
    def vector() -> Vector:
        """Return what is no vector."""
        return 1.0  # type: ignore[return-value]  # wrong on purpose

    types = catalogue(check_vector, vector)
    it = engine(compile_patch(patch({"v": "t.vector", "x": "check.vector"}), types), strict=False)
    it.tick({})
    told = {problem.node: problem.text for problem in it.problems}
    assert "returned 1.0 as a vector" in told["v"]
    assert "it is never run" in told["x"]


def test_ids_that_are_words_of_python_or_of_plans_are_ids_like_others() -> None:
    plain = {
        *kwlist,
        "n",
        "now",
        "brought",
        "state",
        "dt",
        "wake",
        "number",
        "type",
        "float",
        "here",
    }
    words = sorted({word.lower() for word in plain} | {"v", "s", "m", "w", "p", "a", "a_b", "a__b"})
    words += ["x" * 5000]
    ids = dict.fromkeys(words, "t.count") | {f"sum_{id}": "t.add" for id in words}
    columns = run(patch(ids, [f"{id}.out -> sum_{id}.a" for id in words]), catalogue(count, add), 3)
    assert all(column == [1.0, 2.0, 3.0] for column in columns.values())


def test_outlets_may_be_called_by_words_of_python() -> None:
    @node("class.if", outlets="class None v state out_out", state=0.0)
    def odd(state: float, n: float = inlet(1.0)) -> tuple[float, float, float, float, float, float]:
        """Have odd outlets."""
        return state + n, 1.0, 2.0, 3.0, 4.0, state + n

    types = catalogue(odd, add)
    made = patch(
        {"a": "class.if", "b": "class.if", "a_class": "t.add"},
        ["a.class -> b.n", "a.None -> a_class.a", "b.out_out -> a_class.b"],
    )
    columns = run(made, types, 2)
    assert columns["b.out_out"] == [1.0, 2.0]
    assert columns["a_class.out"] == [3.0, 4.0]
    assert columns["a.state"] == [4.0, 4.0]


def test_ids_of_nodes_inside_others_do_not_meet_those_of_ports() -> None:
    inside = patch({"b": "t.count", "b_c": ("t.count", {"step": 2.0})})
    inside = replace(inside, nodes={**inside.nodes, "out": Node("t.count", params={"step": 3.0})})
    made = patch({"a": "subpatch.s", "a_b": ("t.count", {"step": 4.0}), "b": "t.count"})
    columns = run(replace(made, subpatches={"s": inside}), catalogue(count), 1)
    assert columns == {
        "a/b.out": [1.0],
        "a/b_c.out": [2.0],
        "a/out.out": [3.0],
        "a_b.out": [4.0],
        "b.out": [1.0],
    }


def early(value: float) -> float:
    """Use a name before it is given: a call fails, and so should the node."""
    other = later + value  # noqa: F821  # what it is about
    later = 1.0
    return other + later


def shadowed(value: float) -> float:
    """Name a global of this module, but as its own."""
    count = count + value  # type: ignore[operator]  # noqa: F823  # what it is about
    return count + value  # type: ignore[operator]  # what it is about


@pytest.mark.parametrize("function", [early, shadowed])
def test_a_body_that_reads_a_name_too_early_is_left_to_a_call(function: Any) -> None:
    assert read_body(function, ["value"]) is None


def nested(depth: int) -> Patch:
    """A count inside so many subpatches, with its param exposed all the way."""
    levels = {}
    for level in range(depth):
        inner = f"subpatch.l{level + 1}" if level < depth - 1 else "t.count"
        address = "x.step"
        levels[f"l{level}"] = replace(patch({"x": inner}), exposed={"step": address})
    made = patch({"x": ("subpatch.l0", {"step": 5.0}), "n": "t.count"}, ["n.out -> x.step"])
    return replace(made, subpatches=levels)


def test_subpatches_may_be_deep_but_not_without_end() -> None:
    (column,) = (
        column
        for port, column in run(nested(DEEPEST), catalogue(count), 2).items()
        if port != "n.out"
    )
    assert column == [1.0, 3.0]
    flat = flatten(nested(2000))
    assert f"deeper than {DEEPEST}" in flat.problems[0].text
    assert compile_patch(nested(2000), catalogue(count)).by_id.keys() == {"n"}


def test_a_param_exposed_in_a_circle_is_no_way_to_anywhere() -> None:
    inside = replace(patch({"x": "subpatch.s", "c": "t.count"}), exposed={"step": "x.step"})
    made = patch({"a": ("subpatch.s", {"step": 2.0}), "n": "t.count"}, ["n.out -> a.step"])
    plan = compile_patch(replace(made, subpatches={"s": inside}), catalogue(count))
    assert plan.by_id.keys() == {"n", "a/c"}
    assert "a subpatch cannot be inside itself" in plan.problems[0].text


def test_a_param_that_a_subpatch_does_not_expose_is_named() -> None:
    inside = replace(patch({"x": "t.count"}), exposed={"step": "x.step"})
    made = replace(patch({"a": ("subpatch.s", {"stp": 2.0})}), subpatches={"s": inside})
    (problem,) = compile_patch(made, catalogue(count)).problems
    assert "subpatch.s exposes no param stp; it has step" in problem.text
    assert (problem.node, problem.port) == ("a", "stp")
    assert problem.field == "nodes.a.params.stp"


@pytest.mark.slow
def test_five_thousand_nodes_in_a_row_compile_and_run() -> None:
    size = 5000
    names = {f"n{i}": "t.add" for i in range(size)} | {"c": "t.count", "d": "flow.delay"}
    wires = [f"n{i}.out -> n{i + 1}.a" for i in range(size - 1)]
    wires += ["c.out -> n0.a", f"n{size - 1}.out -> d.value", "d.out -> n7.b"]
    types: dict[str, NodeType] = {**catalogue(count, add), "flow.delay": type_of(flow.delay)}
    made = patch(names, wires)
    started = time.process_time()
    plan = compile_patch(made, types)
    assert time.process_time() - started < 20.0  # a second or two; no pass is quadratic
    assert plan.problems == ()
    it = engine(plan)
    for _ in range(3):
        it.tick({})
    assert it.value(f"n{size - 1}.out") == 3.0 + (2.0 + 1.0)
    edited = made.evolve(nodes={**made.nodes, "n9": Node("t.add", params={})})
    again = compile_patch(edited, types, before=plan)
    assert [chunk for chunk in again.chunks if chunk not in plan.chunks] == []


def test_a_trigger_through_a_constant_switch_is_seen_once() -> None:
    @node("t.on", outlets="on")
    def on(which: bool = param(False)) -> bool:
        """Be on."""
        return which

    @node("t.hits", outlets="out", state=0.0)
    def hits(state: float, hit: Trigger = inlet(False)) -> tuple[float, float]:
        """Count hits."""
        return state + hit, state + hit

    it = engine(
        compile_patch(patch({"o": "t.on", "h": "t.hits"}, ["o.on -> h.hit"]), catalogue(on, hits))
    )
    it.tick({})
    it.set_param("o", "which", True)
    for _ in range(3):
        it.tick({})
    assert it.value("h.out") == 1.0
