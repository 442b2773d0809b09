"""Small node types as a plugin would bring them: arithmetic on numbers, figures of a spectrum."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph import Vector, hookimpl, inlet, node, param


@node("bench.wave", outlets="out", state=0.0)
def wave(
    state: float, dt: float, rate: float = param(1.0, "Hz", 0.0, 100.0)
) -> tuple[float, float]:
    """A ramp from 0 to 1, again and again."""
    after = (state + rate * dt) % 1.0
    return after, after


@node("bench.scale", outlets="out")
def scale(value: float = inlet(0.0), factor: float = param(1.0, "", -10.0, 10.0)) -> float:
    """Multiply."""
    return value * factor


@node("bench.gain", outlets="out")
def gain(
    value: float = inlet(0.0),
    factor: float = param(1.0, "", -10.0, 10.0),
    offset: float = param(0.0, "", -10.0, 10.0),
) -> float:
    """Multiply and add."""
    return value * factor + offset


@node("bench.blend", outlets="out")
def blend(
    a: float = inlet(0.0), b: float = inlet(0.0), x: float = param(0.5, "", 0.0, 1.0)
) -> float:
    """From one number to another."""
    return a + (b - a) * x


@node("bench.product", outlets="out")
def product(
    a: float = inlet(0.0), b: float = inlet(0.0), factor: float = param(1.0, "", -10.0, 10.0)
) -> float:
    """Multiply two numbers."""
    return a * b * factor


@node("bench.limit", outlets="out")
def limit(
    value: float = inlet(0.0),
    low: float = param(0.0, "", -10.0, 10.0),
    high: float = param(1.0, "", -10.0, 10.0),
) -> float:
    """Hold a number between two others."""
    return low if value < low else high if value > high else value


@node("bench.smooth", outlets="out", state=0.0)
def smooth(
    state: float, dt: float, value: float = inlet(0.0), time: float = param(0.2, "s", 0.001, 10.0)
) -> tuple[float, float]:
    """Ease a number."""
    after = value + (state - value) * exp(-dt / time)
    return after, after


@node("bench.follow", outlets="out", state=0.0)
def follow(
    state: float,
    dt: float,
    value: float = inlet(0.0),
    rise: float = param(0.02, "s", 0.001, 10.0),
    fall: float = param(0.3, "s", 0.001, 10.0),
) -> tuple[float, float]:
    """Ease a number, quick up and slow down."""
    after = value + (state - value) * exp(-dt / (rise if value > state else fall))
    return after, after


@node("bench.peak", outlets="out", state=0.0)
def peak(
    state: float, dt: float, value: float = inlet(0.0), speed: float = param(0.5, "/s", 0.0, 10.0)
) -> tuple[float, float]:
    """Jump up, and fall slowly."""
    after = value if value > state else state - speed * dt
    return after, after


@node("bench.mean", outlets="out", state=0.0)
def mean(
    state: float, value: float = inlet(0.0), share: float = param(0.1, "", 0.0, 1.0)
) -> tuple[float, float]:
    """A running mean."""
    after = state + (value - state) * share
    return after, after


Rows = NDArray[np.float32]


def _moments(size: int, rate: float) -> Rows:
    return np.stack((np.ones(size), np.arange(size))).astype(np.float32)


@node("bench.centroid", outlets="bin", rows=_moments)
def centroid(product: Vector, magnitude: Vector = inlet()) -> float:
    """The centre of gravity of a spectrum, in bins."""
    total = float(product[0])
    return float(product[1]) / total if total > 0.0 else 0.0


def _sum(size: int, rate: float) -> Rows:
    return np.ones((1, size), np.float32)


LEAST = 1e-12


@lru_cache(maxsize=8)
def same(value: float, size: int) -> Vector:
    """float32[size]: a product with ones is the quickest sum, and arrays meet quicker than an array
    and a number."""
    return np.full(size, value, np.float32)


@node("bench.flatness", outlets="out", rows=_sum)
def flatness(product: Vector, magnitude: Vector = inlet()) -> float:
    """The geometric mean of a spectrum over its arithmetic mean."""
    total = float(product[0])
    size = magnitude.size
    logs = float(np.log2(magnitude + same(LEAST, size)).dot(same(1.0, size)))
    return 2.0 ** (logs / size) * size / total if total > 0.0 else 0.0


@node("bench.rolloff", outlets="bin")
def rolloff(magnitude: Vector = inlet(), share: float = param(0.99, "", 0.0, 1.0)) -> float:
    """The bin up to which a share of all magnitude lies."""
    sums = np.add.accumulate(magnitude)
    return float(sums.searchsorted(sums[-1] * share))


NOTHING = np.zeros(0, np.float32)


@node("bench.flux", outlets="out", state=NOTHING)
def flux(state: Vector, magnitude: Vector = inlet()) -> tuple[Vector, float]:
    """How much of a spectrum rose since the one before."""
    if state.size != magnitude.size:
        return magnitude, 0.0
    return magnitude, float((np.maximum(magnitude, state) - state).dot(same(1.0, state.size)))


@node("bench.crest", outlets="out", rows=_sum)
def crest(product: Vector, magnitude: Vector = inlet()) -> float:
    """The highest bin of a spectrum over their mean."""
    total = float(product[0])
    return float(magnitude.max()) * magnitude.size / total if total > 0.0 else 0.0


SCALAR = (wave, scale, gain, blend, product, limit, smooth, follow, peak, mean)
SPECTRAL = (centroid, flatness, rolloff, flux, crest)


@hookimpl
def register_nodes(register: Callable[[Callable[..., Any]], object]) -> None:
    """Register them all."""
    for function in (*SCALAR, *SPECTRAL):
        register(function)
