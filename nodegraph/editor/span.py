"""A slider with two ends: which of them a press takes, and where a drag brings it. Pure."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from nodegraph.editor.canvas.turning import FINE, value_at
from nodegraph.editor.numbers import share
from nodegraph.nodetype import Param

Ends: TypeAlias = tuple[float, float]
"""At rest, and at full energy; the first may be the greater."""

Grip = Literal["low", "high", "both"]

_REACH: Final = 8.0  # pixels from an end within which a press means it
_DRAG: Final = 3.0  # pixels before a press is a drag


def shares(param: Param, ends: Ends) -> Ends:
    """Where the ends stand, 0..1 of the param's range."""
    low, high = (share(end, param) for end in ends)
    return low, high


def grip_at(param: Param, ends: Ends, x: float, width: float) -> Grip:
    """What a press at `x`, in pixels of a slider of such a width, takes: the nearer end, or in the
    middle between them both."""
    low, high = (at * width for at in shares(param, ends))
    left, right = min(low, high), max(low, high)
    if left + _REACH < x < right - _REACH:
        return "both"
    if low == high:
        return "low" if x < low else "high"
    return "low" if abs(x - low) < abs(x - high) else "high"


class Held:
    """A hand on a slider: from how it was at the press, it goes with the mouse. A press that does
    not move changes nothing."""

    def __init__(self, param: Param, ends: Ends, x: float, width: float) -> None:
        self.ends = ends
        self.grip = grip_at(param, ends, x, width)
        self._param, self._width = param, max(width, 1.0)
        self._began = shares(param, ends)
        self._pressed = self._x = x
        self._moved = 0.0
        self._is_drag = False

    def move(self, x: float, *, fine: bool) -> Ends | None:
        """The new ends, or None if they stay."""
        self._is_drag = self._is_drag or abs(x - self._pressed) >= _DRAG
        if not self._is_drag:
            return None
        self._moved += (x - self._x) / self._width * (FINE if fine else 1.0)
        self._x = x
        low, high = self._began
        least, most = 0.0, 1.0
        if self.grip == "both":
            by = min(max(self._moved, least - min(low, high)), most - max(low, high))
            low, high = low + by, high + by
        elif self.grip == "low":
            low = min(max(low + self._moved, least), most)
        else:
            high = min(max(high + self._moved, least), most)
        ends = (value_at(self._param, low), value_at(self._param, high))
        if self.grip != "both":  # the other end stays as it is to the last digit
            ends = (ends[0], self.ends[1]) if self.grip == "low" else (self.ends[0], ends[1])
        if ends == self.ends:
            return None
        self.ends = ends
        return ends
