"""Clients against a host that runs: the one for scripts, and what both do when things go wrong."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from nodegraph.host.control import Client as Caller
from nodegraph.host.control import ControlServer
from nodegraph.remote import client as module
from nodegraph.remote.address import Door, RunningShow
from nodegraph.remote.client import Client, connect
from nodegraph.remote.errors import (
    Fields,
    NoShow,
    PeerGone,
    RemoteError,
    RequestRefused,
    error_from_data,
)
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="ng") as place:  # short, for the socket's path
        monkeypatch.setenv("NODEGRAPH_RUNTIME", place)
        yield


@pytest.fixture(params=[False, True], ids=["unix", "tcp"])
def show(request: pytest.FixtureRequest) -> Iterator[RunningShow]:
    """A host on an event loop of its own."""
    began: list[RunningShow] = []
    ready, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def host() -> None:
        async def handle(client: Caller, message: Fields) -> Mapping[str, object]:
            match message["do"]:
                case "count":
                    for n in range(3):
                        server.broadcast({"event": "count", "n": n})
                    return {}
                case "flood":
                    for n in range(module.MOST_EVENTS + 50):
                        client.send({"event": "count", "n": n})
                    return {}
                case "wait":
                    await asyncio.sleep(0.4)
                case "drop":
                    client.drop()
                case "end":
                    ended.set()
                case "no":
                    raise RemoteError("not now")
            return {"got": message}

        async with ControlServer(handle, Door("Pulse", tcp=request.param)) as server:
            began.append(server.door.show)
            loops.append(asyncio.get_running_loop())
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(host()))
    thread.start()
    ready.wait(5)
    yield began[0]
    if thread.is_alive():
        with suppress(RuntimeError):  # it may be ending just now
            loops[0].call_soon_threadsafe(ended.set)
    thread.join(5)


def test_a_script_asks_and_listens(show: RunningShow) -> None:
    threads = threading.active_count()
    with connect() as remote:
        assert remote.show == show
        assert remote.welcome["show"] == "Pulse"
        got = remote.request("do", edit={"at": [1, 2.5]}, label="Wire", self=1, verb=2, timeout=3)
        sent = {"edit": {"at": [1, 2.5]}, "label": "Wire", "self": 1, "verb": 2, "timeout": 3}
        assert got == {"got": {"do": "do", "id": 2, **sent}}
        remote.request("count")
        started = time.monotonic()
        assert [event["n"] for event in remote.events(timeout=0.1)] == [0, 1, 2]
        assert 0.09 < time.monotonic() - started < 10.0
        with pytest.raises(RequestRefused, match="not now"):
            remote.request("no")
        with pytest.raises(RemoteError, match="cannot carry"):
            remote.request("do", edit=object())
        assert remote.request("again")["got"] == {"do": "again", "id": 6}
    assert threading.active_count() == threads


def test_a_script_does_not_wait_for_ever(show: RunningShow) -> None:
    with connect("Pulse", timeout=0.1) as remote:
        with pytest.raises(RemoteError, match=r"wait: the host has not answered within 0\.1 s"):
            remote.request("wait")
        time.sleep(0.5)
        assert remote.request("count") == {}


def test_threads_may_share_a_remote(show: RunningShow) -> None:
    with connect() as remote:
        answers: dict[int, object] = {}

        def ask(n: int) -> None:
            for k in range(20):
                answers[n * 100 + k] = remote.request("x", n=n * 100 + k)["got"]

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 80
    for n, got in answers.items():
        assert isinstance(got, dict)
        assert got["n"] == n


def test_events_that_nobody_fetches_are_forgotten_the_oldest_first(show: RunningShow) -> None:
    async def run() -> None:
        client = await Client.open()
        await client.request("flood")
        assert client.forgotten == 50
        assert await client.next_event() == {"event": "count", "n": 50}
        assert await client.next_event(0.0) == {"event": "count", "n": 51}
        await client.close()

    asyncio.run(run())


def test_the_end_of_the_show_is_told_to_who_asks_and_who_listens(show: RunningShow) -> None:
    with connect() as remote:
        heard: list[Fields] = []
        listener = threading.Thread(target=lambda: heard.extend(remote.events()))
        listener.start()
        assert remote.request("end")
        listener.join(3)
        assert not listener.is_alive()
        with pytest.raises(PeerGone, match="the show has ended, or has dropped this client"):
            remote.request("x")
    with pytest.raises(NoShow, match="no show is running; start one with: nodegraph run PATCH"):
        connect()


def test_one_that_is_dropped_is_told_at_once(show: RunningShow) -> None:
    with connect() as remote, pytest.raises(PeerGone, match="has dropped this client"):
        remote.request("drop")
    with connect() as remote:
        assert remote.request("x")


def test_without_a_show_there_is_a_sentence() -> None:
    with pytest.raises(NoShow, match="no show is running; start one with: nodegraph run PATCH"):
        connect()
    with pytest.raises(NoShow, match="no show is running"):
        asyncio.run(Client.open("x"))


def test_a_host_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HELLO_WITHIN", 0.1)
    door = Door("hung")
    threads = threading.active_count()
    with pytest.raises(NoShow, match="'hung' does not answer"):
        connect()
    assert threading.active_count() == threads
    door.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\0\0\0\1\xc1",
        pack({"id": 1}) + pack({"id": 1, "error": {"text": 5, "problems": [{"x": 1}, 7]}}),
        pack({"id": 9, "ok": {}}) + pack({"id": [1], "ok": {}}),
    ],
)
def test_a_host_that_talks_nonsense_harms_no_client(answer: bytes) -> None:
    async def run() -> None:
        here, there = socket.socketpair()
        host = await Stream.over(there)
        show = RunningShow("x", 1, "unix:/x", "", 0.0, Path("x"))
        opening = asyncio.create_task(Client.over(here, show))
        await host.receive()
        host.send_frame(answer)
        await host.close()
        with pytest.raises(RemoteError, match=r"does not answer|refused without"):
            await opening

    asyncio.run(run())


def test_answers_can_come_in_the_row_of_events(show: RunningShow) -> None:
    async def story() -> None:
        client = await Client.open(show)
        try:
            asked = [client.ask(verb) for verb in ("count", "no", "hi")]
            row = [await client.next_event(5.0) for _ in range(6)]
            assert [event and event["event"] for event in row] == ["count"] * 3 + ["answer"] * 3
            answers = [event or {} for event in row[3:]]
            assert [event["id"] for event in answers] == asked
            assert ["ok" in event for event in answers] == [True, False, True]
            assert str(error_from_data(answers[1]["error"])) == "not now"
            assert not client.gone
            client.ask("drop")
            while await client.next_event(5.0) is not None:
                pass
            assert client.gone
            with pytest.raises(PeerGone):
                client.ask("hi")
        finally:
            await client.close()

    asyncio.run(story())
