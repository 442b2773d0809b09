"""Shaping over time: each node against its equation, at every tick rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.shape_time import accumulate, auto_range, derivative, lag, peak_hold, smooth

Run = Callable[..., list[tuple[Any, ...]]]
FINITE = st.floats(-1e6, 1e6)
SMALL = st.floats(-100.0, 100.0)
SECONDS = st.floats(0.001, 5.0)


def values(
    signal: Callable[[float], float], seconds: float, rate: float
) -> list[dict[str, object]]:
    """What a signal is at the end of each tick."""
    return [{"value": signal((n + 1) / rate)} for n in range(round(seconds * rate))]


class TestSmooth:
    def test_a_step_is_an_exponential(self, run: Run, per_second: float) -> None:
        step = values(lambda t: float(t > 1.0 + 1e-9), 3.0, per_second)
        results = run(smooth, step, per_second, time=0.4)
        begin = sum(1 for given_ in step if given_["value"] == 0.0)
        for n, (out,) in enumerate(results):
            t = max(0, n + 1 - begin) / per_second
            assert out == pytest.approx(1.0 - math.exp(-t / 0.4), abs=1e-12)

    @given(SMALL, SMALL, SECONDS, SECONDS)
    def test_two_half_ticks_are_one(self, state: float, value: float, dt: float, t: float) -> None:
        half, _ = smooth(state, dt / 2, value, t)
        assert smooth(half, dt / 2, value, t)[1] == pytest.approx(smooth(state, dt, value, t)[1])


class TestLag:
    @given(SMALL, SMALL, SECONDS, SECONDS, st.one_of(st.just(0.0), st.floats(0.1, 100.0)))
    def test_two_half_ticks_are_one(
        self, state: float, value: float, dt: float, time: float, slope: float
    ) -> None:
        half, _ = lag(state, dt / 2, value, time, time / 2, slope)
        _, twice = lag(half, dt / 2, value, time, time / 2, slope)
        _, once = lag(state, dt, value, time, time / 2, slope)
        assert twice == pytest.approx(once, abs=1e-9)

    def test_follows_its_equation(self) -> None:
        level, steps = 0.0, 200_000
        for _ in range(steps):  # Euler's method, finely
            level += max(-3.0, min(3.0, (2.0 - level) / 0.5)) / steps
        assert lag(0.0, 1.0, 2.0, 0.5, 9.0, 3.0)[1] == pytest.approx(level, abs=1e-4)

    def test_up_and_down_have_their_own_time(self, run: Run, per_second: float) -> None:
        up = run(
            lag,
            values(lambda t: 1.0, 0.5, per_second),
            per_second,
            state=0.0,
            attack=0.1,
            release=2.0,
        )
        down = run(
            lag,
            values(lambda t: 0.0, 0.5, per_second),
            per_second,
            state=1.0,
            attack=0.1,
            release=2.0,
        )
        n = len(up)
        assert up[-1][0] == pytest.approx(1.0 - math.exp(-n / per_second / 0.1))
        assert down[-1][0] == pytest.approx(math.exp(-n / per_second / 2.0))

    def test_the_slope_is_never_exceeded(self, run: Run) -> None:
        outs = [
            out
            for (out,) in run(lag, values(lambda t: 10.0, 3.0, 90.0), 90.0, state=0.0, slope=2.0)
        ]
        assert max(b - a for a, b in pairwise(outs)) <= 2.0 / 90.0 + 1e-12


class TestPeakHold:
    def test_holds_then_falls_in_a_line(self, run: Run, per_second: float) -> None:
        hit = values(lambda t: 1.0 if t < 1.5 / per_second else 0.0, 2.0, per_second)
        for n, (out,) in enumerate(run(peak_hold, hit, per_second, hold=0.5, fall=0.8)):
            expected = 1.0 - 0.8 * max(0.0, n / per_second - 0.5)
            assert out == pytest.approx(max(0.0, expected), abs=1e-9)

    def test_reset_and_new_peaks(self, run: Run) -> None:
        ticks: list[dict[str, object]] = [
            {"value": 1.0},
            {"value": 0.2},
            {"value": 0.3, "reset": True},
            {"value": 0.1},
            {"value": 0.9},
        ]
        assert [out for (out,) in run(peak_hold, ticks)] == [1.0, 1.0, 0.3, 0.3, 0.9]


class TestDerivative:
    def test_a_ramp_has_its_slope_at_any_rate(self, run: Run, per_second: float) -> None:
        results = run(
            derivative, values(lambda t: 3.0 * t - 1.0, 2.0, per_second), per_second, window=0.1
        )
        first = 1.0 / per_second
        for n, (out, rising) in enumerate(results):
            since = (n + 1) / per_second - first
            assert out == pytest.approx(3.0 * (1.0 - math.exp(-since / 0.1)), abs=1e-9)
            assert rising == (n > 0)

    def test_a_jump_weighs_the_same_at_any_rate(self, run: Run) -> None:
        peaks = [
            max(out for out, _ in run(derivative, values(lambda t: float(t > 1), 2.0, rate), rate))
            for rate in (240.0, 960.0, 3840.0)
        ]
        assert peaks[-1] == pytest.approx(1.0 / 0.1, rel=0.01)  # all of it within one window
        assert peaks == sorted(peaks)


class TestAccumulate:
    @given(SMALL, SMALL, SECONDS, st.one_of(st.just(0.0), st.floats(0.1, 100.0)))
    def test_two_half_ticks_are_one(
        self, sum_: float, rate: float, dt: float, decay: float
    ) -> None:
        half, *_ = accumulate(sum_, dt / 2, rate, decay=decay)
        twice = accumulate(half, dt / 2, rate, decay=decay)[1]
        assert twice == pytest.approx(accumulate(sum_, dt, rate, decay=decay)[1], abs=1e-9)

    def test_sums_and_goes_round(self, run: Run, per_second: float) -> None:
        ticks: list[dict[str, object]] = [{"rate": 0.5}] * round(10 * per_second)
        results = run(accumulate, ticks, per_second, state=0.0, gain=2.0, wrap=3.0)
        assert results[-1][0] == pytest.approx(len(ticks) / per_second % 3.0)
        assert sum(wrapped for _, wrapped in results) == 3

    @given(FINITE, FINITE, st.floats(0.001, 100.0))
    def test_wrap_keeps_the_sum_inside(self, sum_: float, rate: float, wrap: float) -> None:
        _, out, _ = accumulate(sum_, 0.01, rate, wrap=wrap)
        assert 0.0 <= out < wrap

    def test_decay_forgets_and_reset_empties(self) -> None:
        assert accumulate(5.0, 2.0, 0.0, decay=1.0)[1] == pytest.approx(5.0 * math.exp(-2.0))
        assert accumulate(5.0, 2.0, 9.0, reset=True)[1] == 0.0


class TestAutoRange:
    @given(SMALL, SMALL, SMALL, SECONDS, SECONDS)
    def test_two_half_ticks_are_one(
        self, low: float, high: float, value: float, dt: float, window: float
    ) -> None:
        start = auto_range(None, dt, low)[0]
        start = auto_range(start, 1e-9, high)[0]
        half = auto_range(start, dt / 2, value, window=window)[0]
        twice = auto_range(half, dt / 2, value, window=window)[1:]
        assert twice == pytest.approx(auto_range(start, dt, value, window=window)[1:], abs=1e-6)

    def test_brings_any_range_to_0_and_1(self, run: Run) -> None:
        wave = values(lambda t: 40.0 + 5.0 * math.sin(6.0 * t), 30.0, 90.0)
        outs = [out for out, *_ in run(auto_range, wave, 90.0, window=20.0)][900:]
        assert min(outs) < 0.02
        assert max(outs) > 0.98

    def test_what_came_first_is_soon_forgotten(self, run: Run) -> None:
        """A silent beginning counts for an eighth after eight times as long, and for less later."""
        wave = values(lambda t: 0.0 if t < 0.5 else 4.0 + math.sin(6.0 * t), 10.0, 90.0)
        lows = [low for _, low, _ in run(auto_range, wave, 90.0, window=60.0)]
        assert lows[-1] > 0.85 * 3.0

    def test_silence_is_not_blown_up(self, run: Run) -> None:
        hiss = values(lambda t: 0.001 * math.sin(700.0 * t), 60.0, 90.0)
        assert max(out for out, *_ in run(auto_range, hiss, 90.0, floor=0.1)) <= 0.021

    def test_freeze_keeps_the_range(self) -> None:
        state, _, low, high = auto_range(auto_range(None, 0.1, 0.0)[0], 0.1, 1.0)
        _, out, *kept = auto_range(state, 60.0, 7.0, freeze=True)
        assert kept == [low, high]
        assert out == 1.0
