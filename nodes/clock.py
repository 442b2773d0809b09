"""One clock for the whole patch, after the best that is there at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, expm1, floor
from typing import NamedTuple, TypeVar

from nodegraph import Clock, Trigger, inlet, node, outlet, param

_EASE = 0.12
"""Seconds in which an error of phase shrinks to a third."""

_SLACK = 0.5
"""How much faster or slower than the music, as a part of its tempo, it may go to that end."""

_SETTLE = 1.0
"""Seconds that a better clock must have been good before it takes over."""

_NEAR = 0.25
"""Beats within which two clocks are on the same beat, so that its number can be compared."""

_EDGE = 1.05
"""How far out of the range a tempo must be to be counted otherwise, so that none flickers."""

_PHRASE = 16
"""Bars after which all grids meet again: who agrees on the place in a phrase agrees on all."""

N = TypeVar("N", int, float)

_TEMPI = (1.0, 10_000.0)
_LATEST, _LONGEST_BAR = 1e9, 1000
"""What makes sense: tempi (1/min), how many beats were counted (1e9 are sixteen years of 120 a
minute), and how many are in a bar. A clock beyond that is none."""

_TIMES = {"x1/2": 0.5, "x1": 1.0, "x2": 2.0}


class Master(NamedTuple):
    """Where the clock stands, and what it follows.

    `line` is where the beat is by the clock that is followed, or was: of it only the part of a beat
    is taken over, and its `place` in the phrase. `times` brings its tempo into the range. `trusted`
    is how sure it was of itself, `lost` the seconds for which it has not been good. `better` is the
    first good clock, for `since` seconds. `nudged` is in seconds.
    """

    beats: float = 0.0
    bpm: float = 0.0
    meter: int = 4
    source: int = 0
    line: float = 0.0
    times: float = 1.0
    trusted: float = 0.0
    lost: float = 0.0
    better: int = 0
    since: float = 0.0
    nudged: float = 0.0
    by_hand: bool = False
    """Whether somebody said where the bar begins, whatever the clocks say."""
    place: int | None = None
    """The number that somebody gave to the next beat."""

    def follow(self, number: int, clock: Clock) -> Master:
        """Another clock leads from now on."""
        return self._replace(
            source=number,
            meter=max(1, clock.meter),
            times=0.0,
            lost=0.0,
            nudged=0.0,
            by_hand=False,
            place=None,
        )


def _makes_sense(clock: Clock) -> bool:
    slowest, fastest = _TEMPI
    counted = abs(clock.beats) <= _LATEST and clock.meter <= _LONGEST_BAR
    return counted and slowest <= clock.bpm <= fastest


def _choose(state: Master, clocks: Sequence[Clock | None], dt: float, trust: float) -> Master:
    """See which clocks are good; the one that leads is trusted down to half of what others need."""
    good = [
        number
        for number, clock in enumerate(clocks, 1)
        if clock is not None
        and _makes_sense(clock)
        and clock.confidence >= trust * (0.5 if number == state.source else 1.0)
    ]
    better = good[0] if good else 0
    return state._replace(
        lost=0.0 if state.source in good else state.lost + dt,
        better=better,
        since=state.since + dt if better == state.better else 0.0,
    )


def _read(state: Master, clock: Clock, octave: float, slowest: float, fastest: float) -> Master:
    """What the clock that leads says of tempo and place."""
    times = state.times
    if not slowest / _EDGE <= clock.bpm * times <= fastest * _EDGE:
        times = 1.0
        while clock.bpm * times > fastest:
            times *= 0.5
        while clock.bpm * times < slowest:
            times *= 2.0
    bpm = clock.bpm * times * octave
    line = clock.beats * times * octave + state.nudged * bpm / 60.0
    trusted, meter = min(1.0, clock.confidence), max(1, clock.meter)
    return state._replace(bpm=bpm, line=line, times=times, meter=meter, trusted=trusted)


def _lead(
    state: Master, clocks: Sequence[Clock | None], patience: float
) -> tuple[Master, Clock | None, bool]:
    """Stand still or begin, if it is time to: also gives the clock that leads now, if one does, and
    whether this is the beginning."""
    if state.bpm and state.lost > patience and not state.better:
        state = Master(beats=state.beats, meter=state.meter)
    begins = not state.bpm and state.better > 0
    if begins:
        state = state.follow(state.better, clocks[state.better - 1] or Clock())
    lead = clocks[state.source - 1] if state.source and state.lost == 0.0 else None
    return state, lead, begins


def _next(beats: N, place: N, length: int) -> N:
    """The first beat from `beats` on that is at a place of what is so many beats long."""
    return place + max(0, ceil((beats - place) / length)) * length


def _begin(state: Master) -> float:
    """Where the count begins: as the lead counts, and after all that was counted before."""
    least = state.beats + 1.0 if state.beats else 0.0
    return _next(least, state.line, _PHRASE * state.meter)


def _advance(state: Master, step: float, dt: float) -> tuple[float, float]:
    """The count a tick later, and by how much of a beat it is still off the line."""
    free = state.beats + step
    error = (state.line - free + 0.5) % 1.0 - 0.5
    most = _SLACK * step
    return free + max(-most, min(most, error * -expm1(-dt / _EASE))), abs(error)


def _is_due(state: Master, patience: float) -> bool:
    """Whether another clock should lead from the next bar on."""
    outranked = state.better < state.source and state.since >= _SETTLE
    return state.better > 0 and (outranked or state.lost > patience)


def _number(state: Master, follows: bool) -> int:
    """The number of the beat that has just begun: its own, or a higher one."""
    own, phrase = floor(state.beats), _PHRASE * state.meter
    if state.place is not None:
        return _next(own, state.place, phrase)
    ahead = state.line - state.beats
    if follows and not state.by_hand and abs(ahead - round(ahead)) < _NEAR:
        return own + round(ahead) % phrase
    return own


@node(
    "beat.clock",
    outlets=[
        "clock",
        outlet("beat", help="on every beat"),
        outlet("bar", help="on the first beat of every bar"),
        outlet("bpm", "1/min", 0.0, 480.0, help="0 while it stands"),
        outlet("phase", "", 0.0, 1.0, help="where in the beat"),
        outlet("confidence", "", 0.0, 1.0, help="0 while it stands"),
        outlet("source", "", 0.0, 5.0, help="which clock leads, from 1; 0 while none does"),
    ],
    state=Master(),
    title="Clock",
    aliases="Master Clock, Transport, Beat CHOP, Tempo, Sync, Downbeat, Resync, Half, Double",
)
def clock(
    state: Master,
    dt: float,
    first: Clock | None = inlet(None, help="leads while it is good"),
    second: Clock | None = inlet(None, help="leads while the first is not good"),
    third: Clock | None = inlet(None, help="and so on"),
    fourth: Clock | None = inlet(None, help="and so on"),
    fifth: Clock | None = inlet(None, help="and so on"),
    one: Trigger = inlet(False, help="this is the one: the nearest beat begins a bar and a phrase"),
    earlier: Trigger = inlet(False, help="beat earlier by a nudge from now on"),
    later: Trigger = inlet(False, help="beat later by a nudge from now on"),
    silent: bool = inlet(False, help="there is no music: hold on to nothing"),
    octave: str = param("x1", choices=tuple(_TIMES), help="count half or twice as fast"),
    slowest: float = param(40.0, "1/min", 20.0, 200.0, help="what is slower is doubled"),
    fastest: float = param(240.0, "1/min", 60.0, 400.0, help="what is faster is halved"),
    trust: float = param(0.3, "", 0.0, 1.0, help="how sure of itself a clock must be to lead"),
    hold: float = param(8.0, "s", 0.0, 600.0, help="how long to beat on once the lead is lost"),
    nudge: float = param(0.01, "s", 0.001, 0.1, help="how far a nudge goes"),
) -> tuple[Master, Clock, Trigger, Trigger, float, float, float, float]:
    """Beat for the whole patch, after the best clock that is wired.

    Wire Ableton Link, MIDI clock, tap tempo, the beat tracker and a manual clock, the best first.
    It goes over to a better one at a bar; when the lead is lost it beats on for a while, as through
    a breakdown, and then takes the next at a bar, or stands still. The beats are its own: it makes
    up for an error of phase by going faster or slower, so that its count never goes back and
    nothing strikes twice, and where the lead counts bars otherwise, the next beat gets another
    number. Set the range to one octave, and a tracker that doubles its tempo changes nothing.
    """
    clocks = (first, second, third, fourth, fifth)
    patience = 0.0 if silent else hold
    shift = nudge * (earlier - later)
    now = _choose(state, clocks, dt, trust)
    now, lead, begins = _lead(now._replace(nudged=now.nudged + shift), clocks, patience)
    if lead is not None:
        now = _read(now, lead, _TIMES[octave], slowest, fastest)
    if not now.bpm:
        stands = Clock(0.0, now.beats, now.meter, 0.0)
        return now, stands, False, False, 0.0, stands.phase, 0.0, 0.0
    step = now.bpm / 60.0 * dt
    if lead is None:
        now = now._replace(line=now.line + step + shift * now.bpm / 60.0)
    if begins:
        beats, error = _begin(now), 0.0
        beat = beats % 1.0 < step
    else:
        beats, error = _advance(now, step, dt)
        beat = floor(beats) > floor(now.beats)
    now = now._replace(beats=beats)
    late = one and not beat and beats % 1.0 < 0.5  # it was the beat before
    if one:
        now = now._replace(place=1 if late else 0)
    if beat and floor(beats) % now.meter == 0 and _is_due(now, patience):
        now = now.follow(now.better, clocks[now.better - 1] or Clock())
        number = _next(floor(beats), 0, now.meter)
    elif beat and not begins:
        number = _number(now, lead is not None)
        if now.place is not None:
            now = now._replace(place=None, by_hand=True)
    else:
        number = floor(beats)
    if number > floor(beats):  # as much of the beat is over as its tempo says, for who reads that
        now = now._replace(beats=number + min(beats % 1.0, step))
    is_first = floor(now.beats) % now.meter == 0
    bar = (beat and is_first) or (late and not is_first)
    fades = 1.0 - now.lost / max(patience, dt) if now.lost else 1.0 - 2.0 * error
    shown = Clock(now.bpm, now.beats, now.meter, now.trusted * max(0.0, fades))
    source = 0.0 if now.lost else float(now.source)
    return now, shown, beat, bar, shown.bpm, shown.phase, shown.confidence, source


@node(
    "beat.ahead",
    outlets="clock",
    title="Look-Ahead",
    aliases="Latency, Delay Compensation, Sync Offset, Announce",
)
def ahead(
    clock: Clock = inlet(),
    time: float = param(0.1, "s", -2.0, 2.0, help="how much earlier; below 0 later"),
) -> Clock:
    """Announce beats ahead of time, by what it takes until they are seen.

    Put one before whatever is slow: 0.3 s before Scope, 0.02 s before lamps, and all of them show
    the beat together. Beats to come are counted on at the tempo of now.
    """
    return clock._replace(beats=clock.beats + clock.bpm / 60.0 * time)


NODES = (clock, ahead)
