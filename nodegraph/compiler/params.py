"""What the user set on a node, made complete, and held to what the node type declares."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from nodegraph.errors import Problem, UpgradeError
from nodegraph.graph import Node
from nodegraph.nodetype import NodeType, Param
from nodegraph.theme import Themes, unknown


def check_params(
    id: str, node: Node, type_: NodeType, place: str, themes: Themes
) -> tuple[dict[str, object], list[Problem]]:
    """The value of every param, and problems with those that the patch gives; `place` is the
    node's path in the file.

    What cannot be used is replaced: by the nearest value in range, or by the default. A text that
    its node cannot read stays, for the node to rest on.
    """
    problems: list[Problem] = []

    def say(text: str, port: str | None = None) -> None:
        field = f"{place}.params.{port}" if port else f"{place}.type"
        problems.append(Problem(text, node=id, port=port, field=field))

    given = dict(node.params)
    if node.version > type_.version:
        say(
            f"was saved with version {node.version} of {type_.id}, this is version "
            f"{type_.version}; update the plugin that brings it"
        )
    elif node.version < type_.version and type_.upgrade is not None:
        try:
            given = type_.carry_over(given, node.version)
        except UpgradeError as error:
            say(f"its params of version {node.version} cannot be upgraded: {error}")
    for name in sorted(given.keys() - type_.params.keys()):
        near = get_close_matches(name, type_.params, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        say(f"{type_.id} has no param {name}{hint}", name)
    values: dict[str, object] = {}
    for name, param in type_.params.items():
        values[name] = param.default
        if name in given:
            values[name], complaint = fit(param, given[name], themes)
            if complaint:
                say(f"{complaint}; {values[name]!r} is used", name)
    for name, param in type_.params.items():
        if name in given and (fault := _misread(param, values, themes)):
            say(fault, name)
    return values, problems


def _misread(param: Param, values: Mapping[str, object], themes: Themes) -> str | None:
    """What is wrong with a text, if its param knows how it is read."""
    if param.read is None:
        return None
    known = {**values, "themes": themes}
    try:
        param.read(values[param.name], **{name: known[name] for name in param.read_with})
    except Exception as fault:  # a guest's code may fail in any way there is
        return str(fault) or type(fault).__name__
    return None


def fit(
    param: Param, value: object, themes: Collection[str] = ()
) -> tuple[bool | float | str, str | None]:
    """The nearest value that the param can take, and what was wrong with the one given. `themes`
    are the names of those there are."""
    if param.kind == "number":
        return _fit_number(param, value)
    if param.kind == "boolean":
        if isinstance(value, bool):
            return value, None
        return param.default, f"wants true or false, not {_written(value)}"
    if not isinstance(value, str):
        return param.default, f"wants a text, not {_written(value)}"
    if param.choices and value not in param.choices:
        return param.default, f"{value!r} is not one of {', '.join(param.choices)}"
    if param.themes and value not in themes:
        return param.default, unknown(value, themes)
    return value, None


def _fit_number(param: Param, value: object) -> tuple[float, str | None]:
    low, high = param.low, param.high
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        assert isinstance(param.default, int | float)  # checked when it was declared
        return param.default, f"wants a number, not {_written(value)}"
    assert low is not None  # a number's range is part of its declaration
    assert high is not None
    held = min(max(value, low), high)
    made = round(held) if param.integer else float(held)
    unit = f" {param.unit}" if param.unit else ""
    if held != value:
        return made, f"{value}{unit} is outside {low:g} to {high:g}{unit}"
    if param.integer and made != value:
        return made, f"wants a whole number, not {value}"
    return made, None


def _written(value: object) -> str:
    """A value as a patch file writes it."""
    return json.dumps(value, ensure_ascii=False, default=repr)
