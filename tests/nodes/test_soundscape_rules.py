"""MetaDJ Soundscape's nodes against closed forms, and what they promise around the recordings."""

from __future__ import annotations

import json
from itertools import pairwise
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from soundscape_records import GOLDEN, ROOT, SHARED, WORDED, golden, symbols

import nodegraph
from nodegraph import Message, Prompt
from nodegraph.scope.parameters import clean
from nodegraph.spec import type_of
from nodegraph.themes import shipped
from nodes._soundscape_looks import OLDER_NAMES, PULSES, RESPONSES
from nodes._soundscape_words import ambient
from nodes.soundscape import Levels, Pulse, Rota, analysis, auto_theme, beat, features
from nodes.soundscape_mapping import mapping, schedule, send_steps

THEMES = SHARED / "reference" / "soundscape-themes.json"
RATE = 44100.0
EMPTY = type_of(features).state


def heard(signal: np.ndarray) -> tuple[float, ...]:
    """The features of one block."""
    return features(EMPTY, RATE, signal.astype(np.float32).reshape(len(signal), -1))[1:]


def by_hand(signal: np.ndarray) -> tuple[float, ...]:
    """The same, from the definitions."""
    n = np.arange(512)
    s = signal.astype(np.float32) * (0.5 - 0.5 * np.cos(2 * pi * n / 511)).astype(np.float32)
    turns = np.exp(-2j * pi * np.outer(np.arange(256), n) / 512)
    a = [float(x) for x in np.abs(turns @ s)]
    left, last = sum(a), 255
    while left > 0.99 * sum(a):
        left, last = left - a[last], last - 1
    return (
        sqrt(sum(float(x) ** 2 for x in s) / 512),
        sum(k * x for k, x in enumerate(a)) / sum(a),
        exp(sum(map(log, a)) / 256) * 256 / sum(a),
        (last + 1) * RATE / 510,
        float(sum((x >= 0) != (y >= 0) for x, y in pairwise(s))),
    )


class TestFeatures:
    @pytest.mark.parametrize("seed", range(5))
    def test_noise_and_tones_by_the_definitions(self, seed: int) -> None:
        noise = np.random.default_rng(seed).normal(0, 0.1, 512)
        for signal in (noise, noise * 0.01 + np.sin(np.arange(512) * 0.1 * (seed + 1))):
            assert heard(signal) == pytest.approx(by_hand(signal), rel=1e-5)

    def test_a_tone_on_a_bin(self) -> None:
        rms, centroid, flatness, *_ = heard(np.sin(2 * pi * 40 * np.arange(512) / 512))
        assert rms == pytest.approx(sqrt(3 / 8) * sqrt(1 / 2), rel=0.01)
        assert centroid == pytest.approx(40, abs=0.5)
        assert flatness < 0.02

    def test_silence_has_numbers(self) -> None:
        assert heard(np.zeros(512)) == (0.0, 0.0, 0.0, 256 * RATE / 510, 0.0)

    def test_small_blocks_are_gathered_and_channels_averaged(self) -> None:
        sound = np.random.default_rng(1).normal(0, 0.1, (512, 2)).astype(np.float32)
        state, got = EMPTY, ()
        for piece in np.split(sound, 4):
            state, *got = features(state, RATE, piece)
        assert tuple(got) == heard(sound.mean(axis=1))


class TestAnalysis:
    def test_a_constant_level_sits_below_its_ceiling(self) -> None:
        state = Levels()
        for _ in range(2):
            state, energy, *_ = analysis(state, 0.3)
        assert energy == pytest.approx(1 / 1.12)

    def test_the_ceiling_halves_in_231_ticks_and_stays_above_its_floor(self) -> None:
        state, *_ = analysis(Levels(), 0.6)
        first = state.ceiling
        for _ in range(231):
            state, *_, ceiling = analysis(state, 0.0)
        assert ceiling / first == pytest.approx(0.5, rel=0.002)
        for _ in range(1000):
            state, *_, ceiling = analysis(state, 0.0)
        assert ceiling == 0.15

    def test_quiet_sound_is_not_raised(self) -> None:
        assert analysis(Levels(), 0.015)[1] == pytest.approx(0.1)

    def test_peak_and_derivative(self) -> None:
        state, rows = Levels(), []
        for rms in (0.15, 0.0, *[0.03] * 10):
            state, *row = analysis(state, rms)
            rows.append(row)
        assert [row[3] for row in rows[:2]] == [0.0, -1.0]
        assert rows[9][4] == 1.0
        assert rows[10][4] < 0.25


def beaten(period: int, count: int, rate: float) -> list[tuple[int, Any, Any, Any]]:
    state, rows = Pulse(), []
    for n in range(period * count):
        state, *row = beat(state, (n + 1) / rate, 0.9 if n % period == period - 1 else 0.05)
        rows.append((n, *row))
    return rows


