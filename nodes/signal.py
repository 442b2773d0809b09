"""Sounds to try a patch with, made of nothing."""

from __future__ import annotations

from functools import lru_cache
from math import log, tan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph import Audio, Rng, node, param
from nodes._recursive import Array, Section, filtered
from nodes.audio import factor

_LOWEST, _HIGHEST = 20.0, 20_000.0
_OF_THE_RATE = 0.45
"""How high a sweep goes where the sample rate does not allow for all of it."""

_FADE = 0.005
"""Seconds in which a click falls to a third."""


class Playing(NamedTuple):
    """Where a signal is, in cycles, beats or sweeps, and what the pink filter remembers."""

    position: float = 0.0
    filters: Array = np.zeros((0, 0))


@node(
    "audio.signal",
    outlets="audio",
    state=Playing(),
    title="Test Signal",
    aliases="noise~, pink~, osc~, Audio Oscillator CHOP, Tone Generator, Sweep, Metronome",
)
def signal(
    state: Playing,
    dt: float,
    rate: float,
    rng: Rng,
    kind: str = param(
        "sine",
        choices=("sine", "sweep", "white", "pink", "clicks", "impulses"),
        help="white and pink are noise",
    ),
    frequency: float = param(
        440.0, "Hz", _LOWEST, _HIGHEST, curve="log", help="of the sine, and of what clicks"
    ),
    bpm: float = param(120.0, "1/min", 20.0, 300.0, help="clicks and impulses; the first at once"),
    seconds: float = param(10.0, "s", 0.5, 120.0, curve="log", help="how long a sweep takes"),
    level: float = param(-12.0, "dB", -90.0, 0.0, help="of the peaks"),
) -> tuple[Playing, Audio]:
    """Play a sound that is known exactly, to see what a patch makes of it.

    A sweep rises from 20 Hz to 20 kHz by the same interval in the same time (Farina, "Simultaneous
    measurement of impulse response and distortion with a swept-sine technique", AES 108, 2000), and
    begins again. White noise is even over all frequencies, pink noise over all octaves: white that
    falls by 3 dB an octave, through poles and zeros by turns, as in analogue filters. An impulse is
    one sample. There is one channel.
    """
    count = round(dt * rate)
    pace = {"sine": frequency, "sweep": 1.0 / seconds}.get(kind, bpm / 60.0)
    turns = (state.position + np.arange(count + 1) * (pace / rate)) % 1.0
    filters, now = state.filters, turns[:-1]
    if kind == "sine":
        sound = np.sin(2.0 * np.pi * now)
    elif kind == "sweep":
        sound = _swept(now, seconds, rate)
    elif kind == "clicks":
        since = now / pace
        sound = np.sin(2.0 * np.pi * frequency * since) * np.exp(-since / _FADE)
    elif kind == "impulses":
        sound = (now < pace / rate) * 1.0
    else:
        sound = np.random.default_rng(rng.below(1 << 53)).uniform(-1.0, 1.0, count)
        if kind == "pink":
            filters, (sound,) = filtered(_pink(rate), filters, sound[:, None].astype(np.float32))
    loud = (sound * factor(level)).astype(np.float32)
    return Playing(float(turns[-1]), filters), loud[:, None]


def _swept(turns: NDArray[np.floating], seconds: float, rate: float) -> NDArray[np.float64]:
    octaves = log(min(_HIGHEST, _OF_THE_RATE * rate) / _LOWEST)
    cycles = _LOWEST * seconds / octaves * np.expm1(turns * octaves)
    made: NDArray[np.float64] = np.sin(2.0 * np.pi * cycles)
    return made


@lru_cache(maxsize=16)
def _pink(rate: float) -> tuple[Section, ...]:
    """Three biquads of two poles and two zeros each, spaced evenly from 20 Hz to 20 kHz.

    Between a pole and the next zero the response falls by 6 dB an octave, then it is level: 3 dB on
    the whole. The gain keeps the peaks of noise about where they were.
    """
    apart = (_HIGHEST / _LOWEST) ** (1.0 / 6.0)
    sections = []
    for pair in range(3):
        b, a = np.ones(1), np.ones(1)
        for number in (2 * pair, 2 * pair + 1):
            pole = _LOWEST * apart**number
            b = np.convolve(b, _corner(pole * apart**0.5, rate))
            a = np.convolve(a, _corner(pole, rate))
        b0, b1, b2 = b / a[0] * 1.75
        _, a1, a2 = a / a[0]
        sections.append((float(b0), float(b1), float(b2), float(a1), float(a2)))
    return tuple(sections)


def _corner(frequency: float, rate: float) -> NDArray[np.float64]:
    """1 + s / w by the bilinear transform, without what it shares with all others."""
    warped = tan(np.pi * min(frequency, 0.49 * rate) / rate)
    return np.array([1.0 + 1.0 / warped, 1.0 - 1.0 / warped])


NODES = (signal,)
