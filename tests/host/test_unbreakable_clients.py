"""Editors that are killed, deaf or hostile: the show and whoever else works on it do not notice."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from control_kit import HELLO, error, framed, raw, welcome
from host.stage import Stage, show_patch, staged, until
from kit import Stopwatch

from nodegraph.cli.simulator import Simulator
from nodegraph.errors import NodegraphError
from nodegraph.graph import SetParam, SetText, dump, edit_to_data
from nodegraph.remote.client import Client
from nodegraph.remote.errors import RemoteError
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream

EDITOR = """
from nodegraph.graph import SetParam, SetText, edit_to_data
from nodegraph.remote.client import connect

with connect() as show:
    def edit(edit, label, **fields):
        show.request("edit", edit=edit_to_data(edit), label=label, **fields)
        print(label, flush=True)

    for n in range(20):
        edit(SetText(note=f"{n + 1} edits"), f"edit {n + 1}")
    while True:
        n += 1
        edit(SetParam("count", "step", float(n)), f"turn {n}", gesture="turn")
"""

TOO_LONG = 0.25
"""Seconds that an answer may take."""


@pytest.fixture(scope="module")
def stage(scope: Simulator) -> Iterator[Stage]:
    with staged(show_patch(), scope.url) as stage:
        yield stage


def edit(note: str) -> dict[str, object]:
    return {"edit": edit_to_data(SetText(note=note)), "label": "Note"}


def test_an_editor_that_is_killed_leaves_its_work_and_nothing_else(stage: Stage) -> None:
    async def story() -> None:
        deck = stage.show.deck("main")
        start = dump(deck.document.patch)  # type: ignore[union-attr]  # it is there
        async with stage.witnessed() as seen:
            before = stage.show.outgoing.messages
            editor = await asyncio.create_subprocess_exec(
                sys.executable, "-c", EDITOR, stdout=asyncio.subprocess.PIPE
            )
            assert editor.stdout is not None
            said = ""
            while said != "turn 200\n":
                said = (await editor.stdout.readline()).decode()
            editor.kill()
            rest = (await editor.communicate())[0].decode().split("\n")
            await until(lambda: not stage.desk.server.clients, what="it is gone")
            turned = int(([said, *rest][-2:][0] or said).split()[-1])
            assert stage.show.outgoing.messages > before
            client = await Client.open()
            looked = (await client.request("look"))["decks"]["main"]  # type: ignore[index]  # a map
            assert looked["done"][:20] == [f"edit {n + 1}" for n in range(20)]
            assert looked["done"][20].startswith("turn ")
            assert len(looked["done"]) == 21
            assert looked["patch"] == dump(deck.document.patch)  # type: ignore[union-attr]  # it is
            step = deck.document.patch.nodes["count"].params["step"]  # type: ignore[union-attr]  # so
            assert step in (turned, turned + 1)
            again = edit_to_data(SetParam("count", "step", 5.0))
            await client.request("edit", edit=again, label="Turn", gesture="turn")
            assert (await client.request("undo")) == {"label": "Turn"}  # not the other's gesture
            for _ in range(21):
                await client.request("undo")
            assert dump(deck.document.patch) == start  # type: ignore[union-attr]  # as above
            await client.request("redo")
            await client.request("undo")
            await client.close()
        seen.assert_unmoved()

    stage.play(story())


def test_a_client_that_never_reads_is_dropped_and_holds_nobody_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = stage.desk.server
    monkeypatch.setattr(server, "_most_waiting", 1 << 18)

    async def story() -> None:
        async with stage.witnessed() as seen:
            deaf = server.door.show.dial()
            deaf.sendall(HELLO + pack({"id": 2, "do": "look"}) * 50)
            good = await Client.open()
            await until(lambda: len(server.clients) == 2)
            worst = sent = 0.0
            while len(server.clients) == 2:
                watch = Stopwatch()
                await good.request("edit", **edit("x" * 20_000), gesture="note")
                worst = max(worst, watch.seconds)
                sent += 20_000
                assert sent < 20e6, "it is not dropped"
            deaf.close()
            assert worst < TOO_LONG
            await good.request("undo")
            await good.close()
        seen.assert_unmoved()

    stage.play(story())


HOSTILE = (
    b"GET / HTTP/1.1\r\n\r\n",
    os.urandom(2000),
    struct.pack(">I", 2**32 - 1),
    framed(b"\x81\xa1a" + b"\x91" * 100_000),
    framed(b"\xc1" * 100),
    framed(b""),
)

ABSURD = (
    {},
    {"do": "look", "id": True},
    {"do": 7},
    {"do": "__class__"},
    {"do": "edit"},
    {"do": "edit", "edit": {"do": "add_node", "id": "x" * 10**6, "node": {"type": [[]]}}},
    {"do": "edit", "edit": {"do": "batch", "edits": [{"do": "batch", "edits": [7]}] * 1000}},
    {"do": "edit", "edit": {"do": "set_text", "name": 7, "note": [[]]}},
    {"do": "edit", "edit": edit_to_data(SetText(note="x")), "slew": float("nan")},
    {"do": "edit", "edit": edit_to_data(SetText(note="x")), "deck": ["main"]},
    {"do": "edit", "edit": edit_to_data(SetParam("nobody", "x", 1))},
    {"do": "open", "path": "/dev/zero"},
    {"do": "open", "path": "x\0y"},
    {"do": "open", "path": "/dev/null", "deck": "third"},
    {"do": "save", "path": "/dev/full"},
    {"do": "save", "path": "/nowhere/at/all.json"},
    {"do": "fade", "position": float("inf")},
    {"do": "watch", "ports": [1]},
    {"do": "recover", "name": "../../etc"},
    {"do": "close", "deck": "next"},
)


@pytest.mark.skipif(os.name != "posix", reason="speaks to the Unix socket itself")
def test_hostile_clients_are_refused_per_message(stage: Stage) -> None:
    async def attack(stream: Stream) -> None:
        with suppress(RemoteError, TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    await stream.receive()
        stream.abort()
        await stream.close()

    async def story() -> None:
        show, document = stage.desk.server.door.show, stage.show.deck("main").document
        assert document is not None
        before = dump(document.patch)
        async with stage.witnessed() as seen:
            good = await Client.open()
            attacks = [
                asyncio.create_task(attack(await raw(show, start + body)))
                for start in (b"", HELLO)
                for body in HOSTILE
            ]
            while not all(each.done() for each in attacks):
                watch = Stopwatch()
                await good.request("status")
                assert watch.seconds < TOO_LONG
                await asyncio.sleep(0.02)
            await asyncio.gather(*attacks)
            stream = await welcome(show)
            for number, absurd in enumerate(ABSURD):
                stream.send({"id": number + 2, **absurd})
                answer = await stream.receive()
                while "event" in answer:
                    answer = await stream.receive()
                assert "error" in answer, absurd
                told = error(answer)
                assert 10 < len(told) < 1000, told
                assert "failed in the host" not in told
                assert "Traceback" not in told
            stream.abort()
            await stream.close()
            assert (await good.request("status"))["restarts"] == 0
            with pytest.raises(NodegraphError, match="there is no request 'fly'; there are: "):
                await good.request("fly")
            await good.close()
        assert dump(document.patch) == before
        assert document.labels()[0] == ()
        assert not Path("/nowhere").exists()
        seen.assert_unmoved()

    stage.play(story())
