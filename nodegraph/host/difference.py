"""What an edit means for what plays: nothing, other values of params, or another plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nodegraph.compiler.params import fit
from nodegraph.compiler.plan import Plan
from nodegraph.graph import Node, Patch
from nodegraph.graph.definitions import LINKS
from nodegraph.nodetype import NodeType

Address = tuple[str, str]
"""A node of the flat patch and a param of it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two flat patches. With `structure` a new plan is needed; `params` are those that
    have other values, where that is all; `added` are the nodes that were not there."""

    structure: bool
    params: Mapping[Address, object]
    added: frozenset[str]

    def __bool__(self) -> bool:
        return self.structure or bool(self.params)


def difference(
    before: Patch, after: Patch, types: Mapping[str, NodeType], plan: Plan
) -> Difference:
    """Compare what plays, by `plan`, with what is to be played. Both patches are flat.

    Where a param cannot simply be set (its node is shared or does not run, its value has or had a
    problem to be told), a plan is needed; and for another theme, as any node may have asked for
    it. Positions, notes and frames make no difference.
    """
    added = frozenset(after.nodes.keys() - before.nodes.keys())
    structure = before.nodes.keys() != after.nodes.keys() or before.wires != after.wires
    structure = structure or not _same(before.themes, after.themes)
    troubled = {problem.node for problem in plan.problems}
    settled = plan.by_id.keys() - plan.shared.keys() - set(plan.shared.values()) - troubled
    params: dict[Address, object] = {}
    for id, node in after.nodes.items():
        old = before.nodes.get(id)
        if structure or old is None or old is node:
            continue
        values = _values(old, node, types.get(node.type), plan.themes)
        if values is None or (values and id not in settled):
            structure = True
        else:
            params |= {(id, name): value for name, value in values.items()}
    return Difference(structure, {} if structure else params, added)


def _values(
    old: Node, new: Node, type_: NodeType | None, themes: Collection[str]
) -> dict[str, object] | None:
    """The params of a node that have other values; None if that is not all that differs, or if one
    of them does not fit. What the params of named links mean is seen when a plan is made."""
    if (old.type, old.version, old.mode, old.solo) != (new.type, new.version, new.mode, new.solo):
        return None
    changed = {
        name
        for name in old.params.keys() | new.params.keys()
        if name not in old.params
        or name not in new.params
        or not _same(old.params[name], new.params[name])
    }
    if changed and (type_ is None or type_.version != new.version or type_.id in LINKS):
        return None
    values: dict[str, object] = {}
    for name in changed:
        assert type_ is not None  # see above
        param = type_.params.get(name)
        if param is None:
            return None
        values[name], complaint = fit(param, new.params.get(name, param.default), themes)
        if complaint:
            return None
    return values


def _same(one: object, other: object) -> bool:
    """Whether values are the same to the last bit: 1 and true are not."""
    return one is other or (one == other and repr(one) == repr(other))
