"""One product for many nodes: each gets its own part, and its own failure."""

from __future__ import annotations

import threading
import traceback

import numpy as np
import pytest
from kit import catalogue, engine, patch

from nodegraph import Vector, inlet, node, param
from nodegraph.compiler import compile_patch
from nodegraph.runtime import Engine
from nodegraph.runtime.engine import NOWHERE
from nodegraph.runtime.product import Multiply


def _powers(size: int, rate: float, most: int) -> np.ndarray:
    if most == 9:
        raise ValueError("nine is too much")
    if most == 8:
        return np.full((1, size), np.nan)
    return np.arange(size) ** np.arange(most + 1)[:, None] / rate


@node("t.powers", outlets="out", rows=_powers)
def powers(product: Vector, values: Vector = inlet(), most: int = param(1, "", 0, 9)) -> float:
    """Sum moments."""
    return float(product.sum())


def _ones(size: int, rate: float) -> np.ndarray:
    return np.ones((1, size))


@node("t.total", outlets="out", rows=_ones)
def total(product: Vector, values: Vector = inlet()) -> float:
    """Sum."""
    return float(product[0])


TYPES = catalogue(powers, total)
MEMBERS = [TYPES["t.powers"], TYPES["t.total"], TYPES["t.powers"]]


@pytest.mark.parametrize("size", [0, 1, 5, 513])
def test_each_member_gets_its_own_rows_times_the_vector(size: int) -> None:
    multiply = Multiply(MEMBERS, 2.0)
    vector = np.linspace(0.0, 1.0, size).astype(np.float32)
    for most in (1, 3):  # another param, another matrix
        parts = multiply(vector, (most, 2))
        expected = (_powers(size, 2.0, most), _ones(size, 2.0), _powers(size, 2.0, 2))
        for number, rows in enumerate(expected):
            np.testing.assert_allclose(parts[number], rows @ vector, rtol=1e-5)
            assert parts[number].dtype == np.float32


def test_rows_that_several_have_are_multiplied_once() -> None:
    multiply = Multiply(MEMBERS, 1.0)
    first, _, third = multiply(np.ones(4, np.float32), (2, 2))
    assert np.shares_memory(first, third)
    first, _, third = multiply(np.ones(4, np.float32), (2, 3))
    assert not np.shares_memory(first, third)


@pytest.mark.parametrize("why", [SystemExit, GeneratorExit, RecursionError])
def test_rows_may_fail_in_any_way_there_is(
    why: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise why("gone")

    monkeypatch.setattr(np, "arange", fail)
    parts = Multiply(MEMBERS, 1.0)(np.ones(4, np.float32), (1, 1))
    assert parts[1].tolist() == [4.0]
    with pytest.raises(why, match="gone"):
        parts[0]


def test_what_was_given_is_never_changed_by_what_comes() -> None:
    multiply = Multiply(MEMBERS, 1.0)
    first = multiply(np.ones(4, np.float32), (1, 1))[0]
    kept = first.copy()
    multiply(np.zeros(4, np.float32), (1, 1))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(("most", "why"), [(9, "nine is too much"), (8, r"not finite\[k, 4\]")])
def test_a_member_whose_rows_fail_fails_alone_and_each_time_alike(most: int, why: str) -> None:
    multiply, vector = Multiply(MEMBERS, 1.0), np.ones(4, np.float32)
    depths = set()
    for _ in range(3):
        parts = multiply(vector, (most, 0))
        assert (parts[1].tolist(), parts[2].tolist()) == ([4.0], [4.0])
        with pytest.raises(ValueError, match=why) as failure:
            parts[0]
        depths.add(len(traceback.extract_tb(failure.value.__traceback__)))
    assert len(depths) == 1
    assert multiply(vector, (0, 0))[0].tolist() == [4.0]


ENTERED, LEAVE = threading.Event(), threading.Event()


def _stuck(size: int, rate: float) -> np.ndarray:
    ENTERED.set()
    assert LEAVE.wait(30.0)
    return np.ones((1, size))


@node("t.stuck", outlets="out", rows=_stuck)
def stuck(product: Vector, values: Vector = inlet(), most: int = param(1, "", 0, 9)) -> float:
    """Sum, once its rows have come. A param that has no say in its rows."""
    return float(product[0])


@node("t.ramp", outlets="out")
def ramp(now: float) -> Vector:
    """Give a list of numbers."""
    return np.arange(4, dtype=np.float32)


WATCHED = catalogue(stuck, total, ramp)


def _watched_engine() -> Engine:
    """`alone` and `late` have a part in one product, and only the rows of `late` hang."""
    made = patch(
        {"alone": "t.total", "late": "t.stuck", "ramp": "t.ramp"},
        ("ramp.out -> alone.values", "ramp.out -> late.values"),
    )
    return engine(compile_patch(made, WATCHED))


@pytest.mark.parametrize("wary", [False, True])
def test_rows_that_hang_are_known_by_their_node(wary: bool) -> None:
    ENTERED.clear()
    LEAVE.clear()
    runs = _watched_engine()
    runs.wary = wary
    ticking = threading.Thread(target=runs.tick, args=({},))
    ticking.start()
    try:
        assert ENTERED.wait(30.0)
        assert runs.plan.all_steps[runs.here[0]].id == "late"
    finally:
        LEAVE.set()
        ticking.join(30.0)
    assert runs.here[0] == NOWHERE
    assert (runs.value("alone.out"), runs.value("late.out")) == (6.0, 6.0)


def test_rows_of_a_node_in_quarantine_are_not_asked_for_until_it_is_edited() -> None:
    ENTERED.clear()
    LEAVE.set()
    runs = _watched_engine()
    runs.quarantine(["late"], "it hung")
    for _ in range(3):
        runs.tick({})
    assert not ENTERED.is_set()
    assert (runs.value("alone.out"), runs.value("late.out")) == (6.0, 0.0)
    assert runs.set_param("late", "most", 1)
    runs.tick({})
    assert (runs.value("alone.out"), runs.value("late.out")) == (6.0, 6.0)
    assert not runs.problems
