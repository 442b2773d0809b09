"""Which nodes play which theme, and what to change in them when one is called otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nodegraph.errors import EditError
from nodegraph.graph import Batch, Edit, Node, Patch, SetParam, SetTheme, Within
from nodegraph.nodetype import NodeType

Types = Mapping[str, NodeType]


class Use(NamedTuple):
    """A param that names a theme. `inside` is the definition the node is in, empty at the top."""

    theme: str
    inside: str
    node: str
    param: str


def uses(patch: Patch, types: Types) -> Iterator[Use]:
    """Every param of a patch that names a theme, with those that are left at their default."""
    for inside, each in (("", patch), *patch.subpatches.items()):
        for id, node in each.nodes.items():
            for param in themed(node, types):
                yield Use(named(node, types, param), inside, id, param)


def themed(node: Node, types: Types) -> tuple[str, ...]:
    """The params of a node that want the name of a theme."""
    type_ = types.get(node.type)
    return tuple(param.name for param in type_.params.values() if param.themes) if type_ else ()


def named(node: Node, types: Types, param: str) -> str:
    """The theme that such a param names."""
    return str(node.params.get(param, types[node.type].params[param].default))


def rename(patch: Patch, types: Types, old: str, new: str) -> Edit:
    """Call a theme of the patch otherwise, also where nodes name it."""
    if new in patch.themes:
        raise EditError(f"the patch has a theme {new} already")
    edits: list[Edit] = [SetTheme(new, patch.themes[old]), SetTheme(old, None)]
    for use in uses(patch, types):
        if use.theme == old:
            edit = SetParam(use.node, use.param, new)
            edits.append(Within(use.inside, edit) if use.inside else edit)
    return Batch(tuple(edits))
