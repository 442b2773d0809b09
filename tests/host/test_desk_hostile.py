"""Odd requests, odd files and clients that vanish: the show goes on, and nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from desk_kit import attended, event
from kit import patch
from show_kit import playing, run, until

from nodegraph.errors import ScopeError
from nodegraph.graph import AddNode, Node, SetParam, save
from nodegraph.host.desk import Desk
from nodegraph.host.document import Document
from nodegraph.host.engine.transport import NOT_YET, Playing
from nodegraph.host.facts import link_facts
from nodegraph.host.logbook import KEPT, Logbook
from nodegraph.host.status import Tally
from nodegraph.remote.client import Client
from nodegraph.remote.errors import Fields, RequestRefused
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender

MADE = patch({"n": "t.count", "say": "prompt.text", "song": "audio.file"})


pytestmark = [pytest.mark.usefixtures("own_folder"), pytest.mark.slow]


def test_only_files_are_uploaded(tmp_path: Path) -> None:
    """What has no end, or nobody at its other end, is not even begun with."""

    async def story() -> None:
        os.mkfifo(tmp_path / "pipe.png")
        async with attended(MADE, tmp_path) as (_show, client):
            for path in ("/dev/zero", str(tmp_path / "pipe.png"), str(tmp_path), "a\0b"):
                async with asyncio.timeout(5.0):
                    with pytest.raises(
                        RequestRefused, match=r"cannot be (uploaded|read)"
                    ) as caught:
                        await client.request("upload", path=path, url="127.0.0.1:9")
                assert "log" not in str(caught.value)  # no traceback there

    run(story())


def test_paths_of_sound_that_no_system_can_mean(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            for path in ("a\0b.wav", "~nobody-of-this-name/a.wav"):
                show.decks["main"].do(SetParam("song", "path", path), "Odd")
                with pytest.raises(RequestRefused, match="cannot be read") as caught:
                    await client.request("waveform", node="song")
                assert "log" not in str(caught.value)

    run(story())


@contextmanager
def logbook(folder: Path, heard: list[Fields]) -> Iterator[Logbook]:
    book = Logbook(folder, heard.append)
    try:
        yield book
    finally:
        book.close()


def test_a_record_that_cannot_be_written_does_not_harm_who_logs(tmp_path: Path) -> None:
    async def story() -> None:
        heard: list[Fields] = []
        odd = {"msg": "%d of them", "args": ("many",), "levelname": "WARNING"}
        with logbook(tmp_path, heard) as book:
            book.handle(logging.makeLogRecord(odd))
            await asyncio.sleep(0)
        assert [line["level"] for line in heard] == ["warning"]
        assert "%d of them" in str(heard[0]["text"])

    asyncio.run(story())


def test_a_node_that_never_ends_its_line_fills_no_memory(tmp_path: Path) -> None:
    async def story() -> None:
        heard: list[Fields] = []
        with logbook(tmp_path, heard) as book, (tmp_path / "engine.log").open("wb") as file:
            for _ in range(50):
                file.write(b"x" * 100_000)
                file.flush()
                book.look()
            assert len(book._rest) < 10_000
            file.write(b"\nlast\n")
            file.flush()
            book.look()
        assert heard[-1]["text"] == "last"

    asyncio.run(story())


def test_the_newest_of_what_nodes_print_is_told(tmp_path: Path) -> None:
    """However much came before it since the last look."""

    async def story() -> None:
        heard: list[Fields] = []
        (tmp_path / "engine.log").write_bytes(b"again and again\n" * 1_000_000 + b"newest\n")
        with logbook(tmp_path, heard) as book:
            book.look()
        assert heard[-1]["text"] == "newest"
        assert len(heard) <= KEPT

    asyncio.run(story())


def test_a_name_that_is_no_text_keeps_nobody_out(tmp_path: Path) -> None:
    """The names of files may hold any bytes: in what is logged, and of the document itself."""

    async def story() -> None:
        odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.json")
        save(MADE, odd)
        async with attended(MADE, tmp_path) as (show, client):
            logging.getLogger("nodegraph").warning("%s is odd", odd)
            await event(client, "log")
            await client.request("look")
            await show.open("main", Document.open(odd))
            await client.request("edit", edit={"do": "remove_node", "id": "n"}, label="Go")
            told = await event(client, "deck", dirty=True)
            assert told["path"].endswith(".json")
            await client.request("look")
            later = await Client.open()
            await event(later, "status")
            await later.close()

    run(story())


def test_an_answer_that_is_waited_for_ends_with_the_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No task, and no process, of a slow request is left when the desk is closed."""

    async def story() -> None:
        begun = asyncio.Event()
        left: list[str] = []

        async def slow(self: object, client: object, message: object) -> Fields:
            begun.set()
            try:
                await asyncio.sleep(60.0)
            finally:
                await asyncio.sleep(0.05)  # as long as it takes to see a process die
                left.append("in time")
            return {}

        monkeypatch.setattr("nodegraph.host.desk_sound.SoundDesk._do_devices", slow)
        async with playing(MADE, tmp_path) as show:
            async with Desk(show, "test"):
                client = await Client.open()
                asked = asyncio.create_task(client.request("devices"))
                await begun.wait()
            assert left == ["in time"]
            await client.close()
            await asyncio.wait([asked])
            assert asked.exception() is not None

    run(story())


