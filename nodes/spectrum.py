"""What the sound is made of: its spectrum, and figures that describe the shape of one."""

from __future__ import annotations

from functools import lru_cache
from math import exp, log2, sqrt

import numpy as np

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, frequencies
from nodes.audio import mono

_EMPTY = np.zeros(0, np.float32)
_EMPTY.flags.writeable = False

_COSINES = {
    "hann": (0.5, 0.5, 0.0),
    "hamming": (0.54, 0.46, 0.0),
    "blackman": (0.42, 0.5, 0.08),
    "rect": (1.0, 0.0, 0.0),
}
"""Windows as sums of cosines (Harris, "On the use of windows for harmonic analysis", 1978)."""


@lru_cache(maxsize=32)
def _window(name: str, size: int) -> Vector:
    """float32[size], periodic, scaled so that a full-scale sine on a bin centre reads 1."""
    turn = 2.0 * np.pi * np.arange(size) / size
    constant, first, second = _COSINES[name]
    window = constant - first * np.cos(turn) + second * np.cos(2.0 * turn)
    scaled: Vector = (window * (2.0 / window.sum())).astype(np.float32)
    scaled.flags.writeable = False
    return scaled


@node(
    "audio.spectrum",
    outlets=[
        outlet("magnitude", "", 0.0, 1.0, help="size / 2 + 1 bins, from 0 Hz to half the rate")
    ],
    state=_EMPTY,
    aliases="FFT, Audio Spectrum CHOP, fft~, pfft~",
)
def spectrum(
    state: Vector,
    audio: Audio = inlet(),
    size: str = param(
        "2048",
        choices=("512", "1024", "2048", "4096", "8192"),
        help="Samples looked at: few are quick, many tell low notes apart",
    ),
    window: str = param("hann", choices=("hann", "hamming", "blackman", "rect")),
) -> tuple[Vector, Vector]:
    """Take the sound apart into frequencies.

    The magnitude of the Fourier transform of the last `size` samples, mean of the channels,
    windowed. A full-scale sine on the centre of a bin reads 1, and so does a full-scale constant
    at 0 Hz. Before enough has been heard, what is missing counts as silence.
    """
    new, weights = mono(audio), _window(window, int(size))
    length = weights.size
    if state.size != length:
        state = np.concatenate((np.zeros(length, np.float32), state))[-length:]
    heard = np.concatenate((state[new.size :], new))
    if heard.size != length:
        heard = heard[-length:]
    heard.setflags(write=False)
    bins = np.empty(length // 2 + 1, np.complex64)  # to have rfft make its own takes 1 µs more
    np.fft.rfft(heard * weights, out=bins)  # type: ignore[arg-type]  # numpy says complex128 only
    magnitude = np.abs(bins)
    magnitude[0] *= 0.5  # all other bins share a sine with their mirror image
    magnitude[-1] *= 0.5
    return heard, magnitude


_DARK, _BRIGHT = 150.0, 8000.0
_OCTAVES = log2(_BRIGHT / _DARK)
_LEAST, _SHARE = 1e-10, np.float32(0.85)


@lru_cache(maxsize=32)
def _same(value: float, size: int) -> Vector:
    """float32[size], all of them `value`: a dot product with ones is the quickest sum."""
    values = np.full(size, value, np.float32)
    values.setflags(write=False)
    return values


def _moments(size: int, rate: float) -> Matrix:
    """Rows for the sums of m, f m and f² m, f in kHz to stay within what float32 resolves."""
    f = frequencies(size, rate) / 1000.0
    return np.stack((np.ones(size), f, f * f)).astype(np.float32)


@node(
    "audio.shape",
    outlets=[
        outlet(
            "brightness", "", 0.0, 1.0, help="centroid from 150 Hz (0) to 8 kHz (1), in octaves"
        ),
        outlet("centroid", "Hz", 0.0, 24000.0),
        outlet("spread", "Hz", 0.0, 12000.0),
        outlet("flatness", "", 0.0, 1.0, help="0 for a tone, 1 for white noise"),
        outlet("rolloff", "Hz", 0.0, 24000.0, help="85 % of the energy lies below"),
        outlet("flux", "", 0.0, 1.0, help="how much of the spectrum is new"),
    ],
    state=_EMPTY,
    rows=_moments,
    title="Spectral Shape",
    aliases="Timbre, Spectral Centroid, analyzer~, zsa.descriptors, Brightness",
)
def shape(
    state: Vector,
    dt: float,
    rate: float,
    product: Vector,
    magnitude: Vector = inlet(),
    memory: float = param(
        0.05, "s", 0.005, 2.0, curve="log", help="Flux: how quickly what was new becomes known"
    ),
) -> tuple[Vector, float, float, float, float, float, float]:
    """Describe the colour of the sound in a few numbers.

    With m the magnitude and f the frequency of the bins (Peeters, "A large set of audio features
    for sound description", IRCAM 2004): centroid c = Σ f m / Σ m, the centre of gravity; spread
    √(Σ (f - c)² m / Σ m); flatness, the geometric mean of m over its arithmetic mean; rolloff, the
    frequency below which lie 85 % of Σ m². Flux is Σ max(0, m - k) / Σ m, where k follows m with
    the time constant `memory`: 0 while a sound lasts, towards 1 when another begins. In silence
    everything is 0.
    """
    total, first, second = product.tolist()
    size = magnitude.size
    new = magnitude - state if state.size == size else magnitude
    after = magnitude - new * np.float32(exp(-dt / memory))
    after.setflags(write=False)
    if total <= size * 1e-7:  # -140 dB a bin
        return after, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    centre = first / total
    spread = sqrt(max(0.0, second / total - centre * centre))
    centroid = centre * 1000.0
    octaves = log2(max(centroid, _DARK) / _DARK) / _OCTAVES
    ones = _same(1.0, size)
    logs = float(np.log(np.maximum(magnitude, _same(_LEAST, size))).dot(ones)) / size
    energy = (magnitude * magnitude).cumsum()
    rolloff = float(energy.searchsorted(energy[-1] * _SHARE)) * 0.5 * rate / (size - 1)
    flux = float(np.maximum(new, _same(0.0, size)).dot(ones)) / total
    return (
        after,
        min(1.0, octaves),
        centroid,
        spread * 1000.0,
        min(1.0, exp(logs) * size / total),
        rolloff,
        min(1.0, flux),
    )


NODES = (spectrum, shape)
