"""Where the bar begins, and of how many beats it is: a filter that runs once a beat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodegraph import Vector

METERS = (4, 3)
"""Beats to a bar, the commonest first."""

_METER = np.repeat(METERS, METERS)
_PLACE = np.concatenate([np.arange(meter) for meter in METERS])
_FIRST = _PLACE == 0
_SLIP, _CHANGE = 0.004, 0.002
"""How likely the bar begins anew with a beat, or goes on with another number of beats."""
_TRUST = 1.5
_MOST = 0.99
_USUAL_ODDS = 2.0
"""Of a downbeat, where the network cannot tell: it has learnt to make more of the rarer."""
_SURE = 0.7


def _moves() -> Vector:
    """[from, to]: the next place in the bar, sometimes another one."""
    following = np.where(_PLACE + 1 == _METER, 0, _PLACE + 1)
    same = _METER[:, None] == _METER
    moves = np.where(same & (following[:, None] == _PLACE), 1.0 - _SLIP - _CHANGE, 0.0)
    moves += np.where(same, _SLIP / _METER, 0.0)
    moves += np.where(same, 0.0, _CHANGE / _METER)
    return np.asarray(moves, np.float32)


_MOVES = _moves()
_USUAL: Vector = np.asarray(np.where(METERS[0] == _METER, 0.9, 0.1) / _METER, np.float32)
_USUAL.setflags(write=False)


class Bars(NamedTuple):
    """What is believed of the bar: how likely each meter and place in it, for the last beat.

    `strongest` is the greatest likelihood of a downbeat, and of a beat, near the beat that is
    passing.
    """

    belief: Vector = _USUAL
    meter: int = METERS[0]
    strongest: tuple[float, float] = (0.0, 0.0)


def attend(bars: Bars, beat: float, downbeat: float) -> Bars:
    """One step near a beat: what the network says of it."""
    best_beat, best_downbeat = bars.strongest
    return bars._replace(strongest=(max(best_beat, beat), max(best_downbeat, downbeat)))


def count(bars: Bars) -> tuple[Bars, int | None]:
    """A beat has passed; also gives its place in the bar, if that is clear."""
    beat, downbeat = bars.strongest
    share = min(_MOST, max(1.0 - _MOST, downbeat / max(beat, 1e-3)))
    belief = bars.belief @ _MOVES
    belief[_FIRST] *= (share / (1.0 - share) / _USUAL_ODDS) ** _TRUST
    belief /= np.add.reduce(belief)
    belief.setflags(write=False)
    best = int(belief.argmax())
    if belief[best] < _SURE:
        return Bars(belief, bars.meter), None
    return Bars(belief, int(_METER[best])), int(_PLACE[best])
