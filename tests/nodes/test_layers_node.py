"""Harmonic and percussive shares: the medians are scipy's, and sounds that are known are known."""

from __future__ import annotations

import numpy as np
import pytest
from feature_kit import Sound, everything, heard, sounds
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from nodes.layers import Heard, layers

RATE, SIZE = 48_000, 2048


def shares_of(
    spectra: NDArray[np.float32], dt: float, **params: float
) -> list[tuple[float, float]]:
    state, told = Heard(), []
    for magnitude in spectra:
        magnitude.setflags(write=False)
        state, *shares = layers(state, dt, float(RATE), magnitude, **params)
        told.append(tuple(shares))
    return told


def test_the_shares_are_those_of_median_filters_that_know_no_future() -> None:
    bins, dt, span, width = 1025, 512 / RATE, 0.2, 500.0
    spectra = np.random.default_rng(0).gamma(1.0, 0.01, (40, bins)).astype(np.float32)
    top = int(8000.0 / (RATE / SIZE)) + 1
    looked_at = spectra[:, :top].astype(float)
    across = 2 * round(0.5 * width / (RATE / SIZE)) + 1
    along = 2 * round(0.5 * span / dt) + 1
    struck = median_filter(looked_at, size=(1, across), mode="reflect")
    lasting = np.zeros_like(looked_at)
    lasting[along - 1 :] = median_filter(looked_at, size=(along, 1))[along // 2 : -(along // 2)]
    for tick, (harmonic, percussive) in enumerate(shares_of(spectra, dt, span=span, width=width)):
        if tick >= along - 1:
            energy = looked_at[tick] ** 2
            h, p = np.minimum(lasting[tick] ** 2, energy), struck[tick] ** 2
            assert harmonic == pytest.approx((energy * h / (h + p)).sum() / energy.sum(), abs=1e-5)
            assert harmonic + percussive == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rate", "block"), [(22_050, 512), (44_100, 64), (44_100, 512), (44_100, 1024), (96_000, 512)]
)
def test_tones_last_and_strokes_do_not(rate: int, block: int) -> None:
    size = "2048" if rate < 50_000 else "4096"
    shares = {}
    for name in ("tone", "chord", "drums", "hiss"):
        made = heard(everything(size), sounds(rate, 0.7)[name], rate, block)
        begins = len(made["layers.harmonic"]) // 3
        power = np.array(made["level.rms"][begins:]) ** 2
        shares[name] = (made["layers.harmonic"][begins:] * power).sum() / power.sum()
    assert shares["tone"] > 0.9
    assert shares["chord"] > 0.85
    assert shares["drums"] < 0.2
    assert shares["hiss"] == pytest.approx(0.47, abs=0.05)


def test_a_stroke_is_known_at_once_and_a_tone_after_half_the_span() -> None:
    time = np.arange(RATE) / RATE
    tone: Sound = np.zeros(2 * RATE, np.float32)
    tone[RATE:] = 0.3 * np.sin(2 * np.pi * 500.0 * time)
    harmonic = np.array(heard(everything(), tone, RATE)["layers.harmonic"])
    begins = RATE // 512
    known = begins + int(np.argmax(harmonic[begins:] > 0.5))
    assert 0.08 < (known - begins) * 512 / RATE < 0.15
    assert harmonic[begins + 1] < 0.1


@pytest.mark.parametrize("size", [0, 1, 2, 5, 129])
def test_silence_and_short_lists_have_no_layers(size: int) -> None:
    assert shares_of(np.zeros((3, size), np.float32), 0.01) == [(0.0, 0.0)] * 3
    assert np.isfinite(shares_of(np.ones((3, size), np.float32), 0.01)).all()
