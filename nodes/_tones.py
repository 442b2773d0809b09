"""What the twelve notes of an octave have of a spectrum, and which key they speak for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodes._filterbank import Matrix, frequencies

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_CENTRE, _SPREAD = 5.0, 2.0
"""Octaves above 27.5 Hz: what lies around 880 Hz counts most, and two octaves off 0.6 of that."""


def chroma_rows(size: int, rate: float, tuning: float) -> Matrix:
    """float32[12, size], C first: how much each bin of a spectrum says of each note.

    A bin counts for the notes that it may have heard, in bells as wide as a semitone or, in the
    bass, as itself, and less towards both ends of hearing (Ellis, "Chroma feature analysis and
    synthesis", 2007). `tuning` is in cents, from A = 440 Hz.
    """
    if size < 2:
        return np.zeros((12, size), np.float32)  # nothing in it has a height
    heard = frequencies(size, rate)[1:] / (440.0 * 2.0 ** (tuning / 1200.0))
    places = 12.0 * np.log2(heard)
    places = np.concatenate(([places[0] - 18.0], places))  # 0 Hz: far below all others
    widths = np.maximum(1.0, np.diff(places, append=places[-1]))
    away = (places - np.arange(-9, 3)[:, None] + 6.0) % 12.0 - 6.0
    bells = np.exp(-0.5 * (2.0 * away / widths) ** 2)
    bells /= np.sqrt((bells * bells).sum(axis=0))
    octaves = 4.0 + places / 12.0  # above 27.5 Hz
    bells *= np.exp(-0.5 * ((octaves - _CENTRE) / _SPREAD) ** 2)
    return bells.astype(np.float32)


_PROFILES = {
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "temperley": (
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
}
"""How well each note fits into C major and into C minor: as listeners judged (Krumhansl and
Kessler, 1982), and as theory has it (Temperley, 1999)."""

PROFILES = tuple(_PROFILES)


def _keys(profile: str) -> NDArray[np.float64]:
    """float64[24, 12]: C major to B major, then C minor to B minor, less their means, of length 1;
    a product with them correlates."""
    rolled = [np.roll(mode, tonic) for mode in _PROFILES[profile] for tonic in range(12)]
    centred = np.stack(rolled) - np.mean(rolled, axis=1, keepdims=True)
    scaled: NDArray[np.float64] = centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return scaled


KEYS = {profile: _keys(profile) for profile in PROFILES}
