"""Kick, snare and hat, told apart in a mix."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from nodegraph import Trigger, Vector, inlet, node, outlet, param
from nodes._drum_ear import Ear, band_rows, hear

_GAP = 0.06
"""Seconds between two strokes of one drum, at the least."""
_AGAIN = 0.6
"""The share of the threshold below which a drum must have fallen before it strikes again."""
_SILENT = 1e-5
"""The mean of the bands (-100 dB) below which there are no drums."""


class _Net(NamedTuple):
    first: Vector
    first_bias: Vector
    second: Vector
    second_bias: Vector
    out: Vector
    out_bias: Vector


def _read() -> _Net:
    with files("nodes").joinpath("drum_net.npz").open("rb") as file, np.load(file) as stored:
        return _Net(**{name: stored[name].astype(np.float32) for name in stored.files})


_NET = _read()


def listen(heard: Vector) -> tuple[float, float, float]:
    """How likely it is (0..1) that a kick, a snare, a hat has just been struck."""
    first = np.tanh(heard @ _NET.first + _NET.first_bias)
    second = np.tanh(first @ _NET.second + _NET.second_bias)
    kick, snare, hat = (1.0 / (1.0 + np.exp(-(second @ _NET.out + _NET.out_bias)))).tolist()
    return kick, snare, hat


class Stick(NamedTuple):
    """Whether a drum may strike, and the seconds since it last did."""

    armed: bool = True
    since: float = 3600.0


class Drums(NamedTuple):
    """What was heard, and kick, snare and hat."""

    ear: Ear = Ear()
    sticks: tuple[Stick, Stick, Stick] = (Stick(), Stick(), Stick())


def _struck(stick: Stick, dt: float, likely: float, threshold: float) -> tuple[Stick, bool]:
    since = stick.since + dt
    if not stick.armed:
        return Stick(likely < _AGAIN * threshold, since), False
    if likely < threshold or since < _GAP:
        return Stick(True, since), False
    return Stick(False, 0.0), True


_THRESHOLD = "How sure it must be to strike"


@node(
    "audio.drums",
    outlets=[
        outlet("kick"),
        outlet("snare", help="snares and claps"),
        outlet("hat", help="hats, cymbals and shakers"),
        outlet("kick_chance", "", 0.0, 1.0, help="how likely one was struck just now"),
        outlet("snare_chance", "", 0.0, 1.0),
        outlet("hat_chance", "", 0.0, 1.0),
    ],
    state=Drums(),
    rows=band_rows,
    title="Drum Hits",
    aliases="Kick Snare Hat, Kick Detect, Drum Trigger, syn_BassHits, syn_HighHits, Beat Detect",
)
def drums(
    state: Drums,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    kick: float = param(0.5, "", 0.05, 0.95, help=_THRESHOLD),
    snare: float = param(0.5, "", 0.05, 0.95, help=_THRESHOLD),
    hat: float = param(0.7, "", 0.05, 0.95, help=_THRESHOLD),
) -> tuple[Drums, Trigger, Trigger, Trigger, float, float, float]:
    """Strike with the kick, the snare and the hat, even while others play.

    A small network (two layers, 9,000 weights) looks at 40 bands of the spectrum, relative to the
    loudness of the last seconds, now and 12, 24 and 48 ms ago, and says of each drum how likely it
    has just been struck. It has learnt from made-up music in which every stroke is known; no
    recording has been used. With a spectrum of 2048 samples in blocks of 512, a stroke is told 7 to
    26 ms late. On made-up tracks of three kits that it never learnt from, alone and under music,
    the F-measure within 30 ms is 0.83 for kicks, 0.99 for hats and 0.37 for snares (0.86, 0.91 and
    0.56 on those by which the thresholds were chosen). Snares are not to be relied on: those that
    are mostly hiss are taken for hats, and under music some notes and kicks are taken for snares.
    """
    ear, heard = hear(state.ear, dt, product)
    loud = float(np.add.reduce(product)) > _SILENT * product.size
    chances = listen(heard) if loud else (0.0, 0.0, 0.0)
    told = [
        _struck(stick, dt, likely, threshold)
        for stick, likely, threshold in zip(state.sticks, chances, (kick, snare, hat), strict=True)
    ]
    (first, kicked), (second, snared), (third, hatted) = told
    return Drums(ear, (first, second, third)), kicked, snared, hatted, *chances


NODES = (drums,)
