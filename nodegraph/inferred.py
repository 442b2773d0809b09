"""What an expression can give: the types of its values, before it ever runs.

Known are numbers, switches and texts, and tuples of those, named or not. An expression that would
raise gives nothing, so it has no type; one of which anything else is possible is an `UnknownError`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from types import NoneType
from typing import NamedTuple, TypeAlias

Types: TypeAlias = "frozenset[type | Several]"
"""What a value can be; some of float, int, bool, str and None, and tuples of those."""


class Several(NamedTuple):
    """A tuple, or a class made by `NamedTuple`, and what each of its parts can be."""

    maker: type
    parts: tuple[Types, ...]

    def part(self, at: int) -> Types:
        """What stands at a place; nothing does beyond its ends."""
        return self.parts[at] if -len(self.parts) <= at < len(self.parts) else frozenset()

    def field(self, name: str) -> Types:
        """What stands under a name."""
        fields: Sequence[str] = getattr(self.maker, "_fields", ())
        if name not in fields:
            raise UnknownError
        return self.part(fields.index(name))

    @property
    def spelt(self) -> list[str]:
        """Each tuple that it can be, as `spelt` has it."""
        return [_call(self.maker, parts) for parts in product(*map(spellings, self.parts))]


def spelt(value: object) -> str:
    """The type of a value, and if it is a tuple, of its parts: `tuple(float, bool)`."""
    if isinstance(value, tuple):
        return _call(type(value), [type(part).__name__ for part in value])
    return type(value).__name__


def _call(maker: type, parts: Iterable[str]) -> str:
    return f"{maker.__name__}({', '.join(parts)})"


FLOAT: Types = frozenset({float})
_INT: Types = frozenset({int})
_BOOL: Types = frozenset({bool})
_SCALARS = (float, int, bool, str, NoneType)

_OF_THEIR_OWN = frozenset(
    ("__bool__", "__len__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
) | {"__iter__", "__getitem__", "__getattr__", "__getattribute__", "__contains__"}
"""What a class may do in its own way, where a tuple is used as one."""

_MOST_SPELT = 64
"""A tuple that can be more than so many is left alone."""

_FLOATS = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "copysign", "cos"),
    *("cosh", "degrees", "erf", "exp", "exp2", "expm1", "fabs", "fmod", "hypot", "log", "log10"),
    *("log1p", "log2", "pow", "radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh"),
)
_RESULTS: dict[object, Types] = {
    **{getattr(math, name): FLOAT for name in _FLOATS if hasattr(math, name)},
    **dict.fromkeys((math.floor, math.ceil, math.trunc), _INT),
    **dict.fromkeys((math.isfinite, math.isinf, math.isnan), _BOOL),
    float: FLOAT,
    int: _INT,
    bool: _BOOL,
}
"""What functions give that take scalars, give one, and have no effect."""

_BUILTINS = {"abs": abs, "bool": bool, "float": float, "int": int, "max": max, "min": min}


class UnknownError(Exception):
    """Something of which nothing is known."""


def spellings(types: Types) -> Iterable[str]:
    """Each type, as `spelt` has it."""
    for kind in types:
        yield from kind.spelt if isinstance(kind, Several) else [kind.__name__]


def types_of(part: ast.expr, known: Mapping[str, Types], needs: Mapping[str, object]) -> Types:
    """What an expression can give; raises `UnknownError` if that is not known."""

    def of(inner: ast.expr) -> Types:
        return types_of(inner, known, needs)

    match part:
        case ast.Constant(value=value):
            return type_of_value(value)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name) if name in needs:
            return type_of_value(needs[name])
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if needs.get(name) is math:
            return type_of_value(getattr(math, attr, None))
        case ast.Tuple(elts=elements):
            return _several(tuple, map(of, elements))
        case ast.Subscript(value=value, slice=ast.Constant(value=int(at))):
            return frozenset().union(*(it.part(at) for it in _tuples(of(value))))
        case ast.Attribute(value=value, attr=attr):
            return frozenset().union(*(it.field(attr) for it in _tuples(of(value))))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            of(operand)
            return _BOOL
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _arithmetic(of(operand), _INT)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _arithmetic(of(left), of(right))
        case ast.BinOp(left=left, op=ast.FloorDiv() | ast.Mod(), right=right):
            return _arithmetic(of(left), of(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return FLOAT if _arithmetic(of(left), of(right)) else frozenset()
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if power >= 0:
            return _arithmetic(of(left), _INT)
        case ast.BoolOp(values=values):
            return frozenset().union(*map(of, values))
        case ast.IfExp(test=test, body=one, orelse=other):
            of(test)
            return of(one) | of(other)
        case ast.Compare(left=left, ops=ops, comparators=others):
            if any(isinstance(op, ast.In | ast.NotIn) for op in ops):
                raise UnknownError
            for inner in (left, *others):
                of(inner)
            return _BOOL
        case ast.Call(func=function, args=args, keywords=[]):
            return _result(_called(function, known, needs), [of(inner) for inner in args])
    raise UnknownError


def type_of_value(value: object) -> Types:
    if isinstance(value, tuple) and (type(value) is tuple or _is_named(type(value))):
        return _several(type(value), map(type_of_value, value))
    if type(value) not in _SCALARS:
        raise UnknownError
    return frozenset({type(value)})


def _is_named(maker: object) -> bool:
    """Whether it is a class made by `NamedTuple`, which does nothing but keep its parts."""
    made = isinstance(maker, type) and maker.__bases__ == (tuple,) and hasattr(maker, "_fields")
    return made and _OF_THEIR_OWN.isdisjoint(vars(maker))


def _several(maker: type, parts: Iterable[Types]) -> Types:
    made = Several(maker, (*parts,))
    nested = any(isinstance(kind, Several) for part in made.parts for kind in part)
    if nested or math.prod(map(len, made.parts)) > _MOST_SPELT:
        raise UnknownError
    return frozenset({made})


def _tuples(types: Types) -> list[Several]:
    """Those of which parts can be taken; from None that raises, and of all else it is not known."""
    found = [kind for kind in types if isinstance(kind, Several)]
    if not types <= {*found, NoneType}:
        raise UnknownError
    return found


def _filled(maker: type, given: Sequence[Types]) -> Types:
    """A named tuple of these parts and its defaults; too few or too many of them raise."""
    fields: Sequence[str] = getattr(maker, "_fields", ())
    defaults: Mapping[str, object] = getattr(maker, "_field_defaults", {})
    missing = fields[len(given) :]
    if len(given) > len(fields) or not defaults.keys() >= {*missing}:
        return frozenset()
    return _several(maker, [*given, *(type_of_value(defaults[name]) for name in missing)])


def _arithmetic(left: Types, right: Types) -> Types:
    """What + - * // and % make of two numbers."""
    if not left | right <= {float, int, bool, NoneType}:
        raise UnknownError
    pairs = [(one, two) for one in left - {NoneType} for two in right - {NoneType}]
    return frozenset(float if float in pair else int for pair in pairs)


def _called(part: ast.expr, known: Mapping[str, Types], needs: Mapping[str, object]) -> object:
    match part:
        case ast.Name(id=name) if name in needs:
            return needs[name]
        case ast.Name(id=name) if name not in known:
            return _BUILTINS.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if needs.get(name) is math:
            return getattr(math, attr, None)
    return None


def _result(function: object, given: Sequence[Types]) -> Types:
    if (function is max or function is min) and len(given) > 1:
        return frozenset().union(*given)
    if isinstance(function, type) and _is_named(function):
        return _filled(function, given)
    if function is abs and len(given) == 1:
        return _arithmetic(given[0], _INT)
    if function is not bool and any(isinstance(kind, Several) for types in given for kind in types):
        raise UnknownError  # it may have a `__float__` or `__floor__` of its own
    try:
        return _RESULTS[function]
    except (KeyError, TypeError):
        raise UnknownError from None
