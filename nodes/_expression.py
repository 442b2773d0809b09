"""Formulas that users write, made into functions. No text is ever run as Python.

Python's own parser makes a syntax tree; what is on the lists below is turned into closures, and
everything else is refused with the column in which it stands. A formula has no loops, its size is
limited, and every operation takes and gives one float, so its time is limited too.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from nodes import _numbers as numbers

VARIABLES: Final = ("a", "b", "c", "d", "x", "y", "z", "now")
CONSTANTS: Final = {"pi": math.pi, "tau": math.tau, "e": math.e}
LONGEST: Final = 400  # characters
DEEPEST: Final = 24  # operations within operations

Term = Callable[[Sequence[float]], float]
"""The values of `VARIABLES`, in order, to the value of a formula or a part of it."""

_ANY: Final = None
_FUNCTIONS: dict[str, tuple[Callable[..., float], int | None]] = {
    name: (numbers.total(function), count)
    for name, function, count in (
        ("sin", math.sin, 1),
        ("cos", math.cos, 1),
        ("tan", math.tan, 1),
        ("asin", math.asin, 1),
        ("acos", math.acos, 1),
        ("atan", math.atan, 1),
        ("atan2", math.atan2, 2),
        ("tanh", math.tanh, 1),
        ("exp", math.exp, 1),
        ("log", math.log, 1),
        ("log2", math.log2, 1),
        ("log10", math.log10, 1),
        ("sqrt", math.sqrt, 1),
        ("pow", math.pow, 2),
        ("mod", operator.mod, 2),
        ("hypot", math.hypot, 2),
        ("abs", abs, 1),
        ("sign", numbers.sign, 1),
        ("floor", math.floor, 1),
        ("ceil", math.ceil, 1),
        ("round", numbers.nearest, 1),
        ("fract", lambda value: value % 1.0, 1),
        ("min", min, _ANY),
        ("max", max, _ANY),
        ("clamp", numbers.clamp, 3),
        ("mix", numbers.mix, 3),
        ("step", numbers.step, 2),
        ("smoothstep", numbers.smoothstep, 3),
    )
}

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: numbers.divide,
    ast.Mod: numbers.modulo,
    ast.Pow: numbers.power,
    ast.FloorDiv: numbers.total(operator.floordiv),
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@lru_cache(maxsize=512)
def compiled(text: str) -> Callable[..., float]:
    """The formula as a function of the values of `VARIABLES`; always finite.

    Raises `ValueError` with a sentence that names the column.
    """
    term = _term(_parsed(text), 0)

    def evaluate(*values: float) -> float:
        value = term(values)
        return value if math.isfinite(value) else 0.0

    return evaluate


def _parsed(text: str) -> ast.expr:
    if not text.strip():
        raise ValueError("the expression is empty; write one, such as a * 2")
    if len(text) > LONGEST:
        raise ValueError(f"column {LONGEST + 1}: the expression is over {LONGEST} characters long")
    for column, letter in enumerate(text, 1):
        if not letter.isascii() or not (letter.isprintable() or letter.isspace()):
            raise ValueError(f"column {column}: {letter!r} cannot be part of an expression")
    start = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(" ".join(text.strip().splitlines()), mode="eval")
    except SyntaxError as error:
        column = start + max(1, error.offset or 1)
        raise ValueError(f"column {column}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError("column 1: the expression is nested too deeply") from None
    for part in ast.walk(tree):
        if isinstance(part, ast.expr):
            part.col_offset += start
    return tree.body


def _term(node: ast.expr, depth: int) -> Term:
    if depth > DEEPEST:
        raise _refused(node, f"this is nested more than {DEEPEST} deep; use a second node")
    deeper = depth + 1
    match node:
        case ast.Constant(value=int() | float() as value):
            return _constant(node, value)
        case ast.Name(id=name):
            return _name(node, name)
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(node, op, _term(operand, deeper))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(node, op, _term(left, deeper), _term(right, deeper))
        case ast.BoolOp(op=ast.And(), values=values):
            terms = [_term(value, deeper) for value in values]
            return lambda v: 1.0 if all(term(v) for term in terms) else 0.0
        case ast.BoolOp(values=values):
            terms = [_term(value, deeper) for value in values]
            return lambda v: 1.0 if any(term(v) for term in terms) else 0.0
        case ast.Compare(left=left, ops=ops, comparators=right):
            first, *others = (_term(part, deeper) for part in (left, *right))
            return _compared(node, ops, first, others)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            asked, then, other = (_term(part, deeper) for part in (test, body, orelse))
            return lambda v: then(v) if asked(v) else other(v)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _called(node, name, [_term(part, deeper) for part in args])
    raise _refused(node, f"{_what(node)} cannot be part of an expression")


def _constant(node: ast.expr, value: float) -> Term:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _refused(node, "this number is too large")
    return lambda v: number


def _name(node: ast.expr, name: str) -> Term:
    if name in VARIABLES:
        return operator.itemgetter(VARIABLES.index(name))
    if name in CONSTANTS:
        return _constant(node, CONSTANTS[name])
    if name in _FUNCTIONS:
        raise _refused(node, f"{name} needs its numbers in brackets, such as {name}(a)")
    raise _refused(node, f"there is no {name}; there are {', '.join((*VARIABLES, *CONSTANTS))}")


def _unary(node: ast.expr, op: ast.unaryop, term: Term) -> Term:
    match op:
        case ast.USub():
            return lambda v: -term(v)
        case ast.UAdd():
            return term
        case ast.Not():
            return lambda v: 0.0 if term(v) else 1.0
    raise _refused(node, "“~” cannot be part of an expression")


def _binary(node: ast.expr, op: ast.operator, left: Term, right: Term) -> Term:
    operation = _OPERATORS.get(type(op))
    if operation is None:
        hint = "powers are written a ** 2" if isinstance(op, ast.BitXor) else "use + - * / // % **"
        raise _refused(node, f"this operator is not known here; {hint}")
    return lambda v: operation(left(v), right(v))


def _compared(
    node: ast.expr, ops: Sequence[ast.cmpop], first: Term, others: Sequence[Term]
) -> Term:
    links = [(_COMPARISONS.get(type(op)), term) for op, term in zip(ops, others, strict=True)]
    known = [(holds, term) for holds, term in links if holds is not None]
    if len(known) < len(links):
        raise _refused(node, "numbers are compared with < <= > >= == !=")

    def compare(v: Sequence[float]) -> float:
        before = first(v)
        for holds, term in known:
            after = term(v)  # once only: chains within chains would double the work each time
            if not holds(before, after):
                return 0.0
            before = after
        return 1.0

    return compare


def _called(node: ast.expr, name: str, terms: Sequence[Term]) -> Term:
    if name not in _FUNCTIONS:
        raise _refused(node, f"there is no function {name}; there are {', '.join(_FUNCTIONS)}")
    function, count = _FUNCTIONS[name]
    if count is _ANY and len(terms) < 2:
        raise _refused(node, f"{name} takes two numbers or more, here: {len(terms)}")
    if count is not _ANY and len(terms) != count:
        raise _refused(node, f"{name} takes {count} number{'s' * (count != 1)}, here: {len(terms)}")
    if len(terms) == 1:
        (only,) = terms
        return lambda v: function(only(v))
    return lambda v: function(*[term(v) for term in terms])


_NAMES: dict[type[ast.expr], str] = {
    ast.Attribute: "a name with “.”",
    ast.Subscript: "“[ ]”",
    ast.Lambda: "lambda",
    ast.Constant: "what is no number",
    ast.Call: "a call like this",
    ast.Starred: "“*” before a name",
    ast.Tuple: "a list",
    ast.List: "a list",
    ast.NamedExpr: "“:=”",
}


def _what(node: ast.expr) -> str:
    return _NAMES.get(type(node), "this")


def _refused(node: ast.expr, text: str) -> ValueError:
    return ValueError(f"column {node.col_offset + 1}: {text}")
