"""Numbers that move like things: a spring, a quiet hand, a limit to flashes."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, cosh, exp, pi, sin, sinh, sqrt, tau
from typing import Any, NamedTuple

from nodegraph import Trigger, hookimpl, inlet, node, outlet, param


class Mass(NamedTuple):
    """Where the mass is and how fast it moves, per second."""

    place: float
    speed: float = 0.0


@node(
    "motion.spring",
    outlets=[outlet("out"), outlet("speed", "1/s")],
    state=None,
    aliases="Spring CHOP, Damper, Follow",
)
def spring(
    state: Mass | None,
    dt: float,
    value: float = inlet(0.0, help="where the spring pulls to"),
    kick: Trigger = inlet(False, help="a push"),
    frequency: float = param(2.0, "Hz", 0.05, 20.0, curve="log", help="how often it swings"),
    damping: float = param(0.3, "", 0.0, 4.0, help="0 swings for ever, from 1 on it does not"),
    force: float = param(5.0, "1/s", -100.0, 100.0, help="the speed that a kick adds"),
) -> tuple[Mass, float, float]:
    """Follow a number as a mass on a spring does.

    The exact solution of y'' = -ω² y - 2 ζ ω y' over the tick, ω = 2π frequency, ζ = damping, so
    that it swings the same at any tick rate.
    """
    place, speed = state or Mass(value)
    speed += force if kick else 0.0
    away = place - value
    omega = tau * frequency
    own = omega * sqrt(max(abs(1.0 - damping * damping), 1e-9))
    even, odd = (cos, sin) if damping < 1.0 else (cosh, sinh)
    fade, c, s = exp(-damping * omega * dt), even(own * dt), odd(own * dt) / own
    place = value + fade * (away * c + (speed + damping * omega * away) * s)
    speed = fade * (speed * c - (omega * omega * away + damping * omega * speed) * s)
    return Mass(place, speed), place, speed


class Hand(NamedTuple):
    """The smoothed number and its smoothed speed, per second."""

    place: float
    speed: float = 0.0


@node("motion.one_euro", outlets="out", state=None, title="One-Euro", aliases="1€ Filter, Jitter")
def one_euro(
    state: Hand | None,
    dt: float,
    value: float = inlet(0.0),
    calm: float = param(1.0, "Hz", 0.01, 30.0, curve="log", help="lower is calmer at rest"),
    quick: float = param(0.5, "s", 0.0, 10.0, help="higher is less late when it moves"),
) -> tuple[Hand, float]:
    """Calm a trembling number without being late when it moves.

    A low-pass whose cut-off rises with the speed: calm + quick |speed| (Casiez, Roussel, Vogel,
    "1€ filter", CHI 2012, with the exact one-pole coefficient in place of its approximation).
    """
    if state is None:
        return Hand(value), value
    speed = _low_pass(state.speed, (value - state.place) / dt, 1.0, dt)
    place = _low_pass(state.place, value, calm + quick * abs(speed), dt)
    return Hand(place, speed), place


def _low_pass(before: float, value: float, cutoff: float, dt: float) -> float:
    return value + (before - value) * exp(-2.0 * pi * cutoff * dt)


class Guard(NamedTuple):
    """The last turning point of what was let through, whether it rose from there to a flash, and
    how many seconds each of the last flashes is past."""

    turn: float
    bright: bool = True
    ages: tuple[float, ...] = ()


@node("motion.flash_limit", outlets=["out", "held"], state=None, title="Flash Limit")
def flash_limit(
    state: Guard | None,
    dt: float,
    value: float = inlet(0.0, "", 0.0, 1.0, help="brightness, or what drives it"),
    most: int = param(3, "1/s", 1, 20, help="flashes let through in any one second"),
    step: float = param(0.1, "", 0.01, 1.0, help="a rise by this much is a flash, a fall ends it"),
) -> tuple[Guard, float, bool]:
    """Let no more than so many flashes a second through.

    More than three flashes in a second can harm people with photosensitive epilepsy (W3C, WCAG
    2.2, success criterion 2.3.1). A flash is a rise by `step` from where the number last turned,
    quick or slow. One too many is held just below that rise; `held` tells.
    """
    state = state or Guard(value)
    ages = tuple(age + dt for age in state.ages if age + dt <= 1.0)
    if state.bright:
        if state.turn - value < step:
            return Guard(max(state.turn, value), True, ages), value, False
        return Guard(value, False, ages), value, False
    turn = min(state.turn, value)
    if value - turn < step:
        return Guard(turn, False, ages), value, False
    if len(ages) < most:
        return Guard(value, True, (*ages, 0.0)), value, False
    return Guard(turn, False, ages), turn + 0.99 * step, True


@hookimpl
def register_nodes(register: Callable[[Callable[..., Any]], object]) -> None:
    """Bring the three node types in."""
    for function in (spring, one_euro, flash_limit):
        register(function)
