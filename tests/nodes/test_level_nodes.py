"""Level against closed forms, loudness against the numbers in its standards, at any tick rate."""

from __future__ import annotations

from math import exp, log10, sqrt

import numpy as np
import pytest
from feature_kit import blocks
from numpy.typing import NDArray
from scipy.signal import sosfilt

from nodes._weighting import k_weighting
from nodes.level import Loudness, Weighted, level, loudness

RATE = 48000
BLOCKS = (200, 512, 557, 1000, 2000)
"""Samples per tick: 240, 93.75, 86.2, 48 and 24 ticks a second."""


def sine(
    seconds: float,
    amplitude: float = 1.0,
    channels: int = 1,
    hertz: float = 480.0,
    rate: int = RATE,
) -> NDArray[np.float32]:
    time = np.arange(round(seconds * rate)) / rate
    tone = amplitude * np.sin(2 * np.pi * hertz * time)
    return np.repeat(tone[:, None], channels, axis=1).astype(np.float32)


def noise(seconds: float, channels: int = 2) -> NDArray[np.float32]:
    rng = np.random.default_rng(1)
    return rng.uniform(-0.9, 0.9, (round(seconds * RATE), channels)).astype(np.float32)


def locked(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    audio.flags.writeable = False
    return audio


def test_level_of_a_sine() -> None:
    _, rms, peak, db = level(Loudness(), RATE, locked(sine(0.1, 0.5, channels=2)))
    assert rms == pytest.approx(0.5 / sqrt(2), rel=1e-5)
    assert peak == pytest.approx(0.5, rel=1e-4)
    assert db == pytest.approx(20 * log10(0.5 / sqrt(2)), abs=1e-3)


@pytest.mark.parametrize("samples", BLOCKS)
def test_level_with_a_window_is_the_exponential_mean_of_all_samples(samples: int) -> None:
    sound, window = locked(noise(0.5)), 0.1
    state, rms = Loudness(), 0.0
    whole = len(sound) // samples * samples
    for start in range(0, whole, samples):
        state, rms, _, _ = level(state, RATE, sound[start : start + samples], window=window)
    expected, keep = 0.0, exp(-1 / (RATE * window))
    for square in (sound[:whole].astype(float) ** 2).mean(axis=1):
        expected = square + (expected - square) * keep
    assert rms == pytest.approx(sqrt(expected), rel=1e-4)


@pytest.mark.parametrize("samples", BLOCKS)
def test_peak_falls_with_the_window(samples: int) -> None:
    state, _, peak, _ = level(Loudness(), RATE, np.ones((samples, 1), np.float32), window=0.2)
    assert peak == 1.0
    silent = np.zeros((samples, 1), np.float32)
    ticks = RATE // samples // 4
    for _ in range(ticks):
        state, _, peak, _ = level(state, RATE, silent, window=0.2)
    assert peak == pytest.approx(exp(-ticks * samples / RATE / 0.2), rel=1e-9)


def test_level_of_silence_and_of_nothing() -> None:
    for block in (np.zeros((512, 2), np.float32), np.zeros((0, 2), np.float32)):
        for window in (0.0, 0.1):
            assert level(Loudness(), RATE, block, window=window)[1:] == (0.0, 0.0, -120.0)


def lufs(sound: NDArray[np.float32], block: int = 480, rate: int = RATE) -> tuple[float, float]:
    """Momentary and short-term loudness at the end of a sound."""
    state, told = Weighted(), (0.0, 0.0)
    for part in blocks(sound, block):
        state, *told = loudness(state, rate, part)
    return told[0], told[1]


def test_k_weighting_has_the_coefficients_of_the_standard() -> None:
    """Tables 1 and 2 of ITU-R BS.1770, for 48 kHz."""
    shelf = (1.53512485958697, -2.69169618940638, 1.19839281085285)
    poles = (-1.69065929318241, 0.73248077421585)
    made = k_weighting(48_000.0)
    assert made[0] == pytest.approx((*shelf, *poles), abs=1e-8)
    assert made[1] == pytest.approx((1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621), abs=1e-8)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000, 192_000])
def test_the_compliance_tone_reads_what_the_standard_says(rate: int) -> None:
    """BS.1770: 997 Hz at 0 dBFS in one front channel reads -3.01; EBU Tech 3341, case 1: 1 kHz at
    -23 dBFS in both reads -23.0, to 0.1."""
    one = sine(4.0, 1.0, 1, 997.0, rate)
    assert lufs(one, rate // 100, rate) == pytest.approx((-3.01, -3.01), abs=0.03)
    both = sine(4.0, 10 ** (-23 / 20), 2, 1000.0, rate)
    assert lufs(both, rate // 100, rate) == pytest.approx((-23.0, -23.0), abs=0.05)


def test_windows_are_as_long_as_the_standard_says() -> None:
    loud, still = sine(4.0, 0.1, 2, 1000.0), np.zeros((RATE * 2 // 10, 2), np.float32)
    before = lufs(loud)
    after = lufs(np.concatenate((loud, still)))
    assert after[0] - before[0] == pytest.approx(10 * log10(0.5), abs=0.02)
    assert after[1] - before[1] == pytest.approx(10 * log10(2.8 / 3.0), abs=0.02)


@pytest.mark.parametrize("samples", BLOCKS)
def test_loudness_does_not_depend_on_blocks(samples: int) -> None:
    sound = noise(3.5)
    sos = [[b0, b1, b2, 1.0, a1, a2] for b0, b1, b2, a1, a2 in k_weighting(RATE)]
    whole = len(sound) // samples * samples
    weighted = sosfilt(sos, sound[:whole].astype(float), axis=0)
    told = lufs(sound, samples)
    for seconds, value in zip((0.4, 3.0), told, strict=True):
        power = (weighted[-round(seconds * RATE) :] ** 2).mean(axis=0).sum()
        assert value == pytest.approx(-0.691 + 10 * log10(power), abs=0.1)


def test_surround_counts_what_is_behind_more_and_the_bass_not_at_all() -> None:
    tone = sine(3.0, 0.1, 1, 1000.0)[:, 0]
    told = []
    for channel in range(6):
        sound = np.zeros((len(tone), 6), np.float32)
        sound[:, channel] = tone
        told.append(lufs(sound)[1])
    front, behind = told[0], told[0] + 10 * log10(1.41)
    assert told == pytest.approx([front, front, front, -120.0, behind, behind], abs=1e-6)


def test_loudness_of_silence_and_of_nothing() -> None:
    for block in (np.zeros((512, 2), np.float32), np.zeros((0, 2), np.float32)):
        assert loudness(Weighted(), RATE, block)[1:] == (-120.0, -120.0)
    state, *told = loudness(Weighted(), RATE, sine(0.1))
    again, *after = loudness(state, RATE, np.zeros((0, 1), np.float32))
    assert (again, after) == (state, told)


def test_after_an_hour_of_silence_nothing_is_left_of_the_sound() -> None:
    state, *_ = loudness(Weighted(), RATE, sine(0.1))
    for _ in range(2000):
        state, *_ = loudness(state, RATE, np.zeros((512, 1), np.float32))
    assert not state.filters.any()
