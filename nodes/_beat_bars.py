"""Where the bar begins, and of how many beats it is: a filter that runs once a beat.

What speaks for each meter and place is added up as logarithms, and fades: the forgetting of Smith,
"A generalization of the Bayesian steady forecasting model", J. R. Stat. Soc. B, 1979.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._beat_change import Colour
from nodes._beat_ear import still

METERS = (4, 3)
"""Beats to a bar, the commonest first."""

_METER = np.repeat(METERS, METERS)
_PLACE = np.concatenate([np.arange(meter) for meter in METERS])
_FIRST = _PLACE == 0
_BEFORE = np.arange(_PLACE.size) - np.where(_FIRST, 1 - _METER, 1)
"""For each meter and place in it, which one comes before."""
_USUAL: Vector = np.asarray(np.where(METERS[0] == _METER, 0.97, 0.03) / _METER, np.float32)
"""How likely each meter and place is as long as nothing is heard."""

_KEEP = exp(-1.0 / 160.0)
"""What was heard fades over 160 beats: a place in the bar that was long clear is hard to lose."""
_MOST = 0.98
"""How sure the network can make of a downbeat, or of none."""
_USUAL_ODDS = 2.5
"""Of a downbeat, where the network cannot tell: it has learnt to make more of the rarer."""
_FAINT = 1e-3
"""A beat that is not more likely than this tells nothing: the clock jumped over it."""
_TRUST = 0.8
"""Less than 1, for beats are not independent of each other."""
_WEIGHT, _MOST_CHANGE = 2.5, 3.0
"""How much a change of the sound speaks for a bar that began with it, and what counts at most."""
_BEGUN = 3.0
"""How much speaks for a bar that began with the first sound after a silence."""
_SURE = 0.8
"""How likely a place in the bar must be before it is told, or another one than before."""

_NOTHING = still(np.zeros(_PLACE.size, np.float32))


class Bars(NamedTuple):
    """What was heard of the bar: how much speaks for each meter and place in it, for the last beat.

    `begun` says that it is known with which beat the music began, `again` that the clock went back
    before that beat, which will be counted once more. `strongest` is the greatest likelihood of a
    beat, and of a downbeat, near the beat that is passing, `change` how much more than usual the
    sound of the last beat was a new one.
    """

    heard: Vector = _NOTHING
    meter: int = METERS[0]
    begun: bool = False
    again: bool = False
    strongest: tuple[float, float] = (0.0, 0.0)
    colour: Colour = Colour()
    change: float = 0.0


def forget(bars: Bars) -> Bars:
    """The clock jumped: what was counted before were other beats."""
    return bars._replace(heard=_NOTHING, begun=False)


def notice(bars: Bars, loud: Vector, begins: bool) -> Bars:
    """One step: what the ear hears, and whether a beat begins with it."""
    colour, change = bars.colour.turn() if begins else (bars.colour, bars.change)
    return bars._replace(colour=colour.hear(loud), change=change)


def attend(bars: Bars, beat: float, downbeat: float) -> Bars:
    """One step near a beat: what the network says of it."""
    best_beat, best_downbeat = bars.strongest
    return bars._replace(strongest=(max(best_beat, beat), max(best_downbeat, downbeat)))


def begin(bars: Bars, beats: int) -> Bars:
    """Music began out of silence, so many beats before the last one that was counted."""
    heard = bars.heard.copy()
    heard[beats % _METER == _PLACE] += _BEGUN
    return bars._replace(heard=still(heard), begun=True)


def count(bars: Bars) -> tuple[Bars, int | None]:
    """A beat has passed; also gives its place in the bar, if that is clear."""
    beat, downbeat = bars.strongest
    share = (downbeat + _FAINT * _USUAL_ODDS / (1.0 + _USUAL_ODDS)) / (beat + _FAINT)
    share = min(_MOST, max(1.0 - _MOST, share))
    heard = bars.heard.copy()
    heard[_FIRST] += _WEIGHT * min(bars.change, _MOST_CHANGE)  # how a beat sounds shows at its end
    heard = _KEEP * (heard if bars.again else heard[_BEFORE])
    heard[_FIRST] += _TRUST * log(share / (1.0 - share) / _USUAL_ODDS)
    bars = Bars(still(heard), bars.meter, bars.begun, colour=bars.colour)
    belief = _USUAL * np.exp(heard - heard.max())
    best = int(belief.argmax())
    if belief[best] < _SURE * np.add.reduce(belief):
        return bars, None
    return bars._replace(meter=int(_METER[best])), int(_PLACE[best])
