"""What is known from the plan before: only what an edit changed is checked and made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from nodegraph.compiler.plan import Step
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import ANY, NodeType


class Checked(NamedTuple):
    """A node in which nothing was wrong: what was looked at, and the step that came of it."""

    node: Node
    type: NodeType
    arriving: Sequence[Wire]
    sources: Sequence[NodeType]
    wires: Mapping[str, Wire]
    step: Step


def unchanged(
    patch: Patch, known: Mapping[str, NodeType], before: Mapping[str, Checked]
) -> dict[str, Checked]:
    """The nodes that are as they were, with what arrives at them and the types that send it."""
    nodes, arriving = patch.nodes, patch.wires_into
    return {
        id: old
        for id, old in before.items()
        if nodes.get(id) is old.node
        and known.get(id) is old.type
        and arriving(id) == old.arriving
        and [known.get(wire.source.node) for wire in old.arriving] == old.sources
    }


def apart_from_themes(checked: Mapping[str, Checked]) -> dict[str, Checked]:
    """What needs no second look when themes have changed."""
    return {id: old for id, old in checked.items() if not old.type.looks_at_themes}


def remembered(
    patch: Patch,
    steps: Mapping[str, Step],
    wires: Mapping[str, Mapping[str, Wire]],
    doubtful: Collection[str | None],
    kept: Mapping[str, Checked],
) -> dict[str, Checked]:
    """What needs no second look while nothing changes: nodes with all their wires, none of them
    `doubtful`, and no port whose kind depends on others. `kept` was remembered before."""

    def is_fixed(port: Port) -> bool:
        return steps[port.node].type.outlets[port.port].kind != ANY

    found: dict[str, Checked] = {}
    for id, step in steps.items():
        old = kept.get(id)
        if old is not None and old.step is step:
            found[id] = old
            continue
        arriving = patch.wires_into(id)
        whole = len(wires[id]) == len(arriving) and id not in doubtful
        if whole and not step.type.any_inlets and all(is_fixed(it.source) for it in arriving):
            sources = [steps[wire.source.node].type for wire in arriving]
            found[id] = Checked(patch.nodes[id], step.type, arriving, sources, wires[id], step)
    return found


def recalled(steps: Mapping[str, Step], before: Mapping[str, Step]) -> dict[str, Step]:
    """The steps, each as the very object that it was in the plan before if nothing changed in it,
    so that what was made of it is known again."""
    return {id: _recalled(step, before.get(id)) for id, step in steps.items()}


def _recalled(step: Step, before: Step | None) -> Step:
    if before is None or before is step:
        return step
    return before if before == step and before.recipe == step.recipe else step
