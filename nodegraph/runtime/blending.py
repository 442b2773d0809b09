"""What lies between two values of one parameter, decided by the values alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real

import numpy as np


def blend(a: object, b: object, x: float) -> object:
    """`x` of the way (0 < x < 1) from `a` to `b`; each part lies between the two sides.

    Numbers and lists of as many numbers move along a straight line. Weighted texts (prompts, LoRA
    scales) do so weight by weight; each text comes once, and one that a side does not have weighs
    nothing there. Everything else changes at half. So do whole numbers, alone or in lists: they
    are seeds, counts and steps, and a seed between two seeds is a third picture.
    """
    if same(a, b):
        return a
    moved = between(a, b, x)
    if moved is not None:
        return moved
    one, other = _weights(a), _weights(b)
    if one is not None and other is not None:
        return tuple(
            (text, _line(one.get(text, 0.0), other.get(text, 0.0), x)) for text in one | other
        )
    return b if x >= 0.5 else a


def between(a: object, b: object, x: float) -> object | None:
    """The point on the line from `a` to `b`, for numbers and lists of them; else None."""
    one, other = _items(a), _items(b)
    if one is not None and other is not None and len(one) == len(other):
        return _points(one, other, x)
    alone = _points((a,), (b,), x)
    return alone and alone[0]


def same(a: object, b: object) -> bool:
    """Whether two values are equal, whatever they are."""
    try:
        return a is b or bool(a == b)
    except Exception:  # arrays have no one truth, and a guest's type may do anything
        return False


def _points(a: Sequence[object], b: Sequence[object], x: float) -> tuple[float, ...] | None:
    if all(isinstance(value, Integral) for value in (*a, *b)):
        return None
    found = []
    for one, other in zip(a, b, strict=True):
        start, end = _number(one), _number(other)
        if start is None or end is None:
            return None
        found.append(_line(start, end, x))
    return tuple(found)


def _line(a: float, b: float, x: float) -> float:
    """Never past its ends, never back: (b - a) * x only grows with x, whatever is rounded."""
    return min(max(a + (b - a) * x, min(a, b)), max(a, b))


def _number(value: object) -> float | None:
    """A finite number as float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        made = float(value)
    except OverflowError:
        return None
    return made if isfinite(made) else None


def _items(value: object) -> Sequence[object] | None:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return tuple(value.tolist())
    return value if isinstance(value, list | tuple) else None


def _weights(value: object) -> dict[str, float] | None:
    """The weight of each text of (text, weight) pairs, those of equal texts added."""
    items = _items(value)
    if items is None:
        return None
    weights: dict[str, float] = {}
    for item in items:
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[0], str):
            return None
        weight = _number(item[1])
        if weight is None:
            return None
        weights[item[0]] = weights.get(item[0], 0.0) + weight
    return weights
