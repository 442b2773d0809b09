"""A number that the mouse holds: what it becomes as the mouse moves."""

from __future__ import annotations

from typing import Final

from nodegraph.editor.canvas.turning import is_slider, step, value_at
from nodegraph.editor.numbers import share
from nodegraph.nodetype import Param

_THRESHOLD: Final = 3.0  # pixels before a press is a drag
_FREE: Final = 100.0  # pixels that double a number without a range, or add 1 to a small one


class Hold:
    """Begins with a press at `x`, in pixels, on a param of a value. A press that does not move is
    no drag and turns nothing."""

    def __init__(self, param: Param, x: float, value: float) -> None:
        self.param, self.value = param, value
        self.is_drag = False
        self._pressed = self._x = x
        self._raw = value
        self._at = share(value, param)

    def moved(self, x: float, length: float, *, fine: bool, coarse: bool) -> float | None:
        """The new value, or None if it stays; `length` is how wide the whole range is."""
        self.is_drag = self.is_drag or abs(x - self._pressed) >= _THRESHOLD
        if not self.is_drag:
            return None
        pixels, self._x = x - self._x, x
        if is_slider(self.param):
            by = step(pixels, length, fine=fine, coarse=coarse)
            self._at = min(max(self._at + by, 0.0), 1.0)
            value = value_at(self.param, self._at)
        else:
            by = step(pixels, _FREE, fine=fine, coarse=coarse)
            self._raw += by * max(abs(self._raw), 1.0)
            value = float(round(self._raw)) if self.param.integer else float(f"{self._raw:.6g}")
        if value == self.value:
            return None
        self.value = value
        return value
