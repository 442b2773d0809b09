"""Test signals: what they say they are, at any rate and block size."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import welch

from nodegraph.rng import Rng
from nodes.signal import Playing, signal

RATES = (22_050.0, 44_100.0, 48_000.0, 192_000.0)
FULL = 10.0 ** (-12.0 / 20.0)


def played(
    kind: str, length: float, rate: float = 48_000.0, block: int = 512, **params: float
) -> NDArray[np.float32]:
    """One channel of a signal, of so many seconds at least."""
    state, rng, parts = Playing(), Rng(1, "signal"), []
    for tick in range(int(np.ceil(length * rate / block))):
        state, sound = signal(state, block / rate, rate, rng.at(tick), kind=kind, **params)
        assert sound.dtype == np.float32
        assert sound.shape == (block, 1)
        parts.append(sound[:, 0])
    return np.concatenate(parts)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("block", [64, 512, 557])
def test_a_sine_is_a_sine_over_all_blocks(rate: float, block: int) -> None:
    sound = played("sine", 1.0, rate, block, frequency=1000.0)
    expected = FULL * np.sin(2.0 * np.pi * 1000.0 * np.arange(len(sound)) / rate)
    np.testing.assert_allclose(sound, expected, atol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_impulses_come_with_the_beat_and_are_one_sample(rate: float) -> None:
    sound = played("impulses", 5.0, rate, bpm=90.0)
    at = np.flatnonzero(sound)
    assert at[0] == 0
    np.testing.assert_allclose(at / rate, np.arange(len(at)) * 60.0 / 90.0, atol=1.0 / rate)
    np.testing.assert_allclose(sound[at], FULL, rtol=1e-6)


def test_a_click_begins_with_each_beat_and_is_over_soon() -> None:
    sound = played("clicks", 4.0, bpm=120.0, frequency=1000.0)
    beats = sound[: 8 * 24_000].reshape(8, 24_000)
    np.testing.assert_allclose(beats[1:], beats[:-1], atol=1e-5)
    assert np.abs(beats[:, :240]).max() > 0.6 * FULL
    assert np.abs(beats[:, 2400:]).max() < 1e-4


@pytest.mark.parametrize("rate", RATES)
def test_a_sweep_takes_as_long_for_each_octave(rate: float) -> None:
    sound = played("sweep", 10.0, rate, seconds=10.0)[: round(10.0 * rate)]
    at = np.flatnonzero((sound[:-1] < 0.0) & (sound[1:] >= 0.0))
    rises = (at + sound[at] / (sound[at] - sound[at + 1])) / rate
    frequencies, times = 1.0 / np.diff(rises), (rises[1:] + rises[:-1]) / 2.0
    top = min(20_000.0, 0.45 * rate)
    there = (frequencies > 40.0) & (frequencies < 2000.0)  # above, a cycle has few samples
    expected = 20.0 * (top / 20.0) ** (times[there] / 10.0)
    np.testing.assert_allclose(frequencies[there], expected, rtol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("kind", "slope"), [("white", 0.0), ("pink", -3.0)])
def test_noise_falls_as_it_should(rate: float, kind: str, slope: float) -> None:
    frequencies, power = welch(played(kind, 20.0, rate), rate, nperseg=8192)
    there = (frequencies > 50.0) & (frequencies < min(10_000.0, 0.2 * rate))
    octaves, decibels = np.log2(frequencies[there]), 10.0 * np.log10(power[there])
    assert np.polyfit(octaves, decibels, 1)[0] == pytest.approx(slope, abs=0.2)
    assert np.abs(decibels - np.polyval(np.polyfit(octaves, decibels, 1), octaves)).max() < 2.5


def test_noise_is_the_same_again_and_no_tick_is_like_another() -> None:
    np.testing.assert_array_equal(played("pink", 1.0), played("pink", 1.0))
    blocks = played("white", 1.0).reshape(-1, 512)
    assert len({block.tobytes() for block in blocks}) == len(blocks)


@pytest.mark.parametrize("kind", ["sine", "sweep", "white", "pink", "clicks", "impulses"])
def test_peaks_are_about_as_loud_as_is_said(kind: str) -> None:
    assert 0.8 * FULL < np.abs(played(kind, 12.0)).max() < 1.2 * FULL
