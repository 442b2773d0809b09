"""What a user types into a number, and how a number is shown: `1/16`, `*2`, `+10`, `50%`, `440Hz`.

3.5   -2   1e-3   1/16      a value; a fraction is one
(2+3)*4   2^3   sqrt(2)     a formula; pi and tau are known; ^ is a power
*2   /2   +10   += 3        relative to the value as it is
-10                         a value where the range has such, otherwise 10 less
50%                         of the way through the range; on a log curve, of its way
440Hz   20ms   3/4 bar      another unit of the same thing is brought over; our own is as good
A4   c#3                    the frequency of a note where the unit is Hz
min   max   default         ends of the range, and where it began
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

from nodegraph.errors import NodegraphError
from nodegraph.nodetype import Param

UNITS: Mapping[str, tuple[str, float]] = {
    "s": ("time", 1.0),
    "sec": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "m": ("time", 60.0),
    "min": ("time", 60.0),
    "hz": ("frequency", 1.0),
    "khz": ("frequency", 1e3),
    "k": ("frequency", 1e3),
    "bpm": ("tempo", 1.0),
    "1/min": ("tempo", 1.0),
    "beat": ("beats", 1.0),
    "beats": ("beats", 1.0),
    "db": ("decibels", 1.0),
    "/s": ("rate", 1.0),
    "oct": ("pitch", 12.0),
    "octave": ("pitch", 12.0),
    "octaves": ("pitch", 12.0),
    "semitone": ("pitch", 1.0),
    "semitones": ("pitch", 1.0),
    "st": ("pitch", 1.0),
    "cent": ("pitch", 0.01),
    "cents": ("pitch", 0.01),
    "bar": ("bars", 1.0),
    "bars": ("bars", 1.0),
    "sample": ("samples", 1.0),
    "samples": ("samples", 1.0),
    "tick": ("ticks", 1.0),
    "ticks": ("ticks", 1.0),
    "chunk": ("chunks", 1.0),
    "chunks": ("chunks", 1.0),
    "%": ("percent", 1.0),
}
"""What each unit measures, and how many of its kind's first one it is. All in small letters."""

_LONGEST = 200
_NOTE = re.compile(r"([a-g])([#b♯♭]?)(-?\d)", re.IGNORECASE)
_UNIT = re.compile(r"(?:1/min|/s|%|[a-zµ]+)$", re.IGNORECASE)
_TONES = {"c": -9, "d": -7, "e": -5, "f": -4, "g": -2, "a": 0, "b": 2}

_OPERATORS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: lambda a, b: float(a) ** b,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "exp": math.exp,
    "log": math.log,
    "log2": math.log2,
    "abs": abs,
    "min": min,
    "max": max,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
}
_NAMES = {"pi": math.pi, "tau": math.tau}


class NumberError(NodegraphError):
    """What was typed is no number here; the text is a short sentence."""


def read_number(text: str, param: Param, now: float) -> float:
    """The number that is meant; `now` is what the param has. NumberError for what is none.

    It is held to the range of the param, and whole where that wants whole numbers.
    """
    typed = text.strip().replace(",", ".") if "(" not in text else text.strip()
    if not typed:
        raise NumberError("type a number")
    if len(typed) > _LONGEST:
        raise NumberError("this is too long for a number")
    value = _read(typed, param, now)
    if not math.isfinite(value):
        raise NumberError("this is beyond all numbers")
    return held(value, param)


def held(value: float, param: Param) -> float:
    """The nearest value that the param can take."""
    if param.low is not None and param.high is not None:
        value = min(max(value, param.low), param.high)
    return round(value) if param.integer else value


def show_number(value: float, param: Param) -> str:
    """The value of a param with its unit: `0.25 s`, `1.2 kHz`, `12`."""
    return show_amount(value, param.unit, whole=param.integer)


def show_amount(value: float, unit: str = "", *, whole: bool = False) -> str:
    """A number as short as it can be read, never with more than four digits that count."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "-∞"
    scaled, name = value, unit
    if name == "s" and 0.0 < abs(value) < 0.1:
        scaled, name = value * 1e3, "ms"
    elif name == "Hz" and abs(value) >= 1000.0:
        scaled, name = value / 1e3, "kHz"
    text = str(round(scaled)) if whole else _short(scaled)
    gap = "" if name in ("%", "/s") else " "
    return f"{text}{gap}{name}" if name else text


def share(value: float, param: Param) -> float:
    """Where a value lies in its range, 0..1, along the param's curve."""
    low, high = param.low, param.high
    if low is None or high is None or high <= low:
        return 0.0
    value = min(max(value, low), high)
    if param.curve == "log" and low > 0.0:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def at_share(part: float, param: Param) -> float:
    """The value at 0..1 of the range, along the param's curve: the reverse of `share`."""
    low, high = param.low, param.high
    if low is None or high is None:
        return part
    part = min(max(part, 0.0), 1.0)
    if param.curve == "log" and low > 0.0:
        return held(low * (high / low) ** part, param)
    return held(low + (high - low) * part, param)


