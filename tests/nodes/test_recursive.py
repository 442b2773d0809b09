"""Filters by blocks against scipy's, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from nodes._recursive import Section, filtered, followed

REST = np.zeros((0, 0))


def sections(sos: NDArray[np.float64]) -> tuple[Section, ...]:
    return tuple((b0, b1, b2, a1, a2) for b0, b1, b2, _, a1, a2 in sos.tolist())


@given(st.lists(st.integers(0, 400), max_size=8), st.integers(1, 3))
def test_however_it_is_cut_it_is_what_scipy_filters(cuts: list[int], channels: int) -> None:
    cuts = [*cuts, 7]
    sos = butter(4, [0.01, 0.3], "band", output="sos")
    sound = np.random.default_rng(0).uniform(-1, 1, (sum(cuts), channels)).astype(np.float32)
    expected = sosfilt(sos, sound.astype(float), axis=0)
    state, parts, start = REST, [np.zeros((channels, 0))], 0
    for samples in cuts:
        state, out = filtered(sections(sos), state, sound[start : start + samples])
        parts.append(out)
        start += samples
    np.testing.assert_allclose(np.concatenate(parts, axis=1).T, expected, atol=1e-9)


@pytest.mark.parametrize("cutoff", [1e-4, 1e-3, 0.5])
def test_long_blocks_of_slow_filters_stay_exact(cutoff: float) -> None:
    sos = butter(2, cutoff, output="sos")
    sound = np.random.default_rng(1).uniform(-1, 1, (8192, 1)).astype(np.float32)
    _, out = filtered(sections(sos), REST, sound)
    np.testing.assert_allclose(out[0], sosfilt(sos, sound[:, 0].astype(float)), atol=1e-9)


def test_another_number_of_channels_starts_from_rest() -> None:
    sos = sections(butter(2, 0.1, output="sos"))
    sound = np.ones((64, 2), np.float32)
    state, _ = filtered(sos, REST, sound[:, :1])
    anew = filtered(sos, REST, sound)
    for one, other in zip(filtered(sos, state, sound), anew, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("keep", [0.0, 0.8, 0.9999])
@pytest.mark.parametrize("width", [1, 12, 513, 4097])  # of one segment, of many
def test_what_follows_many_rows_is_what_scipy_filters(width: int, keep: float) -> None:
    rng = np.random.default_rng(2)
    rows, before = rng.random((300, width), np.float32), rng.random(width, np.float32)
    exact = float(np.float32(keep))
    state = exact * before[None].astype(float)
    expected, _ = lfilter([1.0 - exact], [1.0, -exact], rows.astype(float), axis=0, zi=state)
    np.testing.assert_allclose(followed(rows, before, keep), expected, rtol=5e-6)