class TestBeat:
    @pytest.mark.parametrize("rate", [44100 / 512, 93.75])
    def test_regular_beats_have_their_tempo(self, rate: float) -> None:
        rows = beaten(42, 20, rate)
        assert sum(hit for _, hit, *_ in rows) == 20
        assert rows[-1][2] == pytest.approx(60 * rate / 42, abs=0.6)
        assert rows[-1][3] > 0.98

    def test_none_follows_within_ten_ticks(self) -> None:
        hits = [n for n, hit, *_ in beaten(6, 60, 86.13) if hit]
        assert hits
        assert min(b - a for a, b in pairwise(hits)) == 12

    def test_a_constant_has_none(self) -> None:
        state, hits = Pulse(), []
        for n in range(500):
            state, hit, *_ = beat(state, n / 86.13, 0.8)
            hits.append(hit)
        assert not any(hits)

    def test_three_beats_are_no_tempo(self) -> None:
        assert beaten(42, 3, 86.13)[-1][2:] == (0.0, 0.0)


class TestAutoTheme:
    def test_every_sixteenth_beat(self) -> None:
        state, turns = Rota(), []
        for n in range(64):
            state, at, _ = auto_theme(state, float(n), True, every="16")
            turns.append(at)
        assert [turns[n] for n in (14, 15, 31, 63)] == [0, 1, 2, 4]

    def test_lost_beats_count_where_the_tempo_is_trusted(self) -> None:
        state, *_ = auto_theme(Rota(), 1.0, True, 120.0, 0.9)
        assert auto_theme(state, 3.0, True, 120.0, 0.9)[0].beats == 5
        assert auto_theme(state, 3.0, True, 120.0, 0.4)[0].beats == 2
        assert auto_theme(state, 60.0, True, 120.0, 0.9)[0].beats == 9

    @golden
    @pytest.mark.parametrize(
        ("name", "times"),
        [("fourfloor_128", (7.7, 15.2, 22.7)), ("loud_master_126", (11.8, 29.0))],
    )
    def test_it_turns_when_the_original_did(self, name: str, times: tuple[float, ...]) -> None:
        path = GOLDEN / f"audio/{name}.flac"
        patch = ROOT / "patches/soundscape.json"
        trace = nodegraph.render(patch, path, {"auto.every": "32"})
        assert trace.times[trace["auto.next"] > 0] == pytest.approx(times, abs=0.06)


def steer(ticks: list[dict[str, Any]], **params: Any) -> list[tuple[Any, ...]]:
    """The mapping's outlets: noise, prompts, transition, steps, target, interpolation."""
    state, rows = type_of(mapping).state, []
    for n, tick in enumerate(ticks):
        state, *outlets = mapping(
            state, now=(n + 1) / 86.13, themes=shipped(), **({"energy": 0.5} | params | tick)
        )
        rows.append(tuple(outlets))
    return rows


