"""Curves through breakpoints, from a text such as "0:0 0.5:0.8 1:1"."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

MOST = 64  # points
CLOSEST = 1e-9  # from one x to the next


class Curve(NamedTuple):
    """Breakpoints from left to right, and the slope of the smooth curve at each."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    slopes: tuple[float, ...]

    def line(self, x: float) -> float:
        """The value on straight lines between the points; level outside them."""
        i = bisect_right(self.xs, x)
        if i in (0, len(self.xs)):
            return self.ys[min(i, len(self.xs) - 1)]
        t = (x - self.xs[i - 1]) / (self.xs[i] - self.xs[i - 1])
        return self.ys[i - 1] + (self.ys[i] - self.ys[i - 1]) * t

    def smooth(self, x: float) -> float:
        """The value on a cubic that never overshoots a point; level outside them."""
        i = bisect_right(self.xs, x)
        if i in (0, len(self.xs)):
            return self.ys[min(i, len(self.xs) - 1)]
        width = self.xs[i] - self.xs[i - 1]
        t = (x - self.xs[i - 1]) / width
        rise = self.ys[i] - self.ys[i - 1]
        start, end = self.slopes[i - 1] * width, self.slopes[i] * width
        bend = 3 * rise - 2 * start - end + (start + end - 2 * rise) * t
        return self.ys[i - 1] + t * (start + t * bend)


@lru_cache(maxsize=256)
def curve(text: str) -> Curve:
    """The curve of a text of points `x:y`. Raises `ValueError` with a sentence."""
    words = text.replace(",", " ").split()
    if not 1 <= len(words) <= MOST:
        raise ValueError(f'a curve has 1 to {MOST} points, such as "0:0 1:1"; here: {len(words)}')
    xs, ys = zip(*map(_point, words), strict=True)
    for left, right in pairwise(xs):
        if not right - left >= CLOSEST:
            raise ValueError(f"points go from left to right, but {right:g} comes after {left:g}")
    return Curve(xs, ys, _slopes(xs, ys))


def _point(word: str) -> tuple[float, float]:
    x, _, y = word.partition(":")
    try:
        point = float(x), float(y)
    except ValueError:
        raise ValueError(f'{word!r} is not a point; write it as x:y, such as "0.5:0.8"') from None
    if not all(isfinite(number) and abs(number) <= 1e9 for number in point):
        raise ValueError(f"the point {word!r} is too far out")
    return point


def _slopes(xs: tuple[float, ...], ys: tuple[float, ...]) -> tuple[float, ...]:
    """Slopes that keep each piece monotonic (Fritsch and Butland, 1984)."""
    widths = [b - a for a, b in pairwise(xs)]
    pitches = [(b - a) / width for (a, b), width in zip(pairwise(ys), widths, strict=True)]
    if len(pitches) < 2:
        return tuple(pitches * 2) or (0.0,)
    pieces = pairwise(zip(widths, pitches, strict=True))
    inner = [_harmonic(*left, *right) for left, right in pieces]
    first = _end(widths[0], widths[1], pitches[0], pitches[1])
    last = _end(widths[-1], widths[-2], pitches[-1], pitches[-2])
    return (first, *inner, last)


def _harmonic(left: float, before: float, right: float, after: float) -> float:
    if before * after <= 0:
        return 0.0
    a, b = 2 * right + left, right + 2 * left
    return (a + b) / (a / before + b / after)


def _end(width: float, next_width: float, pitch: float, next_pitch: float) -> float:
    """The three-point slope at an end, held so that the curve does not overshoot."""
    slope = ((2 * width + next_width) * pitch - width * next_pitch) / (width + next_width)
    if slope * pitch <= 0:
        return 0.0
    if pitch * next_pitch <= 0 and abs(slope) > abs(3 * pitch):
        return 3 * pitch
    return slope
