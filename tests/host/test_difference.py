"""Params that are set come to the same as a plan that was compiled for them and swapped in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import BLOCK, RATE, catalogue, many, patch
from walker import SEED, same
from walker_nodes import OWN, TYPES
from walker_patches import random_value
from walker_shows import Show, random_edit, random_show

from nodegraph.compiler import Plan, compile_patch
from nodegraph.compiler.flatten import flatten
from nodegraph.graph import Node, Patch
from nodegraph.host.difference import Difference, difference
from nodegraph.runtime import Engine


def told(before: Patch, after: Patch, plan: Plan) -> Difference:
    return difference(flatten(before).patch, flatten(after).patch, TYPES, plan)


def turned(rng: Random, made: Patch) -> Patch:
    """The patch with some params set, in it or in a definition; some of them not as they may be."""
    ids = [id for id, node in made.nodes.items() if node.type in TYPES]
    nodes = dict(made.nodes)
    for id in rng.sample(ids, min(len(ids), rng.randint(1, 4))):
        type_ = TYPES[nodes[id].type]
        wrong = rng.random() < 0.05
        params = {
            name: rng.choice(("odd", 1e9, None)) if wrong else random_value(rng, type_, name)
            for name in type_.params
            if rng.random() < 0.5
        }
        nodes[id] = replace(nodes[id], params=params)
    changed = made.evolve(nodes=nodes)
    if made.subpatches and rng.random() < 0.4:
        name = rng.choice([*made.subpatches])
        inside = turned(rng, made.subpatches[name])
        changed = changed.evolve(subpatches={**made.subpatches, name: inside})
    return changed


def values(engine: Engine) -> Mapping[str, object]:
    return {port: engine.value(port) for port in engine.plan.slots}


@settings(max_examples=many(12, 300))
@given(seed=st.integers(0, 10**9))
def test_setting_params_is_as_good_as_another_plan(seed: int) -> None:
    rng = Random(seed)
    show: Show = random_show(rng)
    made = show.patch
    plan = compile_patch(made, TYPES)
    one, two = (Engine(plan, rate=RATE, block=BLOCK, seed=SEED) for _ in range(2))
    for _ in range(6):
        changed = turned(rng, made)
        if rng.random() < 0.3:
            show = random_edit(rng, show)
            changed = show.patch
        found = told(made, changed, one.plan)
        swapped = compile_patch(changed, TYPES, before=one.plan)
        added = flatten(changed).patch.nodes.keys() - flatten(made).patch.nodes.keys()
        assert found.added == added
        if found.structure:
            one.swap(swapped, found.added)
            two.swap(swapped, found.added)
        else:
            assert swapped.problems == one.plan.problems
            assert swapped.by_id.keys() == one.plan.by_id.keys()
            for (node, param), value in found.params.items():
                assert one.set_param(node, param, value)
            two.swap(replace(swapped), ())
        made = changed
        for _ in range(3):
            sent, wanted = (sorted(map(repr, engine.tick({}))) for engine in (one, two))
            assert sent == wanted
            other = values(two)
            for port, value in values(one).items():
                assert same(other[port], value), port
        if not found.structure:
            one.swap(swapped)  # so that plan and patch are each other's again


@pytest.mark.parametrize(
    ("changes", "structure"),
    [
        ({"step": 2.0}, False),
        ({"step": 1}, False),
        ({"step": -5.0}, True),
        ({"stp": 2.0}, True),
    ],
)
def test_what_cannot_simply_be_set_needs_a_plan(changes: dict[str, float], structure: bool) -> None:
    made = patch({"n": ("w.count", {"step": 1.0}), "x": "w.keyword"})
    types = catalogue(*OWN)
    plan = compile_patch(made, types)
    after = made.evolve(nodes={**made.nodes, "n": Node("w.count", params=changes)})
    found = difference(made, after, types, plan)
    assert found.structure is structure
    assert bool(found.params) is not structure


@pytest.mark.parametrize("change", [{"mode": "mute"}, {"solo": True}, {"version": 2}])
def test_a_switch_or_another_version_needs_a_plan(change: dict[str, object]) -> None:
    made = patch({"n": "w.count"})
    plan = compile_patch(made, TYPES)
    node = replace(made.nodes["n"], **change)  # type: ignore[arg-type]  # fields of a node
    assert told(made, made.evolve(nodes={"n": node}), plan).structure


def test_what_lies_elsewhere_makes_no_difference() -> None:
    made = patch({"n": "w.count"})
    plan = compile_patch(made, TYPES)
    moved = made.evolve(layout={"n": (5.0, 5.0)}, note="moved")
    assert not told(made, moved, plan)


def test_a_param_of_a_node_that_is_shared_needs_a_plan() -> None:
    made = patch({"m": "w.count", "n": "w.count"})
    plan = compile_patch(made, TYPES)
    assert plan.shared
    for id in ("m", "n"):
        nodes = {**made.nodes, id: Node("w.count", params={"step": 3.0})}
        assert told(made, made.evolve(nodes=nodes), plan).structure
