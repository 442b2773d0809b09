"""Filters beside scipy's, delays to the sample, and a gain that minds itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import butter, freqz, iirnotch, lfilter

from nodes.effect import Minding, auto_gain, biquad, delay, filter

RATE = 48_000.0
Sound = NDArray[np.float32]

KINDS = ("low pass", "high pass", "band pass", "notch", "peak", "low shelf", "high shelf")


def noise(seconds: float, channels: int = 2, rate: float = RATE) -> Sound:
    rng = np.random.default_rng(3)
    return rng.uniform(-0.5, 0.5, (round(seconds * rate), channels)).astype(np.float32)


def filtered(sound: Sound, block: int, rate: float = RATE, **params: Any) -> Sound:
    state, parts = np.zeros((0, 0)), []
    for at in range(0, len(sound), block):
        state, out = filter(state, rate, sound[at : at + block], **params)
        assert out.dtype == np.float32
        parts.append(out)
    return np.concatenate(parts)


def response(kind: str, at: float, **params: float) -> float:
    """The gain at a frequency, in dB."""
    given = {"frequency": 1000.0, "q": 0.7071, "gain": 0.0} | params
    section = biquad(kind, rate=RATE, **given)
    _, answer = freqz(section[:3], (1.0, *section[3:]), worN=[at], fs=RATE)
    return float(20.0 * np.log10(np.abs(answer[0]) + 1e-12))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [64, 512, 557])
def test_a_filter_does_what_scipy_does_with_its_coefficients(kind: str, block: int) -> None:
    sound = noise(0.2)
    b0, b1, b2, a1, a2 = biquad(kind, 300.0, 2.0, 6.0, RATE)
    expected = lfilter((b0, b1, b2), (1.0, a1, a2), sound, axis=0)
    expected = lfilter((b0, b1, b2), (1.0, a1, a2), expected, axis=0)
    out = filtered(sound, block, kind=kind, frequency=300.0, q=2.0, gain=6.0, times=2)
    np.testing.assert_allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize("way", ["low", "high"])
def test_passes_are_those_of_butterworth(way: str) -> None:
    b, a = butter(2, 500.0, way, fs=RATE)
    section = biquad(f"{way} pass", 500.0, 2.0**-0.5, 0.0, RATE)
    np.testing.assert_allclose((*section[:3], 1.0, *section[3:]), (*b, *a), atol=1e-12)


def test_a_notch_is_that_of_scipy() -> None:
    b, a = iirnotch(500.0, 5.0, fs=RATE)
    section = biquad("notch", 500.0, 5.0, 0.0, RATE)
    np.testing.assert_allclose((*section[:3], 1.0, *section[3:]), (*b, *a), rtol=2e-3)


@pytest.mark.parametrize("gain", [-24.0, -6.0, 6.0, 24.0])
def test_shelves_and_peaks_lift_by_their_gain(gain: float) -> None:
    assert response("low shelf", 5.0, gain=gain) == pytest.approx(gain, abs=0.01)
    assert response("low shelf", 20_000.0, gain=gain) == pytest.approx(0.0, abs=0.05)
    assert response("high shelf", 20_000.0, gain=gain) == pytest.approx(gain, abs=0.05)
    assert response("high shelf", 5.0, gain=gain) == pytest.approx(0.0, abs=0.01)
    assert response("peak", 1000.0, gain=gain) == pytest.approx(gain, abs=1e-6)
    assert response("low shelf", 1000.0, gain=gain) == pytest.approx(gain / 2.0, abs=1e-6)


def test_a_band_passes_its_middle_only() -> None:
    assert response("band pass", 1000.0, q=4.0) == pytest.approx(0.0, abs=1e-6)
    assert response("band pass", 100.0, q=4.0) < -25.0
    assert response("notch", 1000.0, q=4.0) < -100.0


@given(
    st.sampled_from(KINDS),
    st.floats(10.0, 20_000.0),
    st.floats(0.1, 30.0),
    st.floats(-24.0, 24.0),
    st.sampled_from([8000.0, 44_100.0, 192_000.0]),
    st.integers(1, 4),
)
def test_no_filter_runs_away(
    kind: str, frequency: float, q: float, gain: float, rate: float, times: int
) -> None:
    _, _, _, a1, a2 = biquad(kind, frequency, q, gain, rate)
    assert np.abs(np.roots((1.0, a1, a2))).max() < 1.0
    params = {"kind": kind, "frequency": frequency, "q": q, "gain": gain, "times": times}
    assert np.isfinite(filtered(noise(0.05, 1, rate), 512, rate, **params)).all()


def test_a_filter_takes_channels_that_come_and_go() -> None:
    state, _ = filter(np.zeros((0, 0)), RATE, noise(0.01, 2))
    state, out = filter(state, RATE, noise(0.01, 1))
    assert out.shape == (480, 1)
    assert filter(state, RATE, noise(0.0, 1))[1].shape == (0, 1)


def delayed(sound: Sound, time: float, block: int) -> Sound:
    state, parts = np.zeros((0, 1), np.float32), []
    for at in range(0, len(sound), block):
        state, out = delay(state, RATE, sound[at : at + block], time)
        parts.append(out)
    return np.concatenate(parts)


@given(st.floats(0.0, 0.5), st.sampled_from([64, 512, 557]), st.integers(1, 3))
def test_a_delay_is_right_to_the_sample(time: float, block: int, channels: int) -> None:
    sound, late = noise(0.6, channels), int(np.floor(time * RATE + 0.5))
    expected = np.concatenate((np.zeros((late, channels), np.float32), sound))[: len(sound)]
    np.testing.assert_array_equal(delayed(sound, time, block), expected)


def test_a_delay_that_is_turned_goes_on_with_what_it_has() -> None:
    sound, state = noise(0.1), np.zeros((0, 1), np.float32)
    for at, time in ((0, 0.02), (512, 0.01), (1024, 0.04)):
        state, out = delay(state, RATE, sound[at : at + 512], time)
        assert out.shape == (512, 2)
    np.testing.assert_array_equal(state[-512:], sound[1024:1536])
    state, out = delay(state, RATE, sound[:512, :1], 0.01)
    assert out.shape == (512, 1)


def minded(sound: Sound, block: int = 512, **params: float) -> tuple[Sound, list[float]]:
    state, parts, gains = Minding(), [], []
    for at in range(0, len(sound) - block + 1, block):
        state, out, gain = auto_gain(state, block / RATE, RATE, sound[at : at + block], **params)
        parts.append(out)
        gains.append(gain)
    return np.concatenate(parts), gains


def tone(seconds: float, decibels: float) -> Sound:
    """1 kHz in two channels: a sine of 0 dB reads 0 LUFS."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.sin(2.0 * np.pi * 1000.0 * time) * 10.0 ** (decibels / 20.0)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("arrives", [-45.0, -30.0, -12.0])
