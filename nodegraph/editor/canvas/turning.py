"""What a drag makes of a param that is a slider, and how a number reads that never stands still."""

from __future__ import annotations

from math import floor, log10
from typing import Final

from nodegraph.editor.numbers import at_share
from nodegraph.nodetype import Param

FINE, COARSE = 0.1, 4.0
"""What a drag with shift or with ctrl is multiplied by."""

_DIGITS: Final = 3


def is_slider(param: Param) -> bool:
    """Whether a param is a number with a range."""
    return param.kind == "number" and param.low is not None and param.high is not None


def value_at(param: Param, part: float) -> float:
    """The value at 0..1 of the range (see `at_share`), rounded as far as anybody can aim."""
    value = at_share(part, param)
    low, high = param.low, param.high
    if param.integer or low is None or high is None or high <= low:
        return float(value)
    if param.curve == "log" and low > 0.0:
        step = 10.0 ** (floor(log10(value)) - _DIGITS + 1)
    else:
        step = 10.0 ** floor(log10((high - low) / 500))
    decimals = max(0, -floor(log10(step)))
    return min(max(round(round(value / step) * step, decimals), low), high)


def step(pixels: float, length: float, *, fine: bool, coarse: bool) -> float:
    """By which part of the range a drag of so many pixels turns a slider of such a length."""
    return pixels / max(length, 1.0) * (FINE if fine else COARSE if coarse else 1.0)


def live(value: float) -> str:
    """A number that changes all the time: of a width that does not."""
    if value != value:
        return "–"
    size = abs(value)
    if size >= 100_000:
        return f"{value:.0e}"
    return f"{value:.2f}" if size < 100 else f"{value:.1f}" if size < 1000 else f"{value:.0f}"
