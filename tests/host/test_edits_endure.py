"""Long sequences of edits on a show that runs: undone, redone, and cut off by a kill."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graph.random_edits import Words, random_edit
from host.killable import hosting
from host.stage import private_folders, until, write_plugin
from host.walk import state
from kit import many

from nodegraph.compiler import Plan, compile_patch
from nodegraph.compiler.plan import Step
from nodegraph.declaration import declared
from nodegraph.errors import EditError
from nodegraph.graph import (
    AddNode,
    AddWire,
    Edit,
    Node,
    Patch,
    Port,
    SetParam,
    Wire,
    dump,
    edit_to_data,
    load,
    save,
)
from nodegraph.host.deck import Deck
from nodegraph.host.document import Document
from nodegraph.host.recovery import find_lost
from nodegraph.host.show import Show
from nodegraph.nodetype import NodeType
from nodegraph.remote.errors import RemoteError

START = Path(__file__).parents[2] / "patches" / "three_voices.json"

WORDS = Words(
    types=("flow.inlet", "flow.outlet", "generate.lfo", "not.here", "rogue.count", "shape.smooth"),
    inlets=("value", "in", "a"),
    outlets=("out", "audio"),
    params=("rate", "rise", "step", "text"),
    values=(0.5, -3, 1e300, True, None, "éa", (1, 2)),
    ids=("a", "b", "c", "count", "voice"),
)
"""What makes little sense, in words that do occur: it has to be told and endured."""

EDITS = many(120, 500)
SEEDS = range(many(1, 20))


def next_edit(patch: Patch, types: Mapping[str, NodeType], random: Random) -> Edit:
    """Of three edits two are a performer's, and one is any at all."""
    while True:
        maker = random.choice([_node, _wire, _wire, _param, _param, None, None])
        try:
            edit = maker(patch, types, random) if maker else random_edit(patch, random, WORDS)
            edit.apply(patch)
        except (EditError, IndexError):
            continue
        if maker or random.random() < 0.7 or len(edit.apply(patch).nodes) >= len(patch.nodes):
            return edit


def _node(patch: Patch, types: Mapping[str, NodeType], random: Random) -> Edit:
    names = [name for name in types if not name.startswith(("audio.device", "audio.file"))]
    return AddNode(f"n{random.randrange(60)}", Node(random.choice(names)), (0.0, 0.0))


def _wire(patch: Patch, types: Mapping[str, NodeType], random: Random) -> Edit:
    known = {id: types[node.type] for id, node in patch.nodes.items() if node.type in types}
    source, target = random.choice([*known]), random.choice([*known])
    outlet = random.choice([*known[source].outlets])
    inlet = random.choice([*known[target].inlets])
    return AddWire(Wire(Port(source, outlet), Port(target, inlet)))


def _param(patch: Patch, types: Mapping[str, NodeType], random: Random) -> Edit:
    known = {id: types[node.type] for id, node in patch.nodes.items() if node.type in types}
    node = random.choice([*known])
    param = random.choice([*known[node].params.values()])
    if param.kind != "number":
        raise EditError("only numbers are turned here")
    return SetParam(node, param.name, round(random.uniform(0.1, 4.0), 3))


def told(show: Show, deck: Deck) -> dict[str, object]:
    """What the engine was told to play."""
    order = show.engine._wanted.orders[deck.name]
    assert order.plan is deck.plan
    fresh = compile_patch(deck.document.patch, show.types)  # type: ignore[union-attr]  # it is there
    playing = described(deck.plan, order.params, fresh.shared)
    assert playing == described(fresh, {}, fresh.shared)
    return playing


