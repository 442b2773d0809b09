"""What MetaDJ Soundscape hears: five features, energy and its companions, beats, and auto theme.

Kept as it was in February 2026, limits and all, so that its looks move as they did: everything
counts ticks of 512 samples, as its audio callback did. `audio.shape`, `audio.level` and
`beat.tracker` hear better.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import floor, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Audio, Trigger, Vector, inlet, node, outlet, param
from nodes._numbers import clamp, nearest
from nodes.audio import mono

_BLOCK: Final = 512
_EMPTY = np.zeros(0, np.float32)
_EMPTY.setflags(write=False)


def milliseconds(now: float) -> int:
    """The time as a clock of whole milliseconds shows it; a whisker late, against rounding."""
    return floor(now * 1000.0 + 1e-6)


@lru_cache(maxsize=1)
def _hann() -> Vector:
    """float32[512], symmetric."""
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_BLOCK) / (_BLOCK - 1))
    made: Vector = window.astype(np.float32)
    made.setflags(write=False)
    return made


@lru_cache(maxsize=1)
def _bins() -> NDArray[np.float64]:
    """float64[256]: the numbers of the bins below half the rate."""
    bins = np.arange(_BLOCK // 2, dtype=np.float64)
    bins.setflags(write=False)
    return bins


@node(
    "soundscape.features",
    outlets=[
        outlet("rms", "", 0.0, 0.62, help="of the windowed block: 0.61 of the true one"),
        outlet("centroid", "", 0.0, 255.0, help="in bins, not in Hz"),
        outlet("flatness", "", 0.0, 1.0, help="0 for a tone, 1 for noise"),
        outlet("rolloff", "Hz", 0.0, 24000.0, help="99 % of the amplitudes lie below"),
        outlet("zcr", "", 0.0, 511.0, help="how often the sign changes"),
    ],
    state=_EMPTY,
    title="Soundscape Features",
    aliases="Meyda, MetaDJ Soundscape, Audio Features",
)
def features(
    state: Vector, rate: float, audio: Audio = inlet()
) -> tuple[Vector, float, float, float, float, float]:
    """Measure sound as MetaDJ Soundscape does.

    The newest 512 samples, mean of the channels, under a symmetric Hann window. With A the
    amplitudes of bins 0 to 255 (Meyda 5.6): centroid Σ k A / Σ A; flatness exp(mean ln A) over mean
    A; rolloff: bins are taken off the top while more than 99 % of Σ A is left. In silence centroid
    and flatness are 0, where Meyda has no number.
    """
    heard = mono(audio)
    if heard.size < _BLOCK:
        heard = np.concatenate((state, heard))
    heard = heard[-_BLOCK:]
    if heard.size < _BLOCK:
        heard = np.concatenate((np.zeros(_BLOCK - heard.size, np.float32), heard))
    signal = heard * _hann().astype(np.float64)
    rms = sqrt(float(np.dot(signal, signal)) / _BLOCK)
    negative = signal < 0.0
    crossings = int(np.count_nonzero(negative[1:] != negative[:-1]))
    amplitude = np.abs(np.fft.rfft(signal)[:-1]).astype(np.float32).astype(np.float64)
    centroid, flatness, bins_left = _shape(amplitude)
    kept = heard if audio.shape[0] < _BLOCK else _EMPTY
    kept.setflags(write=False)
    return kept, rms, centroid, flatness, bins_left * (rate / (_BLOCK - 2)), float(crossings)


def _shape(amplitude: NDArray[np.float64]) -> tuple[float, float, int]:
    """Centroid in bins, flatness, and how many bins hold 99 % of the amplitudes."""
    total = float(np.add.accumulate(amplitude)[-1])
    if total <= 0.0:
        return 0.0, 0.0, amplitude.size
    centroid = float(np.dot(_bins(), amplitude)) / total
    with np.errstate(divide="ignore"):  # a bin of nothing makes the geometric mean 0
        logs = float(np.add.reduce(np.log(amplitude))) / amplitude.size
    flatness = float(np.exp(logs)) * amplitude.size / total
    # One after the other as Meyda does, so that the same bin decides.
    left = np.subtract.accumulate(np.concatenate(((total,), amplitude[::-1])))
    taken = int(np.count_nonzero(left > 0.99 * total))
    return centroid, flatness, amplitude.size - taken


class Levels(NamedTuple):
    """The adaptive ceiling and the newest energies."""

    ceiling: float = 0.15
    energies: tuple[float, ...] = ()


_LOUDEST: Final = 0.15
_MOST_CENTROID: Final = 3000.0
_MOST_FLATNESS: Final = 0.5


@node(
    "soundscape.analysis",
    outlets=[
        outlet("energy", "", 0.0, 1.0),
        outlet("brightness", "", 0.0, 0.085, help="of its range only the lowest part is reached"),
        outlet("texture", "", 0.0, 1.0),
        outlet("derivative", "", -1.0, 1.0, help="energy less that of the tick before"),
        outlet("peak", "", 0.1, 1.0, help="the highest of the last 10 energies"),
        outlet("ceiling", "", 0.15, 1.0, help="the rms by which energy is measured next"),
    ],
    state=Levels(),
    title="Soundscape Analysis",
    aliases="MetaDJ Soundscape, Analyser, Normaliser",
)
def analysis(
    state: Levels,
    rms: float = inlet(0.0, help="from soundscape.features"),
    centroid: float = inlet(0.0, help="from soundscape.features, in bins"),
    flatness: float = inlet(0.0, help="from soundscape.features"),
) -> tuple[Levels, float, float, float, float, float, float]:
    """Turn features into energy, brightness and texture as MetaDJ Soundscape does.

    Energy is rms over a ceiling that jumps to 1.12 rms when that is higher and falls by 0.3 % a
    tick otherwise, never below 0.15: quiet music stays quiet. Brightness is centroid / 3000 and
    texture flatness / 0.5. As the centroid comes in bins, brightness stays below 0.085.
    """
    energy = clamp(rms / max(_LOUDEST, state.ceiling), 0.0, 1.0)
    derivative = energy - state.energies[-1] if state.energies else 0.0
    energies = (*state.energies[-9:], energy)
    wanted = max(_LOUDEST, rms * 1.12)
    ceiling = wanted if wanted > state.ceiling else max(_LOUDEST, state.ceiling * 0.997)
    return (
        Levels(ceiling, energies),
        energy,
        clamp(centroid / _MOST_CENTROID, 0.0, 1.0),
        clamp(flatness / _MOST_FLATNESS, 0.0, 1.0),
        derivative,
        max(0.1, *energies),
        ceiling,
    )


class Pulse(NamedTuple):
    """The newest energies, ticks in all and at the last beat, beats (ms), the tempo found last."""

    energies: tuple[float, ...] = ()
    ticks: int = 0
    last: int = 0
    beats: tuple[int, ...] = ()
    bpm: float = 0.0
    confidence: float = 0.0


_REFRACTORY: Final = 10
_MEMORY_MS: Final = 30_000


@node(
    "soundscape.beat",
    outlets=[
        outlet("hit", help="a beat"),
        outlet("bpm", "1/min", 0.0, 200.0, help="0 until a tempo is found, then the last one"),
        outlet("confidence", "", 0.0, 1.0, help="1 where all intervals are equal"),
    ],
    state=Pulse(),
    title="Soundscape Beat",
    aliases="MetaDJ Soundscape, Beat Detector, Onset",
)
def beat(
    state: Pulse,
    now: float,
    energy: float = inlet(0.0, "", 0.0, 1.0, help="from soundscape.analysis"),
) -> tuple[Pulse, Trigger, float, float]:
    """Find beats and tempo as MetaDJ Soundscape does.

    A beat is an energy above 0.14 and 1.35 times the mean of the last 43, if that mean is above
    0.04 and 0.06 lower, more than 10 ticks after the last beat. The tempo is that of the mean
    interval m of the beats of 30 s, four at the least, within 60 to 200; its confidence is 1 - σ/m.
    """
    energies = (*state.energies[-42:], energy)
    mean = sum(energies) / len(energies)
    ticks = state.ticks + 1
    if not (
        energy > max(0.14, 1.35 * mean)
        and mean > 0.04
        and energy - mean > 0.06
        and ticks - state.last > _REFRACTORY
    ):
        after = Pulse(energies, ticks, state.last, state.beats, state.bpm, state.confidence)
        return after, False, state.bpm, state.confidence
    time = milliseconds(now)
    beats = (*(past for past in state.beats if past > time - _MEMORY_MS), time)
    bpm, confidence = _tempo(beats) or (state.bpm, state.confidence)
    return Pulse(energies, ticks, ticks, beats, bpm, confidence), True, bpm, confidence


def _tempo(beats: tuple[int, ...]) -> tuple[float, float] | None:
    """Tempo and confidence of beats in ms, or None where they give none."""
    if len(beats) < 4:
        return None
    intervals = [b - a for a, b in pairwise(beats)]
    mean = sum(intervals) / len(intervals)
    bpm = nearest(60_000.0 / mean)
    if not 60 <= bpm <= 200:
        return None
    spread = sqrt(sum((x - mean) ** 2 for x in intervals) / len(intervals))
    return float(bpm), max(0.0, 1.0 - spread / mean)


class Rota(NamedTuple):
    """Beats counted, when the last one was (ms, None before the first), themes gone through."""

    beats: int = 0
    last: int | None = None
    turns: int = 0


@node(
    "soundscape.auto_theme",
    outlets=[
        outlet("turns", "", 0.0, help="how many themes on"),
        outlet("next", help="another theme begins"),
    ],
    state=Rota(),
    title="Soundscape Auto Theme",
    aliases="MetaDJ Soundscape, Autopilot, Theme Rotation",
)
def auto_theme(
    state: Rota,
    now: float,
    hit: Trigger = inlet(False, help="a beat"),
    bpm: float = inlet(0.0, "1/min", help="the tempo, 0 if none is known"),
    confidence: float = inlet(0.0, "", 0.0, 1.0, help="how sure the tempo is"),
    every: str = param("32", choices=("off", "16", "32", "64"), help="beats to a theme"),
) -> tuple[Rota, float, Trigger]:
    """Go on to the next theme every so many beats, as MetaDJ Soundscape does.

    A beat counts as one, or with a trusted tempo as the number of beat times since the last, 8 at
    most. A theme ends when the count is a multiple of `every`, so a count that jumps may skip one.
    """
    if not hit or every == "off":
        return state, float(state.turns), False
    time = milliseconds(now)
    passed = 1
    if state.last is not None and confidence >= 0.45 and 60.0 <= bpm <= 200.0:
        passed = max(1, min(8, nearest((time - state.last) * bpm / 60_000.0)))
    count = state.beats + passed
    turn = count % int(every) == 0
    turns = state.turns + turn
    return Rota(count, time, turns), float(turns), turn


NODES = (features, analysis, beat, auto_theme)
