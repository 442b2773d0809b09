"""Patch and node types in, plan out. The passes, in order, are `compile_patch`.

The compiler runs no node: it looks at declarations, and what it makes is data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nodegraph.compiler.ahead import put_ahead
from nodegraph.compiler.check import check
from nodegraph.compiler.chunks import in_phases, make_chunks
from nodegraph.compiler.flatten import flatten
from nodegraph.compiler.moved import moved
from nodegraph.compiler.order import fold, gather, order, products, prune, share
from nodegraph.compiler.plan import Part, Plan, Step
from nodegraph.compiler.recall import apart_from_themes, recalled
from nodegraph.compiler.switch import switch
from nodegraph.compiler.theming import themes_at_hand
from nodegraph.graph import Patch
from nodegraph.nodetype import NodeType

__all__ = ["Plan", "compile_patch"]


def compile_patch(
    patch: Patch,
    types: Mapping[str, NodeType],
    watch: Collection[str] | None = None,
    before: Plan | None = None,
    fresh: Collection[str] = (),
    *,
    ahead: bool = False,
) -> Plan:
    """Compile what can run of a patch; what cannot is in the plan's `problems`.

    `watch` names the nodes or outlets that somebody wants to see, beside what reaches an output;
    None means everything. `before` is the plan that this one will be swapped for, and `fresh` are
    the nodes that will begin anew then. With `ahead`, what can be computed for many ticks at once
    is put ahead of the plan; whoever runs it then must bring what it gives.
    """
    flat = flatten(patch)
    themes, mistakes = themes_at_hand(patch)
    known_good = before.checked if before else {}
    if before and before.themes != themes:
        known_good = apart_from_themes(known_good)
    found, problems, checked = check(
        moved(flat.patch, types), types, flat.places, known_good, themes
    )
    steps = order(prune(switch(found, flat.patch.nodes), watch))
    constants, steps = fold(steps)
    steps, shared = share(steps, before.slots if before else None, fresh)
    early: tuple[Step, ...] = ()
    if ahead:
        early, steps = put_ahead(steps)
        shared = {id: by for id, by in shared.items() if by in steps or by in constants}
    known = before.by_id if before else {}
    constants, steps = recalled(constants, known), gather(recalled(steps, known))
    made = products(steps)
    members = {id: steps[id] for product in made for id in product.members}
    firsts = [Part("run", step) for step in constants.values()]
    decided = [Part("settle", step) for step in steps.values() if any(step.settled)]
    return Plan(
        constants=(*constants.values(),),
        steps=(*steps.values(),),
        products=made,
        shared=shared,
        problems=(*mistakes, *flat.problems, *problems),
        constant_chunks=make_chunks(
            firsts, (), {}, before.constant_chunks if before else (), constant=True
        ),
        chunks=make_chunks(
            in_phases((*steps.values(),)),
            made,
            members,
            before.chunks if before else (),
            constant=False,
        ),
        settling=make_chunks(decided, (), {}, before.settling if before else (), constant=True),
        themes=themes,
        ahead=early,
        checked=checked,
    )
