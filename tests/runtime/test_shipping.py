"""Plans on their way, one after the other, and what both ends remember of them."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from kit import catalogue, patch

from nodegraph import inlet, node, param
from nodegraph.compiler import Plan, compile_patch
from nodegraph.graph import Node, Patch
from nodegraph.runtime import shipping
from nodegraph.runtime.shipping import Packer, Unpacker


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count."""
    return state + step, state + step


@node("t.add", outlets="out")
def add(a: float = inlet(0.0), b: float = inlet(0.0)) -> float:
    """Add."""
    return a + b


TYPES = catalogue(count, add)


def same(one: Plan, two: Plan) -> bool:
    steps = [(step.id, step.recipe, step.identity) for step in one.all_steps]
    codes = [(chunk.code, chunk.careful_code) for chunk in one.every_chunk]
    return steps == [(step.id, step.recipe, step.identity) for step in two.all_steps] and codes == [
        (chunk.code, chunk.careful_code) for chunk in two.every_chunk
    ]


@pytest.mark.parametrize("spare", [0, 3, 50])
def test_both_ends_forget_the_same(spare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "_SPARE", spare)
    rng = Random(spare)
    packer, unpacker = Packer(), Unpacker(TYPES)
    plans: list[Plan] = []
    before = None
    for _ in range(60):
        if plans and rng.random() < 0.3:
            before = rng.choice(plans)  # an undo, or the other deck
        else:
            ids = rng.sample([f"n{i}" for i in range(60)], 30)
            nodes = {id: (rng.choice(("t.count", "t.add")), {}) for id in ids}
            wires = [f"{a}.out -> {b}.a" for a, b in pairwise(ids) if b[-1] in "05"]
            wires = [wire for wire in wires if nodes[wire.split(" -> ")[1][:-2]][0] == "t.add"]
            before = compile_patch(patch(nodes, wires), TYPES, before=before)
            plans.append(before)
        assert same(unpacker.unpack(packer.pack(before)), before)


@pytest.mark.slow
def test_many_edits_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "_SPARE", 20)
    packer, unpacker = Packer(), Unpacker(TYPES)
    made = patch({f"n{i}": "t.count" for i in range(3)})
    plan = None
    for number in range(500):
        nodes = {id: made.nodes[id] for id in [*made.nodes][-2:]}
        nodes[f"m{number:05}"] = Node("t.count", params={"step": number % 7})
        made = Patch().evolve(nodes=nodes)
        plan = compile_patch(made, TYPES, before=plan)
        unpacker.unpack(packer.pack(plan))
    for store in (packer._steps, packer._chunks, unpacker._steps, unpacker._chunks):
        assert len(store) <= 20 + 3


def test_a_muted_node_is_the_same_step_after_another_edit() -> None:
    made = patch({"a": "t.count", "b": "t.count", "c": ("t.count", {"step": 2.0})})
    muted = made.evolve(nodes={**made.nodes, "a": Node("t.count", mode="mute")})
    one = compile_patch(muted, TYPES)
    nodes = {**muted.nodes, "c": Node("t.count", params={"step": 3.0})}
    two = compile_patch(muted.evolve(nodes=nodes), TYPES, before=one)
    assert two.by_id["a"] is one.by_id["a"]
    assert two.by_id["c"] is not one.by_id["c"]
