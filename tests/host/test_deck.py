"""What a deck tells its engine while edits come faster than plans are made."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from kit import catalogue, engine, patch

from nodegraph import node, param
from nodegraph.compiler import Plan
from nodegraph.errors import PatchError, Problem
from nodegraph.graph import AddNode, Node, RemoveNode, SetParam
from nodegraph.host.deck import Deck
from nodegraph.host.document import Document
from nodegraph.host.engine.protocol import Installed, Problems, Stats
from nodegraph.host.supervisor import Supervisor
from nodegraph.host.upgrades import Upgrades
from nodegraph.runtime import Engine


@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step


TYPES = catalogue(count)


@dataclass
class Playing:
    """Does at once what a supervisor would have an engine do."""

    engine: Engine | None = None
    plans: list[tuple[Plan, Collection[str]]] = field(default_factory=list)

    def install(
        self, deck: str, plan: Plan, when: str = "", slew: float = 0.0, fresh: Any = (), **_: Any
    ) -> int:
        if self.engine is None:
            self.engine = engine(plan)
        else:
            self.engine.swap(plan, fresh)
        self.plans.append((plan, fresh))
        return len(self.plans)

    def set(self, deck: str, params: Mapping[tuple[str, str], object]) -> None:
        assert self.engine is not None
        for (id, name), value in params.items():
            assert self.engine.set_param(id, name, value)


class NothingOld(Upgrades):
    """There are no params of older versions."""

    def __init__(self) -> None:
        pass

    async def fetch(self, *_: object) -> None:
        await asyncio.sleep(0)


def a_deck(playing: Playing) -> Deck:
    return Deck("main", cast(Supervisor, playing), TYPES, NothingOld(), lambda _: None)


def test_a_node_that_takes_the_name_of_one_just_removed_begins_anew() -> None:
    async def story() -> float:
        playing = Playing()
        deck = a_deck(playing)
        await deck.open(Document(patch({"n": "t.count", "m": "t.count"})))
        assert playing.engine is not None
        for _ in range(5):
            playing.engine.tick({})
        deck.do(RemoveNode("n"), "remove it")
        await asyncio.sleep(0)  # a plan without it is being made now
        deck.do(AddNode("n", Node("t.count")), "add another")
        await deck.settle()
        playing.engine.tick({})
        assert playing.engine.value("m.out") == 6.0
        return float(str(playing.engine.value("n.out")))

    assert asyncio.run(story()) == 1.0


def test_a_node_replaced_by_its_equal_begins_anew_and_leaves_its_equals_alone() -> None:
    async def story() -> None:
        playing = Playing()
        deck = a_deck(playing)
        await deck.open(Document(patch({"n": "t.count", "m": "t.count"})))
        assert playing.engine is not None
        for _ in range(5):
            playing.engine.tick({})
        deck.do(AddNode("x", Node("t.count", params={"step": 2.0})), "another")
        await asyncio.sleep(0)
        deck.do(RemoveNode("n"), "remove it")
        deck.do(AddNode("n", Node("t.count")), "add another")
        await deck.settle()
        playing.engine.tick({})
        assert (playing.engine.value("m.out"), playing.engine.value("n.out")) == (6.0, 1.0)

    asyncio.run(story())


def test_what_comes_back_by_an_undo_goes_on() -> None:
    async def story() -> float:
        playing = Playing()
        deck = a_deck(playing)
        await deck.open(Document(patch({"n": "t.count"})))
        assert playing.engine is not None
        for _ in range(5):
            playing.engine.tick({})
        deck.do(RemoveNode("n"), "remove it")
        await deck.settle()
        deck.undo()
        await deck.settle()
        playing.engine.tick({})
        return float(str(playing.engine.value("n.out")))

    assert asyncio.run(story()) == 6.0


def test_a_param_that_is_turned_while_a_plan_is_made_arrives() -> None:
    async def story() -> None:
        playing = Playing()
        deck = a_deck(playing)
        await deck.open(Document(patch({"n": "t.count"})))
        deck.do(AddNode("m", Node("t.count")), "add one")
        await asyncio.sleep(0)
        deck.do(SetParam("n", "step", 3.0), "turn")
        deck.do(SetParam("m", "step", 2.0), "turn")
        await deck.settle()
        made = len(playing.plans)
        deck.do(SetParam("n", "step", 4.0), "turn")
        assert len(playing.plans) == made  # a param change compiles nothing
        assert playing.engine is not None
        playing.engine.tick({})
        assert (playing.engine.value("n.out"), playing.engine.value("m.out")) == (4.0, 2.0)

    asyncio.run(story())


def test_what_is_mended_is_wrong_no_more_though_the_engine_has_not_said_so_yet() -> None:
    async def story() -> None:
        deck = a_deck(Playing())
        await deck.open(Document(patch({"n": ("t.count", {"step": 99.0})})))
        failed = Problem("n failed", node="n")
        deck.take(Problems("main", (*deck.plan.problems, failed)))
        assert len(deck.problems) == 2
        with pytest.raises(PatchError, match="did you mean step"):
            deck.set({"n.step": "5", "n.stop": "5"})
        deck.set({"n.step": "5"})
        await deck.settle()
        assert deck.problems == (failed,)
        await deck.open(Document(patch({"n": "t.count"})))
        assert deck.problems == ()

    asyncio.run(story())


def installed(serial: int, **faults: int) -> Installed:
    return Installed("main", serial, {}, "a.ring", faults)


def stats(**faults: int) -> Stats:
    return Stats(100, 0, 0.1, 0.001, (), {}, {}, {"main": faults}, {}, 0.0, 0, 0, 0, ())


def test_a_fault_of_the_edit_before_is_not_held_against_the_last_one() -> None:
    """The engine counts on, for it does not know which edits the host looks at."""

    async def story() -> None:
        playing = Playing()
        deck = a_deck(playing)
        await deck.open(Document(patch({"n": "t.count"})))
        deck.do(AddNode("m", Node("t.count")), "add one")
        await deck.settle()
        deck.take(installed(2))
        deck.take(Problems("main", (Problem("m failed in the edit before", node="m"),)))
        deck.do(AddNode("o", Node("t.count")), "add another")  # before the second is over
        await deck.settle()
        deck.take(installed(3, m=1))
        deck.take(Problems("main", ()))
        deck.take(stats(m=1))
        assert deck.held_back is None
        deck.take(Problems("main", (Problem("o failed in this one", node="o"),)))
        deck.take(stats(m=1, o=1))
        assert deck.held_back is not None
        assert deck.held_back.node == "o"
        assert "because o failed in this one; what played before goes on" in deck.held_back.text
        assert set(deck.plan.by_id) == {"n"}  # what proved itself last

    asyncio.run(story())
