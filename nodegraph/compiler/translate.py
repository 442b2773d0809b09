"""The text of a chunk of plain steps as a program for the machine.

The program does the same operations in the same order as the text, which stays what it has to agree
with to the last bit. A text with something in it that the machine has no operation for has no
program, and Python runs it.
"""

from __future__ import annotations

import ast
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from nodegraph.compiler.machine import COUNTABLE, OPERATIONS, Constant, Program
from nodegraph.compiler.names import ends_of

_Key = TypeVar("_Key")

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "ADD",
    ast.Sub: "SUB",
    ast.Mult: "MUL",
    ast.Div: "DIV",
    ast.FloorDiv: "FLOORDIV",
    ast.Mod: "MOD",
    ast.Pow: "POW",
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "LT",
    ast.LtE: "LE",
    ast.Gt: "GT",
    ast.GtE: "GE",
    ast.Eq: "EQ",
    ast.NotEq: "NE",
}
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "NEG", ast.Not: "NOT"}
_NUMBERS = {operation: number for number, operation in enumerate(OPERATIONS)}
_BUILTINS = {"abs": "ABS", "float": "FLOAT_OF", "int": "INT_OF", "bool": "BOOL_OF"}
_FOLDED = {"min": "MIN", "max": "MAX"}


@lru_cache(maxsize=512)
def program_of(text: str) -> Program | None:
    """The program that does what the text of a chunk says; None if there is none."""
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)  # so all chunks begin
    translator = _Translator()
    try:
        for statement in function.body:
            translator.statement(statement)
        return translator.program()
    except (_UntranslatableError, OverflowError):
        return None


class _UntranslatableError(Exception):
    """The machine has no operation for this."""


