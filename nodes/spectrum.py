"""What the sound is made of: its spectrum, from which most other features are read."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._transform import transformed, window_of
from nodes.audio import latest, mono

_EMPTY = np.zeros(0, np.float32)
_EMPTY.setflags(write=False)


def _spectra(state: Vector, audio: Audio, size: str, window: str) -> tuple[Vector, Vector]:
    """Those of many ticks, float32[ticks, bins]."""
    new, weights = mono(audio), window_of(window, int(size))
    ticks, step = new.shape
    heard = np.concatenate((latest(state, weights.size), new.reshape(-1)))
    each = sliding_window_view(heard, weights.size)[step::step]
    return heard[-weights.size :], _magnitude(each[:ticks] * weights)


@node(
    "audio.spectrum",
    outlets=[
        outlet("magnitude", "", 0.0, 1.0, help="size / 2 + 1 bins, from 0 Hz to half the rate")
    ],
    state=_EMPTY,
    ahead=_spectra,
    aliases="FFT, Audio Spectrum CHOP, fft~, pfft~",
)
def spectrum(
    state: Vector,
    audio: Audio = inlet(),
    size: str = param(
        "2048",
        choices=("256", "512", "1024", "2048", "4096", "8192"),
        help="Samples looked at: few are quick, many tell low notes apart",
    ),
    window: str = param(
        "hann",
        choices=("hann", "hamming", "blackman", "rect", "late"),
        help="late: looks at the newest samples most, and so hears a hit 3 ms sooner",
    ),
) -> tuple[Vector, Vector]:
    """Take the sound apart into frequencies.

    The magnitude of the Fourier transform of the last `size` samples, mean of the channels,
    windowed. A full-scale sine on the centre of a bin reads 1, and so does a full-scale constant
    at 0 Hz. Before enough has been heard, what is missing counts as silence.

    There is one spectrum a tick, so spectra overlap by what `size` exceeds the block. A spectrum
    speaks of the moment under its window's peak: size / 2 samples ago, or size / 8 with "late".
    From a drum's stroke to a changed level it takes 12 ms with 1024 samples in blocks of 512 at
    48 kHz, 8 ms with "late", and 4 ms with 512 "late" in blocks of 128. Spectra of equal sound,
    size and window are one.
    """
    new, weights = mono(audio), window_of(window, int(size))
    length = weights.size
    if state.size != length:
        state = latest(state, length)
    heard = np.concatenate((state[new.size :], new))
    if heard.size != length:
        heard = heard[-length:]
    heard.setflags(write=False)
    return heard, _magnitude(heard * weights)


def _magnitude(samples: Vector) -> Vector:
    magnitude: Vector = np.abs(transformed(samples))
    bins = magnitude.T  # of one tick, `magnitude[..., 0]` would take ten times as long
    bins[0] *= 0.5  # all others share a sine with their mirror image
    bins[-1] *= 0.5
    return magnitude


@node(
    "audio.decibels",
    outlets=[outlet("decibels", "dB", -240.0, 0.0)],
    ahead=True,
    title="Decibels",
    aliases="dB, atodb, Log Spectrum",
)
def in_decibels(
    magnitude: Vector = inlet(help="a spectrum, bands, or any list of levels"),
    floor: float = param(-80.0, "dB", -240.0, -20.0, help="The least that is told"),
) -> Vector:
    """Tell levels in decibels, as ears compare them.

    20 log10(m), where 1 is 0 dB and nothing lies below the floor.
    """
    told: Vector = np.log10(np.maximum(magnitude, 10.0 ** (floor / 20.0))) * 20.0
    return told


NODES = (spectrum, in_decibels)
