"""The compiled engine against a plain interpreter of patches: the same values, tick by tick."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import BLOCK, RATE, many
from walker import SEED, Walker, compare
from walker_nodes import TYPES
from walker_patches import random_patch, random_value

from nodegraph.compiler import compile_patch
from nodegraph.graph import Patch
from nodegraph.runtime import Engine

pytestmark = pytest.mark.slow


def edited(rng: Random, patch: Patch) -> tuple[str, str, Any, Patch] | None:
    """A param turned: node, name, value, and the patch with it."""
    choices = [(id, name) for id, each in patch.nodes.items() for name in TYPES[each.type].params]
    if not choices:
        return None
    id, name = rng.choice(choices)
    value = random_value(rng, TYPES[patch.nodes[id].type], name)
    params = {**patch.nodes[id].params, name: value}
    turned = replace(patch.nodes[id], params=params)
    return id, name, value, Patch(nodes={**patch.nodes, id: turned}, wires=patch.wires)


@pytest.mark.parametrize("careful", [False, True])
@settings(max_examples=many(10, 1_000))
@given(seed=st.integers(0, 10**9), pruned=st.booleans())
def test_the_engine_does_what_a_walker_does(careful: bool, seed: int, pruned: bool) -> None:
    rng = Random(seed)
    patch = random_patch(rng, rng.randint(20, 40))
    watch = set(rng.sample(sorted(patch.nodes), len(patch.nodes) // 4)) if pruned else None
    plan = compile_patch(patch, TYPES, watch)
    engine = Engine(plan, rate=RATE, block=BLOCK, seed=SEED)
    walker = Walker(patch, watch)
    if careful:
        engine.wary = True
    for _ in range(5):
        assert engine.plan.problems == ()
        assert {port.partition(".")[0] for port in engine.plan.slots} <= walker.kinds.keys()
        compare(engine, walker, rng.choice((3, 8)), rng)
        turned = edited(rng, patch) if rng.random() < 0.6 else None
        if turned is None:
            patch = random_patch(rng, len(patch.nodes) + rng.randint(-2, 4), patch)
        else:
            id, name, value, patch = turned
            if engine.set_param(id, name, value):
                walker.turn(patch, id)
                continue
        engine.swap(compile_patch(patch, TYPES, watch, before=engine.plan))
        walker.edit(patch)
        if careful:
            engine.wary = True
