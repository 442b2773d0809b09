"""How emitted code spells values, holds them to what they may be, and checks what they are."""

from __future__ import annotations

import math

from nodegraph.compiler.names import slot_of
from nodegraph.compiler.plan import Step
from nodegraph.nodetype import Param


def at_rest(step: Step, outlet: str) -> str:
    """What an outlet gives while its node rests."""
    safe = step.type.outlets[outlet].safe
    return f"V[{slot_of(step.id, outlet)}]" if safe is None else repr(safe)


def literal(value: object) -> str | None:
    """How emitted code can spell a value, if it can: not infinity, nor what only looks like a
    number."""
    if type(value) is float and not math.isfinite(value):
        return None
    if type(value) not in (bool, int, float, str, type(None)):
        return None
    spelt = repr(value)
    return f"({spelt})" if spelt.startswith("-") else spelt


def held_to(value: str, param: Param) -> str:
    """A driven param, held to what it can take."""
    if param.kind == "number":
        assert param.low is not None  # a number's range is part of its declaration
        assert param.high is not None
        held = f"held({value}, {float(param.low)!r}, {float(param.high)!r})"
        return f"round({held})" if param.integer else held
    if param.themes:
        return f"chosen({value}, themes, {param.default!r})"
    if param.choices:
        return f"chosen({value}, {param.choices!r}, {param.default!r})"
    return value


def guard(name: str, kind: str) -> list[str]:
    """Lines that fail if an outlet's value is not of its kind. Numbers and switches, which are
    most of a patch, are checked without a call; of floats, `x - x` is nonzero for NaN and infinity
    only."""
    if kind == "number":
        return [
            f"if type({name}) is not float or {name} - {name}:",
            f"    {name} = number({name})",
        ]
    if kind in ("boolean", "trigger"):
        return [f"if {name} is not True and {name} is not False:", f"    {name} = truth({name})"]
    return [f"check_{kind}({name})"]


def finite(name: str, kind: str) -> list[str]:
    """What is left of the guard of an outlet that is known to be of its type."""
    return [f"if {name} - {name}:", f"    number({name})"] if kind == "number" else []
