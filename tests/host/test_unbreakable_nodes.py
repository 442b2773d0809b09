"""Nodes that fail, hang, crash, leave and eat memory: they are named, and the picture goes on."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise

import pytest
from host.stage import CHUNK, PLUGIN, SEED, STEADY, Stage, in_time, show_patch, staged, until

from nodegraph.cli.simulator import Simulator
from nodegraph.graph import AddNode, MoveNode, Node, SetParam
from nodegraph.host import deck as deck_module
from nodegraph.host import supervisor
from nodegraph.host.engine.events import Calm, Died, Restarted
from nodegraph.host.engine.protocol import Checkpoint, Started

log = logging.getLogger(__name__)

RATE = 48_000 / 512
"""Ticks a second."""

AHEAD = 50_000.0
"""Where the counter is put, so far that one that begins anew is told apart."""


KINDS = ("fail", "hang", "crash", "quit", "eat")
ROGUES = show_patch(
    {kind: f"rogue.{kind}" for kind in KINDS}, tuple(f"swing.out -> {kind}.value" for kind in KINDS)
)


@pytest.fixture(scope="module")
def stage(scope: Simulator) -> Iterator[Stage]:
    with staged(ROGUES, scope.url) as stage:
        stage.show.engine._memory = 400 << 20
        stage.play(put_ahead(stage))
        yield stage


async def put_ahead(stage: Stage) -> None:
    """Let the counter run fast until it is far ahead, then as always."""
    deck = stage.show.decks["main"]
    deck.do(SetParam("count", "step", 1000.0), "Fast")
    await until(lambda: stage.value("count.out") > AHEAD)
    deck.do(SetParam("count", "step", 1.0), "Slow")


def line_of(text: str) -> int:
    """Where something stands in the plugin."""
    return PLUGIN[: PLUGIN.index(text)].count("\n") + 1


FAILURES = {
    "raise": f"RuntimeError: not today (*rogue.py:{line_of('raise RuntimeError')})",
    "nan": "returned nan as a number (*rogue.py:*)",
    "infinity": "returned inf as a number (*rogue.py:*)",
    "kind": "returned 'x' as a number (*rogue.py:*)",
    "shape": "returned array(*) as a number (*rogue.py:*)",
}


def test_a_node_that_fails_rests_and_the_others_play_on(stage: Stage) -> None:
    async def fail(how: str, told: str) -> None:
        deck, counted = stage.show.deck("main"), stage.value("count.out")
        deck.do(SetParam("fail", "how", how), "Break")
        await until(lambda: stage.problem("fail"), what="a problem")
        problem = f"rogue.fail@1 failed: {told}; it holds its last values"
        assert fnmatchcase(stage.problem("fail"), problem), stage.problem("fail")
        held, sent = stage.value("fail.out"), len(stage.sent)
        await until(lambda: len(stage.sent) > sent + 20, what="Scope is told more")
        assert 0.0 <= stage.value("fail.out") == held <= 1.0
        assert stage.value("count.out") > counted + 15
        deck.undo()
        await until(lambda: stage.value("fail.out") != held, what="the node runs again")
        await until(lambda: not stage.problem("fail"), what="no problem")

    async def story() -> None:
        async with stage.witnessed() as seen:
            for how, told in FAILURES.items():
                await fail(how, told)
        assert stage.show.tally.restarts == 0
        seen.assert_unmoved()

    stage.play(story())


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("hang", "hung"),
        ("crash", "crashed (SIGSEGV)"),
        ("quit", "ended the process (exit code 3)"),
        ("eat", "took more than 0.4 GB of memory"),
    ],
)
def test_a_node_that_ends_the_engine_is_left_out_at_the_second_time(
    stage: Stage, kind: str, what: str
) -> None:
    events: list[object] = []
    began: list[float] = []

    def hear(deck: str, event: object) -> None:
        events.append(event)
        if isinstance(event, Started):
            began.append(time.monotonic())

    def kinds() -> list[type]:
        return [type(event) for event in events]

    async def story() -> None:
        deck = stage.show.deck("main")
        await until(lambda: Checkpoint in kinds(), what="a checkpoint")
        async with stage.witnessed() as seen:
            counted, sent = stage.value("count.out"), len(stage.sent)
            armed = time.monotonic()
            deck.do(SetParam(kind, "armed", True), "Arm")
            await until(lambda: "second time" in stage.problem(kind), what="quarantine")
            await until(lambda: kinds()[::-1].index(Restarted) < kinds()[::-1].index(Died))
            heard = len(stage.sent)
            await until(lambda: len(stage.sent) > heard + 20, what="Scope is told more")
            again = max(pairwise(stage.sent[sent - 1 :]), key=lambda pair: pair[1] - pair[0])[1]
            away = began[0] - armed, again - began[0]  # the second may offend in its first tick
            log.info("%s: without an engine for %.2f s, then for %.2f s", kind, *away)
            assert in_time(max(away))
            died = [event for event in events if isinstance(event, Died)]
            assert [each.quarantined for each in died] == [(), (("main", kind),)]
            sentence = f"rogue.{kind} on node {kind} {what} (*rogue.py:*)"
            assert fnmatchcase(died[1].text, sentence), died[1].text
            problem = f"{sentence}, for the second time; it runs no more until it is edited"
            assert fnmatchcase(stage.problem(kind), problem), stage.problem(kind)
            ahead = stage.value("count.out") - counted
            passed = time.monotonic() - armed
            assert -2.5 * RATE < ahead < 6 * RATE + passed * RATE  # as at the last checkpoint
            deck.undo()
            await until(lambda: not stage.problem(kind), what="no problem")
            held = stage.value(f"{kind}.out")
            await until(lambda: stage.value(f"{kind}.out") != held, what="the node runs again")
        link = stage.show.link
        assert link is not None
        assert link.stats.sessions == 1
        seen.assert_held()

    stage.show.listeners.append(hear)
    try:
        stage.play(story())
    finally:
        stage.show.listeners.remove(hear)


def test_an_outage_that_lasts_calms_the_picture_and_ends_without_a_trace(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert supervisor._CALM == 5.0
    monkeypatch.setattr(supervisor, "_CALM", 0.1)
    events: list[object] = []

    def hear(deck: str, event: object) -> None:
        events.append(event)

    async def story() -> None:
        deck, outgoing = stage.show.deck("main"), stage.show.outgoing
        deck.do(SetParam("seed", "value", 7.0), "Seed")
        await until(lambda: outgoing.sent["base_seed"] == 7)
        events.clear()
        await until(lambda: any(isinstance(event, Checkpoint) for event in events))
        kill_engines(stage)
        await until(lambda: Calm() in events, what="calm")
        assert outgoing.sent["base_seed"] == SEED
        await until(lambda: any(isinstance(event, Restarted) for event in events))
        await until(lambda: outgoing.sent["base_seed"] == 7, what="what was sent before")
        await asyncio.sleep(4 * CHUNK)  # what is calm has its turn, if it was sent
        await stage.applied({"base_seed": 7})
        async with stage.witnessed() as seen:
            await asyncio.sleep(0.5)
        seen.assert_held({**STEADY, "base_seed": 7})
        deck.undo()
        await until(lambda: outgoing.sent["base_seed"] == SEED)

    stage.show.listeners.append(hear)
    try:
        stage.play(story())
    finally:
        stage.show.listeners.remove(hear)


def test_a_fault_of_the_compiler_is_told_and_ends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **more: object) -> None:
        raise SyntaxError("invalid syntax")

    async def story() -> None:
        deck = stage.show.deck("main")
        with monkeypatch.context() as broken:
            broken.setattr(deck_module, "compile_patch", fail)
            deck.do(AddNode("more", Node("rogue.count")), "Add")
            await deck.settle()
        text = "the last edit does not play, because it cannot be compiled (SyntaxError: invalid*"
        assert fnmatchcase(deck.problems[0].text, text)
        counted = stage.value("count.out")
        await until(lambda: stage.value("count.out") > counted, what="it plays on")
        deck.do(MoveNode("more", (1.0, 2.0)), "Move")
        await until(lambda: stage.value("more.out") > 0, what="the next edit is followed")
        assert not deck.held_back
        for _ in range(2):
            deck.undo()
        await deck.settle()

    stage.play(story())


def kill_engines(stage: Stage) -> None:
    """The one that plays, and the one that stands by."""
    engine = stage.show.engine
    for worker in (engine._worker, engine._understudy.ready):
        if worker is not None:
            os.kill(worker.process.pid, signal.SIGKILL)
