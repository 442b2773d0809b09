"""Mixing and delaying: closed forms, and a loop run by a real engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import kit
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.flow import History, crossfade, delay, delay_time, mix, note, probe, reroute
from nodes.generate import constant
from nodes.prompt import prompt
from nodes.shape import calculate

Run = Callable[..., list[tuple[Any, ...]]]


class TestMix:
    def test_sum_average_and_max(self) -> None:
        assert mix(1.0, 2.0, None, 4.0, wb=0.5, wc=9.0) == 6.0
        assert mix(1.0, 2.0, None, 4.0, wb=2.0, wd=-1.0, operation="average") == 0.25
        assert mix(1.0, 2.0, None, -4.0, wd=-1.0, operation="max") == 4.0

    def test_nothing_wired_or_weighted_is_0(self) -> None:
        for operation in ("sum", "average", "max"):
            assert mix(operation=operation) == 0.0
        assert mix(5.0, wa=0.0, operation="average") == 0.0


@given(st.floats(-9.0, 9.0), st.floats(0.0, 1.0))
def test_crossfade_laws(a: float, x: float) -> None:
    assert crossfade(a, 3.0, x) == pytest.approx((1 - x) * a + x * 3.0)
    left, right = crossfade(1.0, 0.0, x, "equal power"), crossfade(0.0, 1.0, x, "equal power")
    assert left**2 + right**2 == pytest.approx(1.0)
    assert crossfade(a, 3.0, 0.0, "equal power") == a
    assert crossfade(a, 3.0, 1.0, "equal power") == pytest.approx(3.0)


def test_delay_lets_wires_go_in_a_circle() -> None:
    types = kit.catalogue(constant, calculate, delay, probe)
    patch = kit.patch(
        {
            "one": ("generate.constant", {"value": 1.0}),
            "sum": ("shape.math", {"operation": "add"}),
            "back": "flow.delay",
            "watch": "flow.probe",
        },
        [
            "one.out -> sum.a",
            "back.out -> sum.b",
            "sum.out -> back.value",
            "sum.out -> watch.value",
        ],
    )
    columns = kit.run(patch, types, 5)
    assert columns["watch.out"] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert columns["back.out"] == [0.0, 1.0, 2.0, 3.0, 4.0]


class TestDelayTime:
    def test_a_line_comes_out_later(self, run: Run, per_second: float) -> None:
        ramp = [{"value": 2.0 * (n + 1) / per_second} for n in range(round(3 * per_second))]
        for n, (out,) in enumerate(run(delay_time, ramp, per_second, time=0.377)):
            expected = 2.0 * max((n + 1) / per_second - 0.377, 1 / per_second)
            assert out == pytest.approx(expected, abs=1e-9)

    def test_every_trigger_comes_out_once(self, run: Run, per_second: float) -> None:
        hits = {round(per_second * t) for t in (0.5, 0.75, 2.0)}
        ticks = [{"value": float(n in hits)} for n in range(round(4 * per_second))]
        results = run(delay_time, ticks, per_second, time=0.6, between="step")
        late = [n for n, (out,) in enumerate(results) if out]
        assert len(late) == 3
        for early, came in zip(sorted(hits), late, strict=True):
            assert 0.6 - 1e-6 <= (came - early) / per_second < 0.6 + 1 / per_second

    def test_whole_ticks_are_exact_for_hours(self) -> None:
        dt = 512 / 44100
        state = History(time=40_000.0)
        outs = []
        for n in range(200):
            state, out = delay_time(state, dt, float(n), 10 * dt, "step")
            outs.append(out)
        assert outs[10:] == [float(n) for n in range(190)]

    def test_no_delay_is_no_change(self, run: Run) -> None:
        wave = [{"value": math.sin(n)} for n in range(50)]
        assert [out for (out,) in run(delay_time, wave, time=0.0)] == [w["value"] for w in wave]

    def test_remembers_no_more_than_it_needs(self) -> None:
        state = History()
        for n in range(1000):
            state, _ = delay_time(state, 0.01, float(n), 0.1)
        assert len(state.times) <= 12


def test_probe_and_reroute_pass_and_note_does_nothing() -> None:
    block = np.zeros((4, 1), np.float32)
    assert probe(block, "x") is block
    assert reroute(block) is block
    assert note("buy strings") is None


def test_a_reroute_carries_any_kind_through_a_plan() -> None:
    types = kit.catalogue(constant, prompt, probe, reroute)
    patch = kit.patch(
        {
            "one": ("generate.constant", {"value": 1.5}),
            "words": ("prompt.text", {"text": "sea"}),
            "dot": "flow.reroute",
            "bend": "flow.reroute",
            "knot": "flow.reroute",
            "watch": "flow.probe",
            "look": "flow.probe",
        },
        [
            "one.out -> dot.value",
            "dot.out -> bend.value",
            "bend.out -> watch.value",
            "words.prompts -> knot.value",
            "knot.out -> look.value",
        ],
    )
    columns = kit.run(patch, types, 2)
    assert columns["watch.out"] == [1.5, 1.5]
    assert columns["look.out"] == columns["words.prompts"]
