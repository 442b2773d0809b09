"""Where the bar begins, and of how many beats it is: a filter that runs once a beat."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from nodegraph import Vector
from nodes._beat_change import Colour

METERS = (4, 3)
"""Beats to a bar, the commonest first."""

_METER = np.repeat(METERS, METERS)
_PLACE = np.concatenate([np.arange(meter) for meter in METERS])
_FIRST = _PLACE == 0
_SLIP, _OTHER_METER = 0.004, 0.002
"""How likely the bar begins anew with a beat, or goes on with another number of beats."""
_MOST = 0.99
_USUAL_ODDS = 3.0
"""Of a downbeat, where the network cannot tell: it has learnt to make more of the rarer."""
_WEIGHT, _MOST_CHANGE = 2.0, 1.5
"""How much a change of the sound speaks for a bar that began with it, and what counts at most."""
_SURE = 0.7


def _moves() -> Vector:
    """[from, to]: the next place in the bar, sometimes another one."""
    following = np.where(_PLACE + 1 == _METER, 0, _PLACE + 1)
    same = _METER[:, None] == _METER
    moves = np.where(same & (following[:, None] == _PLACE), 1.0 - _SLIP - _OTHER_METER, 0.0)
    moves += np.where(same, _SLIP / _METER, 0.0)
    moves += np.where(same, 0.0, _OTHER_METER / _METER)
    return np.asarray(moves, np.float32)


_MOVES = _moves()
_USUAL: Vector = np.asarray(np.where(METERS[0] == _METER, 0.9, 0.1) / _METER, np.float32)
_USUAL.setflags(write=False)


class Bars(NamedTuple):
    """What is believed of the bar: how likely each meter and place in it, for the last beat.

    `strongest` is the greatest likelihood of a beat, and of a downbeat, near the beat that is
    passing, `change` how much more than usual the sound of the last beat was a new one.
    """

    belief: Vector = _USUAL
    meter: int = METERS[0]
    strongest: tuple[float, float] = (0.0, 0.0)
    colour: Colour = Colour()
    change: float = 0.0


def notice(bars: Bars, loud: Vector, begins: bool) -> Bars:
    """One step: what the ear hears, and whether a beat begins with it."""
    colour, change = bars.colour.turn() if begins else (bars.colour, bars.change)
    return bars._replace(colour=colour.hear(loud), change=change)


def attend(bars: Bars, beat: float, downbeat: float) -> Bars:
    """One step near a beat: what the network says of it."""
    best_beat, best_downbeat = bars.strongest
    return bars._replace(strongest=(max(best_beat, beat), max(best_downbeat, downbeat)))


def count(bars: Bars) -> tuple[Bars, int | None]:
    """A beat has passed; also gives its place in the bar, if that is clear."""
    beat, downbeat = bars.strongest
    share = min(_MOST, max(1.0 - _MOST, downbeat / max(beat, 1e-3)))
    odds = exp(_WEIGHT * min(bars.change, _MOST_CHANGE))  # how a beat sounds shows at its end
    belief = np.where(_FIRST, bars.belief * odds, bars.belief) @ _MOVES
    belief[_FIRST] *= share / (1.0 - share) / _USUAL_ODDS
    belief /= np.add.reduce(belief)
    belief.setflags(write=False)
    bars = Bars(belief, bars.meter, colour=bars.colour)
    best = int(belief.argmax())
    if belief[best] < _SURE:
        return bars, None
    return bars._replace(meter=int(_METER[best])), int(_PLACE[best])
