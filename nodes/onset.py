"""When something begins: a note, a drum, a word."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Trigger, Vector, inlet, node, outlet, param
from nodes._filterbank import Matrix, log_edges, triangles

_BANDS = 48
_COMPRESSION = 1000.0
_LAG = 0.02
_LEAST = 0.2


class Heard(NamedTuple):
    """The spectra of the last ticks with their age in seconds, newest first, and what they did."""

    past: tuple[tuple[float, Vector], ...] = ()
    mean: float = 0.0
    weight: float = 0.0
    armed: bool = True
    since: float = 3600.0


def _rows(size: int, rate: float) -> Matrix:
    return triangles(size, rate, log_edges(_BANDS, 30.0, 16000.0))


@node(
    "audio.onset",
    outlets=["onset", outlet("strength", "", 0.0, 1.0, help="how much is beginning right now")],
    state=Heard(),
    rows=_rows,
    aliases="Attack, Transient, bonk~, aubioonset~, Beat Detect, Hits",
)
def onset(
    state: Heard,
    dt: float,
    product: Vector,
    magnitude: Vector = inlet(),
    sensitivity: float = param(0.7, "", 0.0, 1.0, help="1 strikes at whispers, 0 at blows only"),
    window: float = param(
        1.0, "s", 0.1, 10.0, curve="log", help="How far back the strength is compared with"
    ),
    gap: float = param(0.05, "s", 0.0, 2.0, help="The least time between two onsets"),
) -> tuple[Heard, Trigger, float]:
    """Strike when a sound begins.

    Spectral flux on a logarithmic scale: in 48 bands, log10(1 + 1000 m) minus the greatest of the
    three neighbouring bands 20 ms ago, so that vibrato does not count, rising bands only, and the
    mean of that is the strength (SuperFlux: Böck and Widmer, "Maximum filter vibrato suppression
    for onset detection", DAFx 2013). An onset is where the strength first exceeds its own mean
    over `window` by as much as `sensitivity` asks. It has to fall below again before the next.
    """
    bands = np.log10(1.0 + _COMPRESSION * product)
    padded = np.concatenate((bands[:1], bands, bands[-1:]))
    widest = np.maximum(np.maximum(padded[:-2], padded[2:]), bands)
    past = ((0.0, widest), *((age + dt, before) for age, before in state.past))
    before = next((entry for age, entry in past if age >= _LAG * 0.999), past[-1][1])
    strength = float(np.maximum(bands - before, 0.0).sum()) / _BANDS if len(past) > 1 else 0.0
    mean = state.mean / state.weight if state.weight > 0.0 else 0.0
    bar = 1.5 * mean + _LEAST * 0.1**sensitivity
    above = strength > bar
    since = state.since + dt
    struck = above and state.armed and since >= gap
    keep = exp(-dt / window)
    kept = tuple(
        entry for index, entry in enumerate(past) if not index or past[index - 1][0] < _LAG
    )
    after = Heard(
        kept,
        strength + (state.mean - strength) * keep,
        1.0 + (state.weight - 1.0) * keep,
        not above if state.armed else strength < 0.5 * (bar + mean),
        0.0 if struck else since,
    )
    return after, struck, strength


NODES = (onset,)
