"""Shaping a number over time: smooth, lag, peak hold, derivative, accumulate, auto range.

Each is the exact solution of its equation over one tick, so it does the same at any tick rate.
"""

from __future__ import annotations

from math import copysign, exp
from typing import NamedTuple

from nodegraph import Trigger, inlet, node, outlet, param


@node("shape.smooth", outlets="out", state=None, aliases="Filter CHOP, onepole~, Smoother, Ease")
def smooth(
    state: float | None,
    dt: float,
    value: float = inlet(0.0, help="the number to smooth"),
    time: float = param(0.2, "s", 0.001, 60.0, curve="log", help="63 % of a step are done by then"),
) -> tuple[float, float]:
    """Smooth a number.

    Takes the jitter out of a measurement. One pole: after a step, 1 - exp(-t / time) of it is
    done. It starts on its first input.
    """
    out = value if state is None else value + (state - value) * exp(-dt / time)
    return out, out


@node("shape.lag", outlets="out", state=None, aliases="Lag CHOP, slide~, Slew, Attack Release, AR")
def lag(
    state: float | None,
    dt: float,
    value: float = inlet(0.0, help="the number to follow"),
    attack: float = param(0.02, "s", 0.001, 60.0, curve="log", help="time constant going up"),
    release: float = param(0.3, "s", 0.001, 60.0, curve="log", help="time constant going down"),
    slope: float = param(0.0, "/s", 0.0, 1000.0, help="steepest change; 0 sets no limit"),
) -> tuple[float, float]:
    """Follow a number, quick up and slow down.

    The classic envelope: a hit shows at once and fades softly. The distance to the input shrinks
    as exp(-t / attack) going up and exp(-t / release) going down, but never faster than the slope.
    """
    distance = 0.0 if state is None else value - state
    time = attack if distance > 0.0 else release
    straight = min(dt, max(0.0, abs(distance) / slope - time)) if slope > 0.0 else 0.0
    left = distance - copysign(slope * straight, distance) if straight > 0.0 else distance
    eased = exp(-dt / (attack if distance > 0.0 else release))
    out = value - left * (exp((straight - dt) / time) if straight > 0.0 else eased)
    return out, out


class Peak(NamedTuple):
    """The peak that is shown, and the seconds since the input was there."""

    level: float
    age: float = 0.0


@node("shape.peak_hold", outlets="out", state=None, aliases="peakamp~, Peak, Max Hold, Envelope")
def peak_hold(
    state: Peak | None,
    dt: float,
    value: float = inlet(0.0, help="the number to watch"),
    reset: Trigger = inlet(False, help="forget the peak"),
    hold: float = param(0.5, "s", 0.0, 30.0, help="how long a peak stands still"),
    fall: float = param(1.0, "/s", 0.001, 1000.0, curve="log", help="how fast it falls after that"),
) -> tuple[Peak, float]:
    """Hold the highest value for a while, then let it fall.

    Makes short hits readable, as the peak line of a meter does. The peak stands for the hold
    time, then falls in a straight line until the input meets it.
    """
    if state is None or reset or value >= state.level:
        return Peak(value), value
    age = state.age + dt
    level = state.level - fall * min(dt, max(0.0, age - hold))
    return (Peak(value), value) if value >= level else (Peak(level, age), level)


class Slope(NamedTuple):
    """The last input and the slope given for it."""

    value: float
    rate: float = 0.0


@node(
    "shape.derivative",
    outlets=[outlet("out", "/s"), outlet("rising", help="the number is growing")],
    state=None,
    aliases="Slope CHOP, Speed, Velocity, delta~, Rate of Change, Trend",
)
def derivative(
    state: Slope | None,
    dt: float,
    value: float = inlet(0.0, help="the number to watch"),
    window: float = param(0.1, "s", 0.001, 30.0, curve="log", help="how far back it listens"),
) -> tuple[Slope, float, bool]:
    """Tell how fast a number changes, per second.

    A short window finds hits, a long one tells whether the music is building. The slope from tick
    to tick is smoothed by one pole with the window as its time constant.
    """
    if state is None:
        return Slope(value), 0.0, False
    pitch = (value - state.value) / dt
    rate = pitch + (state.rate - pitch) * exp(-dt / window)
    return Slope(value, rate), rate, rate > 0.0


@node(
    "shape.accumulate",
    outlets=["out", outlet("wrapped", help="the sum went round")],
    state=0.0,
    aliases="Speed CHOP, Integrate, accum, Time (Synesthesia), Travel, Sum",
)
def accumulate(
    state: float,
    dt: float,
    rate: float = inlet(0.0, "/s", help="how much is added per second"),
    reset: Trigger = inlet(False, help="back to 0"),
    gain: float = param(1.0, "", -100.0, 100.0, help="times the rate"),
    wrap: float = param(0.0, "", 0.0, 1e5, help="go round at this sum; 0 never does"),
    decay: float = param(0.0, "s", 0.0, 600.0, help="forget with this time constant; 0 never does"),
) -> tuple[float, float, Trigger]:
    """Add up a number over time.

    Turns loudness into travel: the picture moves on with the music and rests with it. The sum
    obeys sum' = gain · rate - sum / decay.
    """
    if reset:
        return 0.0, 0.0, False
    speed = gain * rate
    if decay > 0.0:
        total = speed * decay + (state - speed * decay) * exp(-dt / decay)
    else:
        total = state + speed * dt
    if wrap <= 0.0 or 0.0 <= total < wrap:
        return total, total, False
    total %= wrap
    out = total if total < wrap else 0.0
    return out, out, True


_SETTLED = 4.0
"""Seconds in which a range is new: what came first, a silence or the rise of a mean, is soon no
measure any more."""


@node(
    "shape.auto_range",
    outlets=[
        outlet("out", "", 0.0, 1.0),
        outlet("low", help="the bottom of the range"),
        outlet("high", help="the top of the range"),
    ],
    state=None,
    aliases="Normalize, Auto Scale, Auto Gain, Adaptive Range, normalise",
)
def auto_range(
    state: tuple[float, float, float] | None,
    dt: float,
    value: float = inlet(0.0, help="the number to bring to 0..1"),
    freeze: bool = inlet(False, help="keep the range as it is"),
    window: float = param(15.0, "s", 0.1, 600.0, curve="log", help="how fast old extremes fade"),
    floor: float = param(
        0.05, "", 0.0001, 1000.0, curve="log", help="a smaller range is never blown up to 0..1"
    ),
) -> tuple[tuple[float, float, float], float, float, float]:
    """Bring a number to 0..1 by the range it has been seen in.

    Fits a patch to a song or a room by itself. Each end jumps to an input beyond it and otherwise
    comes back to the input with the window as its time constant, and sooner in the first 4 s: of
    what was seen after one second no more than half counts after two, and a quarter after four. A
    range narrower than the floor is not stretched to the full 0..1, so silence stays silent.
    """
    was = (value, value, 0.0) if state is None else state
    seen = was[2] + dt if was[2] + dt < _SETTLED else _SETTLED
    kept = exp(-dt / window) * was[2] / seen
    low = was[0] if freeze else value + (was[0] - value) * kept if was[0] < value else value
    high = was[1] if freeze else value + (was[1] - value) * kept if was[1] > value else value
    out = (value - low) / (high - low if high - low > floor else floor)
    return (low, high, seen), 0.0 if out < 0.0 else 1.0 if out > 1.0 else out, low, high


NODES = (smooth, lag, peak_hold, derivative, accumulate, auto_range)
