"""Puts the body of a small function where its call would stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodegraph.body import Body
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
    body = body.opened([None] * len(body.settled))
    lines, values = _filled(body, arguments, _names(type_, body))
    lines.append(f"{', '.join(results)} = {', '.join(values)}" if results else "pass")
    return lines


def inlined_plainly(
    type_: NodeType,
    arguments: Mapping[str, str],
    outlets: Sequence[str],
    settled: Sequence[str | None],
) -> tuple[list[str], str]:
    """Lines that do what a plain body does, and an expression for its state ("" if it has none).

    `outlets` are the names that take what it gives, `settled` those that hold what is settled, as
    far as anything does.
    """
    assert type_.body is not None  # or it would not be plain
    body = type_.body.opened(settled)
    states = body.returned[: len(body.returned) - len(outlets)]
    own: dict[str, str] = {}
    for outlet, text in zip(outlets, body.returned[len(states) :], strict=True):
        own.setdefault(text[1:-1], outlet)
    targets = {name: own[name] for name, _ in body.assignments if name in own}
    lines, values = _filled(body, arguments, _names(type_, body), targets)
    given = values[len(states) :]
    lines += [f"{name} = {text}" for name, text in zip(outlets, given, strict=True) if name != text]
    return lines, values[0] if states else ""


def settling(type_: NodeType, arguments: Mapping[str, str]) -> list[str]:
    """What is settled in a plain body, as expressions."""
    assert type_.body is not None  # or it would not be plain
    names = _names(type_, type_.body) | dict(arguments)
    return [text.format_map(names) for text in type_.body.settled]


def _names(type_: NodeType, body: Body) -> dict[str, str]:
    return {name: global_of(type_.id, name) for name in body.needs}


def _filled(
    body: Body,
    arguments: Mapping[str, str],
    names: dict[str, str],
    targets: Mapping[str, str] | None = None,
) -> tuple[list[str], list[str]]:
    """The assignments of a body as lines, and what it returns as expressions.

    `names` are those of the globals that it needs, `targets` those of the names that it assigns, if
    they are not to be its own.
    """
    lines = []
    for name, expression in arguments.items():
        if expression.isidentifier() or body.uses(name) <= 1:
            names[name] = expression
        else:
            names[name] = f"_{name}"
            lines.append(f"_{name} = {expression}")
    for name, template in body.assignments:
        target = (targets or {}).get(name, f"_{name}")
        lines.append(f"{target} = {template.format_map(names)}")
        names[name] = target
    return lines, [template.format_map(names) for template in body.returned]
