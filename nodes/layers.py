"""What of a sound is notes that last, and what is strokes."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nodegraph import Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix

_TOP = 8000.0
"""Hz; above this there is too little of tones to tell."""
_STEP = 0.01
"""Seconds between two spectra that are kept, at the least."""
_SILENT = 1e-14
_NONE = np.zeros((0, 0), np.float32)


class Heard(NamedTuple):
    """The spectra of the last while, float32[spectra, bins], newest last, and how long ago, in
    seconds, the newest was kept."""

    past: Matrix = _NONE
    since: float = 0.0


@lru_cache(maxsize=32)
def _kernels(size: int, rate: float, dt: float, span: float, width: float) -> tuple[int, int, int]:
    """How many bins are looked at, over how many spectra each, and over how many bins: both odd."""
    bin_width = 0.5 * rate / max(1, size - 1)
    bins = min(size, int(_TOP / bin_width) + 1)
    kept = max(dt, _STEP)
    half_span = max(1, round(0.5 * span / kept))
    half_width = min(max(1, round(0.5 * width / bin_width)), (bins - 1) // 2)
    return bins, 2 * half_span + 1, 2 * half_width + 1


@node(
    "audio.layers",
    outlets=[
        outlet("harmonic", "", 0.0, 1.0, help="the share of the energy in tones that last"),
        outlet("percussive", "", 0.0, 1.0, help="the share in strokes; both are 0 in silence"),
    ],
    state=Heard(),
    title="Harmonic and Percussive",
    aliases="HPSS, Harmonic Percussive Separation, Tonal, Transient, Drums vs Melody",
)
def layers(
    state: Heard,
    dt: float,
    rate: float,
    magnitude: Vector = inlet(),
    span: float = param(0.2, "s", 0.05, 1.0, help="What lasts for half of this is a tone"),
    width: float = param(
        500.0, "Hz", 50.0, 2000.0, curve="log", help="What is wider than half of this is a stroke"
    ),
) -> tuple[Heard, float, float]:
    """Tell tones that last from strokes, in shares of the energy.

    Median filtering (FitzGerald, "Harmonic/percussive separation using median filtering", DAFx
    2010), made causal. In a spectrogram tones are lines along time, strokes lines along frequency.
    So H is, for each bin up to 8 kHz, the median over the last `span` seconds, but no more than is
    left of it, P that over `width` of neighbouring bins, and the bin's energy m² counts as harmonic
    to H² / (H² + P²). Steady noise, which is neither, reads about 0.5. As nothing is known of what
    is to come, a stroke is known at once, as late as the spectrum, and a tone after half of
    `span`: its first 100 ms are a stroke.
    """
    bins, spectra, wide = _kernels(magnitude.size, rate, dt, span, width)
    now = magnitude[:bins]
    past, since = state.past, state.since + dt
    if past.shape != (spectra, bins):
        past, since = np.zeros((spectra, bins), np.float32), _STEP
    if since >= 0.999 * _STEP:
        past, since = np.concatenate((past[1:], now[None])), 0.0
        past.setflags(write=False)
    energy = now * now
    total = float(energy.sum())
    if total <= _SILENT:
        return Heard(past, since), 0.0, 0.0
    lasting = np.minimum(now, _median(np.ascontiguousarray(past.T)))
    half = wide // 2
    around = np.concatenate((now[:half][::-1], now, now[bins - half :][::-1]))
    # A window that slides, without what numpy's own function does to make sure of its arguments.
    struck = _median(np.ndarray((bins, wide), np.float32, around, 0, 2 * around.strides))
    lasting *= lasting
    struck *= struck
    shares = lasting / np.maximum(lasting + struck, np.float32(1e-30))
    harmonic = min(1.0, float(energy.dot(shares)) / total)
    return Heard(past, since), harmonic, 1.0 - harmonic


def _median(rows: Matrix) -> Vector:
    """float32[n]: the median of each row, of an odd number of columns."""
    middle = rows.shape[1] // 2
    found: Vector = np.partition(rows, middle, axis=1)[:, middle]
    return found


NODES = (layers,)
