"""When something begins: a note, a drum, a word."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np

from nodegraph import Audio, Trigger, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, frequencies, log_edges, triangles
from nodes._peaks import Peaks, strike
from nodes._transform import transformed, window_of
from nodes.audio import latest, mono

_BANDS = 48
_COMPRESSION = 1000.0
_LAG = 0.02

_STRENGTH = outlet("strength", "", 0.0, 1.0, help="how much is beginning right now")
_SENSITIVITY = param(0.7, "", 0.0, 1.0, help="1 strikes at whispers, 0 at blows only")
_WINDOW = param(1.0, "s", 0.1, 10.0, curve="log", help="How far back the strength is compared with")
_GAP = param(0.05, "s", 0.0, 2.0, help="The least time between two onsets")


class Heard(NamedTuple):
    """What the levels of the last ticks must exceed to count as risen, newest first, with their age
    in seconds, and the strength before."""

    past: tuple[tuple[float, Vector], ...] = ()
    peaks: Peaks = Peaks()


def _rows(size: int, rate: float) -> Matrix:
    return triangles(size, rate, log_edges(_BANDS, 30.0, 16000.0))


@lru_cache(maxsize=16)
def _kilohertz(size: int, rate: float) -> Vector:
    bins = (frequencies(size, rate) / 1000.0).astype(np.float32)
    bins.setflags(write=False)
    return bins


@node(
    "audio.onset",
    outlets=["onset", _STRENGTH],
    state=Heard(),
    rows=_rows,
    aliases="Attack, Transient, bonk~, aubioonset~, Beat Detect, Hits",
)
def onset(
    state: Heard,
    dt: float,
    rate: float,
    product: Vector,
    magnitude: Vector = inlet(),
    sensitivity: float = _SENSITIVITY,
    window: float = _WINDOW,
    gap: float = _GAP,
    method: str = param(
        "superflux",
        choices=("superflux", "flux", "energy", "high"),
        help="superflux: new sound in any band, vibrato apart; flux: the same with it;"
        " energy: louder as a whole; high: louder, highs above all",
    ),
) -> tuple[Heard, Trigger, float]:
    """Strike when a sound begins.

    The strength is by how much levels, on the scale log10(1 + 1000 m), are above those 20 ms ago,
    what falls counting as 0, and the mean of that over bands. Levels are
    - flux: 48 bands from 30 Hz to 16 kHz (spectral flux; Dixon, "Onset detection revisited", 2006);
    - superflux: the same, beside the greatest of three neighbouring bands then, so that vibrato
      does not count (Böck and Widmer, "Maximum filter vibrato suppression", DAFx 2013);
    - energy: √Σ m², the amplitude of the whole;
    - high: √Σ f m², f in kHz (high frequency content; Masri, 1996): for drums and plucked strings.

    An onset is where the strength first exceeds 1.5 times its own mean over `window`, and as much
    more as `sensitivity` asks. It has to fall below again before the next. What has no stroke but
    changes its note is for `audio.phase_onset`. From a stroke of a drum to the onset it takes 10 ms
    in the median, and 20 ms in a mix, with a spectrum of 2048 samples in blocks of 512 at 48 kHz.
    """
    levels = _levels(method, product, magnitude, rate)
    now = np.log10(1.0 + _COMPRESSION * levels)
    least = _widest(now) if method == "superflux" else now
    same = tuple(entry for entry in state.past if entry[1].size == now.size)
    past = ((0.0, least), *((age + dt, before) for age, before in same))
    before = next((entry for age, entry in past if age >= _LAG * 0.999), past[-1][1])
    rise = float(np.maximum(now - before, 0.0).sum()) / now.size if len(past) > 1 else 0.0
    strength = min(1.0, rise)
    peaks, struck = strike(state.peaks, dt, strength, sensitivity, window, gap)
    kept = tuple(
        entry for index, entry in enumerate(past) if not index or past[index - 1][0] < _LAG
    )
    return Heard(kept, peaks), struck, strength


def _levels(method: str, product: Vector, magnitude: Vector, rate: float) -> Vector:
    if method not in ("energy", "high"):
        return product
    weighted = magnitude
    if method == "high":
        weighted = _kilohertz(magnitude.size, rate) * magnitude
    return np.array([sqrt(weighted.dot(magnitude))], np.float32)


def _widest(bands: Vector) -> Vector:
    """float32[n]: the greatest of each band and its neighbours."""
    padded = np.concatenate((bands[:1], bands, bands[-1:]))
    widest: Vector = np.maximum(np.maximum(padded[:-2], padded[2:]), bands)
    return widest


class Turned(NamedTuple):
    """The last samples, as many as three spectra need, and the strength before."""

    samples: Vector = np.zeros(0, np.float32)
    peaks: Peaks = Peaks()


_STEP = 0.01
"""Seconds between the three spectra."""
_SOFT = 0.01
"""A sum of magnitudes, where a full-scale sine has about 4, that is too little to matter."""


@node(
    "audio.phase_onset",
    outlets=["onset", _STRENGTH],
    state=Turned(),
    title="Onset by Phase",
    aliases="Complex Domain, Note Change, Soft Onset, aubioonset~, fluid.onsetslice~",
)
def phase_onset(
    state: Turned,
    dt: float,
    rate: float,
    audio: Audio = inlet(),
    size: str = param(
        "2048",
        choices=("512", "1024", "2048", "4096"),
        help="Samples looked at: few are quick, many tell low notes apart",
    ),
    sensitivity: float = _SENSITIVITY,
    window: float = _WINDOW,
    gap: float = _GAP,
) -> tuple[Turned, Trigger, float]:
    """Strike when a note begins, even one without a stroke: bowed, blown, slurred.

    The rectified complex domain (Bello et al., "On the use of phase and energy for musical onset
    detection in the complex domain", IEEE SPL 11, 2004; Dixon, "Onset detection revisited", 2006).
    A tone that lasts turns its phase evenly, so two spectra predict the third. With X now, Y and Z
    10 and 20 ms ago, the prediction is P = |Y| exp(2i arg Y - i arg Z), and the strength is
    Σ |X - P| over the bins that do not fall, divided by 0.01 + Σ |X| + |P|: 0 for tones that
    last, about 0.25 for noise. Strikes as `audio.onset` does.
    Being about phases it takes the sound and makes its own spectra. It is as late as `audio.onset`.
    """
    weights, step = window_of("hann", int(size)), max(1, round(_STEP * rate))
    length = weights.size + 2 * step
    samples = latest(np.concatenate((state.samples, mono(audio))), length)
    samples.setflags(write=False)
    oldest, older, now = (
        transformed(samples[at : at + weights.size] * weights) for at in (0, step, 2 * step)
    )
    size_now, size_then = np.abs(now), np.abs(older)
    turned = older * oldest.conj()
    turned /= np.maximum(np.abs(turned), np.float32(1e-30))
    surprise = np.abs(now - older * turned) * (size_now >= size_then)
    total = float(size_now.sum() + size_then.sum()) + _SOFT
    strength = min(1.0, float(surprise.sum()) / total)
    peaks, struck = strike(state.peaks, dt, strength, sensitivity, window, gap)
    return Turned(samples, peaks), struck, strength


NODES = (onset, phase_onset)
