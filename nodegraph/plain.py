"""What is certain of a small body before it ever runs.

A body is *plain* if all that happens in it is arithmetic on numbers, switches and texts whose
Python types are known beforehand, and on tuples of those, named or not: its outlets can only be
floats and bools, nothing in it has an effect, and it may be run twice or in part. The state is what
it is at first, or whatever the body makes of that, until nothing new comes of it.

In a plain body, what only params decide can be worked out when they are set: `exp(-dt / time)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nodegraph.body import Body, template
from nodegraph.inferred import Types, UnknownError, spellings, type_of_value, types_of


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
    if len(returned) != len(outlets) + stateful:
        return body
    try:
        memory = type_of_value(state)
        while True:
            types = {**known, **({"state": memory} if stateful else {})}
            for name, expression in assigned:
                types[name] = types_of(expression, types, needs)
            given = [types_of(expression, types, needs) for expression in returned]
            if not stateful or given[0] <= memory:
                break
            memory |= given[0]
    except UnknownError:
        return body
    numbers = given[stateful:]
    if any(types != {kind} for types, kind in zip(numbers, outlets, strict=True)):
        return body
    changing = {*known, "state"} - {*settled} | {name for name, _ in assigned}
    settler = _Settler({*known, "state", *needs} | changing, changing)
    return replace(
        body,
        assignments=tuple((name, settler.settle(value)) for name, value in assigned),
        returned=tuple(settler.settle(value) for value in returned),
        plain=True,
        memory=tuple(sorted(spellings(memory))) if stateful else (),
        settled=tuple(settler.found),
    )


def _parsed(text: str) -> ast.expr:
    return ast.parse(text.replace("{", "").replace("}", ""), mode="eval").body


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
