"""From beats to seconds: steady, drifting, ramped, leaping and rubato tempos."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""The tempo (1/min) at each of some beats."""

_FINE = 48
"""Points per beat between which the tempo is taken for constant."""


class TempoMap:
    """Where each beat of a song lies in time."""

    def __init__(self, tempo: Curve, start: float, seconds: float, fastest: float = 260.0) -> None:
        """Beat 0 is at `start` (s); the map reaches beyond `seconds`, up to `fastest` 1/min."""
        count = int(seconds * fastest / 60.0) + 16
        self._beats = np.arange(count * _FINE + 1) / _FINE
        lengths = 60.0 / (np.clip(tempo(self._beats[:-1]), 30.0, fastest) * _FINE)
        self._times = start + np.concatenate(([0.0], np.cumsum(lengths)))

    def seconds(self, beats: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """When these beats are."""
        return np.asarray(np.interp(beats, self._beats, self._times))

    def beats(self, seconds: float) -> float:
        """Which beat is at this time."""
        return float(np.interp(seconds, self._times, self._beats))


def steady(bpm: float) -> Curve:
    """A machine."""
    return lambda beats: np.full(len(beats), bpm)


def drifting(bpm: float, depth: float, rng: np.random.Generator) -> Curve:
    """People playing together: the tempo wanders by `depth` (relative, standard deviation)."""
    periods = np.exp2(rng.uniform(2.0, 6.0, 5))
    turns = rng.uniform(0.0, 2.0 * np.pi, 5)

    def curve(beats: NDArray[np.float64]) -> NDArray[np.float64]:
        waves = np.sin(2.0 * np.pi * beats[:, None] / periods + turns)
        return np.asarray(bpm * (1.0 + depth * waves.sum(axis=1) / np.sqrt(2.5)))

    return curve


def rubato(bpm: float, depth: float, phrase: int, rng: np.random.Generator) -> Curve:
    """A soloist: phrases of some beats that hurry in the middle and broaden at the end."""
    wander = drifting(bpm, depth * 0.6, rng)
    arches = rng.uniform(0.3, 1.6, 400) * depth
    ends = rng.uniform(0.0, 2.5, 400) * depth

    def curve(beats: NDArray[np.float64]) -> NDArray[np.float64]:
        index = (beats // phrase).astype(int) % 400
        place = beats % phrase / phrase
        arch = arches[index] * (np.sin(np.pi * place) - 0.5)
        ritard = ends[index] * np.clip((place - 0.8) / 0.2, 0.0, 1.0) ** 2
        return np.asarray(wander(beats) * np.maximum(0.45, 1.0 + arch - ritard))

    return curve


def ramped(first: float, last: float, begin: float, end: float) -> Curve:
    """From one tempo to another, evenly between two beats."""
    return lambda beats: np.interp(beats, (begin, end), (first, last))


def leaping(tempos: list[float], every: float) -> Curve:
    """Another tempo each time so many beats have passed."""
    return lambda beats: np.array(tempos)[np.minimum(beats // every, len(tempos) - 1).astype(int)]
