"""Edits while the engine runs: states that come back, snapshots, quarantine, slow nodes, marks."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from kit import catalogue, engine, patch

from nodegraph import inlet, node, outlet, param
from nodegraph.compiler import compile_patch
from nodegraph.errors import SpecError
from nodegraph.runtime import Engine
from nodegraph.runtime.budget import OFTEN, SAMPLE
from nodegraph.runtime.snapshot import Snapshot


@dataclass(frozen=True)
class Memory:
    """A state of a class of its own."""

    count: float = 0.0


class Unpicklable:
    """A state that cannot leave its process."""

    def __reduce__(self) -> str:
        raise TypeError("no")


@node("t.count", outlets="out", state=Memory())
def count(state: Memory, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[Memory, float]:
    """Count ticks."""
    return Memory(state.count + step), state.count + step


@node("t.odd", outlets="out", state=None)
def odd(state: object) -> tuple[object, float]:
    """Remember what cannot be packed."""
    return state or Unpicklable(), 1.0


@node("t.fail", outlets=[outlet("held"), outlet("safe", safe=-1.0)])
def fail(
    value: float = inlet(0.0), limit: float = param(3.0, "", 0.0, 100.0)
) -> tuple[float, float]:
    """Fail above a limit."""
    if value > limit:
        raise ValueError("too much")
    return value, value


@node("t.slow", outlets="out", state=0.0)
def slow(state: float, which: str = param("a")) -> tuple[float, float]:
    """Take as long as the test's clock says."""
    CLOCK.now += CLOCK.taken
    return state + 1.0, state + 1.0


class Clock:
    """Time that passes in slow nodes only."""

    now = 0.0
    taken = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()
TYPES = catalogue(count, odd, fail, slow)


def test_undoing_a_removal_restores_the_state_and_adding_afresh_does_not() -> None:
    whole, less = patch({"n": "t.count", "m": "t.count"}), patch({"m": "t.count"})
    it = engine(compile_patch(whole, TYPES))
    for _ in range(5):
        it.tick({})
    it.swap(compile_patch(less, TYPES, before=it.plan))
    for _ in range(5):
        it.tick({})
    it.swap(compile_patch(whole, TYPES, before=it.plan))
    it.tick({})
    assert it.value("n.out") == 6.0
    it.swap(compile_patch(less, TYPES, before=it.plan))
    it.swap(compile_patch(whole, TYPES, before=it.plan), fresh=["n"])
    it.tick({})
    assert it.value("n.out") == 1.0
    assert it.value("m.out") == 12.0
    it.swap(compile_patch(whole, TYPES, before=it.plan), fresh=["m"])
    it.tick({})
    assert (it.value("n.out"), it.value("m.out")) == (2.0, 1.0)


def test_a_plan_prepared_beside_one_that_was_since_replaced_still_carries_the_states() -> None:
    it = engine(compile_patch(patch({"n": "t.count"}), TYPES))
    late = it.prepare(compile_patch(patch({"n": "t.count", "x": "t.odd"}), TYPES))
    for _ in range(3):
        it.tick({})
    it.swap(compile_patch(patch({"a": "t.odd", "n": "t.count"}), TYPES, before=it.plan))
    it.tick({})
    it.swap(late)
    it.tick({})
    assert it.value("n.out") == 5.0


def test_a_snapshot_goes_on_in_another_engine_where_it_was() -> None:
    whole = patch({"n": "t.count", "o": "t.odd", "gone": "t.count"})
    it = engine(compile_patch(whole, TYPES))
    for _ in range(10):
        it.tick({})
    it.swap(compile_patch(patch({"n": "t.count", "o": "t.odd"}), TYPES, before=it.plan))
    data = it.snapshot().pack()
    other = engine(compile_patch(patch({"n": "t.count", "o": "t.odd"}), TYPES))
    other.restore(Snapshot.unpack(data))
    other.tick({})
    assert other.ticks == 11
    assert other.value("n.out") == 11.0
    other.swap(compile_patch(whole, TYPES, before=other.plan))
    other.tick({})
    assert other.value("gone.out") == 11.0


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x80\x05cnot_there\nThing\n."])
def test_bytes_that_are_no_snapshot_are_an_empty_one(data: bytes) -> None:
    assert Snapshot.unpack(data) == Snapshot(0, {})


def test_at_rest_an_outlet_holds_or_goes_to_what_is_safe() -> None:
    made = patch({"n": "t.count", "f": "t.fail"}, ["n.out -> f.value"])
    it = engine(compile_patch(made, TYPES), strict=False)
    for _ in range(10):
        it.tick({})
    assert it.value("f.held") == 3.0
    assert it.value("f.safe") == -1.0


