"""Bands, hits and reduced vectors: closed forms, tick rates, silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nodegraph.spec import type_of
from nodes._filterbank import log_edges, mean_between, mel_edges, triangles
from nodes.bands import Held, Three, band_level, bands, three_band
from nodes.spectrum import spectrum
from nodes.vector import reduce

RATE = 48000.0
TICKS = [24, 48, 86.1328125, 93.75, 240]


def rows_of(function: Callable[..., Any], size: int, **params: object) -> NDArray[np.float32]:
    """The matrix that the engine would make for a node with these params."""
    type_ = type_of(function)
    assert type_.rows is not None
    given = {name: params.get(name, type_.params[name].default) for name in type_.row_params}
    matrix = type_.rows(size, RATE, **given)
    assert isinstance(matrix, np.ndarray)
    assert matrix.dtype == np.float32
    return matrix


@given(
    size=st.integers(2, 600),
    low=st.floats(10, 20000),
    high=st.floats(10, 24000),
    count=st.integers(4, 64),
    scale=st.sampled_from(["log", "mel"]),
)
def test_weights_are_means(size: int, low: float, high: float, count: int, scale: str) -> None:
    matrix = rows_of(bands, size, low=low, high=high, count=count, scale=scale)
    assert matrix.shape == (count, size)
    sums = matrix.sum(axis=1)
    assert ((np.abs(sums - 1) < 1e-4) | (sums == 0)).all()
    assert (matrix >= 0).all()
    one = mean_between(size, RATE, low, high)
    assert abs(float(one.sum()) - (low < high)) < 1e-4


def test_edges() -> None:
    edges = log_edges(3, 100.0, 1600.0)
    np.testing.assert_allclose(edges, [100, 200, 400, 800, 1600])
    mels = 2595 * np.log10(1 + mel_edges(6, 50.0, 8000.0) / 700)
    np.testing.assert_allclose(np.diff(mels), np.diff(mels)[0])
    np.testing.assert_allclose(log_edges(1, 500.0, 500.0)[[0, -1]], [250, 500])


def test_a_triangle_is_a_triangle() -> None:
    row = triangles(481, RATE, np.array([1000.0, 2000.0, 4000.0]))[0]  # bins of 50 Hz
    assert int(row.argmax()) == 40
    assert row[20] == row[80] == 0.0
    assert row[30] == pytest.approx(row[40] / 2)
    assert row[60] == pytest.approx(row[40] / 2)


def test_a_range_counts_parts_of_bins() -> None:
    row = mean_between(481, RATE, 75.0, 150.0)  # the second half of bin 1.. and of bin 3
    np.testing.assert_allclose(row[:5], [0, 0, 2 / 3, 1 / 3, 0], atol=1e-6)
    assert mean_between(481, RATE, 101.0, 102.0)[2] == 1.0


def test_bands_of_nothing() -> None:
    for size in (0, 1):
        matrix = rows_of(bands, size)
        assert np.isfinite(matrix @ np.zeros(size, np.float32)).all()


def test_the_band_with_the_tone_stands_out() -> None:
    time = np.arange(4096) / RATE
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)[:, None]
    _, magnitude = spectrum(np.zeros(0, np.float32), tone, "4096")
    matrix = rows_of(bands, magnitude.size, count=24, low=40.0, high=16000.0)
    out = bands(matrix @ magnitude, magnitude)
    centres = log_edges(24, 40.0, 16000.0)[1:-1]
    assert int(out.argmax()) == int(np.abs(np.log(centres / 1000)).argmin())


def test_band_level_strikes_once_with_hysteresis() -> None:
    heard = [0.0, 0.5, 0.45, 0.55, 0.2, 0.6, 0.0]
    state, hits, held = Held(), [], []
    for value in heard:
        product = np.array([value], np.float32)
        state, out, hit, on = band_level(
            state, 0.1, product, product, threshold=0.5, hysteresis=0.2, cooldown=0.1
        )
        assert out == pytest.approx(value)
        hits.append(hit)
        held.append(on)
    assert hits == [False, True, False, False, False, True, False]
    assert held == [False, True, True, True, False, True, False]


@pytest.mark.parametrize("rate", TICKS)
def test_cooldown_is_in_seconds(rate: float) -> None:
    state, hits = Held(), []
    for tick in range(round(rate * 4)):
        loud = np.array([float(tick / rate % 0.5 < 0.25)], np.float32)
        state, _, hit, _ = band_level(state, 1 / rate, loud, loud, threshold=0.5, cooldown=0.9)
        if hit:
            hits.append(tick / rate)
    assert len(hits) == 4
    np.testing.assert_allclose(np.diff(hits), 1.0, atol=1.01 / rate)


@pytest.mark.parametrize("rate", TICKS)
def test_three_band_eases_in_seconds(rate: float) -> None:
    state, levels = Three(), (0.0, 0.0, 0.0)
    for value, seconds in ((1.0, 1.0), (0.0, 0.5)):
        product = np.array([value, value / 2, 0.0], np.float32)
        for _ in range(round(rate * seconds)):
            state, *rest = three_band(state, 1 / rate, product, product, attack=0.2, release=0.3)
            levels = tuple(rest[:3])
    risen = 1 - np.exp(-round(rate) / rate / 0.2)
    expected = risen * np.exp(-round(rate / 2) / rate / 0.3)
    np.testing.assert_allclose(levels, [expected, expected / 2, 0], rtol=1e-6)


@pytest.mark.parametrize("rate", TICKS)
def test_three_band_hits_with_each_drum(rate: float) -> None:
    state, hits = Three(), []
    for tick in range(round(rate * 4)):
        time = tick / rate % 0.5
        product = np.array([0.1 * np.exp(-time / 0.05), 0.02, 0.0], np.float32)
        state, *_, low, mid, high = three_band(state, 1 / rate, product, product)
        assert not high
        if low:
            hits.append(tick / rate)
        assert not mid or tick == 0
    np.testing.assert_allclose(hits, np.arange(8) * 0.5, atol=1.01 / rate)


def test_three_bands_cover_the_spectrum_without_overlap() -> None:
    matrix = rows_of(three_band, 481, low_mid=175.0, mid_high=2525.0)
    assert ((matrix > 0).sum(axis=0) <= 1).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=1e-5)
    crossed = rows_of(three_band, 481, low_mid=1000.0, mid_high=500.0)
    assert np.isfinite(crossed).all()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("max", (5.0, 3.0)), ("min", (1.0, 2.0)), ("mean", (3.0, 1.0)), ("sum", (9.0, 1.0))],
)
def test_reduce(mode: str, expected: tuple[float, float]) -> None:
    values = np.array([9, 3, 1, 5, 8], np.float32)
    values.flags.writeable = False
    assert reduce(values, mode=mode, first=1, last=3) == expected


def test_reduce_nothing() -> None:
    values = np.arange(4, dtype=np.float32)
    assert reduce(values, first=3, last=2) == (0.0, 3.0)
    assert reduce(values, first=10, last=20) == (0.0, 10.0)
    assert reduce(values[:0]) == (0.0, 0.0)
