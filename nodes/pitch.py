"""How high the sound is: the frequency of a voice or an instrument, and how sure that is."""

from __future__ import annotations

from math import log2
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._transform import transformed
from nodes.audio import latest, mono

Array = NDArray[np.float64]

_EMPTY = np.zeros(0, np.float32)
_EMPTY.setflags(write=False)
_SILENT = 1e-10
"""-100 dB, below which nothing has a pitch."""
_LEAST = 1e-30


class Sung(NamedTuple):
    """What was heard last, float32[samples], and the last frequency that was sure, in Hz."""

    heard: Vector = _EMPTY
    frequency: float = 0.0


def _pitches(
    state: Sung, rate: float, audio: Audio, low: float, high: float, sure: float
) -> tuple[Sung, Array, Array, Array, NDArray[np.bool_]]:
    """`pitch` of many ticks."""
    longest, shortest = _lags(rate, low, high)
    step = audio.shape[1]
    heard = np.concatenate((latest(state.heard, 2 * longest), mono(audio).reshape(-1)))
    each = sliding_window_view(heard, 2 * longest)[step::step]
    lags, confidence = _periods(_differences(each, longest), shortest)
    voiced = (lags > 0.0) & (confidence >= sure)
    told = np.concatenate(([state.frequency], rate / lags[voiced]))
    frequency = told[np.cumsum(voiced)]
    note = np.where(frequency > 0.0, 69.0 + 12.0 * np.log2(frequency / 440.0), 0.0)
    last = Sung(heard[-2 * longest :], frequency.item(-1))
    return last, frequency, np.maximum(0.0, note), confidence, voiced


@node(
    "audio.pitch",
    outlets=[
        outlet("frequency", "Hz", 0.0, 5000.0, help="while nothing is voiced, that of before"),
        outlet("note", "semitones", 0.0, 127.0, help="as in MIDI: 60 is C4, 69 is A4; 0 at first"),
        outlet("confidence", "", 0.0, 1.0),
        outlet("voiced", help="while the confidence is high enough"),
    ],
    state=Sung(),
    ahead=_pitches,
    title="Pitch",
    aliases="YIN, fiddle~, sigmund~, pitch~, retune~, Note, Audio Analysis Pitch",
)
def pitch(
    state: Sung,
    rate: float,
    audio: Audio = inlet(),
    low: float = param(60.0, "Hz", 30.0, 2000.0, curve="log", help="The lowest note looked for"),
    high: float = param(1200.0, "Hz", 60.0, 5000.0, curve="log", help="The highest one"),
    sure: float = param(0.5, "", 0.0, 1.0, help="From this confidence on it counts as voiced"),
) -> tuple[Sung, float, float, float, bool]:
    """Tell the pitch of one voice or instrument.

    YIN (de Cheveigné and Kawahara, JASA 111, 2002): the period is where the sound differs least
    from itself so much later, as a share of the mean difference at shorter lags. Which dip is
    the period is decided as in pYIN (Mauch and Dixon, ICASSP 2014): a threshold is not known, but
    its distribution (Beta 2, 18), so each dip has a probability, and that of the best one is the
    confidence. The frequency of a steady tone is exact to 3 cents, and to 12 where a period has
    fewer than 40 samples. Chords and drums have no pitch, and little confidence.

    It looks at two periods of `low`, and speaks of their middle: 1 / low ago, 17 ms for 60 Hz.
    """
    longest, shortest = _lags(rate, low, high)
    heard = latest(np.concatenate((state.heard, mono(audio))), 2 * longest)
    heard.setflags(write=False)
    lag, confidence = _period(_differences(heard, longest), shortest)
    voiced = lag > 0.0 and confidence >= sure
    frequency = rate / lag if voiced else state.frequency
    note = max(0.0, 69.0 + 12.0 * log2(frequency / 440.0)) if frequency > 0.0 else 0.0
    return Sung(heard, frequency), frequency, note, confidence, voiced


def _lags(rate: float, low: float, high: float) -> tuple[int, int]:
    """The longest and the shortest period looked for, in samples."""
    return int(rate / low) + 2, max(2, int(rate / max(low, high)))


def _differences(heard: Vector, longest: int) -> Array:
    """float64[…, longest]: d(τ) = Σ (x(t) - x(t + τ))², t over `longest` samples; 0 in silence.

    That is the energies of both less twice their product, which is a correlation and so a product
    of spectra.
    """
    size = 1 << (2 * longest - 1).bit_length()
    whole, window = np.zeros((2, *heard.shape[:-1], size), np.float32)
    whole[..., : 2 * longest] = heard
    window[..., :longest] = heard[..., :longest]
    products = np.fft.irfft(transformed(whole) * transformed(window).conj(), size)[..., :longest]
    energies = np.cumsum(np.square(heard, dtype=np.float64), axis=-1)
    energy = energies[..., longest - 1 : -1].copy()
    energy[..., 1:] -= energies[..., : longest - 1]
    first = energy[..., :1]
    differences: Array = np.maximum(0.0, first + energy - 2.0 * products)
    return np.where(first > _SILENT * longest, differences, 0.0)


def _period(differences: Array, shortest: int) -> tuple[float, float]:
    """The most probable period in samples, to a fraction of one, and its probability; 0 for none.

    Dips are looked for in d'(τ) = τ d(τ) / Σ d(1..τ). One is the period if it is the first below
    the threshold: if the threshold lies between it and the lowest dip before it.
    """
    sums = np.cumsum(differences)
    shares = differences * np.arange(differences.size) / np.maximum(sums, _LEAST)
    inner = shares[1:-1]
    dips = np.flatnonzero((inner < shares[:-2]) & (inner <= shares[2:])) + 1
    dips = dips[dips >= shortest]
    if not dips.size:
        return 0.0, 0.0
    lowest = np.minimum.accumulate(np.concatenate(([1.0], shares[dips])))
    chances = -np.diff(_below(lowest))
    best = chances.argmax()
    at = dips.item(best)
    before, here, after = differences[at - 1 : at + 2].tolist()
    bend = before - 2.0 * here + after
    return at + (0.5 * (before - after) / bend if bend > 0.0 else 0.0), chances.item(best)


def _periods(differences: Array, shortest: int) -> tuple[Array, Array]:
    """`_period` of each row, float64[ticks, longest]."""
    ticks, longest = differences.shape
    sums = np.cumsum(differences, axis=1)
    shares = differences * np.arange(longest) / np.maximum(sums, _LEAST)
    inner = shares[:, 1:-1]
    dips = (inner < shares[:, :-2]) & (inner <= shares[:, 2:])
    dips[:, : shortest - 1] = False
    depths = np.where(dips, inner, 1.0)
    lowest = np.minimum.accumulate(depths, axis=1)
    first = np.ones((ticks, 1))
    chances = np.full(dips.shape, -1.0)
    before = np.concatenate((first, lowest[:, :-1]), axis=1)
    chances[dips] = _below(before[dips]) - _below(lowest[dips])
    rows, best = np.arange(ticks), chances.argmax(axis=1)
    found = dips[rows, best]
    at = best + 1
    left, here, right = (differences[rows, at + side] for side in (-1, 0, 1))
    bend = left - 2.0 * here + right
    lags = at + np.where(bend > 0.0, 0.5 * (left - right) / bend, 0.0)
    return np.where(found, lags, 0.0), np.where(found, chances[rows, best], 0.0)


def _below(threshold: Array) -> Array:
    """The chance of a threshold below this one: the cumulative distribution of Beta(2, 18)."""
    return 1.0 - (1.0 - threshold) ** 18 * (1.0 + 18.0 * threshold)


NODES = (pitch,)
