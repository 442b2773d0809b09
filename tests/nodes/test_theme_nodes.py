"""Themes: the ready ones are complete, and steering keeps its times and ranges."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Prompt, Range, Theme
from nodes._presets import PRESETS
from nodes.theme import custom, preset, read, steer

Run = Callable[..., list[tuple[Any, ...]]]
PLAIN = Theme(
    "plain", "Plain", "a field", ("calm",), ("a storm", "a fire"), (Range("noise_scale", 0.2, 0.6),)
)


def arriving(
    energy: Callable[[int], float], count: int, **others: object
) -> list[dict[str, object]]:
    return [{"theme": PLAIN, "energy": energy(n), **others} for n in range(count)]


def changes(results: list[tuple[Any, ...]], per_second: float) -> list[tuple[float, float]]:
    """Each new look and its second."""
    return [(look, n / per_second) for n, (_, _, changed, look) in enumerate(results) if changed]


@pytest.mark.parametrize("id", PRESETS)
def test_presets_are_complete(id: str) -> None:
    theme = preset(theme=id)
    assert theme.id == id
    assert theme.name
    assert len(theme.prompt.split()) >= 20
    assert 3 <= len(theme.style) <= 8
    assert 2 <= len(theme.variations) <= 3
    assert all(len(words.split()) >= 8 for words in theme.variations)
    noise = theme.range("noise_scale")
    assert (noise.low, noise.high) == (0.48, 0.68)
    assert noise.curve in ("linear", "exponential", "logarithmic")


def test_presets_share_no_sentence() -> None:
    texts = [text for theme in PRESETS.values() for text in (theme.prompt, *theme.variations)]
    assert len(set(texts)) == len(texts)
    assert len(PRESETS) >= 8


def test_preset_by_number_goes_round() -> None:
    ids = list(PRESETS)
    assert [preset(float(n)).id for n in (0, 1, len(ids), -1)] == [ids[0], ids[1], ids[0], ids[-1]]
    assert preset(2.0, theme=ids[1]).id == ids[3]


def test_custom_theme() -> None:
    made = custom("Mine", " a lake ", "calm, , blue", "a wave\n\n a flood ", 0.3, 0.5, "linear")
    assert made == Theme(
        "custom",
        "Mine",
        "a lake",
        ("calm", "blue"),
        ("a wave", "a flood"),
        (Range("noise_scale", 0.3, 0.5, "linear"),),
    )
    assert custom("Mine", " a lake ") is custom("Mine", " a lake ")


def test_read_takes_a_theme_apart() -> None:
    own, variation, low, high, name = read(PLAIN, 3.0)
    assert own == (Prompt("a field, calm"),)
    assert variation == (Prompt("a fire, calm"),)
    assert (low, high, name) == (0.2, 0.6, "Plain")
    assert read(Theme("none", "None", ""))[:2] == ((), ())


class TestSteer:
    def test_prompts_follow_the_energy(self, run: Run) -> None:
        for energy, text in ((0.1, "a field, calm"), (0.5, "a storm, calm"), (1.0, "a fire, calm")):
            prompts, *_ = run(steer, arriving(lambda n, energy=energy: energy, 50))[-1]
            assert prompts == (Prompt(text),)

    def test_no_prompt_changes_within_the_hold(self, run: Run, per_second: float) -> None:
        wild = arriving(lambda n: float(n // round(per_second) % 2), round(60 * per_second))
        results = run(steer, wild, per_second, hold=5.0, smooth=0.05)
        at = [n / per_second for n, (_, _, changed, _) in enumerate(results) if changed]
        assert len(at) >= 6
        assert min(b - a for a, b in pairwise([0.0, *at])) >= 5.0 - 2 / per_second

    def test_trembling_at_a_border_changes_nothing(self, run: Run) -> None:
        tremble = arriving(lambda n: 1 / 3 + 0.04 * (-1) ** n, 2000)
        results = run(steer, tremble, hold=0.0, smooth=0.01, hysteresis=0.15)
        assert not any(changed for _, _, changed, _ in results)

    def test_does_the_same_at_any_tick_rate(self, run: Run, per_second: float) -> None:
        def energy(t: float) -> float:
            return 0.5 - 0.5 * math.cos(t / 2)

        ticks = arriving(lambda n: energy((n + 1) / per_second), round(30 * per_second))
        fine = arriving(lambda n: energy((n + 1) / 1000), 30_000)
        got = run(steer, ticks, per_second, hold=3.0)
        expected = run(steer, fine, 1000.0, hold=3.0)
        for second in range(1, 30):
            noise = got[round(second * per_second) - 1][1]
            assert noise == pytest.approx(expected[second * 1000 - 1][1], abs=0.006)
        assert changes(got, per_second) == [
            (look, pytest.approx(at, abs=2 / per_second)) for look, at in changes(expected, 1000.0)
        ]

    def test_a_beat_pushes_and_fades(self, run: Run, per_second: float) -> None:
        ticks = arriving(lambda n: 0.0, round(2 * per_second))
        ticks[5]["beat"] = True
        for n, (_, noise, _, _) in enumerate(run(steer, ticks, per_second, push=0.5, fade=0.3)):
            pushed = math.exp(-(n - 5) / per_second / 0.3) if n >= 5 else 0.0
            assert noise == pytest.approx(0.2 + 0.4 * 0.5 * pushed)

    @pytest.mark.parametrize(
        ("curve", "share"), [("linear", 0.25), ("exponential", 0.0625), ("logarithmic", 0.5)]
    )
    def test_noise_follows_the_curve(self, run: Run, curve: str, share: float) -> None:
        theme = custom("x", "y", noise_low=0.0, noise_high=1.0, curve=curve)
        ticks = [{"theme": theme, "energy": 0.25}] * 3
        assert run(steer, ticks, push=0.0)[-1][1] == pytest.approx(share)
        assert run(steer, ticks, push=0.4)[-1][1] == pytest.approx(0.6 * share)

    def test_a_beat_is_seen_however_loud_the_music_is(self, run: Run) -> None:
        loud = [{"theme": PLAIN, "energy": 1.0, "beat": n == 50} for n in range(60)]
        noise = [outlets[1] for outlets in run(steer, loud, push=0.5)]
        assert noise[50] - noise[49] == pytest.approx(0.5 * 0.4)

    @given(st.floats(-10.0, 10.0), st.booleans(), st.floats(0.0, 1.0))
    def test_noise_never_leaves_the_range(self, energy: float, beat: bool, push: float) -> None:
        _, _, noise, _, _ = steer(None, 0.01, PLAIN, energy, beat, push=push)
        assert 0.2 <= noise <= 0.6 + 1e-9

    def test_another_theme_comes_in_at_once(self, run: Run) -> None:
        other = custom("Other", "a city")
        ticks = [{"theme": PLAIN if n < 5 else other, "energy": 0.9} for n in range(8)]
        results = run(steer, ticks, hold=60.0)
        assert [changed for _, _, changed, _ in results] == [n == 5 for n in range(8)]
        assert results[5][0] == (Prompt("a city"),)
