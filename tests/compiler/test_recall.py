"""What is checked again after an edit, and what is not, comes to the same."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import catalogue, many, patch
from walker_nodes import OWN, TYPES, hear, sums, weigh
from walker_shows import random_edit, random_show

from nodegraph import node
from nodegraph.compiler import compile_patch
from nodegraph.compiler.check import check
from nodegraph.compiler.flatten import flatten
from nodegraph.compiler.recall import Checked
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.nodetype import NodeType
from nodegraph.spec import type_of
from nodegraph.theme import Themes


def broken(rng: Random, made: Patch) -> Patch:
    """The patch with a few nodes and wires that make no sense, which may undo each other."""
    nodes, wires = dict(made.nodes), {wire.target: wire for wire in made.wires}
    ids = sorted(nodes)
    for _ in range(rng.randint(0, 3)):
        id, other = rng.choice(ids), rng.choice(ids)
        match rng.randrange(6):
            case 0:
                nodes[id] = Node(rng.choice(("gone.away", "w.count", "w.weigh", "flow.probe")))
            case 1:
                nodes[id] = replace(nodes[id], params={**nodes[id].params, "odd": 1.0})
            case 2:
                port = Port(id, rng.choice(("value", "hit", "a", "none")))
                wires[port] = Wire(Port(other, rng.choice(("out", "audio", "none"))), port)
            case 3 | 4 if wires:
                del wires[rng.choice(sorted(wires))]
            case _:
                source = Port(other, rng.choice(("out", "twice", "all")))
                wires[Port(id, "value")] = Wire(source, Port(id, "value"))
    return made.evolve(nodes=dict(sorted(nodes.items())), wires=tuple(sorted(wires.values())))


@settings(max_examples=many(20, 1_000))
@given(seed=st.integers(0, 10**9))
def test_checking_what_changed_is_checking_everything(seed: int) -> None:
    rng = Random(seed)
    shows = [random_show(rng)]
    before: dict[str, Checked] = {}
    made = shows[0].patch
    for _ in range(8):
        flat = flatten(made)
        steps, problems, known = check(flat.patch, TYPES, flat.places, before, Themes())
        wanted, told, _ = check(flat.patch, TYPES, flat.places, {}, Themes())
        assert list(steps) == list(wanted)
        for id, step in steps.items():
            assert step == wanted[id]
            assert step.recipe == wanted[id].recipe
        assert problems == told
        kept = [id for id in steps if id in before and steps[id] is before[id].step]
        assert {id for id in kept if id not in known} == set()
        before = known
        if rng.random() < 0.3:
            shows.append(random_edit(rng, rng.choice(shows)))
            made = shows[-1].patch
        made = broken(rng, made)


def test_what_did_not_change_is_not_checked_again() -> None:
    made = patch(
        {"s": "w.hear", "n": "w.sums", "a": "w.weigh", "b": ("w.weigh", {"first": 2.0})},
        ["s.audio -> n.audio", "n.sums -> a.values", "n.sums -> b.values"],
    )
    types = catalogue(*OWN)
    one = compile_patch(made, types)
    turned = made.evolve(nodes={**made.nodes, "b": Node("w.weigh", params={"first": 3.0})})
    two = compile_patch(turned, types, before=one)
    assert [id for id in two.by_id if two.by_id[id] is not one.by_id[id]] == ["b"]


def test_a_node_type_that_changed_is_checked_again_with_all_that_read_from_it() -> None:
    made = patch({"s": "w.hear", "n": "w.sums"}, ["s.audio -> n.audio"])

    @node("w.hear", outlets="sound")
    def deaf() -> float:
        """Hear nothing, on an outlet of another name."""
        return 0.0

    one = compile_patch(made, catalogue(hear, sums))
    two = compile_patch(made, catalogue(deaf, sums), before=one)
    assert [(problem.node, problem.port) for problem in two.problems] == [
        ("s", "audio"),
        ("n", "audio"),
    ]
    assert two.by_id.keys() == {"s"}
    three = compile_patch(made, catalogue(hear, sums), before=two)
    assert three.problems == ()
    assert three.by_id["n"].feeds


@pytest.mark.parametrize("loop", [True, False])
def test_a_loop_or_an_unfed_node_robs_what_reads_from_it_and_gives_back(loop: bool) -> None:
    types: dict[str, NodeType] = {type_of(it).id: type_of(it) for it in (*OWN, weigh)}
    names = {"a": "w.either", "b": "w.either", "c": "w.send", "s": "w.hear", "n": "w.sums"}
    names |= {"w": "w.weigh"}
    wires = ["a.out -> b.a", "b.out -> c.value", "s.audio -> n.audio", "n.sums -> w.values"]
    sound = patch(names, wires)
    other = ["b.out -> a.a", *wires] if loop else wires[:3]
    one = compile_patch(sound, types)
    two = compile_patch(patch(names, other), types, before=one)
    assert two.problems
    assert two.by_id.keys() == compile_patch(patch(names, other), types).by_id.keys()
    three = compile_patch(sound, types, before=two)
    assert three.problems == ()
    assert three.by_id.keys() == one.by_id.keys()
    assert three.text == one.text
