"""Spectrum and spectral shape against scipy and the textbook's formulas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import get_window

from nodegraph.spec import type_of
from nodes.spectrum import NODES, shape, spectrum

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


def describe(magnitude: NDArray[np.float32], **rest: float) -> dict[str, float]:
    type_ = type_of(shape)
    assert type_.rows is not None
    product = type_.rows(len(magnitude), RATE) @ magnitude
    magnitude.flags.writeable = False
    values = shape(EMPTY, 0.01, RATE, product, magnitude, **rest)[1:]
    assert all(isinstance(value, float) for value in values)
    return dict(zip(type_.outlets, values, strict=True))


def test_every_node_says_what_it_is_for() -> None:
    for function in NODES:
        assert type_of(function).summary.endswith(".")


@pytest.mark.parametrize("size", ["512", "1024", "2048", "4096", "8192"])
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


def test_shape_of_one_line() -> None:
    magnitude = np.zeros(1025, np.float32)
    magnitude[100] = 0.5
    found = describe(magnitude)
    hertz = 100 * RATE / 2048
    assert found["centroid"] == pytest.approx(hertz, rel=1e-5)
    assert found["rolloff"] == pytest.approx(hertz)
    assert found["spread"] < 5.0
    assert found["flatness"] < 1e-3
    assert found["flux"] == 1.0


def test_shape_of_a_flat_spectrum() -> None:
    found = describe(np.full(1025, 0.01, np.float32))
    assert found["centroid"] == pytest.approx(RATE / 4, rel=1e-4)
    assert found["spread"] == pytest.approx(RATE / 2 / np.sqrt(12), rel=2e-3)
    assert found["flatness"] == pytest.approx(1.0, rel=1e-4)
    assert found["rolloff"] == pytest.approx(0.85 * RATE / 2, rel=2e-3)
    assert found["brightness"] == 1.0


def test_shape_as_the_formulas_have_it() -> None:
    m = np.random.default_rng(5).gamma(1.0, 0.01, 1025).astype(np.float32)
    f, p = np.arange(1025) * RATE / 2048, m / m.sum(dtype=float)
    centroid = (f * p).sum()
    found = describe(m)
    assert found["centroid"] == pytest.approx(centroid, rel=1e-4)
    assert found["spread"] == pytest.approx(np.sqrt((p * (f - centroid) ** 2).sum()), rel=1e-4)
    assert found["flatness"] == pytest.approx(np.exp(np.log(m).mean()) / m.mean(), rel=1e-3)
    energy = np.cumsum(m.astype(float) ** 2)
    below = f[np.nonzero(energy >= 0.85 * energy[-1])[0][0]]
    assert found["rolloff"] == pytest.approx(below, abs=2 * RATE / 2048)


@pytest.mark.parametrize("hertz", [100.0, 150.0, 1100.0, 8000.0, 12000.0])
def test_brightness_counts_octaves(hertz: float) -> None:
    magnitude = np.zeros(4097, np.float32)
    index = round(hertz / (RATE / 8192))
    magnitude[index] = 1.0
    expected = np.clip(np.log(index * RATE / 8192 / 150) / np.log(8000 / 150), 0, 1)
    assert describe(magnitude)["brightness"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("size", [0, 1, 257])
def test_silence_is_zero_everywhere(size: int) -> None:
    assert set(describe(np.zeros(size, np.float32)).values()) == {0.0}


@pytest.mark.parametrize("rate", [24, 48, 86.1328125, 93.75, 240])
def test_flux_forgets_in_seconds(rate: float) -> None:
    rows = type_of(shape).rows
    assert rows is not None
    magnitude = np.full(513, 0.1, np.float32)
    state, flux = EMPTY, 0.0
    for _ in range(round(rate / 4) + 1):
        state, *_, flux = shape(
            state, 1 / rate, RATE, rows(513, RATE) @ magnitude, magnitude, memory=0.1
        )
    assert flux == pytest.approx(np.exp(-round(rate / 4) / rate / 0.1), rel=1e-3)


def test_a_spectrum_of_another_size_starts_anew() -> None:
    rows = type_of(shape).rows
    assert rows is not None
    after = shape(
        np.ones(513, np.float32), 0.01, RATE, rows(257, RATE) @ np.ones(257), np.ones(257, "f4")
    )
    assert after[0].size == 257
    assert after[-1] == 1.0
