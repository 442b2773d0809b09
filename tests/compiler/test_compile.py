"""Patch in, plan out: what the passes keep, refuse, order, fold and share."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import catalogue, engine, patch, run

from nodegraph import Audio, Message, Rng, Trigger, Vector, inlet, node, outlet, param
from nodegraph.compiler import compile_patch

GOLDEN = Path(__file__).parent / "golden"


@node("t.constant", outlets="out")
def constant(value: float = param(1.0, "", -100.0, 100.0)) -> float:
    """Give a number."""
    return value


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step


@node("t.add", outlets="out")
def add(a: float = inlet(0.0), b: float = inlet(0.0)) -> float:
    """Add two numbers."""
    return a + b


@node("t.delay", outlets=[outlet("out", like="value")], state=None, latch=True)
def delay(state: object, value: object = inlet(0.0)) -> object:
    """Give what came in a tick ago."""
    return value


@node("t.hold", outlets=[outlet("out", like="value")])
def hold(value: object = inlet(0.0)) -> object:
    """Pass anything on."""
    return value


@node("t.switch", outlets="out")
def switch(on: bool = param(False)) -> bool:
    """Give a switch."""
    return on


@node("t.edge", outlets="seen", state=0.0)
def edge(state: float, hit: Trigger = inlet(False)) -> tuple[float, float]:
    """Count triggers."""
    return state + hit, state + hit


@node("t.need", outlets="out")
def need(value: float = inlet()) -> float:
    """Want a wire."""
    return value


@node("t.send", outlets="send")
def send(value: float = inlet(0.0)) -> Message:
    """Send a number."""
    return Message("scope", {"value": value})


@node("t.draw", outlets="out")
def draw(rng: Rng) -> float:
    """Draw a number."""
    return rng.random()


@node("t.hear", outlets="audio", source="file")
def hear(audio: Audio, gain: float = param(1.0, "", 0.0, 2.0)) -> Audio:
    """Hear a source."""
    return audio * np.float32(gain)


@node("t.spectrum", outlets="magnitude")
def spectrum(audio: Audio = inlet()) -> Vector:
    """Magnitudes of one block."""
    return np.abs(np.fft.rfft(audio[:, 0])).astype(np.float32)


def _band_rows(size: int, rate: float, low: float) -> np.ndarray:
    frequencies = np.linspace(0.0, rate / 2, size)
    return (frequencies >= low).astype(np.float32)[None, :]


@node("t.band", outlets="level", rows=_band_rows)
def band(
    product: Vector,
    magnitude: Vector = inlet(),
    low: float = param(100.0, "Hz", 20.0, 20_000.0, curve="log"),
) -> float:
    """Sum what is above a frequency."""
    return float(product[0])


TYPES = catalogue(
    constant, count, add, delay, hold, switch, edge, need, send, draw, hear, spectrum, band
)


def problems(nodes: dict[str, object], wires: list[str]) -> list[str]:
    return [str(p) for p in compile_patch(patch(nodes, wires), TYPES).problems]  # type: ignore[arg-type]  # tests write patches loosely


def test_a_right_patch_has_no_problems() -> None:
    assert problems({"a": "t.constant", "b": "t.add"}, ["a.out -> b.a"]) == []


def test_an_unknown_type_is_named_with_the_nearest_known_one() -> None:
    assert problems({"a": "t.constnat"}, []) == [
        "nodes.a: there is no node type t.constnat; did you mean t.constant?"
    ]


def test_what_reads_from_an_unknown_node_falls_back_to_its_default() -> None:
    made = patch({"ghost": "x.ghost", "sum": "t.add"}, ["ghost.out -> sum.a"])
    assert run(made, TYPES, 1)["sum.out"] == [0.0]


def test_all_problems_are_found_at_once() -> None:
    found = problems(
        {
            "a": ("t.constant", {"value": 1000, "valeu": 1}),
            "b": ("t.switch", {"on": "yes"}),
            "c": "t.need",
            "d": "t.add",
        },
        ["a.outt -> d.a", "b.on -> d.b"],
    )
    assert "1000 is outside -100 to 100" in found[1]
    assert "did you mean value?" in found[0]
    assert "wants true or false" in found[2]
    assert "has no outlet outt; it has out" in found[3]
    assert "has no outlet on" in found[4]
    assert "c.value" in found[5] or "needs a wire" in found[5]


def test_a_wire_of_the_wrong_kind_names_the_node_that_converts() -> None:
    found = problems({"a": "t.constant", "b": "t.spectrum"}, ["a.out -> b.audio"])
    (said,) = found  # that b has no sound now follows from it
    assert "b.audio wants audio, a.out gives number" in said


def test_what_needs_a_left_out_node_is_left_out_too() -> None:
    found = problems(
        {"ghost": "x.y", "a": "t.need", "b": "t.need"}, ["ghost.o -> a.value", "a.out -> b.value"]
    )
    assert len(found) == 3
    assert "value waits for a.out, and a cannot run" in found[2]


def test_a_loop_without_a_latch_is_named_node_by_node() -> None:
    found = problems(
        {"c": "t.add", "a": "t.add", "b": "t.add"},
        ["a.out -> b.a", "b.out -> c.a", "c.out -> a.a"],
    )
    assert len(found) == 1
    assert "wait for each other" in found[0]
    assert "flow.delay" in found[0]
    for id in "abc":
        assert id in found[0].split(":")[-1]


def test_a_latch_opens_a_loop_and_delays_by_one_tick() -> None:
    made = patch(
        {"z": "t.delay", "one": "t.constant", "sum": "t.add"},
        ["z.out -> sum.a", "one.out -> sum.b", "sum.out -> z.value"],
    )
    assert run(made, TYPES, 4)["sum.out"] == [1.0, 2.0, 3.0, 4.0]


@given(st.permutations("abcdef"), st.integers(1, 6))
def test_a_chain_of_latches_delays_by_its_length_whatever_their_names(
    names: list[str], length: int
) -> None:
    ids = names[:length]
    wires = ["count.out -> " + ids[0] + ".value"]
    wires += [f"{a}.out -> {b}.value" for a, b in pairwise(ids)]
    made = patch({"count": "t.count", **dict.fromkeys(ids, "t.delay")}, wires)
    columns = run(made, TYPES, 10)
    assert columns[f"{ids[-1]}.out"] == [max(0.0, n - length) for n in range(1, 11)]


def test_kinds_flow_through_ports_of_any_kind() -> None:
    made = compile_patch(
        patch(
            {"s": "t.switch", "h": "t.hold", "d": "t.delay", "n": "t.add"},
            ["s.out -> h.value", "h.out -> d.value", "d.out -> n.a"],
        ),
        TYPES,
    )
    assert made.problems == ()
    assert made.kinds["d.out"] == "boolean"


def test_a_number_becomes_a_trigger_on_its_rising_edge_only() -> None:
    made = patch({"n": ("t.count", {"step": 0.25}), "e": "t.edge"}, ["n.out -> e.hit"])
    assert run(made, TYPES, 6)["e.seen"] == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_turning_a_switch_is_seen_as_an_edge() -> None:
    plan = compile_patch(patch({"s": "t.switch", "e": "t.edge"}, ["s.out -> e.hit"]), TYPES)
    made = engine(plan)
    made.tick({})
    assert made.value("e.seen") == 0.0
    assert made.set_param("s", "on", True)
    for _ in range(3):
        made.tick({})
    assert made.value("e.seen") == 1.0


def test_only_what_reaches_an_output_or_a_watcher_runs() -> None:
    nodes = {"a": "t.count", "b": "t.send", "idle": "t.draw", "seen": "t.draw"}
    plan = compile_patch(patch(nodes, ["a.out -> b.value"]), TYPES, watch={"seen.out"})
    assert {step.id for step in plan.all_steps} == {"a", "b", "seen"}
    assert "idle" not in plan.text


def test_constants_run_once_and_again_when_a_param_changes() -> None:
    plan = compile_patch(
        patch(
            {"c": "t.constant", "d": "t.add", "n": "t.count", "s": "t.add"},
            ["c.out -> d.a", "c.out -> d.b", "d.out -> s.a", "n.out -> s.b"],
        ),
        TYPES,
    )
    assert [step.id for step in plan.constants] == ["c", "d"]
    made = engine(plan)
    made.tick({})
    assert made.value("s.out") == 3.0
    assert made.set_param("c", "value", 10.0)
    made.tick({})
    assert made.value("s.out") == 22.0


def test_equal_nodes_are_shared_and_chance_is_not() -> None:
    plan = compile_patch(
        patch(
            {
                "x": "t.count",
                "y": "t.count",
                "z": ("t.count", {"step": 2.0}),
                "p": "t.draw",
                "q": "t.draw",
            }
        ),
        TYPES,
    )
    assert plan.shared == {"y": "x"}
    made = engine(plan)
    made.tick({})
    assert made.value("y.out") == 1.0
    assert made.value("p.out") != made.value("q.out")
    assert not made.set_param("x", "step", 2.0)


def test_two_spectra_of_one_source_are_one_and_bands_are_one_product() -> None:
    nodes = {
        "song": "t.hear",
        "s1": "t.spectrum",
        "s2": "t.spectrum",
        "low": ("t.band", {"low": 50.0}),
        "high": ("t.band", {"low": 5000.0}),
    }
    wires = [
        "song.audio -> s1.audio",
        "song.audio -> s2.audio",
        "s1.magnitude -> low.magnitude",
        "s2.magnitude -> high.magnitude",
    ]
    plan = compile_patch(patch(nodes, wires), TYPES)
    assert plan.shared == {"s1": "s2"}
    assert [product.members for product in plan.products] == [("high", "low")]
    made = engine(plan)
    rng = np.random.default_rng(0)
    block = rng.normal(size=(512, 1)).astype(np.float32) * np.float32(0.1)
    made.tick({"song": block})
    magnitude = np.abs(np.fft.rfft(block[:, 0]))
    frequencies = np.linspace(0, 24_000, 257)
    assert made.value("high.level") == pytest.approx(magnitude[frequencies >= 5000].sum(), rel=1e-5)
    assert made.value("low.level") == pytest.approx(magnitude[frequencies >= 50].sum(), rel=1e-5)
    assert made.set_param("high", "low", 10_000.0)
    made.tick({"song": block})
    assert made.value("high.level") == pytest.approx(
        magnitude[frequencies >= 10_000].sum(), rel=1e-5
    )


def test_a_driven_param_is_held_to_its_range() -> None:
    made = patch({"c": ("t.constant", {"value": 50.0}), "n": "t.count"}, ["c.out -> n.step"])
    assert run(made, TYPES, 2)["n.out"] == [10.0, 20.0]


def test_the_order_does_not_depend_on_how_the_patch_was_built() -> None:
    nodes = {"a": "t.count", "b": "t.add", "c": "t.add", "d": "t.send"}
    wires = ["a.out -> b.a", "b.out -> c.a", "c.out -> d.value"]
    one = compile_patch(patch(nodes, wires), TYPES)
    two = compile_patch(patch(dict(reversed(nodes.items())), wires[::-1]), TYPES)
    assert one.text == two.text


def test_arithmetic_between_calls_is_gathered_into_one_transaction() -> None:
    nodes: dict[str, object] = {"song": "t.hear", "spec": "t.spectrum"}
    wires = ["song.audio -> spec.audio"]
    bands, sums = [f"band{n}" for n in range(5)], [f"band{n}_sum" for n in range(5)]
    for n, (one, two) in enumerate(zip(bands, sums, strict=True)):
        nodes |= {one: ("t.band", {"low": 100.0 + n}), two: "t.add"}
        wires += [f"spec.magnitude -> {one}.magnitude", f"{one}.level -> {two}.a"]
    plan = compile_patch(patch(nodes, wires), TYPES)  # type: ignore[arg-type]  # tests write patches loosely
    assert [step.id for step in plan.steps] == ["song", "spec", *bands, *sums]
    assert [chunk.text.count("try:") for chunk in plan.chunks] == [7, 0]


def test_what_a_call_needs_comes_before_it_and_no_more() -> None:
    nodes = {"a": "t.count", "b": "t.add", "c": "t.send", "d": "t.add", "e": "t.draw"}
    wires = ["a.out -> b.a", "b.out -> c.value", "e.out -> d.a", "b.out -> d.b"]
    plan = compile_patch(patch(nodes, wires), TYPES)
    assert [step.id for step in plan.steps] == ["a", "b", "c", "e", "d"]


def test_the_plan_reads_as_expected() -> None:
    nodes = {
        "song": "t.hear",
        "spec": "t.spectrum",
        "bass": ("t.band", {"low": 40.0}),
        "treble": "t.band",
        "base": "t.constant",
        "sum": "t.add",
        "back": "t.delay",
        "ticks": "t.count",
        "edge": "t.edge",
        "draw": "t.draw",
        "out": "t.send",
    }
    wires = [
        "song.audio -> spec.audio",
        "spec.magnitude -> bass.magnitude",
        "spec.magnitude -> treble.magnitude",
        "bass.level -> sum.a",
        "back.out -> sum.b",
        "sum.out -> back.value",
        "base.out -> ticks.step",
        "treble.level -> edge.hit",
        "sum.out -> out.value",
    ]
    text = compile_patch(patch(nodes, wires), TYPES).text
    assert text == (GOLDEN / "plan.py.txt").read_text("utf-8")
