"""Plain steps run as a transaction: whatever goes wrong in one, it is as if each had run alone."""

from __future__ import annotations

from math import exp, sqrt
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import catalogue, engine, patch

from nodegraph import Trigger, inlet, node, param
from nodegraph.compiler import Plan, compile_patch
from nodegraph.graph import Node, Patch
from nodegraph.runtime import Engine
from nodegraph.runtime.snapshot import Snapshot

FACTOR = param(1.0, "", -1e300, 1e300)


@node("p.ramp", outlets="out", state=0.0)
def ramp(state: float, step: float = param(0.3, "", -10.0, 10.0)) -> tuple[float, float]:
    """Rise, and begin again."""
    after = (state + step) % 7.0
    return after, after


@node("p.scale", outlets="out")
def scale(value: float = inlet(0.0), factor: float = FACTOR) -> float:
    """Multiply; what is too large is infinite."""
    return value * factor


@node("p.over", outlets="out rest")
def over(value: float = inlet(0.0), by: float = inlet(1.0)) -> tuple[float, float]:
    """Divide; there is nothing by zero."""
    return value / by, value % by


@node("p.root", outlets="out")
def root(value: float = inlet(0.0)) -> float:
    """Fail for what is below zero."""
    return sqrt(value)


@node("p.ease", outlets="out", state=None)
def ease(
    state: float | None, dt: float, value: float = inlet(0.0), time: float = param(1.0, "", 0.0, 9)
) -> tuple[float, float]:
    """Ease; a time of zero fails."""
    out = value if state is None else value + (state - value) * exp(-dt / time)
    return out, out


@node("p.sum", outlets="out count", state=0.0)
def running(
    state: float, value: float = inlet(0.0), low: float = param(-1e308, "", -1e308, 1e308)
) -> tuple[float, float, float]:
    """Add up, from a floor."""
    total = state + value
    return total if total > low else low, total * 0.5, state


@node("p.above", outlets="on off")
def above(value: float = inlet(0.0), level: float = param(2.0, "", -9, 9)) -> tuple[bool, Trigger]:
    """Tell whether a number is above a level."""
    return value > level, not value > level


@node("p.hits", outlets="out", state=0.0)
def hits(state: float, hit: Trigger = inlet(False)) -> tuple[float, float]:
    """Count rising edges."""
    after = state + hit
    return after, after


@node("p.whole", outlets="out", state=0)
def whole(state: int, value: float = inlet(0.0)) -> tuple[int, float]:
    """Give an int where a float is wanted: not plain."""
    return state + 1, state + 1


@node("p.odd", outlets="out")
def odd(value: float = inlet(0.0)) -> float:
    """Fail, be infinite or nearly a number now and then: not plain, for it has to be called."""
    if value > 6.0:
        raise ValueError("now and then")
    for limit, made in ((5.0, float("inf")), (4.0, True), (3.0, 3)):
        if value > limit:
            return made
    return value


@node("p.burst", outlets="out")
def burst(value: float = inlet(0.0), level: float = param(3.0, "", -9.0, 9.0)) -> float:
    """Be infinite now and then, by arithmetic alone."""
    return value if value < level else value * 1e308 * 1e10


@node("p.least", outlets="out")
def least(a: float = inlet(0.0), b: float = inlet(1.0)) -> float:
    """The smaller one: what is infinite or NaN may be lost here."""
    return a if a < b else b


TYPES = catalogue(ramp, scale, over, root, ease, running, above, hits, whole, odd, burst, least)
NUMBERS = {"p.over": ("out", "rest"), "p.sum": ("out", "count"), "p.above": ("on", "off")}
BLOCK = 24_000
"""Half a second: who fails rests for one tick, then for two."""


def random_patch(rng: Random, size: int, varied: float = 0.3) -> Patch:
    """Nodes of which each reads from those before it. Most are plain; so many are of any type."""
    types = sorted(TYPES, key=lambda id: id in ("p.odd", "p.whole"))
    nodes, wires, outs = {"n000": Node("p.ramp")}, [], ["n000.out"]
    for number in range(1, size):
        type_ = TYPES[rng.choice(types if rng.random() < varied else types[:-2])]
        id = f"n{number:03}"
        nodes[id] = Node(type_.id, params=random_params(rng, type_.id))
        for name in (*type_.inlets, *(name for name in type_.params if rng.random() < 0.1)):
            if rng.random() < 0.85:
                recent = outs[-4:] if rng.random() < 0.6 else outs
                wires.append(f"{rng.choice(recent)} -> {id}.{name}")
        outs += [f"{id}.{outlet}" for outlet in NUMBERS.get(type_.id, ("out",))]
    return patch({id: (each.type, each.params) for id, each in nodes.items()}, wires)