class TestMapping:
    def test_older_names_are_the_first_five(self) -> None:
        assert list(OLDER_NAMES.values()) == list(WORDED)[:5]
        for older, id in OLDER_NAMES.items():
            assert steer([{}], theme=older) == steer([{}], theme=id)

    @pytest.mark.parametrize("id", WORDED)
    def test_no_two_prompts_of_a_look_are_the_same(self, id: str) -> None:
        assert len(symbols(WORDED[id])) == 4 * 3 * 3 * 3 * 3 + len(WORDED[id].variations) + 2

    def test_another_theme_comes_in_by_one_transition(self) -> None:
        rows = steer([{}] * 5 + [{"theme": "forge"}] * 100)
        assert [n for n, row in enumerate(rows) if row[2]] == [5]
        assert rows[5][1][0].text.startswith(WORDED["astral"].text)
        assert all(row[4][0].text.startswith(WORDED["forge"].text) for row in rows[5:])
        assert rows[-1][1] == rows[-1][4]

    def test_turns_go_on_from_the_chosen_theme(self) -> None:
        for turns, id in ((1.0, "forge"), (15.0, "astral"), (-1.0, "matrix")):
            assert steer([{"turns": turns}]) == steer([{}], theme=id)
        assert steer([{"turns": 1.0}], theme="custom") == steer([{}], theme="astral")

    def test_ambient_is_calm_and_holds_the_noise(self) -> None:
        calm = {"playing": False}
        rows = steer(
            [{"energy": 1.0}] * 3 + [calm] * 4 + [calm | {"theme": "ocean"}] * 3, accent="a"
        )
        assert {row[0] for row in rows[2:]} == {rows[2][0]}
        assert rows[3][1] == (Prompt(ambient(WORDED["astral"].text)), Prompt("a", 0.25))
        assert [row[2] for row in rows[3:]] == [0, 0, 0, 0, 8, 0, 0]
        assert rows[-1][1][0] == Prompt(ambient(WORDED["ocean"].text))
        assert steer([calm])[0][0] == 0.5

    def test_variations_take_turns_and_keep_their_distance(self) -> None:
        state, begun = type_of(mapping).state, []
        for ms in range(5000):
            state, _, _, _, _, target, way = mapping(
                state, ms / 1000.0, shipped(), 0.5, derivative=0.3
            )
            if way == "slerp" and (not begun or begun[-1][1] != target):
                begun.append((ms, target))
        assert [ms for ms, _ in begun] == [0, 2200, 4400]
        text, variations = WORDED["astral"].text, WORDED["astral"].variations
        assert [target[0].text for _, target in begun] == [variations[i] for i in (1, 0, 1)]
        for _, target in begun:
            assert target[0].weight == pytest.approx(0.6)
            assert target[1] == (text, pytest.approx(0.4))

    def test_restart_jumps_and_comes_in_anew(self) -> None:
        rows = steer([{"energy": 0.0}] * 300 + [{"energy": 1.0, "restart": True}, {}])
        assert rows[299][0] == 0.48
        assert [row[2] for row in rows[299:]] == [0, 8, 0]
        assert rows[300][0] == 0.68

    @given(st.text(max_size=30))
    def test_any_text_of_steps_is_a_list(self, own: str) -> None:
        steps = json.loads(f"[{schedule(own, 'speed')}]")
        assert steps
        assert all(step > 0 for step in steps)
        assert len(set(steps)) == len(steps)

    def test_own_steps(self) -> None:
        assert schedule("999.6, 500.4, 500.2, -3, 0", "speed") == "1000, 500"
        assert schedule(" ", "speed") == "1000, 500, 250"
        assert schedule("inf, nan, 1e999, 7", "speed") == "7"


def test_steps_are_sent_when_they_change() -> None:
    state, sent = "", []
    for text in ("1000, 500", "1000, 500", "", "900"):
        state, message = send_steps(state, text)
        sent.append(message)
    bodies = [{"denoising_step_list": [1000, 500]}, None, None, {"denoising_step_list": [900]}]
    assert sent == [body and Message("scope", body) for body in bodies]
    assert clean(bodies[0] or {})[1] == []


def test_the_patch_takes_settings() -> None:
    params = {"mapping.theme": "Neon Foundry", "mapping.denoising": "speed"}
    trace = nodegraph.render(ROOT / "patches/soundscape.json", "demo", params, duration=3.0)
    assert trace.problems == ()
    assert trace["mapping.prompts"][0][0].text.startswith(WORDED["forge"].text)
    sent = [
        m.body["denoising_step_list"] for _, m in trace.messages if "denoising_step_list" in m.body
    ]
    assert sent == [[1000, 500, 250]]


@pytest.mark.skipif(not THEMES.is_file(), reason="the table of presets does not lie beside us")
def test_the_presets_have_the_numbers_of_the_original() -> None:
    named = {"noiseScale": "noise_scale", "denoisingSteps": "denoising_steps"}
    named["promptWeight"] = "prompt_weight"
    themes = json.loads(THEMES.read_text("utf-8"))
    assert [theme["id"] for theme in themes] == list(WORDED)
    for theme in themes:
        look, beats, ranges = WORDED[theme["id"]], theme["mappings"]["beats"], theme["ranges"]
        drives = [
            (named[d["parameter"]], d["curve"], d["sensitivity"], d["invert"])
            for source in ("energy", "brightness", "texture")
            for d in theme["mappings"][source]
        ]
        assert [*look.drives, *look.unused] == drives
        assert look.pulse == pytest.approx(beats["intensity"] * PULSES[beats["action"]])
        assert look.cooldown == beats["cooldownMs"]
        varied = theme["promptVariations"]
        assert (len(look.variations), look.blend) == (varied["count"], varied["blendDuration"])
        assert [look.low, look.high] == list(ranges["noiseScale"].values())
        assert list(map(list, look.steps)) == list(ranges["denoisingSteps"].values())
        assert list(look.speed) == list(ranges["transitionSpeed"].values())


def test_a_beat_pushes_as_hard_as_the_response_says() -> None:
    pushed = []
    for response in RESPONSES:
        row = steer([{"beat": True, "energy": 0.0}], theme="custom", beat_response=response)[0]
        pushed.append(row[0] - 0.48)
    share = [0.05, 0.3 * 0.18, 0.4 * 0.18, 0.5 * 0.18]
    assert pushed == pytest.approx([0.85 * x for x in share])
