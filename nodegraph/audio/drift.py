"""Two clocks that should run alike and do not: how far they drift apart, and how to bridge it."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.ring import Ring

MEMORY = 60.0
"""Seconds over which drift is measured. Blocks that arrive 10 ms early or late, at random, leave
an error of about 10 ppm (standard error of a slope: sqrt(12 / n) of the jitter over the time)."""

SETTLED = 5.0
"""Seconds before a measured drift means anything."""

SWING = 0.02
"""Natural frequency (rad/s) of the loop that steers the ratio. It settles in minutes, and a drift
of 200 ppm that appears at once moves the fill by 4 ms on the way."""

SMOOTHING = 1.0
"""Seconds over which the fill is averaged: devices deliver in lumps."""

STEEPEST = 2e-3
"""The most that the ratio may differ from 1 (3.5 cents). Crystals stay within 2e-4."""


class DriftMeter:
    """The slope of a line through (time, samples heard), by least squares that forget slowly."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.reset()

    def reset(self) -> None:
        """Begin anew, after a gap."""
        self._samples = 0
        self._first = self._last = -1.0
        self._weight = self._x = self._y = self._xx = self._xy = 0.0

    def add(self, samples: int, now: float) -> None:
        """So many more samples have arrived by the time `now`, in seconds."""
        if self._first < 0.0:  # what came with the first lump was gathered before it
            self._first = self._last = now
            return
        self._samples += samples
        kept = exp((self._last - now) / MEMORY)
        self._last = now
        x = now - self._first
        y = self._samples / self._rate - x
        self._weight = kept * self._weight + 1.0
        dx, dy = x - self._x, y - self._y
        self._x += dx / self._weight
        self._y += dy / self._weight
        self._xx = kept * self._xx + dx * (x - self._x)
        self._xy = kept * self._xy + dx * (y - self._y)

    @property
    def ppm(self) -> float | None:
        """Millionths that the device is faster than the clock; None until it is known."""
        if self._last - self._first < SETTLED or self._xx <= 0.0:
            return None
        return 1e6 * self._xy / self._xx


class Servo:
    """Steers how many device samples make one engine sample, so that the fill stays put.

    A critically damped second-order loop, as in F. Adriaensen, "Controlling adaptive resampling"
    (Linux Audio Conference 2012), with the fill's average in place of his timing loops: nothing
    here needs less than a millisecond of it.
    """

    def __init__(self) -> None:
        self._error = self._drift = 0.0

    def ratio(self, error: float, dt: float) -> float:
        """`error`: seconds of sound that lie in the ring beyond what should."""
        self._error += (error - self._error) * min(1.0, dt / SMOOTHING)
        self._drift += SWING**2 * self._error * dt
        self._drift = max(-STEEPEST, min(STEEPEST, self._drift))
        wanted = self._drift + 2.0 * SWING * self._error
        return 1.0 + max(-STEEPEST, min(STEEPEST, wanted))


class Steady:
    """Reads a ring at another clock's pace: by cubic interpolation, at a ratio close to 1.

    `cushion` is what should lie in the ring when a block is read, in samples. Without it (at the
    start, and after a gap) there is silence until it has gathered again.
    """

    def __init__(self, ring: Ring, rate: int, cushion: int) -> None:
        self._ring, self._rate, self._cushion = ring, rate, cushion
        self._servo = Servo()
        self._phase = 0.0
        self._gathering = True

    def read(self, samples: int) -> NDArray[np.float32] | None:
        """The next float32[samples, channels]; None while there is not enough."""
        fill = self._ring.fill
        if self._gathering:
            if fill < self._cushion:
                return None
            self._ring.keep(self._cushion)
            fill, self._gathering = self._cushion, False
        elif fill > self._cushion + self._rate // 5:  # the reader was away for a while
            self._ring.keep(self._cushion)
            fill = self._cushion
        ratio = self._servo.ratio((fill - self._cushion) / self._rate, samples / self._rate)
        at = self._phase + ratio * np.arange(samples + 1)
        whole = at.astype(np.intp)
        if fill < whole[-2] + 4:
            self._gathering = True
            return None
        heard = self._ring.peek(int(whole[-2]) + 4)
        self._ring.skip(int(whole[-1]))
        self._phase = float(at[-1] - whole[-1])
        return _cubic(heard, whole[:-1], (at - whole)[:-1, None].astype(np.float32))


def _cubic(
    x: NDArray[np.float32], whole: NDArray[np.intp], part: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Catmull-Rom between x[whole + 1] and x[whole + 2]."""
    a, b, c, d = (x[whole + i] for i in range(4))
    cubed = 3.0 * (b - c) + d - a
    squared = 2.0 * a - 5.0 * b + 4.0 * c - d
    result: NDArray[np.float32] = b + 0.5 * part * (c - a + part * (squared + part * cubed))
    return result
