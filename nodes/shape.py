"""Shaping a number at once: remap, curve, math, expression, quantise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from nodegraph import Trigger, inlet, node, outlet, param
from nodes import _numbers as numbers
from nodes._curve import curve as curve_of
from nodes._expression import compiled

_OUTSIDE: dict[str, Callable[[float], float]] = {
    "clamp": lambda x: numbers.clamp(x, 0.0, 1.0),
    "wrap": lambda x: x % 1.0,
    "fold": lambda x: 1.0 - abs(x % 2.0 - 1.0),
    "free": lambda x: numbers.clamp(x, -1e9, 1e9),
}


@node(
    "shape.remap",
    outlets="out",
    aliases="Range, Map, Scale, scale, zmap, Fit, Math CHOP, Limit, Invert",
)
def remap(
    value: float = inlet(0.0, help="the number to remap"),
    in_low: float = param(0.0, "", -1e5, 1e5, help="the input that gives out low"),
    in_high: float = param(1.0, "", -1e5, 1e5, help="the input that gives out high"),
    out_low: float = param(0.0, "", -1e5, 1e5, help="swap out low and out high to invert"),
    out_high: float = param(1.0, "", -1e5, 1e5, help="swap out low and out high to invert"),
    outside: str = param("clamp", choices=tuple(_OUTSIDE), help="what becomes of inputs outside"),
    exponent: float = param(1.0, "", 0.1, 10.0, curve="log", help="bends the way: above 1 late"),
) -> float:
    """Bring a number from one range into another.

    Between almost any measurement and any param: 0..1 of a band to 0.48..0.68 of noise. With
    x = (value - in_low) / (in_high - in_low), out = out_low + (out_high - out_low) · x^exponent.
    Outside 0..1, x is clamped, wrapped round, folded back, or let go free. An input range without
    width is a step.
    """
    if in_low == in_high:
        x = numbers.step(in_low, value)
    else:
        x = _OUTSIDE[outside](numbers.divide(value - in_low, in_high - in_low))
    return out_low + (out_high - out_low) * math.copysign(abs(x) ** exponent, x)


_PRESETS: dict[str, Callable[[float], float]] = {
    "ease in": lambda x: x * x,
    "ease out": lambda x: x * (2.0 - x),
    "ease in-out": lambda x: x * x * (3.0 - 2.0 * x),
    "sharp": lambda x: x**4,
    "early": math.sqrt,
}


@node("shape.curve", outlets="out", aliases="Lookup CHOP, function, table, Ease, Sample Curve")
def curve(
    value: float = inlet(0.0, help="where on the curve, from left to right"),
    shape: str = param("points", choices=("points", *_PRESETS), help="your points, or a ready one"),
    points: str = param(
        "0:0 0.5:0.8 1:1", read=curve_of, help="breakpoints x:y from left to right"
    ),
    between: str = param("linear", choices=("linear", "smooth"), help="the way between points"),
) -> float:
    """Read a number off a curve.

    Gives a response its feel: nothing much happens until the chorus, then all at once. Points are
    joined by straight lines or by a cubic that never overshoots them (Fritsch and Butland, 1984);
    outside them the curve is level. The ready shapes run from 0 to 1: ease in x², ease out
    1 - (1 - x)², ease in-out 3x² - 2x³, sharp x⁴, early √x.
    """
    if shape != "points":
        return _PRESETS[shape](numbers.clamp(value, 0.0, 1.0))
    drawn = curve_of(points)
    return drawn.smooth(value) if between == "smooth" else drawn.line(value)


_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    name: numbers.total(function)
    for name, function in (
        ("add", lambda a, b: a + b),
        ("subtract", lambda a, b: a - b),
        ("multiply", lambda a, b: a * b),
        ("divide", lambda a, b: a / b),
        ("modulo", lambda a, b: a % b),
        ("power", math.pow),
        ("minimum", min),
        ("maximum", max),
        ("average", lambda a, b: a / 2.0 + b / 2.0),
        ("distance", lambda a, b: abs(a - b)),
        ("greater", lambda a, b: a > b),
        ("less", lambda a, b: a < b),
        ("absolute", lambda a, b: abs(a)),
        ("negate", lambda a, b: -a),
        ("sign", lambda a, b: numbers.sign(a)),
        ("square root", lambda a, b: math.sqrt(a)),
        ("floor", lambda a, b: math.floor(a)),
        ("round", lambda a, b: numbers.nearest(a)),
    )
}


@node("shape.math", outlets="out", aliases="Math CHOP, Add, Multiply, Binary Operator, expr")
def calculate(
    a: float = inlet(0.0, help="the first number"),
    b: float = param(1.0, "", -1e6, 1e6, help="the second; unused by those that take one"),
    operation: str = param("multiply", choices=tuple(_OPERATIONS), help="what to do with them"),
) -> float:
    """Calculate with two numbers.

    Adds, scales and compares. What has no finite value, such as a division by zero or the root
    of a negative number, is 0.
    """
    return _OPERATIONS[operation](a, b)


@node("shape.expression", outlets="out", aliases="expr, Expression CHOP, Formula, Function")
def expression(
    now: float,
    text: str = param("a", read=compiled, help="such as: clamp(a * x + sin(now), 0, 1)"),
    a: float = inlet(0.0, help="a in the text"),
    b: float = inlet(0.0, help="b in the text"),
    c: float = inlet(0.0, help="c in the text"),
    d: float = inlet(0.0, help="d in the text"),
    x: float = param(0.0, "", -100.0, 100.0, help="x in the text, set by hand"),
    y: float = param(0.0, "", -100.0, 100.0, help="y in the text, set by hand"),
    z: float = param(0.0, "", -100.0, 100.0, help="z in the text, set by hand"),
) -> float:
    """Calculate with a formula of your own.

    For what no other node does. It may name a b c d, x y z, now (seconds), pi, tau and e; use
    + - * / // % **, comparisons, and, or, not (true is 1, false 0), `one if a > 0.5 else other`;
    and call sin cos tan asin acos atan atan2 tanh exp log log2 log10 sqrt pow mod hypot abs sign
    floor ceil round fract min max clamp(value, low, high) mix(from, to, x) step(edge, value)
    smoothstep(low, high, value). What has no finite value, such as 1 / 0, is 0. The formula is
    never run as Python, and one that cannot be read is refused with the column.
    """
    return compiled(text)(a, b, c, d, x, y, z, now)


class Level(NamedTuple):
    """Where a quantised number stands; None before the first tick."""

    number: int | None = None


@node(
    "shape.quantise",
    outlets=[
        "out",
        outlet("index", help="the level, from 0"),
        outlet("changed", help="another level is reached"),
    ],
    state=Level(),
    title="Quantise",
    aliases="Quantize, Steps, Posterize, Snap, Round",
)
def quantise(
    state: Level,
    value: float = inlet(0.0, help="the number to quantise"),
    steps: int = param(4, "", 2, 64, help="how many levels, both ends among them"),
    low: float = param(0.0, "", -1e5, 1e5, help="the lowest level"),
    high: float = param(1.0, "", -1e5, 1e5, help="the highest level"),
    hysteresis: float = param(
        0.1, "", 0.0, 0.45, help="parts of a step beyond the middle before it leaves a level"
    ),
) -> tuple[Level, float, float, Trigger]:
    """Round a number to levels, without flutter between two of them.

    Makes scenes out of a slow measurement: four levels of energy, four looks. A level is left
    when the input is more than 1/2 + hysteresis steps away from it.
    """
    x = numbers.divide(value - low, high - low) * (steps - 1)
    x = numbers.clamp(x, 0.0, steps - 1)
    index = state.number
    if index is None or abs(x - index) > 0.5 + hysteresis:
        index = numbers.nearest(x)
    out = low + (high - low) * index / (steps - 1)
    return Level(index), out, float(index), state.number not in (None, index)


NODES = (remap, curve, calculate, expression, quantise)
