"""Where a band and its threshold are in a picture, and what of them lies under a mouse. Pure.

Two charts share the vertical axis: the spectrum over frequency, on a log axis, and the level of the
range over the last seconds, with the threshold, the line below which it lets go, and a strip on
which the cooldown lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nodegraph.editor.band import Band, Grip, Setting, least, most, rounded
from nodegraph.editor.canvas.plane import Rect
from nodegraph.nodetype import Param

SECONDS: Final = 5.0
"""How much of the past is shown."""

REACH: Final = 6.0
"""How near to a line, in pixels at scale 1, is on it."""

HEAD: Final = 20.0
"""The height of a line of words above a chart, at scale 1."""

FOOT: Final = 16.0
"""That of what is below a chart: frequencies, or the strip."""

_WIDE: Final = 520.0  # from here on there is room for two charts beside each other
_SPAN: Final = 400.0  # from the least level that is shown to the greatest: 52 dB
_STEP: Final = 4.0  # 12 dB


@dataclass(frozen=True, eq=False)
class Charts:
    """Where everything lies, in pixels, x right and y down.

    `levels` are those at the foot and at the top of both charts, and there is room for a line of
    words above each. `strip` is at the foot of `past`; the cooldown is dragged there.
    """

    band: Band
    levels: tuple[float, float]
    spectrum: Rect
    past: Rect
    strip: Rect
    reach: float = REACH

    @classmethod
    def within(
        cls, band: Band, width: float, levels: tuple[float, float], scale: float = 1.0
    ) -> Charts:
        """One chart above the other, or beside it where there is room."""
        head, low, high, foot = (size * scale for size in (HEAD, 72.0, 92.0, FOOT))
        if width >= _WIDE * scale:
            middle, gap = width / 2, foot / 2
            spectrum = Rect(0.0, head, middle - gap, head + high)
            past = Rect(middle + gap, head, width, head + high)
        else:
            spectrum = Rect(0.0, head, width, head + low)
            top = spectrum.bottom + foot + head
            past = Rect(0.0, top, width, top + high)
        strip = Rect(past.left, past.bottom, past.right, past.bottom + foot)
        return cls(band, levels, spectrum, past, strip, REACH * scale)

    @property
    def height(self) -> float:
        return self.strip.bottom

    @property
    def hearing(self) -> tuple[float, float]:
        """The frequencies at the ends of the axis, in Hz."""
        return least(self.band.low), max(most(self.band.high), least(self.band.low) * 2.0)

    def x_of(self, hz: float) -> float:
        """Where a frequency lies, at an end if it is beyond."""
        low, high = self.hearing
        part = log(min(max(hz, low), high) / low) / log(high / low)
        return self.spectrum.left + part * self.spectrum.width

    def hz_at(self, x: float) -> float:
        """The frequency at a place; those beyond the ends go on."""
        low, high = self.hearing
        return float(low * (high / low) ** ((x - self.spectrum.left) / self.spectrum.width))

    def shares(self, levels: ArrayLike) -> NDArray[np.float64]:
        """How high levels stand in the charts, each 0..1."""
        low, high = self.levels
        held = np.clip(levels, low, high)
        if _is_log(self.band.threshold):
            return np.asarray(np.log(held / low) / log(high / low))
        return np.asarray((held - low) / (high - low))

    def y_of(self, level: float) -> float:
        """Where a level lies in `past`."""
        return self.past.bottom - float(self.shares(level)) * self.past.height

    def level_at(self, y: float) -> float:
        """The level at a place of `past`; those beyond the ends go on, as far as the param does."""
        (low, high), part = self.levels, (self.past.bottom - y) / self.past.height
        is_log = _is_log(self.band.threshold)
        level = low * (high / low) ** part if is_log else low + (high - low) * part
        return rounded(level, self.band.threshold)

    def seconds(self, pixels: float) -> float:
        """How long so many pixels of the past are."""
        return pixels / self.past.width * SECONDS

    def hit(self, x: float, y: float, setting: Setting) -> Grip | None:
        """What lies at a place. Of two lines it is the nearer one."""
        if self.spectrum.holds(x, y):
            return self._hit_spectrum(x, setting)
        if self.strip.holds(x, y):
            return "cooldown" if self.band.cooldown else None
        if not self.past.grown(self.reach).holds(x, y):
            return None
        to_threshold = abs(y - self.y_of(setting.threshold))
        below = y - self.y_of(setting.release)
        # Where both lines are one, what is below it is the lower one's.
        is_nearer = abs(below) < to_threshold or (setting.hysteresis == 0.0 and below > 1.0)
        if self.band.hysteresis and is_nearer and abs(below) <= self.reach:
            return "hysteresis"
        return "threshold" if to_threshold <= self.reach else None

    def _hit_spectrum(self, x: float, setting: Setting) -> Grip | None:
        left, right = self.x_of(setting.low), self.x_of(setting.high)
        to_low, to_high = abs(x - left), abs(x - right)
        if min(to_low, to_high) <= min(self.reach, max((right - left) / 3, 2.0)):
            return "low" if to_low < to_high or (to_low == to_high and x <= left) else "high"
        if left < x < right:
            return "band"
        outer = min(to_low, to_high) <= self.reach
        return ("low" if to_low < to_high else "high") if outer else None


def levels_for(
    band: Band, peak: float, threshold: float, before: tuple[float, float] | None = None
) -> tuple[float, float]:
    """The least and the greatest level that charts show, for a level that goes up to `peak`.

    On a log axis they are 52 dB apart, or as far as it takes to have the threshold in them, and
    move by 12 dB, not while what was `before` still does. On a linear one they are the param's.
    """
    low, high = least(band.threshold), most(band.threshold)
    if not _is_log(band.threshold):
        return low, high
    wanted = max(peak * 1.2, threshold * 2.0)
    top = before[1] if before else high
    is_within = before and max(peak, threshold) <= (top if top == high else 0.95 * top)
    if not is_within or wanted < top / _STEP**2:
        top = high
        while top / _STEP >= wanted and top / _STEP > low * _SPAN:
            top /= _STEP
    return max(min(top / _SPAN, threshold / 2.0), low), top


def _is_log(param: Param) -> bool:
    return param.curve == "log" and least(param) > 0.0
