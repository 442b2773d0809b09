"""How loud the sound is in ranges of the spectrum. All of them are rows of one matrix product."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Trigger, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, mean_between
from nodes._scales import SCALES, band_rows


@node(
    "audio.bands",
    outlets=[outlet("bands", "", 0.0, 1.0, help="one level per band, low bands first")],
    rows=band_rows,
    ahead=True,
    aliases="Mel Bank, Octave Bands, Graphic Equaliser, fffb~, melbank",
)
def bands(
    product: Vector,
    magnitude: Vector = inlet(),
    count: int = param(24, "", 4, 64, help="How many bands; octaves and thirds count themselves"),
    low: float = param(40.0, "Hz", 10.0, 20000.0, curve="log"),
    high: float = param(16000.0, "Hz", 20.0, 24000.0, curve="log"),
    scale: str = param(
        "log",
        choices=SCALES,
        help="log: equal musical intervals; mel: as pitch is heard; bark: as loudness is heard",
    ),
) -> Vector:
    """Sum the spectrum up in a few bands, as ears do.

    Each band is a weighted mean of the magnitude, in triangles that overlap by half between `low`
    and `high`; a flat spectrum gives equal bands. Mel: 2595 log10(1 + f / 700) (O'Shaughnessy,
    1987); Bark: 26.81 f / (1960 + f) - 0.53 (Traunmüller, 1990). Octaves and thirds of octaves are
    those of IEC 61260-1 with straight edges, whose centres lie from `low` to `high`. Where bands
    are narrower than the bins of the spectrum they interpolate between them: take a larger
    spectrum for more detail in the bass. They are as late as the spectrum.
    """
    return product


class Held(NamedTuple):
    """Whether a level stands above its threshold, and the seconds since it last hit."""

    held: bool = False
    since: float = 3600.0


def _range_row(size: int, rate: float, low: float, high: float) -> Matrix:
    return mean_between(size, rate, low, high)[None, :]


@node(
    "audio.band_level",
    outlets=[
        outlet("level", "", 0.0, 1.0),
        outlet("hit", help="when the level rises above the threshold"),
        outlet("held", help="from the rise above the threshold to the fall below it"),
    ],
    state=Held(),
    rows=_range_row,
    aliases="Audio Analysis, Frequency Range, Kick, AudioReaction, Audio Band",
)
def band_level(
    state: Held,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    low: float = param(30.0, "Hz", 10.0, 20000.0, curve="log"),
    high: float = param(150.0, "Hz", 10.0, 24000.0, curve="log"),
    threshold: float = param(0.05, "", 0.0001, 1.0, curve="log"),
    hysteresis: float = param(
        0.3, "", 0.0, 0.99, help="How far it must fall below the threshold, as a share of it"
    ),
    cooldown: float = param(0.1, "s", 0.0, 10.0, help="The least time between two hits"),
) -> tuple[Held, float, Trigger, bool]:
    """Listen to one range of frequencies, and strike when it gets loud.

    The level is the mean magnitude from `low` to `high`. It is held from when it reaches the
    threshold until it falls below threshold × (1 - hysteresis), so that a level that trembles
    around the threshold strikes once. A rise during the cooldown is held but does not strike.
    """
    level = product.item(0)
    held = level >= threshold * (1.0 - hysteresis) if state.held else level >= threshold
    since = state.since + dt
    hit = held and not state.held and since >= cooldown
    return Held(held, 0.0 if hit else since), level, hit, held


class Three(NamedTuple):
    """Of low, mid and high: the eased level, the slow mean, and what was struck."""

    levels: tuple[float, ...] = (0.0, 0.0, 0.0)
    means: tuple[float, ...] = (0.0, 0.0, 0.0)
    struck: tuple[Held, ...] = (Held(), Held(), Held())


_LOWEST, _HIGHEST = 20.0, 16000.0
_MEAN_TIME = 1.0
_GAP = 0.1


def _three_rows(size: int, rate: float, low_mid: float, mid_high: float) -> Matrix:
    edges = (_LOWEST, low_mid, max(low_mid, mid_high), _HIGHEST)
    return np.stack([mean_between(size, rate, *edges[i : i + 2]) for i in range(3)])


@node(
    "audio.three_band",
    outlets=[
        outlet("low", "", 0.0, 1.0),
        outlet("mid", "", 0.0, 1.0),
        outlet("high", "", 0.0, 1.0),
        "low_hit",
        "mid_hit",
        "high_hit",
    ],
    state=Three(),
    rows=_three_rows,
    title="Three-Band",
    aliases="Audio Analysis, Bass Mid Treble, Kick Snare Hat, Resolume FFT, syn_BassLevel",
)
def three_band(
    state: Three,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    low_mid: float = param(150.0, "Hz", 40.0, 1000.0, curve="log", help="Where low becomes mid"),
    mid_high: float = param(
        2500.0, "Hz", 500.0, 10000.0, curve="log", help="Where mid becomes high"
    ),
    attack: float = param(0.005, "s", 0.0, 5.0, help="Time constant of the way up"),
    release: float = param(0.15, "s", 0.0, 5.0, help="Time constant of the way down"),
    contrast: float = param(
        1.8, "", 1.0, 10.0, help="A hit is a level this many times the mean of the last second"
    ),
    floor: float = param(0.001, "", 0.0001, 1.0, curve="log", help="Below this level nothing hits"),
) -> tuple[Three, float, float, float, Trigger, Trigger, Trigger]:
    """Split the sound into low, mid and high, and strike with each.

    Each level is the mean magnitude of its range (from 20 Hz, up to 16 kHz), quick up and slow
    down. A range hits when its own level, not eased, rises to `contrast` times its mean over the
    last second, at most ten times a second.
    """
    up = exp(-dt / attack) if attack > 0.0 else 0.0
    down = exp(-dt / release) if release > 0.0 else 0.0
    slow = exp(-dt / _MEAN_TIME)
    levels, means, struck, hits = [], [], [], []
    for level, eased, mean, last in zip(product.tolist(), *state, strict=True):
        levels.append(level + (eased - level) * (up if level > eased else down))
        means.append(level + (mean - level) * slow)
        held = level > mean if last.held else level >= floor and level >= contrast * mean
        since = last.since + dt
        hit = held and not last.held and since >= _GAP
        hits.append(hit)
        struck.append(Held(held, 0.0 if hit else since))
    return Three(tuple(levels), tuple(means), tuple(struck)), *levels, *hits


NODES = (bands, band_level, three_band)
