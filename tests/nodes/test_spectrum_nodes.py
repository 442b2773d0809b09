"""Spectrum and decibels against scipy and closed forms."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import get_window

from nodegraph.spec import type_of
from nodes import _transform
from nodes.spectrum import NODES, in_decibels, spectrum

RATE = 48000.0
WINDOWS = {"hann": "hann", "hamming": "hamming", "blackman": "blackman", "rect": "boxcar"}
EMPTY = np.zeros(0, np.float32)


def hear(sound: NDArray[np.float32], block: int, size: str = "2048") -> NDArray[np.float32]:
    state, magnitude = EMPTY, EMPTY
    for start in range(0, len(sound), block):
        part = sound[start : start + block]
        part.flags.writeable = False
        state, magnitude = spectrum(state, part, size)
        assert not state.flags.writeable
    return magnitude


def test_every_node_says_what_it_is_for() -> None:
    for function in NODES:
        assert type_of(function).summary.endswith(".")


@pytest.mark.parametrize("size", ["256", "512", "1024", "2048", "4096", "8192"])
@pytest.mark.parametrize("window", list(WINDOWS))
def test_a_full_scale_sine_on_a_bin_reads_one(size: str, window: str) -> None:
    n = int(size)
    sound = np.sin(2 * np.pi * 20 * np.arange(n) / n).astype(np.float32)[:, None]
    _, magnitude = spectrum(EMPTY, sound, size, window)
    assert magnitude.shape == (n // 2 + 1,)
    assert magnitude.dtype == np.float32
    assert magnitude[20] == pytest.approx(1.0, abs=1e-4)
    assert int(magnitude.argmax()) == 20
    constant = np.ones((n, 1), np.float32)
    assert spectrum(EMPTY, constant, size, window)[1][0] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("window", list(WINDOWS))
def test_as_scipy_has_it(window: str) -> None:
    sound = np.random.default_rng(2).uniform(-1, 1, (1024, 2)).astype(np.float32)
    weights = get_window(WINDOWS[window], 1024, fftbins=True)
    expected = np.abs(np.fft.rfft(sound.mean(axis=1) * weights)) * 2 / weights.sum()
    expected[[0, -1]] /= 2
    np.testing.assert_allclose(spectrum(EMPTY, sound, "1024", window)[1], expected, atol=1e-6)


@pytest.mark.parametrize("block", [200, 512, 557, 1000, 2000, 10000])
def test_blocks_do_not_matter(block: int) -> None:
    sound = np.random.default_rng(3).uniform(-1, 1, (9000, 1)).astype(np.float32)
    last = sound[-2048:]
    np.testing.assert_array_equal(hear(sound, block), spectrum(EMPTY, last, "2048")[1])


def test_before_enough_is_heard_the_rest_is_silence() -> None:
    sound = np.ones((100, 1), np.float32)
    padded = np.concatenate((np.zeros((1948, 1), np.float32), sound))
    np.testing.assert_array_equal(hear(sound, 100), spectrum(EMPTY, padded, "2048")[1])


def test_the_size_may_change_while_it_plays() -> None:
    sound = np.random.default_rng(4).uniform(-1, 1, (4096, 1)).astype(np.float32)
    state, _ = spectrum(EMPTY, sound, "4096")
    for size in ("512", "8192", "1024"):
        state, magnitude = spectrum(state, sound[:512], size)
        assert magnitude.size == int(size) // 2 + 1
        assert np.isfinite(magnitude).all()


def test_the_late_window_is_a_hann_window_that_falls_quickly() -> None:
    n = 1024
    impulses = []
    for place in range(n):
        sound = np.zeros((n, 1), np.float32)
        sound[place] = 1.0
        impulses.append(spectrum(EMPTY, sound, str(n), "late")[1][100])
    weights = np.array(impulses)
    rise, fall = get_window("hann", 2 * n * 7 // 8, fftbins=True), get_window("hann", n // 4)
    expected = np.concatenate((rise[: n * 7 // 8], fall[n // 8 :]))
    np.testing.assert_allclose(weights, expected * 2 / expected.sum(), atol=1e-6)


def test_decibels() -> None:
    levels = np.array([1.0, 0.5, 1e-3, 1e-9, 0.0], np.float32)
    expected = [0.0, -6.0206, -60.0, -80.0, -80.0]
    np.testing.assert_allclose(in_decibels(levels), expected, atol=1e-4)
    np.testing.assert_allclose(in_decibels(levels, -200.0)[3:], [-180.0, -200.0], atol=1e-3)
    assert in_decibels(EMPTY).size == 0
    assert in_decibels(levels).dtype == np.float32


@pytest.mark.parametrize("size", [2, 6, 256, 1024, 8192])
def test_the_transform_is_that_of_numpy(size: int) -> None:
    sound = np.random.default_rng(6).uniform(-1, 1, size).astype(np.float32)
    expected = np.fft.rfft(sound.astype(float))
    for transform in (_transform._transform, _transform._by_wrapper):
        bins = np.empty(size // 2 + 1, np.complex64)
        transform(sound, np.float32(1.0), bins)
        np.testing.assert_allclose(bins, expected, atol=1e-5 * size)
    np.testing.assert_array_equal(_transform.transformed(sound).shape, expected.shape)


def test_a_numpy_without_its_ufunc_is_asked_by_the_public_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy.fft._pocketfft_umath", None)
    assert _transform._found() is _transform._by_wrapper
