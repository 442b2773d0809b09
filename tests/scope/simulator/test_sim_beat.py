"""What a server does by the beat: changes that wait for it, values that move with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import cos, pi, sin
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.simulator import tempo as tempo_module
from nodegraph.scope.simulator.beats import GRIDS, RATES, Beat
from nodegraph.scope.simulator.modulation import SHAPES, modulated, read_modulations
from nodegraph.scope.simulator.quantiser import Quantiser
from nodegraph.scope.simulator.rhythm import Rhythm
from nodegraph.scope.simulator.tempo import Tempo

BPM = 120.0


def at(beats: float, per_bar: int = 4) -> Beat:
    return Beat(BPM, beats % 1, beats % per_bar, int(beats), beats_per_bar=per_bar)


@given(st.floats(0, 1000), st.sampled_from(GRIDS), st.floats(0, 9), st.integers(1, 16))
def test_what_waits_lands_on_a_boundary_that_can_still_be_met(
    beats: float, grid: str, lead: float, per_bar: int
) -> None:
    wait = at(beats, per_bar).until(grid, lead)
    long = {"beat": 1, "bar": per_bar, "2_bar": 2 * per_bar, "4_bar": 4 * per_bar}[grid]
    lands = (beats + (wait + lead) * BPM / 60) / long
    assert lands == pytest.approx(round(lands), abs=1e-6)
    assert -1e-9 <= wait <= long * 60 / BPM + 1e-9


@pytest.mark.parametrize(
    ("shape", "rate", "beats", "wave"),
    [
        ("sine", "bar", 0.5, sin(pi / 4)),
        ("cosine", "2_beat", 0.5, cos(pi / 2)),
        ("triangle", "beat", 7.5, 1.0),
        ("saw", "4_bar", 12.0, 0.5),
        ("square", "half_beat", 0.3, -1.0),
        ("exp_decay", "2_bar", 8.0, 1.0),
    ],
)
def test_values_move_as_their_shape_has_it(
    shape: str, rate: str, beats: float, wave: float
) -> None:
    told = {"enabled": True, "shape": shape, "rate": rate, "depth": 0.4}
    moved = modulated({"x": 1.0}, read_modulations({"x": told}), at(beats))
    assert moved["x"] == pytest.approx(1.0 + 0.4 * wave)


@given(st.sampled_from(sorted(SHAPES)), st.sampled_from(RATES), st.floats(0, 1), st.floats(0, 99))
def test_a_value_stays_in_its_range(shape: str, rate: str, depth: float, beats: float) -> None:
    told = {"enabled": True, "shape": shape, "rate": rate, "depth": depth}
    told |= {"base_value": 0.5, "min_value": 0.3, "max_value": 0.6}
    moved = modulated({}, read_modulations({"x": told}), at(beats))
    assert isinstance(moved["x"], float)
    assert 0.3 <= moved["x"] <= 0.6


def test_steps_move_together_and_noise_needs_no_video() -> None:
    sine = {"enabled": True, "depth": 0.5}
    told = read_modulations({"denoising_steps": sine, "noise_scale": sine})
    params = {"denoising_step_list": [1000, 750, 250], "noise_scale": 0.2}
    assert modulated(params, told, at(3.0)) == {  # three quarters of a bar: the wave is -1
        "denoising_step_list": [875, 625, 125],
        "_modulated_step_list": True,
        "noise_scale": pytest.approx(-0.3),
        "noise_controller": False,
        "_modulated_noise_scale": True,
    }
    assert modulated(params, told, at(1.0))["denoising_step_list"] == [1000, 875, 375]


def test_what_is_no_modulation_is_left_out() -> None:
    good = {"enabled": True}
    told: dict[str, object] = {
        "a": good,
        "b": {**good, "shape": "wobble"},
        "c": {**good, "rate": "minute"},
        "d": {**good, "depth": 2},
        "e": {},
        "f": 7,
        "g": {**good, "shape": []},
    }
    assert set(read_modulations(told)) == {"a"}
    assert modulated({"a": "text"}, read_modulations(told), at(1.0)) == {"a": "text"}


@contextmanager
def follows(bpm: float) -> Iterator[Tempo]:
    """A tempo that is on, within a loop that runs."""
    tempo = Tempo(lambda message: None, installed=True)
    tempo.enable("link", bpm, 4)
    yield tempo
    tempo.disable()


def test_a_client_s_beat_counts_for_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        now = 100.0
        monkeypatch.setattr(tempo_module.time, "monotonic", lambda: now)
        with follows(60.0) as tempo:
            tempo.follow({"bpm": 140.0})  # without a phase it is none
            tempo.follow({"bpm": float("nan"), "beat_phase": 0.1})
            assert tempo.beat() == Beat(60.0, 0.0, 0.0, 0)
            tempo.follow({"bpm": 140.0, "beat_phase": 0.25})
            now = 101.9
            assert tempo.beat() == Beat(140.0, 0.25, 0.25, 0, source="client")
            assert tempo.status()["beat_state"]["source"] == "client"
            now = 102.1
            assert replace(tempo.beat(), beat_phase=0.0) == Beat(60.0, 0.0, pytest.approx(2.1), 2)
        assert tempo.beat() is None

    asyncio.run(story())


def test_pipelines_are_told_of_the_beat_and_begin_afresh_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        now = 100.0
        monkeypatch.setattr(tempo_module.time, "monotonic", lambda: now)
        off = Rhythm(Tempo(lambda message: None, installed=True))
        off.take({"modulations": {"x": {"enabled": True}}, "beat_cache_reset_rate": "bar"})
        assert off.chunk("a", {"x": 1.0}) == ({"x": 1.0}, False)
        with follows(60.0) as tempo:
            rhythm = Rhythm(tempo, {"a"})
            rhythm.take({"modulations": {"x": {"enabled": True}}, "beat_cache_reset_rate": "bar"})
            now = 101.0
            params, fresh = rhythm.chunk("a", {"x": 1.0})
            assert not fresh
            assert params == {"x": 1.3, **at(1.0).told(), "bpm": 60.0}
            assert rhythm.chunk("b", {"x": 1.0}) == ({"x": 1.3}, False)
            now = 104.5
            (params, fresh), again = rhythm.chunk("a", {}), rhythm.chunk("a", {})
            assert (fresh, again[1], params["beat_count"]) == (True, False, 4)
            assert "base_seed" in params
            assert "base_seed" not in again[0]
            rhythm.take({"modulations": {}, "beat_cache_reset_rate": "none"})
            now = 110.0
            assert rhythm.chunk("b", {"x": 1.0}) == ({"x": 1.0}, False)

    asyncio.run(story())


def test_changes_wait_for_the_beat_and_become_one() -> None:
    async def story() -> None:
        applied: list[Mapping[str, Any]] = []
        told: list[Mapping[str, Any]] = []
        with follows(300.0) as tempo:  # a beat each 0.2 s
            quantiser = Quantiser(tempo, applied.append, told.append)
            quantiser.put({"a": 0})
            assert applied == [{"a": 0}], "there is nothing to wait for yet"
            quantiser.take({"quantize_mode": "beat", "lookahead_ms": 50})
            quantiser.put({"a": 1, "b": 1})
            quantiser.put({"a": 2})
            assert len(applied) == 1
            [scheduled] = told
            assert scheduled["type"] == "change_scheduled"
            assert 0 <= scheduled["delay_ms"] <= 200
            await asyncio.sleep(scheduled["delay_ms"] / 1000 + 0.1)
            assert applied[1:] == [{"a": 2, "b": 1}]
            assert told[1:] == [{"type": "change_applied"}]
            quantiser.take({"quantize_mode": "4_bar"})
            quantiser.put({"a": 3})
            quantiser.take({"quantize_mode": "minute"})  # is none, and drops nothing
            assert quantiser.waits
            quantiser.take({"quantize_mode": "none"})
            assert not quantiser.waits
        quantiser.take({"quantize_mode": "bar"})
        quantiser.put({"a": 4})
        assert applied[2:] == [{"a": 4}], "without a tempo nothing waits"

    asyncio.run(story())
