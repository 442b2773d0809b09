"""The Fourier transform of real samples, without the wrapper in which `numpy.fft` holds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nodegraph import Vector

Bins = NDArray[np.complex64]

Transform = Callable[[Vector, np.float32, Bins], object]
"""Transforms samples, times a factor, into the bins that it is given."""


def _by_wrapper(samples: Vector, factor: np.float32, bins: Bins) -> None:
    np.fft.rfft(samples * factor, out=bins)  # type: ignore[arg-type]  # numpy says complex128 only


def _found() -> Transform:
    """numpy's own ufunc, which takes half as long as `np.fft.rfft` around it does. It has no public
    name, so a numpy that has it elsewhere or calls it otherwise is asked by the public one."""
    samples, bins = np.ones(2, np.float32), np.zeros(2, np.complex64)
    try:
        from numpy.fft._pocketfft_umath import (  # type: ignore[import-not-found,unused-ignore]  # private
            rfft_n_even,
        )

        found: Transform = rfft_n_even
        found(samples, _ONE, bins)
    except (ImportError, TypeError, ValueError):
        return _by_wrapper
    return found if bins.tolist() == [2.0, 0.0] else _by_wrapper


_ONE = np.float32(1.0)
_transform = _found()


def transformed(samples: Vector) -> Bins:
    """complex64[n / 2 + 1]: the bins, from 0 Hz to half the rate, of an even number of samples."""
    count = samples.shape[-1] // 2 + 1
    bins = np.empty(count if samples.ndim == 1 else (*samples.shape[:-1], count), np.complex64)
    _transform(samples, _ONE, bins)
    return bins


_COSINES = {
    "hann": (0.5, 0.5, 0.0),
    "hamming": (0.54, 0.46, 0.0),
    "blackman": (0.42, 0.5, 0.08),
    "rect": (1.0, 0.0, 0.0),
}
"""Windows as sums of cosines (Harris, "On the use of windows for harmonic analysis", 1978)."""

_LATE = 7 / 8
"""Where in the window "late" its peak lies."""


@lru_cache(maxsize=32)
def window_of(name: str, size: int) -> Vector:
    """float32[size], periodic, scaled so that a full-scale sine on a bin centre reads 1."""
    place = np.arange(size) / size
    if name == "late":
        # A Hann window that takes 7/8 of its length to rise and 1/8 to fall.
        place = np.where(place < _LATE, place / (2 * _LATE), 1 - (1 - place) / (2 - 2 * _LATE))
        name = "hann"
    constant, first, second = _COSINES[name]
    turn = 2.0 * np.pi * place
    window = constant - first * np.cos(turn) + second * np.cos(2.0 * turn)
    scaled: Vector = (window * (2.0 / window.sum())).astype(np.float32)
    scaled.setflags(write=False)
    return scaled