def random_params(rng: Random, type_: str) -> dict[str, float]:
    match type_:
        case "p.scale":
            return {"factor": rng.choice([1.0, -1.0, 0.5, 1e300, 0.0, rng.uniform(-2.0, 2.0)])}
        case "p.ease":
            return {"time": rng.choice([0.0, 1.0, 1.0, 1e-4])}
        case "p.ramp":
            return {"step": rng.uniform(-1.0, 1.0)}
        case "p.burst":
            return {"level": rng.uniform(-1.0, 6.0)}
    return {}


def new(plan: Plan, *, careful: bool) -> Engine:
    made: Engine = engine(plan, strict=False, block=BLOCK)
    made.wary = careful
    return made


def seen(it: Engine) -> tuple[Any, ...]:
    """All that there is to see of an engine; the sign of zero, too, and whether 1 is a switch."""
    return repr(it.values), repr(it.states), it.problems, it.rest.faults, it.rest.wake_at


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**9))
def test_a_plan_does_what_its_careful_form_does(seed: int) -> None:
    rng = Random(seed)
    made = random_patch(rng, rng.randint(8, 60))
    plan = compile_patch(made, TYPES)
    plain, careful = new(plan, careful=False), new(plan, careful=True)
    for _ in range(20):
        plain.tick({})
        careful.tick({})
        assert seen(plain) == seen(careful)
        if rng.random() < 0.3:
            id = rng.choice(sorted(made.nodes))
            for name, value in random_params(rng, made.nodes[id].type).items():
                assert plain.set_param(id, name, value) == careful.set_param(id, name, value)
        if rng.random() < 0.1:
            plan = compile_patch(random_patch(rng, len(made.nodes)), TYPES, before=plan)
            plain.swap(plan)
            careful.swap(plan)
            made = Patch(nodes={id: Node(step.type.id) for id, step in plan.by_id.items()})


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.integers(0, 10**9))
def test_who_is_gathered_gives_what_it_gave_where_it_stood(seed: int) -> None:
    """The order of all steps is another one; values, states and who fails are not."""
    rng = Random(seed)
    made = random_patch(rng, rng.randint(8, 40), varied=1.0)
    gathered, apart = new(compile_patch(made, TYPES), careful=False), None
    for _ in range(4):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("nodegraph.compiler.gather", lambda steps: steps)
            plan = compile_patch(made, TYPES, before=apart and apart.plan)
        if apart is None:
            apart = new(plan, careful=False)
        else:
            apart.swap(plan)
            gathered.swap(compile_patch(made, TYPES, before=gathered.plan))
        called = [
            [step.id for step in it.plan.steps if not step.is_plain] for it in (gathered, apart)
        ]
        assert called[0] == called[1]
        for _ in range(5):
            gathered.tick({})
            apart.tick({})
            assert by_name(gathered) == by_name(apart)
        made = random_patch(rng, len(made.nodes), varied=1.0)


def by_name(it: Engine) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """All that there is to see, wherever it lies."""
    return (
        {port: repr(it.value(port)) for port in it.plan.slots},
        {id: repr(it.states[place]) for id, place in it.plan.state_slots.items()},
        sorted(map(str, it.problems)),
    )


ROW = {f"a{i}": ("p.scale", {"factor": 1.0 + i}) for i in range(6)}
WIRES = ["n.out -> a0.value", *(f"a{i}.out -> a{i + 1}.value" for i in range(5))]


def test_a_row_of_plain_nodes_has_neither_try_nor_guard() -> None:
    plan = compile_patch(patch({"n": "p.ramp", **ROW}, WIRES), TYPES)
    (text,) = (chunk.text for chunk in plan.chunks)
    assert "try" not in text
    assert text.count("if ") == text.count("if dist(made, made):") == 1
    assert "number(" not in text
    assert "try" in plan.careful_text


