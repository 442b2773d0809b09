"""Deciding nodes: truth tables, waits in seconds, and values of every kind let through."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock, Prompt, Theme
from nodes.logic import cooldown, counter, gate, hold, logic, select, threshold, toggle

Run = Callable[..., list[tuple[Any, ...]]]


def levels(*numbers: float) -> list[dict[str, object]]:
    return [{"value": number} for number in numbers]


def steps(count: int, port: str = "step", **others: object) -> list[dict[str, object]]:
    return [{port: True, **others} for _ in range(count)]


class TestThreshold:
    def test_rises_falls_and_keeps_its_hysteresis(self, run: Run) -> None:
        results = run(threshold, levels(0.0, 0.5, 0.45, 0.41, 0.39, 0.45, 0.6), cooldown=0.0)
        assert [rise for rise, _, _ in results] == [False, True, False, False, False, False, True]
        assert [fall for _, fall, _ in results] == [False, False, False, False, True, False, False]
        assert [on for _, _, on in results] == [False, True, True, True, False, False, True]

    def test_the_cooldown_is_in_seconds(self, run: Run, per_second: float) -> None:
        flicker = levels(*(float(n % 2) for n in range(round(10 * per_second))))
        results = run(threshold, flicker, per_second, cooldown=0.5)
        rises = [n for n, (rise, _, _) in enumerate(results) if rise]
        gaps = [(b - a) / per_second for a, b in pairwise(rises)]
        assert min(gaps) >= 0.5 - 1e-6
        assert max(gaps) < 0.5 + 2.001 / per_second

    def test_on_follows_through_the_cooldown(self, run: Run) -> None:
        results = run(threshold, levels(1, 0, 1, 1), cooldown=9.0)
        assert [on for _, _, on in results] == [True, False, True, True]
        assert sum(rise for rise, _, _ in results) == 1


class TestLogic:
    @pytest.mark.parametrize("wired", list(product((True, False, None), repeat=4)))
    def test_truth_table(self, wired: tuple[bool | None, ...]) -> None:
        known = [one for one in wired if one is not None]
        trues = sum(known)
        assert logic(*wired, operation="and") is (trues == len(known) > 0)
        assert logic(*wired, operation="nand") is (trues < len(known))
        assert logic(*wired, operation="or") is (trues > 0)
        assert logic(*wired, operation="nor") is (trues == 0)
        assert logic(*wired, operation="not") is (trues == 0)
        assert logic(*wired, operation="xor") is bool(trues % 2)


VALUES = [
    (0.7, 0.0),
    (True, False),
    ("words", ""),
    ((Prompt("a"),), ()),
    (Clock(120.0, 3.0), Clock()),
    (Theme("x", "X", "x"), Theme("none", "None", "")),
]


class TestGate:
    @pytest.mark.parametrize(("value", "nothing"), VALUES)
    def test_zero_or_hold_for_every_kind(self, value: object, nothing: object) -> None:
        state, out = gate(None, value, True)
        assert out == value
        assert gate(state, "later", False, "hold")[1] == value
        closed = gate(state, value, False, "zero")[1]
        assert closed == nothing
        assert type(closed) is type(nothing)
        assert gate(None, value, False, "hold")[1] == nothing

    def test_arrays_keep_their_shape(self) -> None:
        block = np.ones((512, 2), np.float32)
        block.flags.writeable = False
        _, out = gate(None, block, False)
        assert isinstance(out, np.ndarray)
        assert (out.shape, out.dtype, float(out.sum())) == (block.shape, block.dtype, 0.0)


class TestToggle:
    def test_flips_sets_and_resets(self, run: Run) -> None:
        ticks: list[dict[str, object]] = [
            {},
            {"flip": True},
            {},
            {"flip": True},
            {"set": True},
            {"set": True, "flip": True},
            {"set": True, "reset": True},
        ]
        assert [on for (on,) in run(toggle, ticks)] == [False, True, True, False, True, True, False]
        assert [on for (on,) in run(toggle, ticks[:3], initial=True)] == [True, False, False]


class TestCounter:
    @pytest.mark.parametrize(
        ("direction", "counts", "wraps"),
        [
            ("up", [1, 2, 3, 0, 1, 2, 3, 0], [3, 7]),
            ("down", [3, 2, 1, 0, 3, 2, 1, 0], [3, 7]),
            ("ping-pong", [1, 2, 3, 2, 1, 0, 1, 2], [5]),
        ],
    )
    def test_goes_round(
        self, run: Run, direction: str, counts: list[int], wraps: list[int]
    ) -> None:
        results = run(counter, steps(8), length=4, direction=direction)
        assert [count for count, _ in results] == counts
        assert [n for n, (_, wrap) in enumerate(results) if wrap] == wraps

    @given(st.integers(1, 9), st.sampled_from(["up", "down", "ping-pong"]), st.integers(0, 40))
    def test_stays_within(self, length: int, direction: str, state: int) -> None:
        _, count, _ = counter(state, True, False, length, direction)
        assert 0 <= count < length

    def test_only_steps_count_and_reset_wins(self, run: Run) -> None:
        ticks: list[dict[str, object]] = [{"step": True}, {}, {"step": True, "reset": True}, {}]
        assert [count for count, _ in run(counter, ticks)] == [1.0, 1.0, 0.0, 0.0]


def test_cooldown_is_in_seconds(run: Run, per_second: float) -> None:
    results = run(cooldown, steps(round(5 * per_second), "hit"), per_second, time=1.0)
    let_through = [n / per_second for n, (out, _) in enumerate(results) if out]
    assert let_through[0] == 0.0
    for a, b in pairwise(let_through):
        assert 1.0 - 1e-6 <= b - a < 1.0 + 1 / per_second
    assert all(out != blocked for out, blocked in results)


def test_hold_takes_at_triggers(run: Run) -> None:
    ticks = [{"value": n, "take": n in (3, 4)} for n in range(7)]
    assert [held for (held,) in run(hold, ticks)] == [0, 0, 0, 3, 4, 4, 4]


class TestSelect:
    @pytest.mark.parametrize(
        ("index", "outside", "expected"),
        [
            (0.0, "wrap", "a"),
            (1.0, "wrap", "c"),
            (1.99, "wrap", "c"),
            (2.0 - 1e-12, "wrap", "h"),
            (3.0, "wrap", "a"),
            (-1.0, "wrap", "h"),
            (3.0, "clamp", "h"),
            (-9.0, "clamp", "a"),
        ],
    )
    def test_counts_what_is_wired(self, index: float, outside: str, expected: str) -> None:
        assert select("a", c="c", h="h", index=index, outside=outside) == expected
