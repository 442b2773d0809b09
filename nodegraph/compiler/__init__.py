"""Patch and node types in, plan out. The passes, in order, are `compile_patch`.

The compiler runs no node: it looks at declarations, and what it makes is data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nodegraph.compiler.check import check
from nodegraph.compiler.emit import Layout, emit
from nodegraph.compiler.order import fold, order, products, prune, share
from nodegraph.compiler.plan import Plan, SourceNeed, Step
from nodegraph.graph import Patch
from nodegraph.nodetype import NodeType
from nodegraph.values import KINDS

__all__ = ["Plan", "compile_patch"]


def compile_patch(
    patch: Patch,
    types: Mapping[str, NodeType],
    watch: Collection[str] | None = None,
    before: Plan | None = None,
) -> Plan:
    """Compile what can run of a patch; what cannot is in the plan's `problems`.

    `watch` names the nodes or outlets that somebody wants to see, beside what reaches an output;
    None means everything. `before` is the plan that this one will be swapped for.
    """
    checked, problems = check(patch, types)
    steps = order(prune(checked, watch))
    constants, steps = fold(steps)
    unshared = constants | steps
    steps, shared = share(steps, before.slots if before else {})
    layout = Layout((*steps.values(),), (*constants.values(),), products(steps))
    text = emit(layout, careful=False)
    careful = emit(layout, careful=True)
    for id, stand_in in shared.items():
        for outlet in unshared[id].outlet_kinds:
            layout.slots[f"{id}.{outlet}"] = layout.slots[f"{stand_in}.{outlet}"]
        if unshared[id].type.stateful:
            layout.state_slots[id] = layout.state_slots[stand_in]
        for param in unshared[id].type.params:
            layout.param_slots[id, param] = layout.param_slots[stand_in, param]
    return Plan(
        steps=layout.steps,
        constants=layout.constants,
        products=layout.products,
        shared=shared,
        slots=layout.slots,
        kinds={
            f"{id}.{outlet}": kind
            for id, step in unshared.items()
            for outlet, kind in step.outlet_kinds.items()
        },
        values=tuple(
            KINDS[kind].default
            for step in (*layout.constants, *layout.steps)
            for kind in step.outlet_kinds.values()
            if kind != "message"
        ),
        param_slots=layout.param_slots,
        params=tuple(
            step.params[name]
            for step in (*layout.constants, *layout.steps)
            for name in step.type.params
        ),
        state_slots=layout.state_slots,
        states=tuple(
            _first_state(step) for step in (*layout.constants, *layout.steps) if step.type.stateful
        ),
        sources=tuple(
            SourceNeed(step.id, step.type.source, step.params)
            for step in layout.steps
            if step.type.source is not None
        ),
        problems=problems,
        text=text,
        careful_text=careful,
        code=compile(text, "<plan>", "exec"),
        careful_code=compile(careful, "<plan>", "exec"),
    )


def _first_state(step: Step) -> object:
    """The state a node starts with. A latch gives its state away, so that has to be of its kind."""
    if step.type.latch and step.type.state is None:
        return KINDS[next(iter(step.outlet_kinds.values()))].default
    return step.type.state
