"""How loud the sound is: for meters (RMS and peak), and for ears (LUFS)."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from math import exp, log10, sqrt
from typing import NamedTuple

import numpy as np

from nodegraph import Audio, Vector, inlet, node, outlet, param
from nodes._recursive import Array, filtered
from nodes._weighting import k_weighting

_FLOOR = -120.0
"""dBFS below which nothing is told apart."""


def decibels(amplitude: float, floor: float = _FLOOR) -> float:
    """An amplitude in dB relative to 1.0, `floor` at the least."""
    return max(floor, 20.0 * log10(amplitude)) if amplitude > 0.0 else floor


class Loudness(NamedTuple):
    """What a level meter keeps: mean square and peak, both fading."""

    power: float = 0.0
    peak: float = 0.0


@lru_cache(maxsize=64)
def _fade(samples: int, channels: int, rate: float, window: float) -> tuple[Vector, float]:
    """Weights of a block's samples in an exponential mean that ends with the block, and that of
    everything before it."""
    ages = np.arange(samples - 1, -1, -1) / (rate * window)
    step = -np.expm1(-1.0 / (rate * window))
    weights = np.repeat(step * np.exp(-ages) / channels, channels).astype(np.float32)
    weights.setflags(write=False)
    return weights, exp(-samples / (rate * window))


def _levels(
    state: Loudness, rate: float, audio: Audio, window: float
) -> tuple[Loudness, Array, Array, Array]:
    """`level` of many ticks."""
    flat = audio.reshape(len(audio), -1)
    peaks = np.maximum(flat.max(axis=1), -flat.min(axis=1)).tolist()
    if window <= 0.0:
        means = (np.vecdot(flat, flat) / flat.shape[1]).tolist()
    else:
        weights, kept = _fade(*audio.shape[1:], rate, window)
        news = (flat * flat).dot(weights).tolist()
        means = [*accumulate(news, lambda mean, new: mean * kept + new, initial=state.power)][1:]
        peaks = [*accumulate(peaks, lambda peak, new: max(new, peak * kept), initial=state.peak)]
        peaks = peaks[1:]
    rms = np.sqrt(means)
    loud = np.maximum(_FLOOR, 20.0 * np.log10(rms))
    return Loudness(means[-1], peaks[-1]), rms, np.array(peaks), loud


@node(
    "audio.level",
    outlets=[
        outlet("rms", "", 0.0, 1.0),
        outlet("peak", "", 0.0, 1.0),
        outlet("db", "dB", -120.0, 0.0, help="rms in dB; a full-scale sine reads -3"),
    ],
    state=Loudness(),
    ahead=_levels,
    aliases="Analyze CHOP, env~, meter~, average~, Volume, RMS",
)
def level(
    state: Loudness,
    rate: float,
    audio: Audio = inlet(),
    window: float = param(
        0.0, "s", 0.0, 10.0, help="How far back the mean reaches; 0 is the block of this tick alone"
    ),
) -> tuple[Loudness, float, float, float]:
    """Tell how loud it is.

    The root of the mean square over all channels. With a window, the mean fades exponentially,
    sample by sample (time constant `window`, as in a sound level meter, IEC 61672-1: 0.125 s is
    "fast", 1 s is "slow"), and the peak falls as slowly. So the reading does not depend on how
    long a tick is.
    """
    flat = audio.ravel()
    if not flat.size:
        return state, sqrt(state.power), state.peak, decibels(sqrt(state.power))
    # Where the extremes are is found three times as quickly as what they are.
    peak = max(flat.item(flat.argmax()), -flat.item(flat.argmin()))
    if window <= 0.0:
        mean_square = float(flat.dot(flat)) / flat.size
    else:
        weights, kept = _fade(*audio.shape, rate, window)
        mean_square = state.power * kept + float(weights.dot(flat * flat))
        peak = max(peak, state.peak * kept)
    rms = sqrt(mean_square)
    return Loudness(mean_square, peak), rms, peak, decibels(rms)


class Weighted(NamedTuple):
    """The state of the K filters, float64[channels, 4], the weighted mean square of each of the
    last blocks, float64[blocks], newest last, and what was told."""

    filters: Array = np.zeros((0, 4))
    energies: Array = np.zeros(0)
    momentary: float = -120.0
    short_term: float = -120.0


_MOMENTARY, _SHORT = 0.4, 3.0
_OFFSET = -0.691
_SURROUND = np.sqrt([[1.0], [1.0], [1.0], [0.0], [1.41], [1.41]])
"""What the power of the channels of 5.1 counts, as factors of the sound: left, right, centre, bass,
and the two behind."""


@lru_cache(maxsize=16)
def _spans(samples: int, rate: float) -> Array:
    """float64[2, blocks]: what each block counts in the mean of the last 0.4 s and of 3 s."""
    blocks = max(1, int(np.ceil(_SHORT * rate / samples)))
    ages = np.arange(blocks - 1, -1, -1)
    inside = [np.clip(span * rate / samples - ages, 0.0, 1.0) for span in (_MOMENTARY, _SHORT)]
    return np.stack([weights / weights.sum() for weights in inside])


@node(
    "audio.loudness",
    outlets=[
        outlet("momentary", "dB", -120.0, 6.0, help="in LUFS, over the last 0.4 s"),
        outlet("short_term", "dB", -120.0, 6.0, help="in LUFS, over the last 3 s"),
    ],
    state=Weighted(),
    title="Loudness",
    aliases="LUFS, LKFS, EBU R128, BS.1770, Loudness Meter",
)
def loudness(state: Weighted, rate: float, audio: Audio = inlet()) -> tuple[Weighted, float, float]:
    """Tell how loud it sounds to ears, in LUFS.

    ITU-R BS.1770-5: each channel goes through the K filters (highs count more, the lowest lows not
    at all), and the loudness is -0.691 + 10 log10 of the sum of their mean squares. EBU Tech 3341
    names the two windows: momentary is the last 0.4 s, short-term the last 3 s, both straight. A
    full-scale sine of 1 kHz reads -3.0 in one channel and 0.0 in two. In six channels, taken as
    5.1, the fourth does not count and the last two count 1.5 dB more. What was before the beginning
    counts as silence; nothing reads below -120.
    """
    count, channels = audio.shape
    if not count:
        return state, state.momentary, state.short_term
    filters, weighted = filtered(k_weighting(rate), state.filters, audio)
    if channels == len(_SURROUND):
        weighted = weighted * _SURROUND
    flat = weighted.reshape(-1)
    spans = _spans(count, rate)
    blocks = spans.shape[1]
    before = state.energies if state.energies.size == blocks else np.zeros(blocks)
    energies = np.concatenate((before[1:], (flat.dot(flat) / count,)))
    energies.setflags(write=False)
    momentary, short_term = (_lufs(mean) for mean in spans.dot(energies).tolist())
    return Weighted(filters, energies, momentary, short_term), momentary, short_term


def _lufs(mean_square: float) -> float:
    return max(-120.0, _OFFSET + 10.0 * log10(mean_square)) if mean_square > 0.0 else -120.0


NODES = (level, loudness)
