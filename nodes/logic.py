"""Deciding: thresholds, logic, gates, counters, and what to let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor
from typing import NamedTuple

import numpy as np

from nodegraph import Clock, Theme, Trigger, inlet, node, outlet, param

_SOON = 1e-9
"""Seconds; waits that end within rounding errors of a tick have ended."""


class Watch(NamedTuple):
    """Whether a threshold is passed, and the seconds in which no rise may be told."""

    on: bool = False
    wait: float = 0.0


@node(
    "logic.threshold",
    outlets=[
        outlet("rise", help="it passed the level"),
        outlet("fall", help="it came back"),
        outlet("on", help="it is above"),
    ],
    state=Watch(),
    aliases="Trigger CHOP, thresh~, past, Compare, Schmitt Trigger, Value Trigger",
)
def threshold(
    state: Watch,
    dt: float,
    value: float = inlet(0.0, help="the number to watch"),
    level: float = param(0.5, "", -1e5, 1e5, help="on from here up"),
    hysteresis: float = param(0.1, "", 0.0, 1e5, help="off only this far below the level"),
    cooldown: float = param(0.1, "s", 0.0, 60.0, help="after a rise, tell of no other for so long"),
) -> tuple[Watch, Trigger, Trigger, bool]:
    """Tell when a number passes a level.

    Turns a measurement into hits. On at the level, off below level - hysteresis, so that a
    trembling input gives one hit and not ten (Schmitt, "A thermionic trigger", 1938). `on` always
    follows; only `rise` keeps the cooldown.
    """
    on = value >= (level - hysteresis if state.on else level)
    wait = max(0.0, state.wait - dt)
    rise = on and not state.on and wait <= _SOON
    return Watch(on, cooldown if rise else wait), rise, state.on and not on, on


_LOGIC: dict[str, Callable[[Sequence[bool]], bool]] = {
    "and": lambda wired: bool(wired) and all(wired),
    "or": any,
    "xor": lambda wired: sum(wired) % 2 == 1,
    "nand": lambda wired: not all(wired),
    "nor": lambda wired: not any(wired),
    "not": lambda wired: not any(wired),
}


@node("logic.logic", outlets="out", aliases="Logic CHOP, &&, ||, And, Or, Not, Boolean")
def logic(
    a: bool | None = inlet(None, help="a condition"),
    b: bool | None = inlet(None, help="a condition"),
    c: bool | None = inlet(None, help="a condition"),
    d: bool | None = inlet(None, help="a condition"),
    operation: str = param("and", choices=tuple(_LOGIC), help="xor is true for an odd number"),
) -> bool:
    """Combine conditions.

    Loud and on the beat, but not in the break. Inlets that are not wired do not count; of none,
    and is false. Not is true if nothing wired is.
    """
    return _LOGIC[operation]([wired for wired in (a, b, c, d) if wired is not None])


def _nothing(like: object) -> object:
    """What stands for nothing, in the kind of a value."""
    match like:
        case bool():
            return False
        case int() | float():
            return 0.0
        case str():
            return ""
        case np.ndarray():
            return np.zeros_like(like)
        case Clock():
            return Clock()
        case Theme():
            return Theme("none", "None", "")
    return ()


@node(
    "logic.gate",
    outlets=[outlet("out", like="value")],
    state=None,
    aliases="gate, spigot, Switch, Valve, Pass",
)
def gate(
    state: object,
    value: object = inlet(help="what to let through"),
    open: bool = inlet(True, help="whether it goes through"),
    closed: str = param("zero", choices=("zero", "hold"), help="what comes out while it is closed"),
) -> tuple[object, object]:
    """Let a value through, or not.

    Silences a part of the patch. Closed it gives zero (for texts, prompts and themes: nothing),
    or holds what it last let through. Triggers want zero: one that is held goes on for ever.
    """
    if open:
        return value, value
    return state, state if closed == "hold" and state is not None else _nothing(value)


@node(
    "logic.toggle",
    outlets=[outlet("on", help="where the switch stands")],
    state=None,
    aliases="toggle, Flip Flop, Latch, Switch, SR Flip-Flop",
)
def toggle(
    state: bool | None,
    flip: Trigger = inlet(False, help="to the other side"),
    set: Trigger = inlet(False, help="on; stronger than flip"),
    reset: Trigger = inlet(False, help="off; stronger than both"),
    initial: bool = param(False, help="where it stands at first"),
) -> tuple[bool, bool]:
    """Switch on and off by triggers.

    Every other bar, or: on at the drop, off at the break.
    """
    was = initial if state is None else state
    on = False if reset else (set or was != flip)
    return on, on


@node(
    "logic.counter",
    outlets=["count", outlet("wrap", help="it is back at its start")],
    state=0,
    aliases="Count CHOP, counter, Step, Index, Sequence",
)
def counter(
    state: int,
    step: Trigger = inlet(False, help="count one on"),
    reset: Trigger = inlet(False, help="back to the start"),
    length: int = param(4, "", 1, 1024, help="how many counts, from 0 up to length - 1"),
    direction: str = param("up", choices=("up", "down", "ping-pong"), help="the way it goes"),
) -> tuple[int, float, Trigger]:
    """Count triggers, round and round.

    Sixteen bars to a scene. Down goes from 0 to the highest and on down; ping-pong turns at both
    ends without counting them twice.
    """
    state = 0 if reset else state + step
    round_ = length if direction != "ping-pong" else max(1, 2 * (length - 1))
    at = (-state if direction == "down" else state) % round_
    wrap = step and not reset and state % round_ == 0
    return state, float(min(at, round_ - at) if direction == "ping-pong" else at), wrap


@node(
    "logic.cooldown",
    outlets=["out", outlet("blocked", help="a trigger that came too early")],
    state=0.0,
    aliases="Min Time, debounce, speedlim, onebang, Refractory, Throttle",
)
def cooldown(
    state: float,
    dt: float,
    hit: Trigger = inlet(False, help="the triggers to thin out"),
    time: float = param(1.0, "s", 0.0, 600.0, help="none within so long after one let through"),
) -> tuple[float, Trigger, Trigger]:
    """Let a trigger through only if the last one is long enough ago.

    Keeps a drum roll from changing the scene ten times.
    """
    wait = max(0.0, state - dt)
    free = wait <= _SOON
    return time if hit and free else wait, hit and free, hit and not free


@node(
    "logic.hold",
    outlets=[outlet("out", like="value")],
    state=None,
    title="Sample & Hold",
    aliases="sah~, Hold CHOP, Latch, Freeze, Sample and Hold",
)
def hold(
    state: object,
    value: object = inlet(help="what to take"),
    take: Trigger = inlet(False, help="take it now"),
) -> tuple[object, object]:
    """Take a value at a trigger and hold it.

    Brings a moving value onto the beat. Until the first trigger it holds what it saw first.
    """
    held = value if take or state is None else state
    return held, held


@node(
    "logic.select",
    outlets=[outlet("out", like="a")],
    aliases="Switch CHOP, select, switch, Multiplexer, Choose, Index",
)
def select(
    a: object = inlet(help="number 0"),
    b: object = inlet(None, help="the next one wired"),
    c: object = inlet(None, help="the next one wired"),
    d: object = inlet(None, help="the next one wired"),
    e: object = inlet(None, help="the next one wired"),
    f: object = inlet(None, help="the next one wired"),
    g: object = inlet(None, help="the next one wired"),
    h: object = inlet(None, help="the next one wired"),
    index: float = inlet(0.0, help="which one, from 0; the part after the point is dropped"),
    outside: str = param("wrap", choices=("wrap", "clamp"), help="what an index too far means"),
) -> object:
    """Choose one of several values by number.

    Eight looks on a counter. Inlets that are not wired are not counted.
    """
    wired = [value for value in (a, b, c, d, e, f, g, h) if value is not None]
    at = floor(index + _SOON)
    return wired[at % len(wired) if outside == "wrap" else max(0, min(len(wired) - 1, at))]


NODES = (threshold, logic, gate, toggle, counter, cooldown, hold, select)
