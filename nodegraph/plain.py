"""What is certain of a small body before it ever runs.

A body is *plain* if all that happens in it is arithmetic on numbers, switches and texts whose
Python types are known beforehand: its outlets can only be floats and bools, nothing in it has an
effect, and it may be run twice or in part. Types are sets of what a value can be; an expression
that would raise has none, for then nothing is returned. The state is what it is at first, or
whatever the body makes of that, until nothing new comes of it.

In a plain body, what only params decide can be worked out when they are set: `exp(-dt / time)`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import NoneType
from typing import TypeAlias

from nodegraph.body import Body, template

Types: TypeAlias = frozenset[type]
"""What a value can be; some of float, int, bool, str and None."""

FLOAT: Types = frozenset({float})
_INT: Types = frozenset({int})
_BOOL: Types = frozenset({bool})
_SCALARS = (float, int, bool, str, NoneType)

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


class _UnknownError(Exception):
    """Something of which nothing is known."""


def examined(
    body: Body,
    known: Mapping[str, Types],
    needs: Mapping[str, object],
    outlets: Sequence[type],
    state: object,
    settled: Iterable[str],
) -> Body:
    """The body with what is certain about it; as it was if it is not plain.

    `known` has the types of its arguments but for the state, `needs` the globals that it names,
    `outlets` what its outlets have to be, `state` what it begins with, and `settled` the arguments
    that stay the same from tick to tick.
    """
    assigned = [(name, _parsed(text)) for name, text in body.assignments]
    returned = [_parsed(text) for text in body.returned]
    stateful = len(returned) > len(outlets)
    memory: Types = frozenset({type(state)})
    if not memory <= {*_SCALARS} or len(returned) != len(outlets) + stateful:
        return body
    try:
        while True:
            types = {**known, **({"state": memory} if stateful else {})}
            for name, expression in assigned:
                types[name] = _types(expression, types, needs)
            given = [_types(expression, types, needs) for expression in returned]
            if not stateful or given[0] <= memory:
                break
            memory |= given[0]
    except _UnknownError:
        return body
    numbers = given[stateful:]
    if any(types != {kind} for types, kind in zip(numbers, outlets, strict=True)):
        return body
    carried = _carried(assigned, returned[stateful:], outlets)
    changing = {*known, "state"} - {*settled} | {name for name, _ in assigned}
    settler = _Settler({*known, "state", *needs} | changing, changing)
    return replace(
        body,
        assignments=tuple((name, settler.settle(value)) for name, value in assigned),
        returned=tuple(settler.settle(value) for value in returned),
        plain=True,
        carried=tuple(sorted(carried & known.keys())),
        memory=tuple(sorted(kind.__name__ for kind in memory)) if stateful else (),
        settled=tuple(settler.found),
    )


def _parsed(text: str) -> ast.expr:
    return ast.parse(text.replace("{", "").replace("}", ""), mode="eval").body


def _types(part: ast.expr, known: Mapping[str, Types], needs: Mapping[str, object]) -> Types:
    """What an expression can give; raises `_UnknownError` if that is not known."""

    def of(inner: ast.expr) -> Types:
        return _types(inner, known, needs)

    match part:
        case ast.Constant(value=value):
            return _type_of(value)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name) if name in needs:
            return _type_of(needs[name])
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if needs.get(name) is math:
            return _type_of(getattr(math, attr, None))
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
                raise _UnknownError
            for inner in (left, *others):
                of(inner)
            return _BOOL
        case ast.Call(func=function, args=args, keywords=[]):
            return _result(_called(function, known, needs), [of(inner) for inner in args])
    raise _UnknownError


def _type_of(value: object) -> Types:
    if type(value) not in _SCALARS:
        raise _UnknownError
    return frozenset({type(value)})


def _arithmetic(left: Types, right: Types) -> Types:
    """What + - * // and % make of two numbers."""
    if str in left | right:
        raise _UnknownError
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
    if function is abs and len(given) == 1:
        return _arithmetic(given[0], _INT)
    try:
        return _RESULTS[function]
    except (KeyError, TypeError):
        raise _UnknownError from None


def _carried(
    assigned: Sequence[tuple[str, ast.expr]], returned: Sequence[ast.expr], outlets: Sequence[type]
) -> frozenset[str]:
    """The arguments of which it is seen in a number that is returned if they are NaN or infinite:
    those that come to it through nothing but + - * and as what is divided."""
    within: dict[str, frozenset[str]] = {}

    def of(part: ast.expr) -> frozenset[str]:
        match part:
            case ast.Name(id=name):
                return within.get(name, frozenset({name}))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return of(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
                return of(left) | of(right)
            case ast.BinOp(left=left, op=ast.Div()):
                return of(left)
            case ast.IfExp(body=one, orelse=other):
                return of(one) & of(other)
        return frozenset()

    for name, expression in assigned:
        within[name] = of(expression)
    numbers = [part for part, kind in zip(returned, outlets, strict=True) if kind is float]
    return frozenset().union(*map(of, numbers))


class _Settler(ast.NodeTransformer):
    """Takes out of expressions what stays the same from tick to tick.

    `holes` are the names that templates leave open; those of them that change are `varying`.
    """

    def __init__(self, holes: set[str], varying: set[str]) -> None:
        self.found: list[str] = []
        self._holes = holes
        self._varying = varying

    def settle(self, part: ast.expr) -> str:
        """The template of an expression, with `{·0}` for the first of what was `found`."""
        made = self.visit(part)
        assert isinstance(made, ast.expr)
        return template(made, self._holes | {_hole(number) for number in range(len(self.found))})

    def visit(self, node: ast.AST) -> ast.AST:
        """Settle what can be."""
        if not isinstance(node, ast.expr):
            return node
        part = self._chosen_late(node)
        if not self._is_settled(part):
            return self.generic_visit(part)
        text = template(part, self._holes)
        if isinstance(part, ast.Name | ast.Attribute) or "{" not in text:
            return part
        if text not in self.found:
            self.found.append(text)
        return ast.Name(_hole(self.found.index(text)), ast.Load())

    def _is_settled(self, part: ast.AST) -> bool:
        names = {inner.id for inner in ast.walk(part) if isinstance(inner, ast.Name)}
        return self._varying.isdisjoint(names)

    def _chosen_late(self, part: ast.expr) -> ast.expr:
        """`f(a if x else b)` as `f(a) if x else f(b)`, where all but x is settled."""
        match part:
            case ast.BinOp(left=left, op=op, right=right):
                given = [left, right]

                def again(*parts: ast.expr) -> ast.expr:
                    return ast.BinOp(parts[0], op, parts[1])

            case ast.UnaryOp(op=sign, operand=operand):
                given = [operand]

                def again(*parts: ast.expr) -> ast.expr:
                    return ast.UnaryOp(sign, parts[0])

            case ast.Call(func=function, args=given):

                def again(*parts: ast.expr) -> ast.expr:
                    return ast.Call(function, [*parts], [])

            case _:
                return part
        given = [self._chosen_late(inner) for inner in given]
        varying = [inner for inner in given if not self._is_settled(inner)]
        match varying:
            case [ast.IfExp(test=test, body=one, orelse=other) as choice]:
                if self._is_settled(one) and self._is_settled(other):
                    first = [one if inner is choice else inner for inner in given]
                    second = [other if inner is choice else inner for inner in given]
                    return ast.IfExp(test, again(*first), again(*second))
        return part


def _hole(number: int) -> str:
    return f"·{number}"
