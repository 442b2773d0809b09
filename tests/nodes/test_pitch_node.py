"""Pitch of tones, voices and glides that are known, at any rate and block; and of what has none."""

from __future__ import annotations

import numpy as np
import pytest
from feature_kit import Sound, blocks, sounds
from scipy.stats import beta

from nodes.pitch import Sung, _below, pitch


def follow(
    sound: Sound, rate: int, block: int = 512, **params: float
) -> tuple[list[float], list[float], list[float]]:
    """Frequencies, notes and confidences."""
    state, told = Sung(), []
    for part in blocks(sound[:, None], block):
        state, *rest = pitch(state, float(rate), part, **params)
        told.append(rest)
    frequencies, notes, confidences, _ = map(list, zip(*told, strict=True))
    return frequencies, notes, confidences


def rich(frequency: float, rate: int, seconds: float = 0.4, partials: int = 10) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    numbers = [n for n in range(1, partials + 1) if n * frequency < 0.45 * rate]
    made = sum(np.sin(2 * np.pi * n * frequency * time + n) / n for n in numbers)
    return (0.3 * made).astype(np.float32)


def cents(one: float, other: float) -> float:
    return float(1200.0 * np.log2(one / other))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("frequency", [65.41, 110.0, 220.5, 440.0, 987.77, 1174.66])
@pytest.mark.parametrize("partials", [1, 10])
def test_a_steady_tone_is_exact_to_three_cents(rate: int, frequency: float, partials: int) -> None:
    """Where a period has forty samples or more, and to twelve where it has fewer."""
    frequencies, notes, confidences = follow(rich(frequency, rate, partials=partials), rate)
    tolerance = 3.0 if rate > 40 * frequency else 12.0
    assert abs(cents(frequencies[-1], frequency)) < tolerance
    assert notes[-1] == pytest.approx(69 + cents(frequency, 440.0) / 100, abs=tolerance / 100)
    assert confidences[-1] > 0.9


@pytest.mark.parametrize("block", [64, 500, 4096])
def test_blocks_do_not_matter(block: int) -> None:
    frequencies, _, _ = follow(rich(300.0, 48_000), 48_000, block)
    assert abs(cents(frequencies[-1], 300.0)) < 1.0


@pytest.mark.parametrize("missing", [1, 2])
def test_the_fundamental_may_be_missing(missing: int) -> None:
    time = np.arange(24_000) / 48_000
    sound = sum(np.sin(2 * np.pi * 150.0 * n * time) for n in range(1 + missing, 8)) * 0.1
    frequencies, _, confidences = follow(sound.astype(np.float32), 48_000)
    assert abs(cents(frequencies[-1], 150.0)) < 3.0
    assert confidences[-1] > 0.9


def test_a_glide_is_followed_as_late_as_it_says() -> None:
    rate, time = 48_000, np.arange(96_000) / 48_000
    climb = 200.0 * 2 ** (time / 2.0)
    sound = 0.3 * np.sin(2 * np.pi * np.cumsum(climb) / rate)
    frequencies, _, _ = follow(sound.astype(np.float32), rate)
    ends = (np.arange(len(frequencies)) + 1) * 512
    spoken_of = climb[np.maximum(0, ends[8:] - round(rate / 60.0))]
    off = 1200.0 * np.log2(np.array(frequencies[8:]) / spoken_of)
    assert np.abs(off).max() < 12.0


@pytest.mark.parametrize("name", ["hiss", "drums"])
def test_noise_has_no_pitch(name: str) -> None:
    frequencies, notes, confidences = follow(sounds(44_100)[name], 44_100)
    assert max(confidences) < 0.2
    assert {*frequencies, *notes} == {0.0}


def test_between_tones_the_last_one_is_held() -> None:
    sound = np.concatenate((rich(250.0, 48_000), np.zeros(24_000, np.float32)))
    frequencies, _, confidences = follow(sound, 48_000)
    assert frequencies[-1] == pytest.approx(250.0, rel=2e-3)
    assert confidences[-1] == 0.0


def test_only_what_is_looked_for_is_found() -> None:
    frequencies, _, _ = follow(rich(100.0, 48_000, partials=1), 48_000, low=150.0, high=800.0)
    assert frequencies[-1] == 0.0
    upside_down, _, _ = follow(rich(300.0, 48_000), 48_000, low=200.0, high=100.0)
    assert np.isfinite(upside_down).all()


def test_the_chance_of_a_threshold_is_that_of_pyin() -> None:
    thresholds = np.linspace(0.0, 1.0, 101)
    np.testing.assert_allclose(_below(thresholds), beta(2, 18).cdf(thresholds), atol=1e-12)