def test_who_fails_in_a_row_rests_alone_and_in_the_same_tick() -> None:
    nodes = {"n": ("p.ramp", {"step": 1.0}), **ROW, "r": "p.root", "e": "p.ease"}
    wires = [*WIRES, "a2.out -> r.value", "r.out -> e.value"]
    it = new(compile_patch(patch(nodes, wires), TYPES), careful=False)
    it.tick({})
    rooted = it.value("r.out")
    it.set_param("a1", "factor", -1.0)
    it.tick({})
    assert {problem.node for problem in it.problems} == {"r"}
    assert it.value("r.out") == rooted
    assert it.value("n.out") == 2.0
    assert it.value("a5.out") == 2.0 * 1 * -1 * 3 * 4 * 5 * 6


def test_what_params_decide_is_worked_out_when_they_are_set() -> None:
    nodes = {"n": ("p.ramp", {"step": 1.0}), **ROW, "e": ("p.ease", {"time": 0.0})}
    it = new(compile_patch(patch(nodes, [*WIRES, "n.out -> e.value"]), TYPES), careful=False)
    assert "K·e·0 = G·p·ease·exp(-dt / P·e·time)" in it.plan.text
    it.tick({})
    assert it.problems == ()  # it has no state yet, and needs no time
    it.tick({})
    assert [problem.node for problem in it.problems] == ["e"]
    it.set_param("e", "time", 2.0)
    for _ in range(2):
        before = it.value("e.out")
        it.tick({})
        now = it.value("n.out")
        assert it.value("e.out") == now + (before - now) * exp(-it.dt / 2.0)
    assert it.problems == ()


def test_a_driven_param_decides_nothing_beforehand() -> None:
    nodes = {"n": "p.ramp", **ROW, "e": "p.ease"}
    wires = [*WIRES, "n.out -> e.value", "a0.out -> e.time"]
    assert "K·" not in compile_patch(patch(nodes, wires), TYPES).text


@node("p.way", outlets="out")
def go(
    value: float = inlet(0.0), how: str = param("there", choices=("there", "back", "home"))
) -> float:
    """Go one way or another."""
    return value if how == "there" else -value if how == "back" else 0.0


@node("p.word", outlets="out")
def word(value: float = inlet(0.0)) -> str:
    """Name a way; not all of them are there."""
    return ("there", "back", "astray")[int(value)]


def test_a_node_with_a_choice_is_plain_and_may_be_told_its_way() -> None:
    types = {**TYPES, **catalogue(go, word)}
    plan = compile_patch(
        patch({"n": "p.ramp", **ROW, "w": "p.way"}, [*WIRES, "n.out -> w.value"]), types
    )
    assert "try" not in "".join(chunk.text for chunk in plan.chunks)
    it = new(plan, careful=False)
    for how, sign in (("there", 1.0), ("back", -1.0), ("home", 0.0)):
        it.set_param("w", "how", how)
        it.tick({})
        assert it.value("w.out") == sign * it.value("n.out")
    nodes = {"n": ("p.ramp", {"step": 1.0}), **ROW, "t": "p.word", "w": ("p.way", {"how": "home"})}
    wires = [*WIRES, "n.out -> w.value", "n.out -> t.value", "t.out -> w.how"]
    it = new(compile_patch(patch(nodes, wires), types), careful=False)
    for expected in (-1.0, 2.0):  # what is no way is the first one
        it.tick({})
        assert it.value("w.out") == expected
    assert it.problems == ()


def test_a_sum_that_is_too_large_is_nobodys_fault() -> None:
    nodes = {"n": ("p.ramp", {"step": 1.0}), **ROW} | {
        f"big{i}": ("p.sum", {"low": 1e308 / (1 + i % 2)}) for i in range(4)
    }
    plan = compile_patch(patch(nodes, WIRES), TYPES)
    plain, careful = new(plan, careful=False), new(plan, careful=True)
    for _ in range(3):
        plain.tick({})
        careful.tick({})
        assert seen(plain) == seen(careful)
    assert plain.problems == ()


def test_a_plain_node_takes_no_state_that_it_cannot_have_made() -> None:
    plan = compile_patch(patch({"n": "p.ramp", **ROW}, WIRES), TYPES)
    it = new(plan, careful=False)
    it.tick({})
    kept = it.snapshot()
    (same, state) = kept.states["n"]
    assert type(state) is float
    other = new(plan, careful=False)
    other.restore(Snapshot(kept.ticks, {"n": (same, 1)}))
    assert other.states == [0.0]
    other.restore(kept)
    assert other.states == [state]
