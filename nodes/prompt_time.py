"""Prompts in time: one after the other, in softly, on a timeline."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from nodegraph import Clock, Prompt, Prompts, Rng, Trigger, inlet, node, outlet, param
from nodes._grid import passes
from nodes._prompts import chunks, distance, draw, lines
from nodes._timeline import INTERPOLATIONS, MOST_STEPS, Position, timeline

_BEATS = {"beat": 1, **{f"{count} beats": count for count in (4, 8, 16, 32, 64)}}
_NOW = "now"


class Place(NamedTuple):
    """Which prompt it is, seconds since the last change, turns taken, what a shuffle has left,
    whether a turn waits for the grid, and how far the grid's clock was."""

    number: int = 0
    age: float = 1e9
    turns: int = 0
    left: tuple[int, ...] = ()
    waits: bool = False
    mark: float | None = None


@node(
    "prompt.cycle",
    outlets=[
        "prompts",
        outlet("index", help="which one, from 0"),
        outlet("changed", help="another one has its turn"),
    ],
    state=Place(),
    aliases="Prompt Schedule, Prompt Sequence, Playlist, Prompt List",
)
def cycle(
    state: Place,
    dt: float,
    rng: Rng,
    next: Trigger = inlet(False, help="on to another one"),
    index: float | None = inlet(None, help="which one, from 0; wired, it alone decides"),
    clock: Clock | None = inlet(None, help="what to wait with; without a tempo nothing waits"),
    texts: str = param("", help="one prompt per line"),
    order: str = param(
        "order", choices=("order", "shuffle", "ping-pong"), help="shuffle plays all, then again"
    ),
    hold: float = param(4.0, "s", 0.0, 600.0, help="none changes sooner; early triggers are lost"),
    when: str = param(_NOW, choices=(_NOW, "bar", *_BEATS), help="what a change waits for"),
) -> tuple[Place, Prompts, float, Trigger]:
    """Go through a list of prompts.

    A setlist of looks: every eighth bar the next one. The hold leaves each picture time to
    arrive, whatever the triggers do.
    """
    prompts = lines(texts)
    if not prompts:
        return Place(), (), 0.0, False
    mark, struck = None, True
    if clock is not None and clock.bpm > 0.0 and when != _NOW:
        beats = _BEATS.get(when, clock.meter)
        mark, struck = passes(state.mark, clock.beats, clock.bpm / 60.0 * dt, beats)
    state = state._replace(
        number=min(state.number, len(prompts) - 1), age=state.age + dt, mark=mark
    )
    ready = state.age >= hold - 1e-9
    waits = index is None and (state.waits or (next and ready))
    after = state._replace(waits=waits and not struck)
    if ready and struck:
        if index is not None:
            after = after._replace(number=floor(index + 1e-9) % len(prompts))
        elif waits:
            after = _turned(after, order, len(prompts), rng)
    changed = after.number != state.number
    if changed:
        after = after._replace(age=0.0)
    return after, (Prompt(prompts[after.number]),), float(after.number), changed


def _turned(place: Place, order: str, count: int, rng: Rng) -> Place:
    """The place after one more turn."""
    turns = place.turns + 1
    if order == "order":
        return place._replace(number=(place.number + 1) % count, turns=turns)
    if order == "ping-pong":
        way = max(1, 2 * (count - 1))
        at = turns % way
        return place._replace(number=min(at, way - at), turns=turns)
    number, left = draw(place.left, place.number, count, rng)
    return place._replace(number=number, turns=turns, left=left)


_JUMP = 0.25
"""The share of the words that makes their exchange a new picture, not a ride of weights."""


class Arrived(NamedTuple):
    """What was let in, and how many seconds ago the last jump was."""

    prompts: Prompts = ()
    age: float = 1e9


@node(
    "prompt.transition",
    outlets=[
        "prompts",
        outlet("transition_steps", "chunks", 0.0, MOST_STEPS, help="for scope.output"),
        outlet("changed", help="another picture comes in"),
    ],
    state=Arrived(),
    aliases="Prompt Transition, Prompt Fade, Smooth Prompt, Debounce",
)
def transition(
    state: Arrived,
    dt: float,
    prompts: Prompts = inlet((), help="what to paint"),
    go: Trigger | None = inlet(None, help="wired, another picture waits for it"),
    steps: int = param(4, "chunks", 0, MOST_STEPS, help="how long one comes in; 1 becomes 2"),
    interval: float = param(4.0, "s", 0.0, 600.0, help="nothing changes sooner after one came in"),
) -> tuple[Arrived, Prompts, float, Trigger]:
    """Let another picture come in softly, and weights be ridden.

    When more than a quarter of the words is exchanged at once, it is another picture: it comes in
    over some chunks, and until the interval is over nothing else does. Smaller changes pass as
    they are, with no steps. Make the interval longer than the chunks take.
    """
    age = state.age + dt
    if not prompts or age < interval - 1e-9:
        return state._replace(age=age), state.prompts, chunks(steps), False
    if prompts == state.prompts or distance(state.prompts, prompts) <= _JUMP:
        return Arrived(prompts, age), prompts, 0.0, False
    if go is False:
        return state._replace(age=age), state.prompts, chunks(steps), False
    return Arrived(prompts, 0.0), prompts, chunks(steps), True


class Playing(NamedTuple):
    """Where it is on the timeline, and which entry that is; -1 is before the first."""

    position: Position = Position()
    entry: int = -1


@node(
    "prompt.schedule",
    outlets=[
        "prompts",
        outlet("transition_steps", "chunks", 0.0, MOST_STEPS, help="for scope.output"),
        outlet("interpolation", help="for scope.output"),
        outlet("index", help="which entry, from 0; -1 before the first"),
        outlet("changed", help="another entry begins"),
    ],
    state=Playing(),
    aliases="Prompt Timeline, Timeline, Prompt Travel, Keyframes, Cue List",
)
def schedule(
    state: Playing,
    dt: float,
    clock: Clock | None = inlet(None, help="what bars are counted with"),
    restart: Trigger = inlet(False, help="from the beginning; bar 1 is now"),
    script: str = param(
        "", read=timeline, help="a line for each, such as: 0:45 (8) storm *0.7 | harbour *0.3"
    ),
    steps: int = param(4, "chunks", 0, MOST_STEPS, help="where a line does not say; 1 becomes 2"),
    interpolation: str = param("slerp", choices=INTERPOLATIONS, help="where a line does not say"),
) -> tuple[Playing, Prompts, float, str, float, Trigger]:
    """Play prompts on a timeline.

    One line each: a time (0:45, 90 s, bar 33, bar 33.3), in brackets how it comes in (chunks or
    cut, linear or slerp), then what to paint, several with weights: calm sea *0.7 | storm *0.3.
    `-` leaves the picture as it is; # begins a remark. Times count from the start, bars as the
    clock does. `nodegraph import` makes one of a Scope workflow, `nodegraph export` the reverse.
    """
    found = timeline(script)
    position = state.position.moved(found.unit, dt, clock, restart)
    index = found.reached(position, clock.meter if clock else 4)
    after = Playing(position, index)
    changed = index != state.entry
    if index < 0:
        return after, (), chunks(steps), interpolation, -1.0, changed
    entry = found.entries[index]
    return (
        after,
        entry.prompts,
        chunks(steps if entry.steps is None else entry.steps),
        entry.interpolation or interpolation,
        float(index),
        changed,
    )


NODES = (cycle, transition, schedule)