@pytest.mark.parametrize("block", [128, 512])
def test_auto_gain_reaches_its_target_from_one_side(arrives: float, block: int) -> None:
    out, gains = minded(tone(25.0, arrives), block, target=-20.0, most=40.0)
    rms = np.sqrt(np.mean(np.square(out[-48_000:, 0])))
    assert 20.0 * np.log10(rms) + 3.01 == pytest.approx(-20.0, abs=0.3)
    way = np.sign(-20.0 - arrives)
    filled = round(0.4 * RATE / block)  # before, what was not yet heard counts as silence
    assert (way * np.diff(gains[filled:]) > -1e-3).all()


def test_auto_gain_leaves_silence_alone() -> None:
    """Music, then hiss below the gate: the gain stays where the music left it."""
    hiss = noise(20.0) * np.float32(10.0 ** (-70.0 / 20.0))
    out, gains = minded(np.concatenate((tone(10.0, -30.0), hiss)))
    ends = round(10.5 * RATE / 512)
    assert gains[-1] == pytest.approx(gains[ends], abs=1e-6)
    assert np.abs(out[-48_000:]).max() < 0.01
    _, gains = minded(hiss)
    assert set(gains) == {0.0}


def test_auto_gain_has_a_limit_and_never_clips() -> None:
    _, gains = minded(tone(30.0, -45.0), target=-6.0, most=12.0)
    assert gains[-1] == pytest.approx(12.0, abs=0.1)
    quiet_then_loud = np.concatenate((tone(15.0, -40.0), tone(2.0, 0.0)))
    out, _ = minded(quiet_then_loud, most=60.0)
    assert np.abs(out).max() <= 1.0 + 1e-6
