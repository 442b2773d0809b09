"""How high the sound is: the frequency of a voice or an instrument, and how sure that is."""

from __future__ import annotations

from math import log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._transform import transformed
from nodes.audio import mono

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


@node(
    "audio.pitch",
    outlets=[
        outlet("frequency", "Hz", 0.0, 5000.0, help="while nothing is voiced, that of before"),
        outlet("note", "semitones", 0.0, 127.0, help="as in MIDI: 60 is C4, 69 is A4; 0 at first"),
        outlet("confidence", "", 0.0, 1.0),
        outlet("voiced", help="while the confidence is high enough"),
    ],
    state=Sung(),
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
    longest = int(rate / low) + 2
    shortest = max(2, int(rate / max(low, high)))
    heard = np.concatenate((state.heard, mono(audio)))[-2 * longest :]
    if heard.size < 2 * longest:
        heard = np.concatenate((np.zeros(2 * longest - heard.size, np.float32), heard))
    heard.setflags(write=False)
    lag, confidence = _period(_differences(heard, longest), shortest)
    voiced = lag > 0.0 and confidence >= sure
    frequency = rate / lag if voiced else state.frequency
    note = max(0.0, 69.0 + 12.0 * log2(frequency / 440.0)) if frequency > 0.0 else 0.0
    return Sung(heard, frequency), frequency, note, confidence, voiced


def _differences(heard: Vector, longest: int) -> Array:
    """float64[longest]: d(τ) = Σ (x(t) - x(t + τ))², t over `longest` samples; 0 in silence.

    That is the energies of both less twice their product, which is a correlation and so a product
    of spectra.
    """
    size = 1 << (2 * longest - 1).bit_length()
    whole, window = np.zeros((2, size), np.float32)
    whole[: heard.size] = heard
    window[:longest] = heard[:longest]
    products = np.fft.irfft(transformed(whole) * transformed(window).conj(), size)[:longest]
    energies = np.concatenate(([0.0], np.cumsum(np.square(heard, dtype=np.float64))))
    energy = energies[longest : 2 * longest] - energies[:longest]
    if energy[0] <= _SILENT * longest:
        return np.zeros(longest)
    differences: Array = np.maximum(0.0, energy[0] + energy - 2.0 * products)
    return differences


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


def _below(threshold: Array) -> Array:
    """The chance of a threshold below this one: the cumulative distribution of Beta(2, 18)."""
    return 1.0 - (1.0 - threshold) ** 18 * (1.0 + 18.0 * threshold)


NODES = (pitch,)
