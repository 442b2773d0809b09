"""Figures for the colour of a sound: bright or dark, tone or noise, one peak or many."""

from __future__ import annotations

from functools import lru_cache
from math import exp, log2, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, frequencies
from nodes._recursive import followed
from nodes.audio import mono

_EMPTY = np.zeros(0, np.float32)
_EMPTY.setflags(write=False)

_DARK, _BRIGHT = 150.0, 8000.0
_OCTAVES = log2(_BRIGHT / _DARK)
_LEAST = 1e-10
_SILENT = 1e-6
"""A mean magnitude of -120 dB, as of dither in 16 bits, below which no spectrum has a shape."""


@lru_cache(maxsize=32)
def _same(value: float, size: int) -> Vector:
    """float32[size], all of them `value`: a dot product with ones is the quickest sum."""
    values = np.full(size, value, np.float32)
    values.setflags(write=False)
    return values


def _moment_rows(size: int, rate: float) -> Matrix:
    """Rows for the sums of m, f m and f² m, f in kHz to stay within what float32 resolves."""
    f = frequencies(size, rate) / 1000.0
    return np.stack((np.ones(size), f, f * f)).astype(np.float32)


_GROUP = 32
"""Bins that are summed up before anybody looks at them one by one."""


def _below(energies: Vector, share: float) -> NDArray[np.intp]:
    """intp[ticks]: how many of the first of each float32[ticks, n] add up to less than a share of
    all. Sums of groups tell in which one that is; so only that one is gone through."""
    ticks, size = energies.shape
    groups = np.zeros((ticks, -(-size // _GROUP), _GROUP), np.float32)
    groups.reshape(ticks, -1)[:, :size] = energies
    sums = groups.dot(_same(1.0, _GROUP)).cumsum(axis=1)
    goal = sums[:, -1:] * share
    full = np.count_nonzero(sums < goal, axis=1)
    each = np.arange(ticks)
    within = groups[each, full].cumsum(axis=1)
    within += np.where(full > 0, sums[each, full - 1], 0.0)[:, None]
    below: NDArray[np.intp] = full * _GROUP + np.count_nonzero(within < goal, axis=1)
    return below


class Colour(NamedTuple):
    """Of the sound so far: a magnitude, float32[bins], that follows it, and the sums of m, f m and
    f² m in the mean spectrum."""

    known: Vector = _EMPTY
    sums: tuple[float, ...] = (0.0, 0.0, 0.0)


def _shapes(
    state: Colour,
    dt: float,
    rate: float,
    product: Vector,
    magnitude: Vector,
    memory: float,
    share: float,
    window: float,
) -> tuple[Colour | Vector, ...]:
    """`shape` of many ticks."""
    size = magnitude.shape[1]
    keep = exp(-dt / window) if window > 0.0 else 0.0
    means = followed(product, np.array(state.sums, np.float32), keep)
    total, first, second = means.T.astype(np.float64)
    now = product[:, 0].astype(np.float64)
    before = state.known if state.known.size == size else np.zeros(size, np.float32)
    after = followed(magnitude, before, exp(-dt / memory))
    risen = magnitude.copy()
    risen[0] -= before
    risen[1:] -= after[:-1]
    np.maximum(risen, 0.0, out=risen)
    centre = first / total
    centroid = centre * 1000.0
    octaves = np.log2(np.maximum(centroid, _DARK) / _DARK) / _OCTAVES
    spread = np.sqrt(np.maximum(0.0, second / total - centre * centre))
    logs = np.log(np.maximum(magnitude, np.float32(_LEAST))).dot(_same(1.0, size)) / size
    below = _below(magnitude * magnitude, share)
    lately = (np.minimum(1.0, octaves), centroid, spread * 1000.0)
    told = (
        np.minimum(1.0, np.exp(logs) * size / now),
        below * (0.5 * rate / (size - 1)),
        np.minimum(1.0, risen.dot(_same(1.0, size)) / now),
    )
    return (
        Colour(after[-1], tuple(means[-1].tolist())),
        *(np.where(total > size * _SILENT, figure, 0.0) for figure in lately),
        *(np.where(now > size * _SILENT, figure, 0.0) for figure in told),
    )


@node(
    "audio.shape",
    outlets=[
        outlet(
            "brightness", "", 0.0, 1.0, help="centroid from 150 Hz (0) to 8 kHz (1), in octaves"
        ),
        outlet("centroid", "Hz", 0.0, 24000.0),
        outlet("spread", "Hz", 0.0, 12000.0),
        outlet("flatness", "", 0.0, 1.0, help="0 for a tone, 1 for white noise"),
        outlet("rolloff", "Hz", 0.0, 24000.0, help="below it lies most of the energy"),
        outlet("flux", "", 0.0, 1.0, help="how much of the spectrum is new"),
    ],
    state=Colour(),
    rows=_moment_rows,
    ahead=_shapes,
    title="Spectral Shape",
    aliases="Timbre, Spectral Centroid, analyzer~, zsa.descriptors, Brightness",
)
def shape(
    state: Colour,
    dt: float,
    rate: float,
    product: Vector,
    magnitude: Vector = inlet(),
    memory: float = param(
        0.05, "s", 0.005, 2.0, curve="log", help="Flux: how quickly what was new becomes known"
    ),
    share: float = param(0.85, "", 0.05, 0.99, help="Rolloff: the share of the energy below it"),
    window: float = param(
        0.0, "s", 0.0, 10.0, help="Brightness, centroid, spread: of a mean so far back; 0 is now"
    ),
) -> tuple[Colour, float, float, float, float, float, float]:
    """Describe the colour of the sound in a few numbers.

    With m the magnitude and f the frequency of the bins (Peeters, "A large set of audio features
    for sound description", IRCAM 2004): centroid c = Σ f m / Σ m, the centre of gravity; spread
    √(Σ (f - c)² m / Σ m); flatness, the geometric mean of m over its arithmetic mean; rolloff, the
    frequency below which lies that `share` of Σ m². Flux is Σ max(0, m - k) / Σ m, where k follows
    m with the time constant `memory`: 0 while a sound lasts, towards 1 when another begins. In
    silence everything is 0. All of it is as late as the spectrum.

    With a `window`, brightness, centroid and spread are those of the mean spectrum, which fades
    exponentially: what is loud counts most, and neither a pause nor the first breath of a sound is
    taken for its colour.
    """
    now = product.tolist()
    sums = tuple(now)
    if window > 0.0:
        keep = exp(-dt / window)
        sums = tuple(new + (mean - new) * keep for new, mean in zip(now, state.sums, strict=True))
    size, known = magnitude.size, state.known
    new = magnitude - known if known.size == size else magnitude
    after = magnitude - new * exp(-dt / memory)
    after.setflags(write=False)
    colour, lately, total = Colour(after, sums), _lately(size, *sums), now[0]
    if size < 2 or total <= size * _SILENT:
        return colour, *lately, 0.0, 0.0, 0.0
    ones = _same(1.0, size)
    logs = float(np.log(np.maximum(magnitude, _same(_LEAST, size))).dot(ones)) / size
    energy = np.add.accumulate(magnitude * magnitude)  # what `cumsum` does, with less around it
    rolloff = float(energy.searchsorted(energy[-1] * share)) * 0.5 * rate / (size - 1)
    flux = float(np.maximum(new, _same(0.0, size)).dot(ones)) / total
    return colour, *lately, min(1.0, exp(logs) * size / total), rolloff, min(1.0, flux)


def _lately(size: int, total: float, first: float, second: float) -> tuple[float, float, float]:
    """Brightness, centroid and spread, by the sums of m, f m and f² m over so many bins."""
    if size < 2 or total <= size * _SILENT:
        return 0.0, 0.0, 0.0
    centre = first / total
    spread = sqrt(max(0.0, second / total - centre * centre))
    centroid = centre * 1000.0
    octaves = log2(max(centroid, _DARK) / _DARK) / _OCTAVES
    return min(1.0, octaves), centroid, spread * 1000.0


@lru_cache(maxsize=32)
def _kilohertz(size: int, rate: float) -> Vector:
    bins = (frequencies(size, rate) / 1000.0).astype(np.float32)
    bins.setflags(write=False)
    return bins


def _moments(rate: float, product: Vector, magnitude: Vector) -> tuple[Vector, ...]:
    """`moments` of many ticks."""
    size = magnitude.shape[1]
    total, first, _ = product.T.astype(np.float64)
    away = _kilohertz(size, rate) - (first / total).astype(np.float32)[:, None]
    squared = away * away
    weighted = magnitude * squared
    variance = weighted.dot(_same(1.0, size)) / total
    third, fourth = np.vecdot(weighted, away) / total, np.vecdot(weighted, squared) / total
    end = 0.0005 * rate
    lean = first - 0.5 * end * total
    logs = np.log2(np.maximum(magnitude, np.float32(_LEAST)))
    entropy = (np.log2(total) - np.vecdot(magnitude, logs) / total) / log2(size)
    wide = variance > 1e-9
    told = (
        np.where(wide, third / variance**1.5, 0.0),
        np.where(wide, fourth / (variance * variance), 0.0),
        12.0 * (size - 1) * lean / (size * (size + 1) * end * end * total),
        np.clip(entropy, 0.0, 1.0),
        magnitude.max(axis=1) * size / total,
    )
    return (*(np.where(total > size * _SILENT, figure, 0.0) for figure in told),)


@node(
    "audio.moments",
    outlets=[
        outlet("skewness", "", -10.0, 10.0, help="above 0 the highs trail off, below 0 the lows"),
        outlet("kurtosis", "", 1.0, 100.0, help="3 for a bell, more for one sharp peak"),
        outlet("slope", "", -1.0, 1.0, help="how fast it falls towards the highs, per kHz"),
        outlet("entropy", "", 0.0, 1.0, help="0 for one tone, 1 for a flat spectrum"),
        outlet("crest", "", 1.0, 1000.0, help="the highest bin over the mean of all"),
    ],
    rows=_moment_rows,
    ahead=_moments,
    title="Spectral Moments",
    aliases="Skewness, Kurtosis, Spectral Entropy, Spectral Crest, Spectral Slope, zsa.descriptors",
)
def moments(
    rate: float, product: Vector, magnitude: Vector = inlet()
) -> tuple[float, float, float, float, float]:
    """Describe the shape of the spectrum further: lopsided, peaked, sloping, spread out.

    With m the magnitude, f the frequency of the N bins, c the centroid and σ the spread (Peeters,
    "A large set of audio features for sound description", IRCAM 2004): skewness
    Σ (f - c)³ m / (σ³ Σ m); kurtosis Σ (f - c)⁴ m / (σ⁴ Σ m); slope, that of the straight line
    nearest to m over f, (N Σ f m - Σ f Σ m) / ((N Σ f² - (Σ f)²) Σ m), f in kHz; crest, max m over
    the mean of m. Entropy is -Σ p log₂ p / log₂ N with p = m / Σ m (Misra et al., "Spectral entropy
    based feature for robust ASR", ICASSP 2004). In silence everything is 0.
    """
    total, first, _ = product.tolist()
    size = magnitude.size
    if size < 2 or total <= size * _SILENT:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    bins = _kilohertz(size, rate)
    away = bins - first / total
    squared = away * away
    weighted = magnitude * squared
    variance = float(weighted.dot(_same(1.0, size))) / total
    third, fourth = float(weighted.dot(away)) / total, float(weighted.dot(squared)) / total
    one_bin = variance <= 1e-9
    end = 0.0005 * rate
    # N Σ f² - (Σ f)² = N² end² (N + 1) / 12 (N - 1), for N frequencies from 0 to `end`.
    lean = first - 0.5 * end * total
    logs = np.log2(np.maximum(magnitude, _same(_LEAST, size)))
    entropy = (log2(total) - float(magnitude.dot(logs)) / total) / log2(size)
    return (
        0.0 if one_bin else third / variance**1.5,
        0.0 if one_bin else fourth / (variance * variance),
        12.0 * (size - 1) * lean / (size * (size + 1) * end * end * total),
        min(1.0, max(0.0, entropy)),
        magnitude.item(magnitude.argmax()) * size / total,
    )


def _crossings(state: bool, rate: float, audio: Audio) -> tuple[bool, Vector]:
    """`crossings` of many ticks."""
    below = np.signbit(mono(audio))
    flat = below.reshape(-1)
    changes = flat != np.concatenate(([state], flat[:-1]))
    counts = np.count_nonzero(changes.reshape(below.shape), axis=1)
    return flat.item(-1), counts * rate / below.shape[1]


@node(
    "audio.crossings",
    outlets=[outlet("crossings", "/s", 0.0, 24000.0, help="twice the frequency of a plain tone")],
    state=False,
    ahead=_crossings,
    title="Zero Crossings",
    aliases="ZCR, zerox~, Zero Crossing Rate, Noisiness",
)
def crossings(state: bool, rate: float, audio: Audio = inlet()) -> tuple[bool, float]:
    """Count how often the sound changes its sign.

    The changes between one sample and the next, mean of the channels, in the block of this tick
    and into it, per second. High for hiss and sibilants, low for voices and basses; the cheapest
    way to tell them apart (Kedem, "Spectral analysis and discrimination by zero-crossings", 1986).
    0 counts as positive. No latency but the block.
    """
    below = np.signbit(mono(audio))
    if not below.size:
        return state, 0.0
    changes = int(np.count_nonzero(below[1:] != below[:-1])) + (below.item(0) != state)
    return below.item(-1), changes * rate / below.size


NODES = (shape, moments, crossings)
