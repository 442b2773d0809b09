"""The engine: faults stay where they happen, state outlives a swap, and all of it repeats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import catalogue, engine, patch, run

from nodegraph import Prompts, Rng, Vector, inlet, node, param
from nodegraph.compiler import compile_patch
from nodegraph.compiler import inline as inlining
from nodegraph.compiler.names import global_of
from nodegraph.errors import FaultError


@node("t.ramp", outlets="out", state=0.0)
def ramp(
    state: float, dt: float, speed: float = param(1.0, "1/s", -10.0, 10.0)
) -> tuple[float, float]:
    """Climb."""
    return state + speed * dt, state + speed * dt


@node("t.touchy", outlets="out", state=0.0)
def touchy(
    state: float, value: float = inlet(0.0), limit: float = param(1.0, "", 0.0, 1000.0)
) -> tuple[float, float]:
    """Fail above a limit."""
    if value > limit:
        raise ValueError("too much")
    return state + 1.0, state + 1.0


@node("t.root", outlets="out")
def root(value: float = inlet(0.0)) -> float:
    """Take a root; of a negative number there is none."""
    return math.sqrt(value) if value >= 0 else math.nan


@node("t.wrong", outlets="number flag vector prompts", title="Wrong")
def wrong(which: int = param(0, "", 0, 4)) -> tuple[float, bool, Vector, Prompts]:
    """Return one thing of the wrong kind."""
    right = [1.0, True, np.ones(3, np.float32), ()]
    bad = ["one", 7, np.ones((2, 2), np.float32), ("text",)]
    return tuple(bad[i] if i == which - 1 else right[i] for i in range(4))  # type: ignore[return-value]  # wrong on purpose


@node("t.dice", outlets="out")
def dice(rng: Rng) -> float:
    """Draw."""
    return rng.random()


@node("t.blend", outlets="out", state=0.5)
def blend(
    state: float,
    dt: float,
    a: float = inlet(0.25),
    b: float = inlet(0.5),
    x: float = param(0.5, "", 0.0, 1.0),
    on: bool = param(True),
) -> tuple[float, float]:
    """Something with all that can be inlined."""
    mixed = a + (b - a) * x
    mixed = max(mixed, 0.0) if on else -mixed
    moved = state + (mixed - state) * (1.0 - math.exp(-dt / 0.1))
    return moved, moved * 2.0


TYPES = catalogue(ramp, touchy, root, wrong, dice, blend)
SECOND = 94


def test_a_failing_node_rests_and_the_others_play_on() -> None:
    made = patch({"up": "t.ramp", "t": "t.touchy", "after": "t.ramp"}, ["up.out -> t.value"])
    it = engine(compile_patch(made, TYPES), strict=False)
    for _ in range(3 * SECOND):
        it.tick({})
    assert it.value("up.out") == pytest.approx(it.now)
    held = it.value("t.out")
    assert held == pytest.approx(SECOND, abs=1)
    (problem,) = it.problems
    assert problem.node == "t"
    assert "ValueError: too much" in problem.text
    assert "test_engine.py:" in problem.text
    assert it.rest.faults["t"] < 5


def test_a_node_is_tried_again_after_a_rest_and_at_once_after_an_edit() -> None:
    made = patch({"up": "t.ramp", "t": "t.touchy"}, ["up.out -> t.value"])
    it = engine(compile_patch(made, TYPES), strict=False)
    while not it.problems:
        it.tick({})
    before = it.value("t.out")
    it.set_param("t", "limit", 1000.0)
    it.tick({})
    assert it.problems == ()
    assert it.value("t.out") == before + 1  # type: ignore[operator]  # a number
    it.tick({})
    assert not it.rest.any


def test_what_failed_for_a_while_is_well_again_by_itself() -> None:
    made = patch({"up": ("t.ramp", {"speed": -1.0}), "r": "t.root"}, ["up.out -> r.value"])
    it = engine(compile_patch(made, TYPES), strict=False)
    it.tick({})
    assert "nan" in it.problems[0].text
    it.set_param("up", "speed", 10.0)
    for _ in range(SECOND):
        it.tick({})
    assert it.problems == ()
    assert it.value("r.out") == pytest.approx(math.sqrt(it.value("up.out")))  # type: ignore[arg-type]  # a number


@pytest.mark.parametrize(
    ("which", "kind"), [(1, "number"), (2, "boolean"), (3, "vector"), (4, "prompts")]
)
def test_a_value_of_the_wrong_kind_never_leaves_the_node(which: int, kind: str) -> None:
    it = engine(compile_patch(patch({"w": ("t.wrong", {"which": which})}), TYPES), strict=False)
    it.tick({})
    (problem,) = it.problems
    assert problem.node == "w"
    assert kind in problem.text or "TypeError" in problem.text
    assert it.value("w.number") == 0.0


def test_strict_raises_with_the_node_and_the_line() -> None:
    made = patch({"up": "t.ramp", "t": ("t.touchy", {"limit": 0.0})}, ["up.out -> t.value"])
    it = engine(compile_patch(made, TYPES), strict=True)
    with pytest.raises(
        FaultError, match=r"t: t.touchy@1 failed: ValueError: too much .*test_engine"
    ):
        it.tick({})


def test_state_and_values_outlive_a_swap_where_id_and_type_stand() -> None:
    old = compile_patch(patch({"up": "t.ramp", "gone": "t.touchy"}), TYPES)
    it = engine(old)
    for _ in range(10):
        it.tick({})
    before = it.value("up.out")
    it.swap(compile_patch(patch({"a": "t.dice", "up": ("t.ramp", {"speed": 2.0})}), TYPES))
    assert it.value("up.out") == before
    it.tick({})
    assert it.value("up.out") == pytest.approx(before + 2 * it.dt)  # type: ignore[operator]  # a number
    it.swap(compile_patch(patch({"up": "t.touchy"}), TYPES))
    it.tick({})
    assert it.value("up.out") == 1.0


def test_shared_nodes_part_with_their_state_when_one_is_edited() -> None:
    it = engine(compile_patch(patch({"x": "t.ramp", "y": "t.ramp"}), TYPES))
    for _ in range(10):
        it.tick({})
    before = it.value("y.out")
    assert not it.set_param("y", "speed", 5.0)
    it.swap(compile_patch(patch({"x": "t.ramp", "y": ("t.ramp", {"speed": 5.0})}), TYPES))
    it.tick({})
    assert it.value("x.out") == pytest.approx(before + it.dt)  # type: ignore[operator]  # a number
    assert it.value("y.out") == pytest.approx(before + 5 * it.dt)  # type: ignore[operator]  # a number


def test_chance_depends_on_seed_node_and_tick_only() -> None:
    made = patch({"a": "t.dice", "b": "t.dice"})
    one, again, other = (run(made, TYPES, 50, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one["a.out"] != one["b.out"]
    alone = run(patch({"b": "t.dice", "c": "t.ramp"}), TYPES, 50, seed=1)
    assert alone["b.out"] == one["b.out"]


numbers = st.floats(-100.0, 100.0)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=20),
    st.floats(0.0, 1.0),
    st.booleans(),
)
def test_an_inlined_node_does_what_its_function_does(
    inputs: list[tuple[float, float]], x: float, on: bool
) -> None:
    type_ = TYPES["t.blend"]
    names = {name: f"given[{name!r}]" for name in type_.arguments}
    lines = inlining.inlined(type_, names, ["state", "out"])
    assert lines is not None
    assert type_.body is not None
    room: dict[str, object] = {
        global_of(type_.id, name): globals()[name] for name in type_.body.needs
    }
    code = compile("\n".join(lines), "<test>", "exec")
    inlined = called = 0.5
    for a, b in inputs:
        given_ = {"state": inlined, "dt": 0.01, "a": a, "b": b, "x": x, "on": on}
        room |= {"given": given_}
        exec(code, room)
        called, out = blend(called, 0.01, a, b, x, on)
        assert (room["state"], room["out"]) == (called, out)
        inlined = called