@pytest.mark.parametrize("safe", [True, "text", float("nan"), 1])
def test_what_is_safe_has_to_be_of_the_outlets_kind(safe: object) -> None:
    with pytest.raises(SpecError, match="safe="):

        @node("t.bad", outlets=[outlet("out", safe=safe)])  # type: ignore[arg-type]  # wrong on purpose
        def bad() -> float:
            """Be wrong."""
            return 0.0


def test_a_node_in_quarantine_runs_no_more_until_it_is_edited() -> None:
    made = patch({"n": "t.count", "m": "t.count"})
    it = engine(compile_patch(made, TYPES), strict=False)
    it.swap(compile_patch(patch({"n": "t.count", "m": ("t.count", {"step": 2.0})}), TYPES))
    it.tick({})
    it.quarantine(["n"], "t.count hung twice")
    for _ in range(100):
        it.tick({})
    assert it.value("n.out") == 1.0
    assert it.value("m.out") == 202.0
    assert [problem.node for problem in it.problems] == ["n"]
    assert "until it is edited" in it.problems[0].text
    it.swap(compile_patch(patch({"n": "t.count", "m": ("t.count", {"step": 3.0})}), TYPES))
    it.tick({})
    assert it.value("n.out") == 1.0
    it.set_param("n", "step", 5.0)
    it.tick({})
    assert it.value("n.out") == 6.0
    assert it.problems == ()


def test_the_step_that_is_called_is_marked_while_the_engine_is_wary() -> None:
    seen = []

    @node("t.look", outlets="out", state="")
    def look(state: str) -> tuple[str, str]:
        """See what an observer would."""
        seen.append(it.here[0])
        return state, state

    types = {**TYPES, **catalogue(look)}
    it = engine(compile_patch(patch({"a": "t.odd", "x": "t.look", "z": "t.count"}), types))
    it.tick({})
    it.wary = True
    it.tick({})
    number = next(i for i, step in enumerate(it.plan.all_steps) if step.id == "x")
    assert seen == [-1, number]
    assert it.here[0] == -1


@pytest.mark.parametrize("policy", ["warn", "hold", "halve", "quarantine"])
def test_a_node_that_is_over_its_budget(policy: str) -> None:
    CLOCK.now = 0.0
    CLOCK.taken = 0.02
    made = patch({"s": "t.slow", "n": "t.count"})
    it = engine(compile_patch(made, TYPES), strict=False, clock=CLOCK)
    it.budget.policy = policy  # type: ignore[assignment]  # one of the literals
    for _ in range(40):
        it.tick({})
    assert it.times["s"].mean == pytest.approx(0.02)
    assert it.times["n"].worst == 0.0 if "n" in it.times else True
    (problem,) = it.problems
    assert problem.node == "s"
    assert "takes 20.0 ms of the 10.7 ms of a tick" in problem.text
    assert it.value("n.out") == 40.0
    ran = it.value("s.out")
    expected = {"warn": (40, 40), "hold": (3, 5), "quarantine": (4, 4), "halve": (6, 22)}[policy]
    assert expected[0] <= ran <= expected[1]  # type: ignore[operator]  # a number
    CLOCK.taken = 0.0
    it.set_param("s", "which", "b")
    for _ in range(200):
        it.tick({})
    assert it.problems == ()
    assert it.value("s.out") == ran + 200  # type: ignore[operator]  # a number


def measured_ticks(it: Engine, count: int) -> list[int]:
    """Those after which the time of `s` is another one."""
    found, before = [], 0.0
    for tick in range(count):
        CLOCK.taken += 1e-9
        it.tick({})
        last = it.times["s"].last if "s" in it.times else 0.0
        if last != before:
            found.append(tick)
        before = last
    return found


def test_a_plan_is_measured_soon_but_not_at_once_and_then_now_and_then() -> None:
    CLOCK.now, CLOCK.taken = 0.0, 0.001
    plan = compile_patch(patch({"s": "t.slow"}), TYPES)
    it = engine(plan, clock=CLOCK)
    soon = [4, 8, 16, 32, 64, 128, 256]
    assert measured_ticks(it, 3 * SAMPLE) == [*soon, SAMPLE, 2 * SAMPLE]
    it.swap(plan)
    assert measured_ticks(it, SAMPLE) == soon


def test_ticks_that_take_longer_than_a_node_may_are_measured_often() -> None:
    CLOCK.now, CLOCK.taken = 0.0, 0.001
    it = engine(compile_patch(patch({"s": "t.slow"}), TYPES), clock=CLOCK)
    measured_ticks(it, 2 * SAMPLE)
    CLOCK.taken = 0.004  # of 0.0107, so no tick is late
    assert measured_ticks(it, SAMPLE) == [*range(0, SAMPLE, OFTEN)]
    assert "budget" in it.problems[0].text


def test_without_a_clock_nothing_is_measured() -> None:
    it = engine(compile_patch(patch({"n": "t.count"}), TYPES))
    for _ in range(200):
        it.tick({})
    assert it.times == {}
