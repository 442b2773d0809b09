"""A grid over a clock: whether one of its lines was passed in this tick."""

from __future__ import annotations

from math import floor

_LEAP = 0.75
"""How far off where it should be a clock is that was set, and did not just give way."""


def passes(
    mark: float | None, position: float, step: float, length: float = 1.0
) -> tuple[float, bool]:
    """Whether a clock that was at `mark` passed a line on its way to `position`, by about `step`.

    All in beats, and so is `length`, which lines are apart. A clock that gives way waits until it
    is back where it was, so nothing strikes twice. A clock that starts, or leaps to another place,
    strikes if the last step passed a line: what it leapt over was not played.
    """
    if mark is None or abs(position - mark - step) >= _LEAP:
        return position, step > 0.0 and position % length < step * 1.000001
    return max(mark, position), floor(position / length) > floor(mark / length)
