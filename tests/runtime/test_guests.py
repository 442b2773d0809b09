"""What guests' code may do to the engine: garbage, exceptions of all kinds, edits in between."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from kit import catalogue, engine, patch

from nodegraph import Clock, Message, Prompt, Prompts, Trigger, inlet, node, outlet, param
from nodegraph.compiler import compile_patch
from nodegraph.compiler.params import fit
from nodegraph.errors import FaultError
from nodegraph.runtime import Recorder, Trace
from nodegraph.spec import type_of


class UntoldError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this works")


class Unshown:
    def __repr__(self) -> str:
        raise RuntimeError("not even this works")


GIVEN: dict[str, Any] = {}


@node("t.give", outlets="number flag")
def give(
    rate: float, kind: str = param("number", choices=("number", "flag"))
) -> tuple[float, bool]:
    """Give whatever the test says."""
    made = GIVEN["value"]
    if isinstance(made, BaseException):
        raise made
    return (made, False) if kind == "number" else (0.5, made)


@node("t.root", outlets="out")
def root(value: float = inlet(0.0)) -> float:
    """Take a root, which a negative number has not."""
    return float(value**0.5) if value >= 0.0 else float("nan")


@node("t.number", outlets="out")
def number(value: float = param(-1.0, "", -9.0, 9.0)) -> float:
    """Give a number."""
    return value


@node("t.count", outlets="out", state=0.0)
def count(state: float) -> tuple[float, float]:
    """Count."""
    return state + 1.0, state + 1.0


@node("t.switch", outlets="on text")
def switch(on: bool = param(True), text: str = param("words")) -> tuple[bool, str]:
    """Give a switch and a text."""
    return on, text


@node("t.latch", outlets=[outlet("out", like="value")], state=None, latch=True)
def latch(state: object, value: object = inlet()) -> object:
    """Give what came in a tick ago."""
    return value


@node("t.flip", outlets="on", state=False)
def flip(state: bool, hit: Trigger = inlet(False)) -> tuple[bool, bool]:
    """Change sides at a trigger."""
    return state != hit, state != hit


@node("t.pulse", outlets="hit", state=0)
def pulse(state: int, at: int = param(0, "", 0, 9)) -> tuple[int, Trigger]:
    """Strike once."""
    return state + 1, state == at


@node("t.careless", outlets="out", state=0.0)
def careless(state: float) -> tuple[float, float]:
    """Let numpy raise from now on, for everybody; and divide by zero."""
    np.seterr(all="raise")
    return state + 1.0, state + 1.0


@node("t.divide", outlets="out", state=0.0)
def divide(state: float) -> tuple[float, float]:
    """Divide by zero, and go on."""
    return state + 1.0, float(np.nan_to_num(np.float64(1.0) / np.float64(0.0) * 0.0))


TYPES = catalogue(careless, divide, give, root, number, count, switch, latch, flip, pulse)

GARBAGE = [
    None,
    "text",
    b"bytes",
    [],
    (1.0,),
    set(),
    1j,
    Decimal(1),
    Fraction(1, 2),
    10**400,
    float("nan"),
    float("-inf"),
    np.float32("inf"),
    np.array([0.5]),
    np.array(0.5),
    np.timedelta64(0, "s"),
    object(),
    Unshown(),
    ValueError,
    UntoldError(),
    SystemExit(3),
    GeneratorExit(),
    RecursionError("deep"),
]


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("kind", ["number", "flag"])
def test_garbage_never_leaves_a_node_and_never_stops_the_others(value: Any, kind: str) -> None:
    GIVEN["value"] = value
    made = patch({"g": ("t.give", {"kind": kind}), "n": "t.count"})
    plan = compile_patch(made, TYPES)
    it = engine(plan, strict=False)
    recorder = Recorder(plan, it.rate, it.block)
    for _ in range(3):
        recorder.record(it.values, it.tick({}))
    (problem,) = it.problems
    assert problem.node == "g"
    assert it.value("g.number") == 0.0
    assert it.value("g.flag") is False
    assert it.value("n.out") == 3.0
    assert (
        Trace.from_bytes(recorder.trace(it.problems).to_bytes())["g.number"].tolist() == [0.0] * 3
    )


@pytest.mark.parametrize("wary", [False, True])
def test_what_a_node_sets_for_its_thread_is_gone_with_the_tick(wary: bool) -> None:
    it = engine(compile_patch(patch({"z": "t.careless", "a": "t.divide"}), TYPES))
    it.wary = wary
    for tick in range(3):
        it.tick({})
        assert it.value("z.out") == tick + 1.0
        assert it.value("a.out") == 0.0
    assert np.geterr()["divide"] == "warn"


@pytest.mark.parametrize("value", [True, 1, np.float32(1.0), np.int64(1), np.bool_(True)])
def test_what_counts_as_a_number_leaves_as_a_float(value: Any) -> None:
    GIVEN["value"] = value
    it = engine(compile_patch(patch({"g": "t.give"}), TYPES))
    assert type(it.value("g.number")) is float
    assert it.value("g.number") == 1.0


def test_an_interruption_by_the_user_is_none_of_a_nodes_faults() -> None:
    @node("t.stop", outlets="out", state=0.0)
    def stop(state: float) -> tuple[float, float]:
        """Be interrupted."""
        raise KeyboardInterrupt

    it = engine(compile_patch(patch({"s": "t.stop"}), catalogue(stop)), strict=False)
    with pytest.raises(KeyboardInterrupt):
        it.tick({})


def test_a_constant_that_failed_is_well_as_soon_as_what_it_reads_is() -> None:
    plan = compile_patch(patch({"n": "t.number", "r": "t.root"}, ["n.out -> r.value"]), TYPES)
    assert [step.id for step in plan.constants] == ["n", "r"]
    it = engine(plan, strict=False)
    assert [problem.node for problem in it.problems] == ["r"]
    assert it.set_param("n", "value", 4.0)
    assert it.problems == ()
    it.tick({})
    assert it.value("r.out") == 2.0
    assert not it.rest.any


def test_a_node_that_an_edit_made_well_shows_no_problem_any_more() -> None:
    nodes: dict[str, Any] = {"n": "t.number", "c": "t.count", "r": "t.root"}
    it = engine(compile_patch(patch(nodes, ["n.out -> r.value"]), TYPES), strict=False)
    it.tick({})
    assert it.problems
    it.swap(compile_patch(patch(nodes, ["c.out -> r.value"]), TYPES, before=it.plan))
    it.tick({})
    assert it.problems == ()
    assert not it.rest.any


def test_a_latch_whose_kind_changes_does_not_give_its_old_state() -> None:
    nodes: dict[str, Any] = {"s": "t.switch", "c": "t.count", "l": "t.latch", "r": "t.root"}
    it = engine(compile_patch(patch(nodes, ["s.text -> l.value"]), TYPES))
    for _ in range(2):
        it.tick({})
    assert it.value("l.out") == "words"
    wires = ["c.out -> l.value", "l.out -> r.value"]
    it.swap(compile_patch(patch(nodes, wires), TYPES, before=it.plan))
    assert it.value("l.out") == 0.0
    it.tick({})
    assert it.value("l.out") == 0.0


def test_nodes_with_a_past_of_their_own_do_not_become_one_by_an_edit() -> None:
    nodes: dict[str, Any] = {
        "a": "t.pulse",
        "b": ("t.pulse", {"at": 9}),
        "x": "t.flip",
        "y": "t.flip",
    }
    it = engine(compile_patch(patch(nodes, ["a.hit -> x.hit", "b.hit -> y.hit"]), TYPES))
    it.tick({})
    assert (it.value("x.on"), it.value("y.on")) == (True, False)
    wires = ["b.hit -> x.hit", "b.hit -> y.hit"]
    it.swap(compile_patch(patch(nodes, wires), TYPES, before=it.plan))
    it.tick({})
    assert (it.value("x.on"), it.value("y.on")) == (True, False)
    assert compile_patch(patch(nodes, wires), TYPES).shared == {"y": "x"}


def test_a_param_of_a_node_that_does_not_run_asks_for_a_new_plan() -> None:
    it = engine(compile_patch(patch({"n": "t.number", "g": "t.ghost"}), TYPES, watch=set()))
    assert not it.set_param("n", "value", 1.0)
    assert not it.set_param("g", "value", 1.0)
    it = engine(compile_patch(patch({"n": "t.number"}), TYPES))
    assert not it.set_param("n", "valeu", 1.0)


def test_a_number_too_large_for_a_float_is_held() -> None:
    value, complaint = fit(type_of(number).params["value"], 10**400)
    assert value == 9.0
    assert complaint is not None


def test_a_strict_failure_in_a_constant_is_told_at_once() -> None:
    plan = compile_patch(patch({"n": "t.number", "r": "t.root"}, ["n.out -> r.value"]), TYPES)
    with pytest.raises(FaultError, match=r"r: t\.root@1 failed"):
        engine(plan)


def test_a_trace_keeps_numpy_scalars_in_messages_prompts_and_clocks() -> None:
    @node("t.mixed", outlets="prompts clock message")
    def mixed(now: float) -> tuple[Prompts, Clock, Message]:
        """Give numpy scalars inside of values."""
        x = np.float32(0.5)
        return (Prompt("a", x),), Clock(np.float32(120.0)), Message("scope", {"x": x})  # type: ignore[arg-type]  # on purpose

    plan = compile_patch(patch({"m": "t.mixed"}), catalogue(mixed))
    it = engine(plan)
    recorder = Recorder(plan, it.rate, it.block)
    messages = it.tick({})
    recorder.record(it.values, messages)
    back = Trace.from_bytes(recorder.trace().to_bytes())
    assert back["m.prompts"][0] == (Prompt("a", 0.5),)
    assert back.messages == ((0, Message("scope", {"x": 0.5})),)


@pytest.mark.parametrize(
    "message",
    [Message(1, {}), Message("a", None), Message("a", {1: 2}), "text"],  # type: ignore[arg-type]  # wrong on purpose
)
def test_a_message_that_no_sink_could_read_is_a_fault(message: Any) -> None:
    @node("t.say", outlets="message", state=0)
    def say(state: int) -> tuple[int, Message]:
        """Send it."""
        return 0, message

    it = engine(compile_patch(patch({"s": "t.say"}), catalogue(say)), strict=False)
    assert it.tick({}) == ()
    assert "as a message" in it.problems[0].text


@pytest.mark.parametrize(
    ("values", "outlet"),
    [
        (("\ud800", Clock(), ()), "text"),
        (("", Clock(120.0, 1.0, 0), ()), "clock"),
        (("", Clock(float("nan")), ()), "clock"),
        (("", Clock(120.0, 10**400), ()), "clock"),
        (("", Clock(120.0, 1.0, float("inf")), ()), "clock"),  # type: ignore[arg-type]  # on purpose
        (("", Clock(120.0, 1.0, 4, float("nan")), ()), "clock"),
        (("", Clock(), (Prompt(None),)), "prompts"),  # type: ignore[arg-type]  # wrong on purpose
        (("", Clock(), (Prompt("\ud800"),)), "prompts"),
        (("", Clock(), (Prompt("a", float("inf")),)), "prompts"),
    ],
)
def test_what_only_looks_like_its_kind_does_not_leave_a_node(values: Any, outlet: str) -> None:
    @node("t.looks", outlets="text clock prompts", state=0)
    def looks(state: int) -> tuple[int, str, Clock, Prompts]:
        """Give what the test says."""
        return 0, *values

    it = engine(compile_patch(patch({"l": "t.looks"}), catalogue(looks)), strict=False)
    it.tick({})
    assert [problem.node for problem in it.problems] == ["l"]
    assert it.value(f"l.{outlet}") in ("", Clock(), ())


def test_an_upgrade_that_gives_nonsense_is_a_problem_of_its_node() -> None:
    @node(
        "t.old", outlets="out", version=2, upgrade=lambda params, before: {1: 2, "x": 3, **params}
    )
    def old(x: float = param(0.0, "", 0.0, 9.0)) -> float:
        """Have been different."""
        return x

    plan = compile_patch(patch({"o": ("t.old", {"y": 1.0})}), catalogue(old))
    assert [problem.port for problem in plan.problems] == ["1", "y"]
    assert engine(plan).value("o.out") == 3.0
