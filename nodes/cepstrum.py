"""The envelope of a spectrum in a few numbers, by which vowels and instruments are told apart."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nodegraph import Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, mel_edges, triangles

_LEAST = 1e-5


def _mel_rows(size: int, rate: float, bands: int, low: float, high: float) -> Matrix:
    return triangles(size, rate, mel_edges(int(bands), low, high))


@lru_cache(maxsize=16)
def _cosines(count: int, bands: int) -> Matrix:
    """float32[count, bands]: the first rows of the orthonormal discrete cosine transform (II)."""
    rows = np.cos(np.pi / bands * np.arange(count)[:, None] * (np.arange(bands) + 0.5))
    rows *= np.sqrt(2.0 / bands)
    rows[0] *= np.sqrt(0.5)
    return rows.astype(np.float32)


@node(
    "audio.mfcc",
    outlets=[
        outlet("mfcc", "dB", -700.0, 400.0, help="the first tells how loud, others the shape")
    ],
    rows=_mel_rows,
    ahead=True,
    title="MFCC",
    aliases="Mel Frequency Cepstral Coefficients, Timbre, Cepstrum, mfcc~",
)
def mfcc(
    product: Vector,
    magnitude: Vector = inlet(),
    count: int = param(13, "", 1, 40, help="How many coefficients"),
    bands: int = param(40, "", 8, 128, help="How many bands they are made of"),
    low: float = param(40.0, "Hz", 10.0, 20000.0, curve="log", help="Where the bands begin"),
    high: float = param(16000.0, "Hz", 20.0, 24000.0, curve="log", help="Where they end"),
) -> Vector:
    """Tell the timbre as mel-frequency cepstral coefficients.

    The spectrum in mel bands (means of the magnitude, triangles evenly apart on
    2595 log10(1 + f / 700)), in dB from -100 up, then the orthonormal discrete cosine transform of
    that list, of which the first `count` are kept (Davis and Mermelstein, "Comparison of parametric
    representations", IEEE TASSP 28, 1980). There are never more coefficients than bands. As late as
    the spectrum.
    """
    levels = np.log10(np.maximum(product, _LEAST)) * 20.0
    told: Vector = levels.dot(_cosines(min(int(count), int(bands)), int(bands)).T)
    return told


NODES = (mfcc,)
