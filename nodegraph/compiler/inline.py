"""Puts the body of a small function where its call would stand.

A call costs a node more than the arithmetic of most nodes. What can be inlined is a function of
numbers and switches whose body, after its docstring, is assignments to names and one return,
without anything that makes a scope of its own. Whatever else it names must be a global that
emitted code can have.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import CodeType

from nodegraph.nodetype import NodeType
from nodegraph.values import NUMERIC

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
class _Body:
    """A function's body: assignments, what it returns, and the globals that it needs."""

    assignments: tuple[tuple[str, ast.expr], ...]
    returned: tuple[ast.expr, ...]
    needs: Mapping[str, object]


def needs(type_: NodeType) -> Mapping[str, object]:
    """What emitted code must find among its globals to inline this node type, by emitted name."""
    body = _body(type_)
    return {_global(type_, name): value for name, value in body.needs.items()} if body else {}


def inlined(
    type_: NodeType, arguments: Mapping[str, str], results: Sequence[str]
) -> list[str] | None:
    """Lines that do what a call of the node's function would; None if it cannot be inlined.

    `arguments` are expressions, `results` the names that take what the function returns.
    """
    body = _body(type_)
    if body is None or len(body.returned) != len(results):
        return None
    names: dict[str, str] = {}
    lines = []
    uses = _uses(body)
    for name, expression in arguments.items():
        if expression.isidentifier() or uses.get(name, 0) <= 1:
            names[name] = expression
        else:
            names[name] = f"_{name}"
            lines.append(f"_{name} = {expression}")
    names |= {name: _global(type_, name) for name in body.needs}
    for name, value in body.assignments:
        text = _render(value, names)
        names[name] = f"_{name}"
        lines.append(f"_{name} = {text}")
    returned = [_render(value, names) for value in body.returned]
    lines.append(f"{', '.join(results)} = {', '.join(returned)}")
    return lines


def function_name(type_: NodeType) -> str:
    """What the function of a node type is called in emitted code: `a.b` is `a_b`, and `_` is
    doubled, so that `a.b_c` and `a_b.c` do not meet."""
    return type_.id.replace("_", "__").replace(".", "_")


def _global(type_: NodeType, name: str) -> str:
    """What a global of a node's function is called; no function's own name has a capital."""
    return f"{function_name(type_)}_G_{name}"


@cache
def _body(type_: NodeType) -> _Body | None:
    if not _is_scalar(type_):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(type_.function)))
        if not _is_source_of(type_.function):
            return None
    except (OSError, TypeError, SyntaxError):
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or type_.function.__closure__:
        return None
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    *firsts, last = statements or [ast.Pass()]
    if len(statements) > _LONGEST or not isinstance(last, ast.Return) or last.value is None:
        return None
    if any(isinstance(part, _REFUSED) for part in ast.walk(tree)):
        return None
    assignments = []
    for statement in firsts:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assignments.append((name, value))
            case _:
                return None
    returned = tuple(last.value.elts) if isinstance(last.value, ast.Tuple) else (last.value,)
    return _with_needs(type_, tuple(assignments), returned)


def _is_source_of(function: Callable[..., object]) -> bool:
    """Whether the file still says what a call would do: no decorator wrapped the function, and
    nobody edited the file since its import."""
    lines, _ = inspect.findsource(function)
    return not hasattr(function, "__wrapped__") and function.__code__ in _codes("".join(lines))


@lru_cache(maxsize=32)
def _codes(text: str) -> Sequence[CodeType]:
    """The code of every function in a file."""
    found = [compile(text, "<source>", "exec", dont_inherit=True)]
    for code in found:
        found += [const for const in code.co_consts if isinstance(const, CodeType)]
    return found


def _is_scalar(type_: NodeType) -> bool:
    """Whether only numbers and switches go in and out. Whatever works on more is worth its call,
    and its failures are worth the line that a call leaves in them."""
    kinds = {
        *(inlet.kind for inlet in type_.inlets.values()),
        *(param.kind for param in type_.params.values()),
        *(outlet.kind for outlet in type_.outlets.values()),
    }
    return kinds <= NUMERIC and type_.context <= {"state", "dt", "now", "rate", "rng"}


def _with_needs(
    type_: NodeType, assignments: tuple[tuple[str, ast.expr], ...], returned: tuple[ast.expr, ...]
) -> _Body | None:
    """Find what the body names beside its arguments and assignments; None if it is not there."""
    own = {*type_.arguments, *(name for name, _ in assignments)}
    scope = type_.function.__globals__
    needed = {}
    for expression in (*(value for _, value in assignments), *returned):
        for part in ast.walk(expression):
            if isinstance(part, ast.Name) and part.id not in own:
                if part.id in scope:
                    needed[part.id] = scope[part.id]
                elif not hasattr(builtins, part.id):
                    return None
    return _Body(assignments, returned, needed)


def _uses(body: _Body) -> dict[str, int]:
    counts: dict[str, int] = {}
    for expression in (*(value for _, value in body.assignments), *body.returned):
        for part in ast.walk(expression):
            if isinstance(part, ast.Name):
                counts[part.id] = counts.get(part.id, 0) + 1
    return counts


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self._names.get(node.id, node.id), mode="eval").body


def _render(expression: ast.expr, names: Mapping[str, str]) -> str:
    copied = ast.parse(ast.unparse(expression), mode="eval")
    return ast.unparse(ast.fix_missing_locations(_Renamer(names).visit(copied)).body)