def test_the_values_of_what_is_gone_are_forgotten(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (_show, client):
            await event(client, "values", deck="main")
            assert "say.prompts" in (await _values(client))
            await client.request("new")
            await client.request("edit", edit=_added("n2", "prompt.text"), label="Add")
            async with asyncio.timeout(10.0):
                while (found := set(await _values(client))) != {"n2.prompts"}:
                    await asyncio.sleep(0.1)
            assert found

    run(story())


async def _values(client: Client) -> Any:
    seen: Any = await client.request("look")
    return seen["values"].get("main", {})


def _added(id: str, type: str) -> dict[str, Any]:
    from nodegraph.graph import edit_to_data

    return edit_to_data(AddNode(id, Node(type)))


def test_each_client_watches_for_itself(tmp_path: Path) -> None:
    """What one watches does not end with another's wish, and does when he vanishes."""

    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            watched = show.engine._wanted.orders["main"]
            other = await Client.open()
            await client.request("watch", ports=["a.out", "b.out"])
            await other.request("watch", ports=["b.out", "c.out"])
            assert watched.watched == ("a.out", "b.out", "c.out")
            await other.close()
            await until(lambda: watched.watched == ("a.out", "b.out"), within=5.0)
            await client.request("watch", ports=[])
            assert watched.watched == ()

    run(story())


def test_an_edit_while_another_document_is_being_opened_plays(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, _client):
            deck = show.decks["main"]
            for number in range(5):
                opening = asyncio.create_task(show.open("main", Document(patch({"a": "t.count"}))))
                while deck.document.patch.nodes.keys() != {"a"}:
                    await asyncio.sleep(0)
                deck.do(AddNode(f"b{number}", Node("t.count")), "Add")
                await opening
                await deck.settle()
                assert {step.id for step in deck.plan.all_steps} == {"a", f"b{number}"}

    run(story())


def test_of_two_documents_opened_at_once_the_later_plays(tmp_path: Path) -> None:
    async def story() -> None:
        large = patch({f"n{number}": "t.count" for number in range(300)})
        async with attended(MADE, tmp_path) as (show, _client):
            deck = show.decks["main"]
            await asyncio.gather(
                show.open("main", Document(large)),
                show.open("main", Document(patch({"small": "t.count"}))),
            )
            await deck.settle()
            assert deck.document.patch.nodes.keys() == {"small"}
            assert {step.id for step in deck.plan.all_steps} == {"small"}
            opening = asyncio.create_task(show.open("main", Document(large)))
            await asyncio.sleep(0)
            show.close("main")
            await opening
            assert deck.document is None
            assert not deck.plan.all_steps

    run(story())


def test_to_speak_with_another_server_costs_the_event_loop_little() -> None:
    ScopeRest("127.0.0.1:9")  # what is needed once
    begun = time.thread_time()
    for _ in range(10):
        ScopeRest("127.0.0.1:9")
    assert (time.thread_time() - begun) / 10 < 0.005


def test_a_secret_in_an_address_is_used_and_never_told() -> None:
    async def story() -> None:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            return httpx.Response(500)

        url = "http://me:secret@scope.test:8000/x"
        async with ScopeRest(url, transport=httpx.MockTransport(answer)) as rest:
            with pytest.raises(ScopeError) as caught:
                await rest.hardware()
            with pytest.raises(ScopeError) as silent:
                await rest.offer("", "", {})
        told = f"{rest.url} {caught.value} {silent.value}"
        assert "secret" not in told
        assert rest.url == "http://scope.test:8000/x"
        assert rest.address == url
        assert asked[0].headers["authorization"].startswith("Basic ")
        link = ScopeLink(url)
        assert "secret" not in link.stats.reason
        assert link_facts(link)["url"] == rest.url  # the show finds the whole of it again
        await link.close()

    asyncio.run(story())


def test_the_value_that_was_taken_back_waits_no_more() -> None:
    sender = Sender()
    sender.reset()
    sender.set({"noise_scale": 0.5, "paused": True}, 0.0)
    assert sender.waiting == 2
    sender.set({"paused": False}, 0.1)
    assert sender.waiting == 1
    assert sender.due(10.0) is not None
    assert sender.waiting == 0


def test_where_a_source_is_said_to_be_after_a_hand_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nowhere before the beginning, nowhere beyond the end, and where it was while it is paused."""
    now = 100.0
    monkeypatch.setattr("nodegraph.host.status.time.monotonic", lambda: now)
    tally = Tally()
    tally.sources = {"main": {"song": Playing(8.0, 9.0, False, False)}}
    tally.when = 99.5

    def at() -> float | None:
        return tally.playing("main", "song").at

    assert at() == 8.5
    now = 100.4
    assert at() == pytest.approx(8.9)
    now = 100.6
    assert at() == 9.0
    tally.expect("main", "song", 2.0, True)
    assert at() == 2.0
    tally.expect("main", "song", 0.0, None)
    assert at() == 0.0
    tally.expect("main", "song", None, False)
    assert at() == 0.0
    tally.expect("main", "nothing", 1.0, None)
    assert tally.playing("main", "nothing") == NOT_YET


ODD: tuple[Any, ...] = (
    *(None, True, -1, 2**63, 1e308, float("nan"), float("inf"), "", "\0", "x" * 100_000, b"\xff"),
    *(
        [],
        [1],
        ["a.b", ""],
        {},
        {"do": 1},
        {"do": "batch", "edits": [{}]},
        [[[[]]]],
        "main",
        "song",
    ),
)
FIELDS = (
    *("deck", "node", "edit", "label", "gesture", "path", "copy", "position", "seconds", "ports"),
    *("name", "url", "pipelines", "load", "what", "of", "want", "fps", "longest", "at", "paused"),
    *("count", "when", "slew"),
)


def test_whatever_is_asked_is_answered_by_a_sentence(tmp_path: Path) -> None:
    """No request, however odd, shows a fault of the host's own, and the show plays on."""

    async def story() -> None:
        chance = Random(1)
        async with attended(MADE, tmp_path) as (show, client):
            desk_verbs = "look edit undo redo new close fade watch lost recover dismiss status open"
            more = "times connect disconnect server upload pictures transport waveform"
            verbs = f"{desk_verbs} {more}"
            for _ in range(600):
                verb = chance.choice(verbs.split())
                fields = {name: chance.choice(ODD) for name in chance.sample(FIELDS, 6)}
                fields |= chance.choice(({}, {"deck": "main", "node": "song"}))
                if fields.get("url") in ("main", "song"):  # would be looked for in the network
                    fields["url"] = "127.0.0.1:9"
                refused = ""
                try:
                    await client.request(verb, **fields)
                except RequestRefused as error:
                    refused = str(error)
                assert "it is in the log" not in refused, (verb, fields)
            ticks = show.tally.ticks
            await until(lambda: show.tally.ticks > ticks)
            assert show.tally.restarts == 0

    run(story())


def test_a_show_ends_soon_though_a_server_says_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        before = asyncio.all_tasks()
        async with server:
            async with playing(MADE, tmp_path) as show:
                async with Desk(show, "test"):
                    client = await Client.open()
                    for _ in range(20):
                        await client.request("connect", url=url)
                    asked = [asyncio.create_task(client.request("server", what="health", url=url))]
                    await asyncio.sleep(0.3)
                    begun = time.monotonic()
                assert time.monotonic() - begun < 4.0
                assert show.link is None
            await client.close()
            await asyncio.wait(asked)
            assert asked[0].exception() is not None
        await asyncio.sleep(0.1)
        assert {task.get_name() for task in asyncio.all_tasks() - before} == set()

    run(story())
