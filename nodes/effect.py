"""Sound changed on its way: filters, delay, and a gain that minds itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import cos, exp, pi, sin, sqrt
from typing import NamedTuple

import numpy as np

from nodegraph import Audio, inlet, node, outlet, param
from nodes._numbers import clamp, nearest
from nodes._recursive import Array, Section, filtered
from nodes.audio import factor
from nodes.level import Weighted, decibels, loudness

Polynomials = tuple[float, float, float, float, float, float]
"""b0, b1, b2, a0, a1, a2 of a biquad."""


def _low_pass(w: float, alpha: float, a: float) -> Polynomials:
    c = cos(w)
    return (1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha


def _high_pass(w: float, alpha: float, a: float) -> Polynomials:
    c = cos(w)
    return (1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha


def _band_pass(w: float, alpha: float, a: float) -> Polynomials:
    return alpha, 0.0, -alpha, 1 + alpha, -2 * cos(w), 1 - alpha


def _notch(w: float, alpha: float, a: float) -> Polynomials:
    return 1.0, -2 * cos(w), 1.0, 1 + alpha, -2 * cos(w), 1 - alpha


def _peak(w: float, alpha: float, a: float) -> Polynomials:
    return 1 + alpha * a, -2 * cos(w), 1 - alpha * a, 1 + alpha / a, -2 * cos(w), 1 - alpha / a


def _shelf(w: float, alpha: float, a: float, way: float) -> Polynomials:
    """The low shelf for way = 1, the high shelf for -1."""
    c, slope = way * cos(w), 2 * sqrt(a) * alpha
    return (
        a * ((a + 1) - (a - 1) * c + slope),
        way * 2 * a * ((a - 1) - (a + 1) * c),
        a * ((a + 1) - (a - 1) * c - slope),
        (a + 1) + (a - 1) * c + slope,
        way * -2 * ((a - 1) + (a + 1) * c),
        (a + 1) + (a - 1) * c - slope,
    )


_KINDS: dict[str, Callable[[float, float, float], Polynomials]] = {
    "low pass": _low_pass,
    "high pass": _high_pass,
    "band pass": _band_pass,
    "notch": _notch,
    "peak": _peak,
    "low shelf": lambda w, alpha, a: _shelf(w, alpha, a, 1.0),
    "high shelf": lambda w, alpha, a: _shelf(w, alpha, a, -1.0),
}
_HIGHEST = 0.49
"""Of the sample rate; no filter can be tuned higher."""


@lru_cache(maxsize=64)
def biquad(kind: str, frequency: float, q: float, gain: float, rate: float) -> Section:
    """A filter of the cookbook by R. Bristow-Johnson ("Cookbook formulae for audio equalizer biquad
    filter coefficients", W3C note, 2021): frequencies in Hz, gain in dB."""
    w = 2 * pi * min(frequency, _HIGHEST * rate) / rate
    b0, b1, b2, a0, a1, a2 = _KINDS[kind](w, sin(w) / (2 * q), factor(gain / 2))
    return b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0


@node(
    "audio.filter",
    outlets="out",
    state=np.zeros((0, 0)),
    title="Audio Filter",
    aliases="biquad~, filtercoeff~, svf~, lores~, hip~, lop~, bp~, EQ, Audio Filter CHOP, Pass",
)
def filter(
    state: Array,
    rate: float,
    audio: Audio = inlet(),
    kind: str = param("low pass", choices=tuple(_KINDS), help="what it does to the sound"),
    frequency: float = param(200.0, "Hz", 10.0, 20_000.0, curve="log", help="corner or middle"),
    q: float = param(
        0.7071,
        "",
        0.1,
        30.0,
        curve="log",
        help="0.7 is even, more rings; narrower bands and notches",
    ),
    gain: float = param(0.0, "dB", -24.0, 24.0, help="of a peak or shelf"),
    times: int = param(1, "", 1, 4, help="so many in a row; each falls by 12 dB an octave"),
) -> tuple[Array, Audio]:
    """Let some frequencies through, and hold others back.

    What follows hears the kick alone, or all but the kick. Every channel goes through filters of
    its own. Sound is late by about a cycle of the corner frequency divided by pi.
    """
    section = biquad(kind, frequency, q, gain, rate)
    state, out = filtered((section,) * times, state, audio)
    return state, out.T.astype(np.float32)


@node(
    "audio.delay",
    outlets="out",
    state=np.zeros((0, 1), np.float32),
    title="Audio Delay",
    aliases="tapin~, tapout~, delay~, Audio Delay CHOP, Latency, Sync",
)
def delay(
    state: Audio,
    rate: float,
    audio: Audio = inlet(),
    time: float = param(0.1, "s", 0.0, 2.0, help="how much later it comes out, to the sample"),
) -> tuple[Audio, Audio]:
    """Give sound some time later.

    For an input that is ahead of what the room hears. A longer time begins with silence, a shorter
    one leaps.
    """
    wanted = nearest(time * rate)
    before = state if state.shape[1] == audio.shape[1] else state[:0, :1].repeat(audio.shape[1], 1)
    if len(before) < wanted:
        silence = np.zeros((wanted - len(before), audio.shape[1]), np.float32)
        before = np.concatenate((silence, before))
    whole = np.concatenate((before[len(before) - wanted :], audio))
    whole.setflags(write=False)
    return whole[len(audio) :], whole[: len(audio)]


class Minding(NamedTuple):
    """What an auto gain keeps: the loudness of what arrives, its gain in dB, and the one that the
    last block ended with, as a factor."""

    heard: Weighted = Weighted()
    gain: float = 0.0
    ended: float = 1.0


@node(
    "audio.auto_gain",
    outlets=["out", outlet("gain", "dB", -60.0, 60.0)],
    state=Minding(),
    title="Auto Gain",
    aliases="AGC, Normalise, Compressor, Leveler, omx.comp~, Automatic Gain Control",
)
def auto_gain(
    state: Minding,
    dt: float,
    rate: float,
    audio: Audio = inlet(),
    target: float = param(-18.0, "dB", -40.0, -6.0, help="how loud it is to be, in LUFS"),
    most: float = param(24.0, "dB", 0.0, 60.0, help="no more gain than this, up or down"),
    gate: float = param(-50.0, "dB", -90.0, 0.0, help="below this loudness (LUFS) the gain rests"),
    time: float = param(3.0, "s", 0.1, 60.0, curve="log", help="how slowly the gain follows"),
) -> tuple[Minding, Audio, float]:
    """Bring sound to one loudness, whatever the mixing desk sends.

    The loudness is that of ITU-R BS.1770 over 3 s, or over 0.4 s where that is more; the gain goes
    towards target by one pole. In silence it rests, so that hiss is never blown up. Where a peak
    would clip, it gives way at once.
    """
    heard, momentary, short_term = loudness(state.heard, rate, audio)
    gain = state.gain
    if momentary > gate:
        wanted = clamp(target - max(short_term, momentary), -most, most)
        gain = wanted + (gain - wanted) * exp(-dt / time)
    peak = float(np.abs(audio).max(initial=0.0))
    factors = min(factor(gain), 1.0 / peak if peak > 0.0 else factor(gain))
    start = min(state.ended, 1.0 / peak if peak > 0.0 else state.ended)
    ramp = np.linspace(start, factors, len(audio), dtype=np.float32)
    return Minding(heard, gain, factors), audio * ramp[:, None], decibels(factors)


NODES = (filter, delay, auto_gain)
