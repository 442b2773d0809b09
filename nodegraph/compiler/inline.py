"""Puts the body of a small function where its call would stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    names = {name: global_name(type_, name) for name in body.needs}
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
    lines.append(f"{', '.join(results)} = {', '.join(returned)}")
    return lines


def function_name(type_: NodeType) -> str:
    """What the function of a node type is called in emitted code: `a.b` is `a_b`, and `_` is
    doubled, so that `a.b_c` and `a_b.c` do not meet."""
    return type_.id.replace("_", "__").replace(".", "_")


def global_name(type_: NodeType, name: str) -> str:
    """What a global of a node's function is called; no function's own name has a capital."""
    return f"{function_name(type_)}_G_{name}"
