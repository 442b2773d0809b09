"""What a drag in the charts of a band makes of its params. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from math import dist
from typing import Final

from nodegraph.editor.band import Grip, Setting, least, most, rounded
from nodegraph.editor.band_charts import Charts
from nodegraph.editor.canvas.turning import FINE
from nodegraph.editor.numbers import held

_DRAG: Final = 3.0  # pixels before a press is a drag
_NARROWEST: Final = 2.0 ** (1 / 12)  # a band has a semitone at the least


class Grab:
    """A hand that holds something: from how it was at the press, it goes with the mouse. A press
    that does not move changes nothing."""

    def __init__(self, charts: Charts, grip: Grip, setting: Setting, x: float, y: float) -> None:
        self.grip: Grip = grip
        self.charts, self.setting = charts, setting
        self._began = setting
        self._at = (x, y)
        self._moved = (0.0, 0.0)
        self._is_drag = False

    def move(self, x: float, y: float, *, fine: bool = False) -> Mapping[str, float]:
        """Go with the mouse, a tenth as far if `fine`; gives the params that changed."""
        rate = FINE if fine else 1.0
        if not self._is_drag and dist(self._at, (x, y)) < _DRAG:
            return {}
        self._is_drag = True
        dx, dy = self._moved
        self._moved = (dx + (x - self._at[0]) * rate, dy + (y - self._at[1]) * rate)
        self._at = (x, y)
        now = moved(self.charts, self._began, self.grip, *self._moved)
        before, self.setting = self.setting, now
        was = asdict(before)
        return {name: value for name, value in asdict(now).items() if value != was[name]}


def moved(charts: Charts, began: Setting, grip: Grip, dx: float, dy: float) -> Setting:
    """What a drag by so many pixels makes of a setting. All of it is within the params' ranges."""
    band, factor = charts.band, charts.hz_at(charts.spectrum.left + dx) / charts.hearing[0]
    match grip:
        case "low":
            end = max(began.high / _NARROWEST, least(band.low))
            return replace(began, low=min(rounded(began.low * factor, band.low), end))
        case "high":
            end = min(began.low * _NARROWEST, most(band.high))
            return replace(began, high=max(rounded(began.high * factor, band.high), end))
        case "band":
            down = max(least(band.low) / began.low, least(band.high) / began.high)
            up = min(most(band.low) / began.low, most(band.high) / began.high)
            factor = min(max(factor, min(down, 1.0)), max(up, 1.0))
            low, high = began.low * factor, began.high * factor
            return replace(began, low=rounded(low, band.low), high=rounded(high, band.high))
        case "threshold":
            return replace(began, threshold=charts.level_at(charts.y_of(began.threshold) + dy))
        case "hysteresis" if band.hysteresis:
            level = charts.level_at(charts.y_of(began.release) + dy)
            part = round(1.0 - level / began.threshold, 2) if began.threshold else 0.0
            return replace(began, hysteresis=held(part, band.hysteresis))
        case "cooldown" if band.cooldown:
            long = held(round(began.cooldown + charts.seconds(dx), 2), band.cooldown)
            return replace(began, cooldown=long)
    return began
