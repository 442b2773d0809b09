"""How many frames a second are worth their cost: many for a moving hand, few for a still show."""

from __future__ import annotations

from typing import Final

HAND: Final = 60.0
"""Frames a second while somebody does something."""

SHOW: Final = 30.0
"""While values move or pictures come."""

REST: Final = 12.0
"""While nothing does: a key waits a twelfth of a second at most, then it is `HAND`."""

LINGERS: Final = 0.6
"""Seconds until a hand, or what moved, counts as still."""


class Pace:
    """Says when the next frame is due; times are seconds of one clock."""

    def __init__(self) -> None:
        self._busy = self._moving = -LINGERS
        self._due = 0.0

    def rate(self, now: float, *, busy: bool, moving: bool) -> float:
        """Frames a second: `busy` is a hand at work, `moving` a show that is seen to play."""
        if busy:
            self._busy = now
        if moving:
            self._moving = now
        if now - self._busy < LINGERS:
            return HAND
        return SHOW if now - self._moving < LINGERS else REST

    def wait(self, now: float, *, busy: bool, moving: bool) -> float:
        """Seconds until the next frame. A late frame is not made up for."""
        period = 1.0 / self.rate(now, busy=busy, moving=moving)
        self._due = min(max(self._due + period, now), now + period)
        return self._due - now
