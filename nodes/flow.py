"""Bringing values together and moving them in time: mix, crossfade, delays, probe, note."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import cos, pi, sin
from typing import NamedTuple

from nodegraph import inlet, node, outlet, param

_MIXES: dict[str, Callable[[Sequence[tuple[float, float]]], float]] = {
    "sum": lambda wired: sum(value * weight for value, weight in wired),
    "average": lambda wired: (
        sum(value * weight for value, weight in wired)
        / (sum(abs(weight) for _, weight in wired) or 1.0)
    ),
    "max": lambda wired: max((value * weight for value, weight in wired), default=0.0),
}


@node("flow.mix", outlets="out", aliases="Math CHOP, Add, Merge, Mixer, matrix~, Sum")
def mix(
    a: float | None = inlet(None, help="a number"),
    b: float | None = inlet(None, help="a number"),
    c: float | None = inlet(None, help="a number"),
    d: float | None = inlet(None, help="a number"),
    wa: float = param(1.0, "", -10.0, 10.0, help="weight of a"),
    wb: float = param(1.0, "", -10.0, 10.0, help="weight of b"),
    wc: float = param(1.0, "", -10.0, 10.0, help="weight of c"),
    wd: float = param(1.0, "", -10.0, 10.0, help="weight of d"),
    operation: str = param("sum", choices=tuple(_MIXES), help="how they come together"),
) -> float:
    """Mix up to four numbers.

    Base plus kick plus a slow wave. Inlets that are not wired do not count. The average is the
    weighted sum divided by the sum of the weights' sizes.
    """
    given = ((a, wa), (b, wb), (c, wc), (d, wd))
    return float(_MIXES[operation]([(value, w) for value, w in given if value is not None]))


@node("flow.crossfade", outlets="out", aliases="Cross CHOP, xfade~, Lerp, Blend, Mix")
def crossfade(
    a: float = inlet(0.0, help="all of it at x = 0"),
    b: float = inlet(0.0, help="all of it at x = 1"),
    x: float = param(0.5, "", 0.0, 1.0, help="from a to b"),
    law: str = param("linear", choices=("linear", "equal power"), help="equal power keeps a² + b²"),
) -> float:
    """Fade from one number to another.

    Linear is a + (b - a) x; equal power is a cos(π x / 2) + b sin(π x / 2).
    """
    return a + (b - a) * x if law == "linear" else a * cos(pi * x / 2) + b * sin(pi * x / 2)


@node(
    "flow.delay",
    outlets=[outlet("out", like="value")],
    state=None,
    latch=True,
    title="Delay (1 tick)",
    aliases="Feedback CHOP, Feedback, z-1, Loop, Unit Delay",
)
def delay(state: object, value: object = inlet(help="what comes out one tick later")) -> object:
    """Give a value one tick later.

    The only node through which wires may go in a circle: put it into the loop.
    """
    return value


class History(NamedTuple):
    """What a delay remembers: its own time, and what came when."""

    time: float = 0.0
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


@node(
    "flow.delay_time",
    outlets="out",
    state=History(),
    title="Signal Delay",
    aliases="Delay CHOP, delay, pipe, z, Offset, Latency",
)
def delay_time(
    state: History,
    dt: float,
    value: float = inlet(0.0, help="the number to delay"),
    time: float = param(0.25, "s", 0.0, 10.0, help="how much later it comes out"),
    between: str = param(
        "line", choices=("line", "step"), help="step for triggers and switches: no way between"
    ),
) -> tuple[History, float]:
    """Give a number some time later.

    Echoes a gesture, or waits for a slow picture. What it was between two ticks lies on a straight
    line, or is the last value before. Until the delay is full, it gives the first value it saw.
    """
    now = state.time + dt
    then = now - time
    times, values = (*state.times, now), (*state.values, value)
    # A whisker later, so that a delay of whole ticks finds its tick in spite of rounding.
    i = max(1, bisect_right(times, then + 1e-6 * dt))
    out = values[i - 1]
    if between == "line" and i < len(times) and then > times[i - 1]:
        out += (values[i] - out) * (then - times[i - 1]) / (times[i] - times[i - 1])
    return History(now, times[i - 1 :], values[i - 1 :]), out


@node(
    "flow.probe",
    outlets=[outlet("out", like="value")],
    output=True,
    aliases="scope~, number~, print, Trail CHOP, Watch, Monitor, Plot",
)
def probe(
    value: object = inlet(help="what to watch"),
    label: str = param("", help="what the meter is called"),
) -> object:
    """Watch a value without changing it.

    It runs even if nothing reads it, so a trace of the show has it.
    """
    return value


@node(
    "flow.inlet",
    outlets=[outlet("out", like="value")],
    title="Subpatch Inlet",
    aliases="in, inlet, In CHOP, Input",
)
def subpatch_inlet(value: object = inlet(help="what arrives at the subpatch")) -> object:
    """Let something into a subpatch.

    Its own name is the name of the inlet that each node of the subpatch has. Where nothing arrives,
    what reads it falls back to defaults of its own.
    """
    return value


@node(
    "flow.outlet",
    outlets=[outlet("out", like="value")],
    title="Subpatch Outlet",
    aliases="out, outlet, Out CHOP, Output",
)
def subpatch_outlet(value: object = inlet(help="what leaves the subpatch")) -> object:
    """Let something out of a subpatch.

    Its own name is the name of the outlet that each node of the subpatch has.
    """
    return value


@node(
    "flow.send",
    outlets=[outlet("out", like="value")],
    aliases="send, s, Wireless Send, Named Link",
)
def send(
    value: object = inlet(help="what to send"),
    name: str = param("", help="under which name"),
) -> object:
    """Send something to every receive of the same name.

    Receives may be anywhere in the patch, in subpatches too, and there is no delay. Two sends of
    one name are refused.
    """
    return value


@node(
    "flow.receive",
    outlets=[outlet("out", like="value")],
    aliases="receive, r, Wireless Receive, Named Link",
)
def receive(
    value: object = inlet(0.0, help="what it gives while nobody sends"),
    name: str = param("", help="under which name"),
) -> object:
    """Give what the send of the same name sends.

    It does so without a wire and without delay. What is wired to `value` counts only while nobody
    sends under the name.
    """
    return value


@node(
    "flow.reroute",
    outlets=[outlet("out", like="value")],
    aliases="Reroute, Null CHOP, Dot, Pin, Knot, Waypoint",
)
def reroute(value: object = inlet(help="what to pass on")) -> object:
    """Lead a wire round what lies in its way.

    It gives what it gets.
    """
    return value


@node("flow.note", aliases="comment, Annotate, Sticky, Text, Frame")
def note(text: str = param("", help="what you want to remember")) -> None:
    """Keep a note in the patch.

    It does nothing.
    """


NODES = (
    mix,
    crossfade,
    delay,
    delay_time,
    probe,
    subpatch_inlet,
    subpatch_outlet,
    send,
    receive,
    reroute,
    note,
)