class _Translator:
    """Turns statements into instructions.

    A register is a variable's, a constant's, a part of a tuple's, or lent for one statement.
    """

    def __init__(self) -> None:
        self._code: list[list[int]] = []
        self._constants: list[Constant] = [None, None]
        self._variables = {"n": 0, "now": 1}
        self._known: dict[tuple[type, Constant], int] = {}
        self._globals: dict[str, int] = {}
        self._calls: list[tuple[int, str, int]] = []
        self._cells: dict[str, int] = {}
        self._reads: dict[str, int] = {}
        self._slots: dict[tuple[str, bool], int] = {}
        self._attributes: dict[str, int] = {}
        self._made: list[int] = []
        self._first = ""
        self._kept: list[tuple[int, int]] = []
        self._lent: list[int] = []
        self._free: list[int] = []

    def program(self) -> Program:
        """All of it."""
        if not self._first:
            raise _UntranslatableError
        self._emit("END")
        words = array("H", [word for instruction in self._code for word in instruction])
        return Program(
            words.tobytes(),
            tuple(self._constants),
            tuple((register, name) for name, register in self._globals.items()),
            tuple(self._calls),
            tuple(self._cells),
            tuple((self._cells[name], register) for name, register in self._reads.items()),
            tuple((name, before, register) for (name, before), register in self._slots.items()),
            tuple(self._attributes),
            tuple(self._made),
            self._first,
            tuple(self._kept),
        )

    def statement(self, statement: ast.stmt) -> None:
        """One of the few forms that statements of such a chunk have."""
        match statement:
            case ast.Nonlocal() | ast.If(test=ast.Call(func=ast.Name("dist"))):
                pass  # the machine looks at all that was made before it keeps anything
            case ast.Assign([ast.Name("made")], ast.Tuple(made)):
                self._made = [self._value(each) for each in made]
                self._lent.clear()
            case ast.Assign([ast.Subscript(ast.Name("N"), ast.Name(run))], ast.Name("made")):
                self._first = ends_of(run)[0]
            case ast.Assign([ast.Name(name)], ast.Name() as value) if name.startswith("S·"):
                self._kept.append((_number(self._cells, name), self._value(value)))
            case ast.Assign([ast.Name(name)], value):
                to = self._new()  # another one each time, for what the name was may be in the value
                self._into(to, value)
                self._variables[name] = to
            case _:
                raise _UntranslatableError
        self._free += self._lent
        self._lent.clear()

    def _value(self, part: ast.expr) -> int:
        """The register in which the value of an expression is found."""
        known = self._place(part)
        if known is not None:
            return known
        to = self._free.pop() if self._free else self._new()
        self._lent.append(to)
        self._into(to, part)
        return to

    def _place(self, part: ast.expr) -> int | None:
        """The register of what need not be worked out."""
        match part:
            case ast.Constant(bool() | int() | float() | None as value):
                return self._constant(value)
            case ast.Name(name) if name in self._variables:
                return self._variables[name]
            case ast.Name(name) if name[:2] in ("P·", "S·", "K·"):
                _number(self._cells, name)
                return self._register(self._reads, name)
            case ast.Subscript(ast.Name("N" | "V" as where), ast.Name(slot)):
                return self._register(self._slots, (slot, where == "V"))
            case ast.Name(name) if name.startswith("G·") or name in ("dt", "rate"):
                return self._register(self._globals, name)
            case ast.Attribute(ast.Name(name), attribute) if name.startswith("G·"):
                return self._register(self._globals, f"{name}.{attribute}")
        return None

    def _into(self, to: int, part: ast.expr) -> None:
        """Let a register have the value of an expression."""
        known = self._place(part)
        if known is not None:
            self._emit("MOVE", to, known)
            return
        match part:
            case ast.Subscript(value, ast.Constant(int(at))) if at >= 0:
                self._emit("PART", to, self._value(value), at)
            case ast.Attribute(value, name):
                self._emit("FIELD", to, self._value(value), _number(self._attributes, name))
            case ast.Tuple(parts):
                self._emit("MAKE", to, self._row(parts), len(parts))
            case ast.UnaryOp(operator, operand) if type(operator) in _UNARY:
                self._emit(_UNARY[type(operator)], to, self._value(operand))
            case ast.BinOp(left, operator, right) if type(operator) in _BINARY:
                self._emit(_BINARY[type(operator)], to, self._value(left), self._value(right))
            case ast.Compare(left, [ast.Is() | ast.IsNot() as operator], [ast.Constant(None)]):
                self._emit("IS_NONE", to, self._value(left))
                if isinstance(operator, ast.IsNot):
                    self._emit("NOT", to, to)
            case ast.Compare(left, [operator], [right]) if type(operator) in _COMPARED:
                self._emit(_COMPARED[type(operator)], to, self._value(left), self._value(right))
            case ast.BoolOp(operator, values):
                self._first_that(isinstance(operator, ast.Or), to, values)
            case ast.IfExp(test, one, other):
                self._choice(to, test, one, other)
            case ast.Call(function, arguments, []):
                self._call(to, function, arguments)
            case _:
                raise _UntranslatableError

    def _first_that(self, holds: bool, to: int, values: Sequence[ast.expr]) -> None:
        """The first value that counts as true, or does not, or the last."""
        leaving = []
        for value in values[:-1]:
            self._into(to, value)
            leaving.append(self._emit("JUMP_IF" if holds else "JUMP_UNLESS", 0, to))
        self._into(to, values[-1])
        for place in leaving:
            self._land(place)

    def _choice(self, to: int, test: ast.expr, one: ast.expr, other: ast.expr) -> None:
        if isinstance(test, ast.Constant):
            self._into(to, one if test.value else other)
            return
        otherwise = self._emit("JUMP_UNLESS", 0, self._value(test))
        self._into(to, one)
        done = self._emit("JUMP")
        self._land(otherwise)
        self._into(to, other)
        self._land(done)

    def _call(self, to: int, function: ast.expr, arguments: Sequence[ast.expr]) -> None:
        match function:
            case ast.Name(name) if name in _BUILTINS and len(arguments) == 1:
                self._emit(_BUILTINS[name], to, self._value(arguments[0]))
            case ast.Name(name) if name in _FOLDED and len(arguments) > 1:
                found, *others = map(self._value, arguments)
                for other in others:
                    self._emit(_FOLDED[name], to, found, other)
                    found = to
            case ast.Name("held"):
                self._emit("HELD", to, *map(self._value, arguments))
            case ast.Name(name) if name.startswith("G·"):
                self._call_global(to, name, arguments)
            case ast.Attribute(ast.Name(name), attribute) if name.startswith("G·"):
                self._call_global(to, f"{name}.{attribute}", arguments)
            case _:
                raise _UntranslatableError

    def _call_global(self, to: int, function: str, arguments: Sequence[ast.expr]) -> None:
        first = self._row(arguments)
        self._calls.append((len(self._code), function, len(arguments)))
        self._emit("CALL_1", to, 0, first)

    def _row(self, parts: Sequence[ast.expr]) -> int:
        """The first of registers in a row that have these values, and keep them."""
        first = len(self._constants)
        self._constants += [None] * len(parts)
        for place, part in enumerate(parts, first):
            self._into(place, part)
        return first

    def _new(self) -> int:
        self._constants.append(None)
        return len(self._constants) - 1

    def _constant(self, value: Constant) -> int:
        if isinstance(value, int) and abs(value) >= COUNTABLE:
            raise _UntranslatableError
        known = (type(value), value)
        if value == 0 or known not in self._known:  # 0.0 and -0.0 are equal
            self._known[known] = self._new()
            self._constants[-1] = value
        return self._known[known]

    def _register(self, of: dict[_Key, int], name: _Key) -> int:
        """The register of something that has a name."""
        if name not in of:
            of[name] = self._new()
        return of[name]

    def _emit(self, operation: str, *operands: int) -> int:
        """Add an instruction. Gives its place."""
        self._code.append([_NUMBERS[operation], *operands, *[0] * (4 - len(operands))])
        return len(self._code) - 1

    def _land(self, place: int) -> None:
        """Let a jump go to where the next instruction will be."""
        self._code[place][3] = len(self._code)


def _number(of: dict[str, int], name: str) -> int:
    return of.setdefault(name, len(of))
