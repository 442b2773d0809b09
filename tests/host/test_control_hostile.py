"""The control socket under attack: fuzzed bytes, false claims, floods, deaf clients."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import msgpack
import pytest
from control_kit import HELLO, error, framed, resident, serve, welcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit import Stopwatch, many

from nodegraph.host.control import Client as Caller
from nodegraph.host.control import ControlServer
from nodegraph.remote.address import RunningShow
from nodegraph.remote.client import Client
from nodegraph.remote.errors import Fields, FramingError, StreamLost
from nodegraph.remote.framing import Unpacker, pack


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ng") as place:  # short, for the socket's path
        monkeypatch.setenv("NODEGRAPH_RUNTIME", place)
        yield Path(place)


FRAMES = (
    st.binary(max_size=200)
    | st.binary(max_size=60).map(lambda body: framed(body))
    | st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.text(), max_size=4).map(pack)
    | st.integers(0, 2**32 - 1).map(lambda length: struct.pack(">I", length))
    | st.just(struct.pack(">I", 5003) + b"\x81\xa1a" + b"\x91" * 5000)
    | st.just(pack({"id": 5, "do": "echo"}))
    | st.just(struct.pack(">I", 8) + msgpack.packb({"a": msgpack.ExtType(1, b"ab")}))
)


@st.composite
def attacks(draw: st.DrawFn) -> bytes:
    """Frames, some of them damaged, perhaps after a hello, perhaps cut off."""
    stream = bytearray(b"".join(draw(st.lists(FRAMES, max_size=8))))
    for at in draw(st.lists(st.integers(0, max(0, len(stream) - 1)), max_size=4)):
        stream[at : at + 1] = draw(st.binary(max_size=2))
    return draw(st.sampled_from([HELLO, b""])) + bytes(stream)


def messages(stream: bytes) -> int:
    """How many messages, good or bad, are in a stream up to where it is none."""
    unpacker, count = Unpacker(), 0
    unpacker.feed(stream)
    while True:
        try:
            next(unpacker)
        except StopIteration:
            return count
        except StreamLost:
            return count + 1
        except FramingError:
            pass
        count += 1


@pytest.mark.skipif(os.name != "posix", reason="speaks to the Unix socket itself")
def test_fuzzed_bytes_never_harm_the_server_or_another_client(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        loop = asyncio.get_running_loop()
        other = await Client.open()

        async def attack(stream: bytes) -> None:
            reader, writer = await asyncio.open_unix_connection(show.address[5:])
            writer.write(stream)
            writer.write_eof()
            read = await reader.read()  # it answers everything, and then it closes, for we did
            answers = list(Unpacker().feed(read))
            assert all({"ok", "error"} & answer.keys() for answer in answers)
            if stream.startswith(HELLO):
                assert len(answers) == messages(stream)
            else:
                assert len(answers) <= 1
            writer.close()
            assert await other.request("echo", n=4) == {"n": 4, "body": None}

        @settings(
            max_examples=many(80, 2_000), deadline=None, suppress_health_check=list(HealthCheck)
        )
        @given(attacks())
        def attack_by_all_means(stream: bytes) -> None:
            asyncio.run_coroutine_threadsafe(attack(stream), loop).result(10)

        await asyncio.to_thread(attack_by_all_means)
        server.broadcast({"event": "still there"})
        assert await other.next_event(1.0) == {"event": "still there"}
        assert [str(client) for client in server.clients] == ["client 1 (client)"]
        await other.close()

    serve(work)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory in use from /proc")
def test_hostile_messages_do_not_fill_the_memory() -> None:
    huge = struct.pack(">I", 64 * 2**20)
    many = framed(msgpack.packb({"a": [[]] * 2**21}))
    claimed = framed(b"\x81\xa1a" + b"\xdd\x00\x03\xff\xf0" * 30 + bytes(300_000))

    async def work(server: ControlServer, show: RunningShow) -> None:
        stream = await welcome(show)
        before = worst = resident()
        for frame, size in ((huge, 64 * 2**20), (many, 0), (claimed, 0)):
            stream.send_frame(frame)
            for _ in range(size // 2**20):
                stream.send_frame(bytes(2**20))
                await stream.drain()
                worst = max(worst, resident())
            assert "let in" in error(await stream.receive())
            worst = max(worst, resident())
        assert worst - before < 40e6
        await stream.close()

    serve(work)


def test_a_client_that_never_reads_is_dropped_and_the_others_get_their_events_on_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        deaf = show.dial()
        deaf.sendall(HELLO)
        good = await Client.open()
        while len(server.clients) < 2:
            await asyncio.sleep(0.01)
        worst = 0.0
        for n in range(400):
            watch = Stopwatch()
            server.broadcast({"event": "values", "n": n, "body": bytes(50_000)})
            event = await good.next_event(1.0)
            worst = max(worst, watch.seconds)
            assert event is not None
            assert event["n"] == n
        assert [client.name for client in server.clients] == ["client"]
        assert worst < 0.25
        await good.close()
        deaf.close()

    serve(work)
    assert (
        "client 1 (raw) was dropped" in caplog.text or "client 2 (raw) was dropped" in caplog.text
    )


def test_dropping_takes_no_longer_for_many_small_events() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        deaf = await asyncio.to_thread(show.dial)
        deaf.sendall(HELLO)
        while not server.clients:
            await asyncio.sleep(0.01)
        watch, count = Stopwatch(), 0
        while server.clients:
            server.broadcast({"event": "values", "body": bytes(80)})
            count += 1
            if count % 1000 == 0:
                await asyncio.sleep(0)
        assert count > 8 * 2**20 / 130
        assert watch.seconds < 5.0
        deaf.close()

    serve(work)


def test_a_client_that_asks_but_never_reads_is_not_answered_without_end() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        deaf = show.dial()
        deaf.setblocking(False)
        deaf.send(HELLO)
        request = pack({"id": 1, "do": "echo", "body": bytes(10_000)}) * 10
        sent = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while sent < 1e8:
                    await asyncio.get_running_loop().sock_sendall(deaf, request)
                    sent += len(request)
        assert sent < 3e6  # then it is not read from any more
        other = await Client.open()
        assert await other.request("echo", n=1) == {"n": 1, "body": None}
        await other.close()
        deaf.close()

    serve(work)


def test_a_flood_does_not_keep_the_event_loop_to_itself() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        flood = await welcome(show)
        other = await Client.open()
        for n in range(20_000):
            flood.send_frame(pack({"id": n, "do": "echo"}) if n % 2 else b"\0\0\0\1\xc1")
        worst = 0.0
        for n in range(20):
            watch = Stopwatch()
            await other.request("echo", n=n)
            worst = max(worst, watch.seconds)
        assert worst < 0.2
        flood.abort()
        await flood.close()
        await other.close()

    serve(work)


def test_clients_that_ask_a_lot_take_turns() -> None:
    turns: list[int] = []

    async def note(client: Caller, message: Fields) -> Fields:
        turns.append(client.number)
        return {}

    async def work(server: ControlServer, show: RunningShow) -> None:
        streams = [await welcome(show) for _ in range(2)]
        for stream in streams:
            stream.send_frame(b"".join(pack({"id": n, "do": "x"}) for n in range(500)))
        for stream in streams:
            for n in range(500):
                assert await stream.receive() == {"id": n, "ok": {}}
            await stream.close()

    serve(work, handle=note)
    both = turns[turns.index(2) : len(turns) - turns[::-1].index(1)]
    assert len(both) > 500
    assert max(len(list(run)) for _, run in groupby(both)) <= 64
