"""Strikes where a strength rises out of its own past: the adaptive threshold of onsets."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

_OVER_MEAN = 1.5
_LEAST = 0.2
"""By how much the mean is to be exceeded at sensitivity 0; at 1 it is a tenth of that."""


class Peaks(NamedTuple):
    """The mean strength, with how much of it has been heard, whether the next rise strikes, and
    the seconds since the last one did."""

    mean: float = 0.0
    weight: float = 0.0
    armed: bool = True
    since: float = 3600.0


def strike(
    state: Peaks, dt: float, strength: float, sensitivity: float, window: float, gap: float
) -> tuple[Peaks, bool]:
    """Whether the strength first exceeds 1.5 times its mean over `window` seconds, and as much more
    as `sensitivity` (0..1) asks. It has to fall below again before the next."""
    mean = state.mean / state.weight if state.weight > 0.0 else 0.0
    bar = _OVER_MEAN * mean + _LEAST * 0.1**sensitivity
    above = strength > bar
    since = state.since + dt
    struck = above and state.armed and since >= gap
    keep = exp(-dt / window)
    after = Peaks(
        strength + (state.mean - strength) * keep,
        1.0 + (state.weight - 1.0) * keep,
        not above if state.armed else strength < 0.5 * (bar + mean),
        0.0 if struck else since,
    )
    return after, struck