def _read(typed: str, param: Param, now: float) -> float:
    named = _named(typed.lower(), param)
    if named is not None:
        return named
    if param.unit == "Hz" and (note := _NOTE.fullmatch(typed)):
        return _frequency(note)
    sign, rest = _relative(typed, param)
    if rest.endswith("%") and param.unit != "%":
        part = _formula(rest[:-1]) / 100.0
        if not sign or sign not in "+-":
            return _apply(sign, now, part) if sign else at_share(part, param)
        return at_share(share(now, param) + (part if sign == "+" else -part), param)
    return _apply(sign, now, _with_unit(rest, param))


def _named(word: str, param: Param) -> float | None:
    """The ends of the range by name."""
    ends = {"min": param.low, "max": param.high, "default": param.default}
    value = ends.get(word)
    return float(value) if isinstance(value, int | float) else None


def _relative(typed: str, param: Param) -> tuple[str, str]:
    """A leading operator, if it is meant to work on the value, and the rest."""
    if typed[0] in "+-*/" and typed[1:2] == "=":
        return typed[0], typed[2:].strip()
    negative = param.low is None or param.low < 0.0
    if typed[0] in "+*/" or (typed[0] == "-" and not negative):
        return typed[0], typed[1:].strip()
    return "", typed


def _apply(sign: str, now: float, value: float) -> float:
    if sign == "/" and value == 0.0:
        raise NumberError("nothing can be divided by zero")
    match sign:
        case "+":
            return now + value
        case "-":
            return now - value
        case "*":
            return now * value
        case "/":
            return now / value
        case _:
            return value


def _with_unit(text: str, param: Param) -> float:
    """A formula with or without a unit, in the unit of the param."""
    found = _UNIT.search(text)
    if found is None or found[0].lower() in _NAMES:
        return _formula(text)
    given = found[0].lower().replace("µ", "u")
    value = _formula(text[: found.start()].strip() or "1")
    if given == param.unit.lower():
        return value
    if given not in UNITS:
        raise NumberError(f"{found[0]!r} is no unit that is known here")
    kind, factor = UNITS[given]
    wanted, own = UNITS.get(param.unit.lower(), ("", 1.0))
    if kind == wanted:
        return value * factor / own
    if {kind, wanted} == {"time", "frequency"} and value:
        return 1.0 / (value * factor) / own
    if kind == "frequency" and wanted == "tempo":
        return value * factor * 60.0
    if kind == "tempo" and wanted == "frequency":
        return value / 60.0 / own
    if given == "k" and not wanted:
        return value * 1e3
    wants = f"{param.name} is in {param.unit}" if param.unit else f"{param.name} has no unit"
    raise NumberError(f"{wants}: {found[0]} does not fit")


def _frequency(note: re.Match[str]) -> float:
    """Equal temperament, A4 = 440 Hz (ISO 16)."""
    letter, shift, octave = note.groups()
    step = _TONES[letter.lower()] + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(shift, 0)
    return float(440.0 * 2.0 ** (int(octave) - 4 + step / 12))


def _formula(text: str) -> float:
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
        return float(_value(tree.body))
    except ZeroDivisionError:
        raise NumberError("nothing can be divided by zero") from None
    except (OverflowError, MemoryError, RecursionError):
        raise NumberError("this is beyond all numbers") from None
    except (SyntaxError, ValueError, TypeError):
        raise NumberError(f"{text.strip()[:30]!r} is no number") from None


def _value(part: ast.expr) -> float:
    """What a formula comes to; ValueError for what is none."""
    match part:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if name.lower() in _NAMES:
            return _NAMES[name.lower()]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _real(_OPERATORS[type(sign)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _real(_FUNCTIONS[name](*map(_value, args)))
    raise ValueError("no number")


def _real(value: object) -> float:
    if isinstance(value, complex):
        raise ValueError("no number")
    assert isinstance(value, int | float)
    return float(value)


def _short(value: float) -> str:
    """At most four digits that count, without an exponent where that is as short."""
    size = abs(value)
    if size == 0.0:
        return "0"
    if 1e-4 <= size < 1e6:
        places = max(0, min(6, 3 - math.floor(math.log10(size))))
        text = f"{value:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.3g}"
