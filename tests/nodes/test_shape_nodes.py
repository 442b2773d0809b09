"""Shaping nodes against closed forms, and against scipy where it has the same thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from nodes.shape import calculate, curve, expression, quantise, remap

Run = Callable[..., list[tuple[Any, ...]]]
FINITE = st.floats(-1e6, 1e6)


class TestRemap:
    @given(FINITE)
    def test_is_a_straight_line_when_free(self, value: float) -> None:
        got = remap(value, in_low=2.0, in_high=6.0, out_low=10.0, out_high=-10.0, outside="free")
        assert got == pytest.approx(10.0 - 20.0 * (value - 2.0) / 4.0, rel=1e-9, abs=1e-6)

    @pytest.mark.parametrize(
        ("outside", "value", "expected"),
        [
            ("clamp", -3.0, 0.0),
            ("clamp", 3.0, 1.0),
            ("wrap", 1.25, 0.25),
            ("wrap", -0.25, 0.75),
            ("fold", 1.25, 0.75),
            ("fold", -0.25, 0.25),
            ("fold", 2.25, 0.25),
            ("free", -0.5, -0.5),
        ],
    )
    def test_outside(self, outside: str, value: float, expected: float) -> None:
        assert remap(value, outside=outside) == pytest.approx(expected)

    def test_swapping_the_ends_inverts(self) -> None:
        assert remap(0.3, out_low=1.0, out_high=0.0) == pytest.approx(0.7)
        assert remap(0.3, in_low=1.0, in_high=0.0) == pytest.approx(0.7)

    def test_the_exponent_bends_and_keeps_the_sign(self) -> None:
        assert remap(0.5, exponent=3.0) == pytest.approx(0.125)
        assert remap(-0.5, outside="free", exponent=2.0) == pytest.approx(-0.25)

    def test_an_input_range_without_width_is_a_step(self) -> None:
        assert remap(0.49, in_low=0.5, in_high=0.5, out_high=7.0) == 0.0
        assert remap(0.5, in_low=0.5, in_high=0.5, out_high=7.0) == 7.0

    @given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["clamp", "wrap"]))
    def test_stays_within(self, value: float, outside: str) -> None:
        assert 0.0 <= remap(value, in_low=-1e-300, outside=outside) <= 1.0


class TestCurve:
    def test_straight_lines(self) -> None:
        text = "0:0 0.5:0.8 1:1"
        for x, y in ((-1.0, 0.0), (0.0, 0.0), (0.25, 0.4), (0.5, 0.8), (0.75, 0.9), (2.0, 1.0)):
            assert curve(x, points=text) == pytest.approx(y)

    @given(
        st.lists(st.tuples(st.integers(0, 40), st.integers(-50, 50)), min_size=2, max_size=8),
        st.floats(0.0, 1.0),
    )
    def test_smooth_is_pchip(self, points: list[tuple[int, int]], way: float) -> None:
        drawn = dict(points)
        if len(drawn) < 2:
            drawn = {0: 0, 1: 1}
        xs = sorted(drawn)
        ys = [drawn[x] for x in xs]
        x = xs[0] + (xs[-1] - xs[0]) * way
        text = ", ".join(f"{a}:{b}" for a, b in zip(xs, ys, strict=True))
        expected = float(PchipInterpolator(xs, ys)(x))
        assert curve(x, points=text, between="smooth") == pytest.approx(expected, abs=1e-9)

    def test_one_point_is_level(self) -> None:
        assert curve(9.0, points="3:0.7") == curve(-9.0, points="3:.7", between="smooth") == 0.7

    @pytest.mark.parametrize("shape", ["ease in", "ease out", "ease in-out", "sharp", "early"])
    def test_presets_rise_from_0_to_1(self, shape: str) -> None:
        way = [curve(x / 50, shape=shape) for x in range(-5, 56)]
        assert way[0] == 0.0
        assert way[-1] == 1.0
        assert way == sorted(way)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "1 to 64 points"),
            ("0:0 1", "'1' is not a point"),
            ("0:0 x:1", "'x:1' is not a point"),
            ("1:0 0:1", "0 comes after 1"),
            ("0:0 0:1", "left to right"),
            ("0:nan 1:1", "too far out"),
            ("0:0 1:inf", "too far out"),
            (" ".join(f"{i}:0" for i in range(65)), "here: 65"),
        ],
    )
    def test_bad_points_are_a_sentence(self, text: str, says: str) -> None:
        with pytest.raises(ValueError, match=says):
            curve(0.5, points=text)


class TestMath:
    @pytest.mark.parametrize(
        ("operation", "a", "b", "expected"),
        [
            ("add", 2.0, 3.0, 5.0),
            ("subtract", 2.0, 3.0, -1.0),
            ("multiply", 2.0, 3.0, 6.0),
            ("divide", 3.0, 2.0, 1.5),
            ("modulo", -1.0, 4.0, 3.0),
            ("power", 2.0, 10.0, 1024.0),
            ("minimum", 2.0, 3.0, 2.0),
            ("maximum", 2.0, 3.0, 3.0),
            ("average", 2.0, 3.0, 2.5),
            ("distance", 2.0, 5.0, 3.0),
            ("greater", 2.0, 3.0, 0.0),
            ("less", 2.0, 3.0, 1.0),
            ("absolute", -2.0, 0.0, 2.0),
            ("negate", 2.0, 0.0, -2.0),
            ("sign", -2.0, 0.0, -1.0),
            ("square root", 9.0, 0.0, 3.0),
            ("floor", -0.5, 0.0, -1.0),
            ("round", 2.5, 0.0, 3.0),
            ("divide", 1.0, 0.0, 0.0),
            ("modulo", 1.0, 0.0, 0.0),
            ("power", -8.0, 0.5, 0.0),
            ("power", 1e300, 9.0, 0.0),
            ("square root", -1.0, 0.0, 0.0),
            ("multiply", 1e300, 1e300, 0.0),
        ],
    )
    def test_operations(self, operation: str, a: float, b: float, expected: float) -> None:
        got = calculate(a, b, operation=operation)
        assert got == pytest.approx(expected)
        assert type(got) is float


def test_expression_reads_inlets_params_and_time() -> None:
    assert expression(2.0, "a + b * c - d / 2 + x + y + z + now", 1, 2, 3, 4, 5, 6, 7) == 25.0


class TestQuantise:
    def test_levels_reach_both_ends(self, run: Run) -> None:
        ramp: list[dict[str, object]] = [{"value": n / 1000} for n in range(1001)]
        results = run(quantise, ramp, steps=5)
        assert sorted({out for out, _, _ in results}) == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert sum(changed for _, _, changed in results) == 4
        assert not results[0][2]

    def test_does_not_flutter_within_the_hysteresis(self, run: Run) -> None:
        around: list[dict[str, object]] = [{"value": 0.5 + 0.03 * (-1) ** n} for n in range(100)]
        with_it = run(quantise, around, steps=2, hysteresis=0.1)
        without = run(quantise, around, steps=2, hysteresis=0.0)
        assert sum(changed for *_, changed in with_it) == 0
        assert sum(changed for *_, changed in without) == 99
