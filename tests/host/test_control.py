"""The control socket: requests in order, refusals as answers, events for all, an orderly end."""

from __future__ import annotations

import asyncio
import logging
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from control_kit import HELLO, error, handle, raw, serve, welcome
from kit import Stopwatch

from nodegraph.errors import Problem
from nodegraph.host.control import ControlServer
from nodegraph.remote.address import PROTOCOL, Door, RunningShow
from nodegraph.remote.client import Client
from nodegraph.remote.errors import NoShow, PeerGone, RequestRefused
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ng") as place:  # short, for the socket's path
        monkeypatch.setenv("NODEGRAPH_RUNTIME", place)
        yield Path(place)


def test_a_request_is_answered_and_an_event_reaches_everybody() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        a, b = await Client.open(name="editor"), await Client.open("test", name="script")
        assert a.welcome == {"protocol": PROTOCOL, "client": 1, "show": "test"}
        assert sorted(map(str, server.clients)) == ["client 1 (editor)", "client 2 (script)"]
        assert await a.request("echo", n=1, body=b"\0\xff") == {"n": 1, "body": b"\0\xff"}
        server.broadcast({"event": "changed", "n": 1})
        for client in (a, b):
            assert await client.next_event(1.0) == {"event": "changed", "n": 1}
        await b.close()
        await a.request("echo")
        assert [str(client) for client in server.clients] == ["client 1 (editor)"]
        await a.close()

    serve(work)


def test_what_the_host_refuses_or_fails_at_is_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        client = await Client.open()
        with pytest.raises(RequestRefused, match="the host knows no 'dance'"):
            await client.request("dance")
        with pytest.raises(RequestRefused, match=r"ease\.in: no such node") as refused:
            await client.request("refuse")
        expected = Problem("no such node", node="ease", port="in", line=3)
        assert refused.value.problems == (expected, expected)
        with pytest.raises(RequestRefused, match=r"a wire already \?!!") as long:
            await client.request("edit")
        assert len(str(long.value)) == 2000
        with pytest.raises(RequestRefused, match="cannot carry this"):
            await client.request("nonsense")
        assert not caplog.records
        with pytest.raises(RequestRefused, match=r"break: this failed in the host \(Recurs"):
            await client.request("break")
        assert [record.levelno for record in caplog.records] == [logging.ERROR]
        assert await client.request("echo", n=2) == {"n": 2, "body": None}
        await client.close()

    serve(work)


def test_a_client_is_heard_in_order_and_a_slow_request_holds_up_nobody_else() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        slow, quick = await Client.open(), await Client.open()
        done: list[object] = []
        asked = [
            asyncio.create_task(slow.request(verb, n=n)) for n, verb in enumerate(("sleep", "echo"))
        ]
        for task in asked:
            task.add_done_callback(lambda task: done.append(task.result()["n"]))
        watch = Stopwatch()
        for n in range(20):
            await quick.request("echo", n=n)
        assert watch.seconds < 0.25
        assert done == []
        await asyncio.gather(*asked)
        assert done == [0, 1]
        await slow.close()
        await quick.close()

    serve(work)


@pytest.mark.parametrize("tcp", [False, True])
def test_a_thousand_requests_a_second_in_order(tcp: bool) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        client = await Client.open()
        watch = Stopwatch()
        answers = await asyncio.gather(*(client.request("echo", n=n) for n in range(2000)))
        assert watch.seconds < 2.0
        assert [answer["n"] for answer in answers] == list(range(2000))
        await client.close()

        stream = await Stream.over(show.dial())
        token = {"token": show.token} if tcp else {}
        stream.send({"id": 0, "do": "hello", "protocol": PROTOCOL, **token})
        for n in range(1, 500):
            stream.send({"id": n, "do": "echo"})
        assert [(await stream.receive())["id"] for n in range(500)] == list(range(500))
        await stream.close()

    serve(work, tcp=tcp)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pack({}), '"id", a whole number'),
        (pack({"id": 7}), '"do", a text'),
        (pack({"do": "echo"}), '"id", a whole number'),
        (pack({"id": "x", "do": "echo"}), '"id", a whole number'),
        (pack({"id": True, "do": "echo"}), '"id", a whole number'),
        (pack({"id": 7, "do": ["echo"]}), '"do", a text'),
        (pack({"id": 7, "do": "x" * 100_000}), "knows no"),
        (b"\0\0\0\0", "not a msgpack map"),
        (b"\0\0\0\1\xc1", "not a msgpack map"),
        (b"\0\0\0\4\x81\xa1a\xc1", "no type"),
        (b"\0\0\0\6\x81\xa1a\xa2\xff\xff", "utf-8"),
        (struct.pack(">I", 100_003) + b"\x81\xa1a" + b"\x91" * 100_000, "inside each other"),
        (struct.pack(">I", 17 * 2**20) + bytes(17 * 2**20), "at most 16777216"),
    ],
    ids=range(13),
)
def test_a_bad_message_is_refused_and_the_client_goes_on(frame: bytes, why: str) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        stream = await welcome(show, frame, pack({"id": 8, "do": "echo", "n": 1}))
        assert why in error(await stream.receive())
        assert await stream.receive() == {"id": 8, "ok": {"n": 1, "body": None}}
        await stream.close()

    serve(work)


def test_what_is_no_stream_of_messages_is_told_so_and_closed() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        for start in (HELLO, b""):
            stream = await raw(show, start, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if start:
                await stream.receive()
            assert "1195725856 bytes" in error(await stream.receive())
            with pytest.raises(PeerGone):
                await stream.receive()
            await stream.close()
        assert server.clients == set()

    serve(work)


def test_when_the_show_ends_its_clients_are_told_all_that_was_said() -> None:
    async def run() -> None:
        server = ControlServer(handle, Door("test"))
        await server.start()
        a, b = await Client.open(), await Client.open()
        asked = asyncio.create_task(b.request("sleep"))
        await asyncio.sleep(0.05)
        server.broadcast({"event": "ended", "body": bytes(300_000)})
        watch = Stopwatch()
        await server.stop()
        assert watch.seconds < 0.9
        assert [event["event"] async for event in a.events()] == ["ended"]
        with pytest.raises(PeerGone, match="the show has ended"):
            await asked
        with pytest.raises(PeerGone, match="the show has ended"):
            await a.request("echo")
        with pytest.raises(NoShow, match="no show is running"):
            await Client.open()
        await a.close()
        await b.close()

    asyncio.run(run())
