"""Subpatches, named links and switches: what is drawn is what runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit import catalogue, engine, patch, run

import nodes.flow
from nodegraph import Audio, Message, Trigger, inlet, node, param
from nodegraph.compiler import compile_patch
from nodegraph.compiler.flatten import flatten
from nodegraph.graph import Patch


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step


@node("t.scale", outlets="out")
def scale(value: float = inlet(5.0), by: float = param(2.0, "", -10.0, 10.0)) -> float:
    """Scale a number."""
    return value * by


@node("t.hear", outlets="audio", source="file")
def hear(audio: Audio) -> Audio:
    """Hear."""
    return audio


@node("t.two", outlets="text number hit")
def two(text: str = inlet("a"), number: float = inlet(1.0)) -> tuple[str, float, Trigger]:
    """Give a text, a number and a trigger."""
    return text + "!", number + 1.0, True


@node("t.send", outlets="send")
def send(a: float = inlet(0.0), b: float = inlet(0.0)) -> Message:
    """Send two numbers."""
    return Message("scope", {"a": a, "b": b})


TYPES = catalogue(count, scale, hear, two, send, *nodes.flow.NODES)


def voice() -> Patch:
    """A subpatch: what arrives at `value`, scaled, leaves at `out`; `amount` sets by how much."""
    inside = patch(
        {"value": "flow.inlet", "x": "t.scale", "out": "flow.outlet"},
        ["value.out -> x.value", "x.out -> out.value"],
    )
    return replace(inside, exposed={"amount": "x.by"})


def test_an_instance_does_what_its_definition_says() -> None:
    made = patch(
        {"n": "t.count", "a": ("subpatch.voice", {"amount": 3.0}), "b": "subpatch.voice"},
        ["n.out -> a.value", "a.out -> b.value"],
    )
    made = replace(made, subpatches={"voice": voice()})
    columns = run(made, TYPES, 3)
    assert columns["a/x.out"] == [3.0, 6.0, 9.0]
    assert columns["b/out.out"] == [6.0, 12.0, 18.0]
    assert compile_patch(made, TYPES).problems == ()


def test_an_exposed_param_can_be_driven_by_a_wire() -> None:
    made = patch({"n": "t.count", "a": "subpatch.voice"}, ["n.out -> a.amount"])
    made = replace(made, subpatches={"voice": voice()})
    assert run(made, TYPES, 3)["a/x.out"] == [5.0, 10.0, 15.0]


def test_an_outer_wire_to_an_exposed_param_takes_the_place_of_the_one_inside() -> None:
    inside = patch(
        {"n": ("t.count", {"step": 5.0}), "x": "t.scale", "out": "flow.outlet"},
        ["n.out -> x.by", "x.out -> out.value"],
    )
    inside = replace(inside, exposed={"amount": "x.by"})
    made = patch({"n": "t.count", "a": "subpatch.s", "b": "subpatch.s"}, ["n.out -> a.amount"])
    columns = run(replace(made, subpatches={"s": inside}), TYPES, 2)
    assert columns["a/x.out"] == [5.0, 10.0]
    assert columns["b/x.out"] == [25.0, 50.0]


def test_where_nothing_arrives_the_readers_inside_fall_back_to_their_defaults() -> None:
    made = replace(patch({"a": "subpatch.voice"}), subpatches={"voice": voice()})
    plan = compile_patch(made, TYPES)
    assert plan.problems == ()
    assert run(made, TYPES, 1)["a/out.out"] == [10.0]


def test_subpatches_stand_in_subpatches() -> None:
    outer = patch(
        {"i": "flow.inlet", "v": ("subpatch.voice", {"amount": -1.0}), "o": "flow.outlet"},
        ["i.out -> v.value", "v.out -> o.value"],
    )
    outer = replace(outer, exposed={"gain": "v.amount"})
    made = patch(
        {"n": "t.count", "p": "subpatch.outer", "q": ("subpatch.outer", {"gain": 4.0})},
        ["n.out -> p.i", "n.out -> q.i"],
    )
    made = replace(made, subpatches={"voice": voice(), "outer": outer})
    columns = run(made, TYPES, 2)
    assert columns["p/o.out"] == [-1.0, -2.0]
    assert columns["q/v/x.out"] == [4.0, 8.0]


def test_a_subpatch_inside_itself_is_named() -> None:
    a = patch({"b": "subpatch.b"})
    b = patch({"a": "subpatch.a"})
    made = replace(patch({"x": "subpatch.a"}), subpatches={"a": a, "b": b})
    (problem,) = flatten(made).problems
    assert "a in b in a" in problem.text
    assert problem.field == "subpatches.b.nodes.a"


def test_missing_definitions_and_ports_are_named() -> None:
    made = patch(
        {"n": "t.count", "x": "subpatch.gone", "a": "subpatch.voice"},
        ["n.out -> a.valeu", "n.out -> x.in", "a.level -> n.step"],
    )
    made = replace(made, subpatches={"voice": voice()})
    texts = [str(problem) for problem in compile_patch(made, TYPES).problems]
    assert any("there is no subpatch gone; the patch has voice" in text for text in texts)
    assert any("no inlet or exposed param valeu; it has value, amount" in text for text in texts)
    assert any("no outlet level; it has out" in text for text in texts)
    assert len(texts) == 3


def test_a_problem_inside_tells_where_it_stands_in_the_file() -> None:
    inside = patch({"x": ("t.scale", {"by": 99.0})})
    made = replace(patch({"a": "subpatch.s"}), subpatches={"s": inside})
    (problem,) = compile_patch(made, TYPES).problems
    assert problem.field == "subpatches.s.nodes.x.params.by"
    assert problem.node == "a/x"


def test_subpatches_that_explode_are_cut_off() -> None:
    levels = {f"l{i}": patch({f"n{k}": f"subpatch.l{i + 1}" for k in range(10)}) for i in range(6)}
    levels["l6"] = patch({"n": "t.count"})
    made = replace(patch({"x": "subpatch.l0"}), subpatches=levels)
    flat = flatten(made)
    assert len(flat.patch.nodes) <= 50_000
    assert "more than" in flat.problems[0].text


def test_a_receive_gives_what_the_send_of_its_name_sends_in_the_same_tick() -> None:
    inside = patch({"r": ("flow.receive", {"name": "tempo"}), "x": "t.scale"}, ["r.out -> x.value"])
    made = patch(
        {
            "n": "t.count",
            "s": ("flow.send", {"name": "tempo"}),
            "v": "subpatch.v",
            "r": "flow.receive",
        },
        ["n.out -> s.value"],
    )
    columns = run(replace(made, subpatches={"v": inside}), TYPES, 3)
    assert columns["v/x.out"] == [2.0, 4.0, 6.0]
    assert columns["r.out"] == [0.0, 0.0, 0.0]


def test_two_sends_of_one_name_are_a_problem() -> None:
    made = patch(
        {"n": "t.count", "s": "flow.send", "t": "flow.send"},
        ["n.out -> s.value", "n.out -> t.value"],
    )
    (problem,) = compile_patch(made, TYPES).problems
    assert "s sends under the name '' already" in problem.text


def test_a_loop_through_named_links_is_named_like_any_other() -> None:
    made = patch(
        {"r": "flow.receive", "x": "t.scale", "s": "flow.send"},
        ["r.out -> x.value", "x.out -> s.value"],
    )
    (problem,) = compile_patch(made, TYPES).problems
    assert "wait for each other" in problem.text
    assert "r" in problem.text
    assert "s" in problem.text


def switched(made: Patch, **modes: str) -> Patch:
    """The patch with some nodes switched; "solo" is among the modes here."""
    nodes_ = dict(made.nodes)
    for id, mode in modes.items():
        nodes_[id] = (
            replace(nodes_[id], solo=True) if mode == "solo" else replace(nodes_[id], mode=mode)
        )
    return replace(made, nodes=nodes_)


def test_a_bypassed_node_passes_on_what_fits_and_a_muted_one_gives_nothing() -> None:
    made = patch(
        {"n": "t.count", "x": "t.scale", "y": "t.two"}, ["n.out -> x.value", "n.out -> y.number"]
    )
    columns = run(switched(made, x="bypass", y="bypass"), TYPES, 2)
    assert columns["x.out"] == [1.0, 2.0]
    assert columns["y.number"] == [1.0, 2.0]
    assert columns["y.text"] == ["", ""]
    assert columns["y.hit"] == [False, False]
    columns = run(switched(made, x="mute", y="mute"), TYPES, 2)
    assert columns["x.out"] == [0.0, 0.0]
    assert columns["y.number"] == [0.0, 0.0]


def test_a_node_finds_its_state_again_when_it_is_switched_back() -> None:
    made = patch({"n": "t.count"})
    it = engine(compile_patch(made, TYPES))
    for _ in range(5):
        it.tick({})
    it.swap(compile_patch(switched(made, n="mute"), TYPES, before=it.plan))
    it.tick({})
    assert it.value("n.out") == 0.0
    it.swap(compile_patch(made, TYPES, before=it.plan))
    it.tick({})
    assert it.value("n.out") == 6.0


def test_a_bypassed_latch_still_closes_its_loop() -> None:
    made = patch({"d": "flow.delay", "x": "t.scale"}, ["x.out -> d.value", "d.out -> x.value"])
    assert run(switched(made, d="bypass"), TYPES, 2)["x.out"] == [0.0, 0.0]
    assert run(switched(made, d="mute"), TYPES, 2)["x.out"] == [0.0, 0.0]


def test_a_switched_instance_switches_all_that_is_inside() -> None:
    made = patch({"n": "t.count", "a": "subpatch.voice"}, ["n.out -> a.value"])
    made = replace(made, subpatches={"voice": voice()})
    assert run(switched(made, a="bypass"), TYPES, 2)["a/out.out"] == [1.0, 2.0]
    assert run(switched(made, a="mute"), TYPES, 2)["a/out.out"] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("solo", "sent"),
    [
        ({}, [{"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 0.0}]),
        ({"n": "solo"}, [{"a": 1.0, "b": 0.0}]),
        ({"m": "solo"}, [{"a": 0.0, "b": 2.0}, {"a": 2.0, "b": 0.0}]),
        ({"s": "solo"}, [{"a": 1.0, "b": 2.0}]),
        ({"z": "solo"}, [{"a": 2.0, "b": 0.0}]),
    ],
)
def test_solo_lets_only_what_is_soloed_reach_what_sends(
    solo: dict[str, str], sent: list[dict[str, float]]
) -> None:
    made = patch(
        {"n": "t.count", "m": ("t.count", {"step": 2.0}), "s": "t.send", "z": "t.send"},
        ["n.out -> s.a", "m.out -> s.b", "m.out -> z.a"],
    )
    it = engine(compile_patch(switched(made, **solo), TYPES))
    assert [message.body for message in it.tick({})] == sent


def test_watching_an_instance_keeps_what_is_inside() -> None:
    made = patch({"n": "t.count", "a": "subpatch.voice"}, ["n.out -> a.value"])
    made = replace(made, subpatches={"voice": voice()})
    plan = compile_patch(made, TYPES, watch=["a"])
    assert "a/x.out" in plan.slots
    assert compile_patch(made, TYPES, watch=[]).slots == {}
