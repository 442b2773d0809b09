"""Generators against closed forms, at every tick rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from nodegraph import Clock, Rng
from nodes.generate import Wave, constant, lfo, noise, pulse, random, text
from nodes.generate import time as time_node

Run = Callable[..., list[tuple[Any, ...]]]
NOTHING: dict[str, object] = {}


def clocks(bpm: float, seconds: float, rate: float) -> list[dict[str, object]]:
    return [
        {"clock": Clock(bpm, (n + 1) / rate * bpm / 60.0, 4, 1.0)}
        for n in range(round(seconds * rate))
    ]


def hit_at(ticks: set[int], count: int, port: str = "hit") -> list[dict[str, object]]:
    return [{port: n in ticks} for n in range(count)]


class TestLfo:
    @pytest.mark.parametrize(("shape", "width"), [("triangle", 0.5), ("ramp", 1.0), ("saw", 0.0)])
    def test_is_the_wave_that_scipy_draws(
        self, run: Run, per_second: float, shape: str, width: float
    ) -> None:
        count = round(3 * per_second)
        outs = [out for out, _ in run(lfo, [NOTHING] * count, per_second, shape=shape, rate=0.37)]
        turns = 0.37 * np.arange(1, count + 1) / per_second
        expected = 0.5 + 0.5 * signal.sawtooth(2 * np.pi * turns, width)
        clear = np.abs(turns - np.round(turns)) > 1e-9  # a jump may fall either way
        assert np.allclose(np.array(outs)[clear], expected[clear], atol=1e-9)

    def test_sine_square_and_range(self, run: Run, per_second: float) -> None:
        count = round(2 * per_second)
        sine = run(lfo, [NOTHING] * count, per_second, rate=0.7, low=-3.0, high=5.0, phase=0.25)
        square = run(lfo, [NOTHING] * count, per_second, rate=0.7, shape="square", skew=0.3)
        for n in range(count):
            turns = 0.7 * (n + 1) / per_second
            assert sine[n][0] == pytest.approx(1.0 + 4.0 * math.sin(math.tau * turns), abs=1e-9)
            if abs(turns % 1.0 - 0.3) > 1e-9:
                assert square[n][0] == float(turns % 1.0 < 0.3)

    def test_cycles_are_told_once_each(self, run: Run, per_second: float) -> None:
        results = run(lfo, [NOTHING] * round(10.1 * per_second), per_second, rate=2.0)
        assert sum(cycle for _, cycle in results) == 20

    def test_keeps_to_the_clock(self, run: Run, per_second: float) -> None:
        ticks = clocks(120.0, 8.05, per_second)
        results = run(lfo, ticks, per_second, shape="ramp", beats=4.0, rate=17.0)
        for (out, _), tick in zip(results, ticks, strict=True):
            clock = tick["clock"]
            assert isinstance(clock, Clock)
            assert out == pytest.approx(clock.beats / 4.0 % 1.0)
        assert sum(cycle for _, cycle in results) == 4

    def test_a_reset_begins_a_cycle_with_and_without_clock(self, run: Run) -> None:
        free: list[dict[str, object]] = [{"reset": n == 50} for n in range(60)]
        results = run(lfo, free, shape="ramp")
        assert results[50] == (0.0, True)
        assert results[51][0] == pytest.approx(0.25 / 93.75)
        clocked = clocks(120.0, 1.0, 93.75)
        clocked[50] = {**clocked[50], "reset": True}
        results = run(lfo, clocked, shape="ramp", beats=4.0)
        assert results[50] == (0.0, True)
        assert results[60][0] == pytest.approx(10 / 93.75 * 2.0 / 4.0)

    @given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.01, 20.0))
    def test_skew_never_leaves_the_range(self, skew: float, phase: float, rate: float) -> None:
        for shape in ("sine", "triangle", "ramp", "saw", "square"):
            state = Wave()
            for _ in range(5):
                state, out, _ = lfo(state, 0.013, shape=shape, rate=rate, phase=phase, skew=skew)
                assert 0.0 <= out <= 1.0


class TestPulse:
    def test_rises_and_falls_as_written(self, run: Run, per_second: float) -> None:
        results = run(
            pulse, hit_at({3}, round(3 * per_second)), per_second, attack=0.2, decay=0.7, curve=3.0
        )
        for n, (out, _) in enumerate(results):
            t = (n - 3) / per_second
            if t < 0.0 or t >= 0.9:
                expected = 0.0
            elif t < 0.2:
                expected = t / 0.2
            else:
                expected = (1.0 - (t - 0.2) / 0.7) ** 3
            assert out == pytest.approx(expected, abs=1e-9)
        done = [n for n, (_, ended) in enumerate(results) if ended]
        assert done == [3 + math.ceil(0.9 * per_second - 1e-6)]

    def test_without_attack_it_is_there_at_once(self, run: Run) -> None:
        ticks = hit_at({0, 20}, 40)
        ticks[20]["strength"] = 0.5
        results = run(pulse, ticks)
        assert results[0][0] == 1.0
        assert results[20][0] == 0.5
        assert not any(done for _, done in results[:40])

    def test_a_second_hit_rises_from_where_it_is(self, run: Run) -> None:
        results = run(pulse, hit_at({0, 30}, 60), attack=0.1, decay=1.0, curve=1.0)
        assert results[30][0] == pytest.approx(results[29][0], abs=0.02)
        assert all(b > a for (a, _), (b, _) in pairwise(results[31:40]))

    def test_never_hit_is_never_done(self, run: Run) -> None:
        assert set(run(pulse, hit_at(set(), 100))) == {(0.0, False)}


class TestRandom:
    def test_holds_between_triggers(self, run: Run) -> None:
        outs = [out for (out,) in run(random, hit_at({10, 20}, 30, "new"), low=-5.0, high=5.0)]
        assert len(set(outs)) == 3
        assert set(outs[:10]) == {outs[0]}
        assert set(outs[10:20]) == {outs[10]}
        assert all(-5.0 <= out <= 5.0 for out in outs)

    def test_glides_in_a_line(self, run: Run, per_second: float) -> None:
        outs = [out for (out,) in run(random, hit_at({4}, 400, "new"), per_second, glide=0.5)]
        for n in range(4, 400):
            way = min(1.0, (n - 4) / per_second / 0.5)
            assert outs[n] == pytest.approx(outs[0] + (outs[-1] - outs[0]) * way, abs=1e-9)

    def test_distributions(self, run: Run) -> None:
        always = hit_at(set(range(4000)), 4000, "new")
        flat = np.array(run(random, always))
        bell = np.array(run(random, always, distribution="normal"))
        assert flat.mean() == pytest.approx(0.5, abs=0.02)
        assert flat.std() == pytest.approx(1 / math.sqrt(12), abs=0.02)
        assert bell.mean() == pytest.approx(0.5, abs=0.02)
        assert bell.std() == pytest.approx(1 / 6, abs=0.02)

    def test_steps_never_come_twice_running(self, run: Run) -> None:
        always = hit_at(set(range(500)), 500, "new")
        outs = [out for (out,) in run(random, always, distribution="steps", steps=5)]
        assert sorted({round(out, 9) for out in outs}) == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert all(a != b for a, b in pairwise(outs))

    def test_the_seed_decides(self, run: Run) -> None:
        ticks = hit_at({5, 9}, 20, "new")
        assert run(random, ticks, seed=1) == run(random, ticks, seed=1)
        assert run(random, ticks, seed=1) != run(random, ticks, seed=2)


class TestNoise:
    def test_is_a_function_of_time_and_seed(self, run: Run, per_second: float) -> None:
        coarse = run(noise, [NOTHING] * 40, per_second, octaves=3, rate=1.5)
        fine = run(noise, [NOTHING] * 160, per_second * 4, octaves=3, rate=1.5)
        assert [out for (out,) in fine[3::4]] == pytest.approx([out for (out,) in coarse])
        assert coarse != run(noise, [NOTHING] * 40, per_second, octaves=3, rate=1.5, seed=1)

    def test_does_not_matter_when_the_node_came(self, run: Run) -> None:
        whole = run(noise, [NOTHING] * 100, octaves=2)
        rng = Rng(0, "node")
        state, late = noise(None, 1 / 93.75, 71 / 93.75, rng.at(70), octaves=2)
        assert late == pytest.approx(whole[70][0])
        assert noise(state, 1 / 93.75, 72 / 93.75, rng.at(71), octaves=2)[1] == pytest.approx(
            whole[71][0]
        )

    def test_is_smooth_fills_its_range_and_stays_inside(self, run: Run) -> None:
        outs = np.array(run(noise, [NOTHING] * 20_000, rate=1.0, low=2.0, high=4.0))[:, 0]
        assert outs.min() >= 2.0
        assert outs.max() <= 4.0
        assert np.ptp(outs) > 1.6
        steepest = 15 / 8 * 2.0 / 93.75  # of the fade, over the whole range, in one tick
        assert np.abs(np.diff(outs)).max() <= steepest

    def test_a_new_rate_does_not_make_it_jump(self) -> None:
        rng = Rng(0, "node")
        state, before = noise(None, 0.01, 3600.0, rng.at(0), rate=0.5)
        _, after = noise(state, 0.01, 3600.01, rng.at(1), rate=0.6)
        assert after == pytest.approx(before, abs=0.02)


def test_time_counts_from_the_start(run: Run, per_second: float) -> None:
    results = run(time_node, [NOTHING] * 10, per_second)
    assert results[9] == (pytest.approx(10 / per_second), 10.0, pytest.approx(1 / per_second))


def test_constants() -> None:
    assert constant(3.5) == 3.5
    assert text("words") == "words"


def test_any_whole_number_is_a_seed() -> None:
    drawn = [Rng(seed, "node").at(0).random() for seed in (0, 1, -1, 2**70 + 3, -(2**200) + 5)]
    assert len(set(drawn)) == len(drawn)
