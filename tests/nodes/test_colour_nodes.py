"""Spectral shape, moments and zero crossings against scipy and the textbook's formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from feature_kit import blocks
from numpy.typing import NDArray
from scipy.stats import rv_discrete

from nodegraph.spec import type_of
from nodes.colour import Colour, crossings, moments, shape

RATE = 48000.0


def product_of(function: Callable[..., Any], magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = type_of(function).rows
    assert rows is not None
    made: NDArray[np.float32] = rows(len(magnitude), RATE) @ magnitude
    return made


def describe(magnitude: NDArray[np.float32], **rest: float) -> dict[str, float]:
    magnitude.flags.writeable = False
    product = product_of(shape, magnitude)
    values = shape(Colour(), 0.01, RATE, product, magnitude, **rest)[1:]
    assert all(isinstance(value, float) for value in values)
    return dict(zip(type_of(shape).outlets, values, strict=True))


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
    state, flux = Colour(), 0.0
    for _ in range(round(rate / 4) + 1):
        state, *_, flux = shape(
            state, 1 / rate, RATE, rows(513, RATE) @ magnitude, magnitude, memory=0.1
        )
    assert flux == pytest.approx(np.exp(-round(rate / 4) / rate / 0.1), rel=1e-3)


@pytest.mark.parametrize("rate", [48, 93.75])
def test_with_a_window_it_is_the_mean_spectrum_that_is_described(rate: float) -> None:
    """A first breath of hiss, 2 s of a loud line, 1 s of nothing."""
    spectra = np.zeros((round(3.0 * rate), 513), np.float32)
    spectra[0] = 1e-3
    spectra[1 : round(2.0 * rate), 50] = 0.5
    state, window, told = Colour(), 0.8, []
    for magnitude in spectra:
        product = product_of(shape, magnitude)
        state, *figures = shape(state, 1 / rate, RATE, product, magnitude, window=window)
        told.append(dict(zip(type_of(shape).outlets, figures, strict=True)))
    mean = np.exp(np.arange(len(spectra)) / rate / window) @ spectra
    expected = describe((mean / mean.sum()).astype(np.float32))
    assert told[0]["centroid"] == pytest.approx(RATE / 4, rel=1e-4)
    for name in ("brightness", "centroid", "spread"):
        assert told[-1][name] == pytest.approx(expected[name], rel=1e-3)
    assert told[-1]["flatness"] == told[-1]["rolloff"] == 0.0, "these are of now"


def test_a_spectrum_of_another_size_starts_anew() -> None:
    rows = type_of(shape).rows
    assert rows is not None
    after = shape(
        Colour(np.ones(513, np.float32)),
        0.01,
        RATE,
        rows(257, RATE) @ np.ones(257),
        np.ones(257, "f4"),
    )
    assert after[0].known.size == 257
    assert after[-1] == 1.0


@pytest.mark.parametrize("share", [0.25, 0.5, 0.95])
def test_rolloff_of_another_share(share: float) -> None:
    found = describe(np.full(1025, 0.01, np.float32), share=share)
    assert found["rolloff"] == pytest.approx(share * RATE / 2, rel=5e-3)


def moments_of(magnitude: NDArray[np.float32]) -> dict[str, float]:
    magnitude.flags.writeable = False
    values = moments(RATE, product_of(moments, magnitude), magnitude)
    assert all(isinstance(value, float) for value in values)
    return dict(zip(type_of(moments).outlets, values, strict=True))


def spectra() -> dict[str, NDArray[np.float32]]:
    rng, f = np.random.default_rng(5), np.arange(1025) * RATE / 2048
    made = {
        "noise": rng.gamma(1.0, 0.01, 1025),
        "falling": np.exp(-f / 3000.0),
        "bell": np.exp(-0.5 * ((f - 9000.0) / 800.0) ** 2),
        "narrow": np.exp(-0.5 * ((f - 15000.0) / 60.0) ** 2),
        "two lines": 0.5 * (np.arange(1025) == 40) + 0.1 * (np.arange(1025) == 800),
    }
    return {name: it.astype(np.float32) for name, it in made.items()}


@pytest.mark.parametrize("name", spectra())
def test_moments_as_scipy_has_them(name: str) -> None:
    m = spectra()[name]
    p = m / m.sum(dtype=float)
    f = np.arange(1025) * RATE / 2048
    as_chance = rv_discrete(values=(np.arange(1025), p / p.sum()))
    _, _, skewness, excess = map(float, as_chance.stats(moments="mvsk"))
    found = moments_of(m)
    assert found["skewness"] == pytest.approx(skewness, rel=1e-3, abs=1e-3)
    assert found["kurtosis"] == pytest.approx(excess + 3.0, rel=2e-3)
    assert found["entropy"] == pytest.approx(as_chance.entropy() / np.log(1025), abs=1e-4)
    slope = np.polyfit(f / 1000.0, m.astype(float), 1)[0] / m.sum(dtype=float)
    assert found["slope"] == pytest.approx(slope, rel=1e-3, abs=1e-8)
    assert found["crest"] == pytest.approx(m.max() / m.mean(dtype=float), rel=1e-4)


def test_moments_of_one_line_and_of_a_flat_spectrum() -> None:
    line = np.zeros(1025, np.float32)
    line[100] = 0.5
    found = moments_of(line)
    assert (found["skewness"], found["kurtosis"]) == (0.0, 0.0)
    assert found["entropy"] == pytest.approx(0.0, abs=1e-5)
    assert found["crest"] == pytest.approx(1025.0, rel=1e-5)
    found = moments_of(np.full(1025, 0.01, np.float32))
    assert found["skewness"] == pytest.approx(0.0, abs=1e-3)
    assert found["kurtosis"] == pytest.approx(1.8, abs=1e-2)  # of the uniform distribution
    assert found["entropy"] == pytest.approx(1.0, abs=1e-6)
    assert found["slope"] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("size", [0, 1, 2, 257])
def test_moments_of_silence_are_zero(size: int) -> None:
    assert set(moments_of(np.zeros(size, np.float32)).values()) == {0.0}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_lists_too_short_for_a_spectrum_do_no_harm(size: int) -> None:
    full = np.ones(size, np.float32)
    assert np.isfinite([*describe(full.copy()).values(), *moments_of(full).values()]).all()


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("block", [64, 512, 4096])
def test_a_tone_crosses_zero_twice_a_period(rate: int, block: int) -> None:
    time = np.arange(2 * rate) / rate
    sound = np.sin(2 * np.pi * 441.0 * time + 0.1).astype(np.float32)[:, None]
    state, counted, ticks = False, 0.0, 0
    for part in blocks(sound, block):
        state, rating = crossings(state, float(rate), part)
        counted += rating * block / rate
        ticks += 1
    assert counted == pytest.approx(2 * 441.0 * ticks * block / rate, abs=1.01)


def test_silence_and_nothing_do_not_cross() -> None:
    for samples in (0, 1, 64):
        assert crossings(False, RATE, np.zeros((samples, 1), np.float32)) == (False, 0.0)
    assert crossings(True, RATE, np.zeros((0, 2), np.float32)) == (True, 0.0)