def described(
    plan: Plan, later: Mapping[tuple[str, str], object], same: Mapping[str, str]
) -> dict[str, object]:
    """Each node that runs: its type, its params with what was set later, and what feeds it.

    Equal nodes are made one only where their memories are, too; `same` names them as one here.
    """

    def params(step: Step) -> str:
        return repr({name: later.get((step.id, name), it) for name, it in step.params.items()})

    def feeds(step: Step) -> dict[str, object]:
        return {
            inlet: (same.get(feed.node, feed.node), feed.outlet, feed.conversion)
            for inlet, feed in step.feeds.items()
        }

    return {id: (str(it.type), params(it), feeds(it)) for id, it in plan.by_id.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_hundreds_of_edits_are_undone_to_the_byte_and_redone(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken back here, be it that a node fails or that the machine is busy."""
    monkeypatch.setattr(Deck, "_go_back", lambda *given: None)

    async def story(place: Path) -> None:
        path = place / "show.json"
        save(load(START), path)
        random = Random(seed)
        async with Show(plugins=[write_plugin(place)], spare=False) as show:
            await show.open("main", Document.open(path))
            deck, document = show.deck("main"), show.decks["main"].document
            assert document is not None
            start, code = told(show, deck), deck.plan.text
            for number in range(EDITS):
                edit = next_edit(document.patch, show.types, random)
                deck.do(edit, f"edit {number}")
                await asyncio.sleep(0)
            await deck.settle()
            text, end = state(document)[0], told(show, deck)
            assert len(document.labels()[0]) == EDITS
            assert len(end) > 12
            for _ in range(EDITS):
                deck.undo()
                await asyncio.sleep(0)
            await deck.settle()
            assert state(document)[0].encode() == path.read_bytes()
            assert told(show, deck) == start
            assert deck.plan.text == code
            assert not document.dirty
            for _ in range(EDITS):
                deck.redo()
                await asyncio.sleep(0)
            await deck.settle()
            assert state(document)[0] == text
            assert told(show, deck) == end
            order = show.engine._wanted.orders["main"]
            await until(lambda: order.installed == order.serial, what="all is played")
            await deck.settle()
            assert told(show, deck) == end
            assert show.tally.restarts == 0

    with private_folders() as place:
        asyncio.run(story(place))


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX systems do")
@pytest.mark.parametrize("seed", SEEDS[:4])
def test_what_was_acknowledged_before_a_kill_is_recovered(seed: int) -> None:
    random = Random(seed)
    for kill_after in (random.uniform(0.1, 0.4), random.uniform(0.1, 1.0), 0.05)[: many(1, 3)]:
        with private_folders() as place:
            write_plugin(place)
            path = place / "show.json"
            save(load(START), path)
            told_of = states_until_killed(path, random, kill_after)
            (lost,) = find_lost()
            assert lost.complaint is None or "the last change after" in lost.complaint
            assert state(lost.documents["main"]) in told_of
            assert path.read_bytes() == dump(load(START)).encode()


def states_until_killed(path: Path, random: Random, kill_after: float) -> list[object]:
    """Edit the show of a host until it is killed; gives how the document stood after the last
    edit that was acknowledged, and after the one that was not."""
    mirror = Document.open(path)
    with hosting(path.parent, path) as host, host.attach() as client:
        looked: Any = client.request("look")
        types = {str(each["id"]): declared(each) for each in looked["types"]}
        killer = threading.Timer(kill_after, host.process.kill)
        killer.start()
        before = state(mirror)
        with suppress(RemoteError):
            while True:
                before = state(mirror)
                request = step(mirror, types, random)
                client.request(request.pop("verb"), **request)
        killer.join()
        host.process.wait()
    return [before, state(mirror)]


def step(mirror: Document, types: Mapping[str, NodeType], random: Random) -> dict[str, Any]:
    """Do one thing to a document, and give the request that does the same."""
    done, undone = mirror.labels()
    dice = random.random()
    if dice < 0.15 and done:
        mirror.undo()
        return {"verb": "undo"}
    if dice < 0.25 and undone:
        mirror.redo()
        return {"verb": "redo"}
    edit, label = next_edit(mirror.patch, types, random), f"edit {dice}"
    mirror.do(edit, label)
    return {"verb": "edit", "edit": edit_to_data(edit), "label": label}
