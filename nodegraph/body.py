"""Reads the body of a small function as data, so that a plan can hold it in place of a call.

A call costs a node more than the arithmetic of most nodes. What can be inlined is a function of
numbers, switches and choices whose body, after its docstring, is assignments to names and one
return, without anything that makes a scope of its own. Whatever else it names must be a global of
its module or a builtin.
"""

from __future__ import annotations

import ast
import builtins
import linecache
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType, FunctionType

_LONGEST = 8
"""Statements; a longer body gains nothing from being inlined."""

_REFUSED = (
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.NamedExpr,
    ast.Starred,
    ast.Await,
    ast.Yield,
    ast.YieldFrom,
)


@dataclass(frozen=True, slots=True)
class Body:
    """A function's body: assignments in order, what it returns, and the globals that it needs.

    Expressions are templates for `str.format`, with `{name}` for every name that is an argument,
    was assigned, or is needed.
    """

    assignments: tuple[tuple[str, str], ...]
    returned: tuple[str, ...]
    needs: tuple[str, ...]

    plain: bool = False
    """Whether all that it does is sure to be arithmetic (see `nodegraph.plain`); only of such a
    body is the rest known."""
    memory: tuple[str, ...] = ()
    """What its state can be, as `nodegraph.inferred.spelt` has it."""
    settled: tuple[str, ...] = ()
    """What stays the same from tick to tick; `{·0}` stands for the first, and so on."""

    def opened(self, settled: Sequence[str | None]) -> Body:
        """The body with a name for what is settled, or with the expression itself where there is
        none."""

        if not self.settled:
            return self

        def filled(text: str) -> str:
            for number, expression in enumerate(self.settled):
                text = text.replace(f"{{·{number}}}", settled[number] or f"({expression})")
            return text

        return replace(
            self,
            assignments=tuple((name, filled(text)) for name, text in self.assignments),
            returned=tuple(map(filled, self.returned)),
        )

    def uses(self, name: str) -> int:
        """How often a name is read."""
        hole = f"{{{name}}}"
        texts = (*(text for _, text in self.assignments), *self.returned)
        return sum(text.count(hole) for text in texts)


def read_body(function: Callable[..., object], arguments: Sequence[str]) -> Body | None:
    """The body of a function of these arguments; None if it cannot stand without a call."""
    if not isinstance(function, FunctionType) or function.__closure__:
        return None
    definition = _definition(function)
    found = None if definition is None else _statements(definition)
    if found is None:
        return None
    assignments, returned = found
    own = {*arguments, *(name for name, _ in assignments)}
    said, needs = {*arguments}, set()
    for name, expression in (*assignments, *(("", value) for value in returned)):
        for part in ast.walk(expression):
            if not isinstance(part, ast.Name) or part.id in said:
                continue
            if part.id in function.__globals__ and part.id not in own:
                needs.add(part.id)
            elif part.id in own or not hasattr(builtins, part.id):
                return None  # only a call can fail as it should
        said.add(name)
    holes = own | needs
    return Body(
        tuple((name, template(value, holes)) for name, value in assignments),
        tuple(template(value, holes) for value in returned),
        tuple(sorted(needs)),
    )


def _statements(
    function: ast.FunctionDef,
) -> tuple[list[tuple[str, ast.expr]], list[ast.expr]] | None:
    """Assignments and what is returned, if there is nothing else in a function."""
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    *firsts, last = statements or [ast.Pass()]
    if len(statements) > _LONGEST or not isinstance(last, ast.Return) or last.value is None:
        return None
    if any(isinstance(part, _REFUSED) for part in ast.walk(function)):
        return None
    if any("{" in text or "}" in text for text in map(ast.unparse, statements)):
        return None  # a template has other uses for braces
    assignments = []
    for statement in firsts:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assignments.append((name, value))
            case _:
                return None
    return assignments, list(last.value.elts) if isinstance(last.value, ast.Tuple) else [last.value]


def _definition(function: FunctionType) -> ast.FunctionDef | None:
    """The function as its file has it; None where that is not what a call would do: something
    wrapped it, or somebody edited the file since its import."""
    if hasattr(function, "__wrapped__"):
        return None
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    definitions, codes = _file("".join(lines))
    return definitions.get((code.co_name, code.co_firstlineno)) if code in codes else None


@lru_cache(maxsize=32)
def _file(
    text: str,
) -> tuple[Mapping[tuple[str, int], ast.FunctionDef], Sequence[CodeType]]:
    """Every function in a file, by its name and first line, and the code of each."""
    try:
        tree = ast.parse(text)
        found = [compile(tree, "<source>", "exec", dont_inherit=True)]
    except (SyntaxError, ValueError):
        return {}, ()
    for code in found:
        found += [const for const in code.co_consts if isinstance(const, CodeType)]
    functions = [part for part in ast.walk(tree) if isinstance(part, ast.FunctionDef)]
    return {
        (it.name, min([it.lineno, *(above.lineno for above in it.decorator_list)])): it
        for it in functions
    }, found


def template(expression: ast.expr, holes: set[str]) -> str:
    """The text of an expression, with holes for some of its names."""
    expression = deepcopy(expression)
    for part in ast.walk(expression):
        if isinstance(part, ast.Name) and part.id in holes:
            part.id = f"{{{part.id}}}"
    return ast.unparse(expression)
