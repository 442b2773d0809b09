"""Puts the body of a small function where its call would stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodegraph.compiler.names import global_of
from nodegraph.nodetype import NodeType


def inlined(
    type_: NodeType, arguments: Mapping[str, str], results: Sequence[str]
) -> list[str] | None:
    """Lines that do what a call of the node's function would; None if it cannot be inlined.

    `arguments` are expressions that need no brackets around them, `results` the names that take
    what the function returns.
    """
    body = type_.body
    if body is None or len(body.returned) != len(results):
        return None
    names = {name: global_of(type_.id, name) for name in body.needs}
    lines = []
    for name, expression in arguments.items():
        if expression.isidentifier() or body.uses(name) <= 1:
            names[name] = expression
        else:
            names[name] = f"_{name}"
            lines.append(f"_{name} = {expression}")
    for name, template in body.assignments:
        lines.append(f"_{name} = {template.format_map(names)}")
        names[name] = f"_{name}"
    returned = [template.format_map(names) for template in body.returned]
    lines.append(f"{', '.join(results)} = {', '.join(returned)}" if results else "pass")
    return lines
