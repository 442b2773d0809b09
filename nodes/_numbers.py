"""Arithmetic that always has an answer: what has no finite value is 0."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import wraps


def total(function: Callable[..., float]) -> Callable[..., float]:
    """`function` made to give 0 where it has no finite value, and a float always."""

    @wraps(function)
    def answer(*numbers: float) -> float:
        try:
            value = float(function(*numbers))
        except (ArithmeticError, ValueError):
            return 0.0
        return value if math.isfinite(value) else 0.0

    return answer


def clamp(value: float, low: float, high: float) -> float:
    """`value` held between the two; `low` wins where they are crossed."""
    return max(low, min(high, value))


def mix(a: float, b: float, x: float) -> float:
    """From `a` at x = 0 to `b` at x = 1."""
    return a + (b - a) * x


def sign(value: float) -> float:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0) * 1.0


def nearest(value: float) -> int:
    """The nearest whole number; halves go up."""
    return math.floor(value + 0.5)


def step(edge: float, value: float) -> float:
    """1 from `edge` on, 0 below."""
    return 1.0 if value >= edge else 0.0


def smoothstep(low: float, high: float, value: float) -> float:
    """From 0 at `low` to 1 at `high`, level at both ends: 3t² - 2t³."""
    if low == high:
        return step(low, value)
    t = clamp((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


divide = total(operator.truediv)
modulo = total(operator.mod)
power = total(math.pow)
