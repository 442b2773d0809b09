"""A channel over a real socket pair: order, a full socket, a peer that dies, nobody waiting."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from nodegraph.remote.channel import Channel
from nodegraph.remote.errors import Fields, FramingError, PeerGone
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    here, there = map(Channel, socket.socketpair())
    yield here, there
    here.close()
    there.close()


def receive(channel: Channel) -> Fields:
    message = channel.receive(2.0)
    assert message is not None
    return message


def test_messages_go_both_ways(pair: tuple[Channel, Channel]) -> None:
    here, there = pair
    assert here.try_send({"do": "tick", "body": b"\0" * 1000})
    assert receive(there) == {"do": "tick", "body": b"\0" * 1000}
    there.send({"ok": [1.5, None, "ü"]})
    assert receive(here) == {"ok": [1.5, None, "ü"]}


def test_nothing_there_is_none_after_the_time_said(pair: tuple[Channel, Channel]) -> None:
    started = time.monotonic()
    assert pair[0].receive(0.05) is None
    assert 0.04 < time.monotonic() - started < 10.0
    assert pair[0].receive(0.0) is None


def test_a_full_socket_never_holds_the_sender_up(pair: tuple[Channel, Channel]) -> None:
    here, there = pair
    taken, worst = [], 0.0
    for n in range(3000):
        started = time.perf_counter()
        if here.try_send({"n": n, "body": bytes(1000)}):
            taken.append(n)
        worst = max(worst, time.perf_counter() - started)
    assert 10 < len(taken) < 3000
    assert worst < 0.1
    got = []
    while len(got) < len(taken):
        here.flush()  # as the next call would
        got.append(receive(there)["n"])
    assert got == taken
    assert here.flush()
    assert there.receive(0.0) is None


def test_a_message_greater_than_the_socket_goes_out_bit_by_bit(
    pair: tuple[Channel, Channel],
) -> None:
    here, there = pair
    body = os.urandom(3_000_000)
    assert here.try_send({"body": body})
    assert not here.try_send({"n": 1})
    got = None
    while got is None:
        here.flush()
        got = there.receive(0.0)
    assert got == {"body": body}
    assert here.try_send({"n": 2})
    assert receive(there) == {"n": 2}


def test_threads_share_a_channel_without_mixing_their_messages(
    pair: tuple[Channel, Channel],
) -> None:
    here, there = pair
    counts = [0, 0]

    def prepare() -> None:
        for n in range(200):
            here.send({"who": 0, "n": n, "body": bytes(n * 100)}, timeout=5.0)
            counts[0] += 1

    def tick() -> None:
        for n in range(2000):
            if here.try_send({"who": 1, "n": n}):
                counts[1] += 1
            time.sleep(0)

    threads = [threading.Thread(target=work) for work in (prepare, tick)]
    for thread in threads:
        thread.start()
    got: list[list[int]] = [[], []]
    while any(thread.is_alive() for thread in threads) or sum(map(len, got)) < sum(counts):
        if message := there.receive(0.1):
            who, n = message["who"], message["n"]
            assert isinstance(who, int)
            assert isinstance(n, int)
            got[who].append(n)
            assert len(message.get("body", b"")) == (0 if who else n * 100)  # type: ignore[arg-type]  # it is bytes
        here.flush()
    for thread in threads:
        thread.join()
    assert got[0] == list(range(200))
    assert got[1] == sorted(got[1])
    assert len(got[1]) == counts[1] > 0


def test_send_waits_for_room_but_not_for_ever(pair: tuple[Channel, Channel]) -> None:
    here, _ = pair
    with pytest.raises(TimeoutError, match="does not read"):
        here.send({"body": bytes(10_000_000)}, timeout=0.1)


def test_a_bad_message_is_refused_and_the_next_one_read() -> None:
    raw, there = socket.socketpair()
    channel = Channel(there)
    raw.sendall(b"\0\0\0\2\xff\xff" + pack({"n": 1}))
    with pytest.raises(FramingError, match="not a msgpack map"):
        channel.receive(1.0)
    assert receive(channel) == {"n": 1}
    raw.close()
    channel.close()


def test_the_end_of_the_other_process_is_told(pair: tuple[Channel, Channel]) -> None:
    here, there = pair
    there.close()
    with pytest.raises(PeerGone):
        here.receive(1.0)
    with pytest.raises(PeerGone):
        here.try_send({"n": 1})
    with pytest.raises(PeerGone):
        here.send({"n": 1}, timeout=1.0)


def test_closing_wakes_the_thread_that_receives(pair: tuple[Channel, Channel]) -> None:
    here, _ = pair
    said: list[str] = []

    def listen() -> None:
        try:
            here.receive()
        except PeerGone as error:
            said.append(str(error))

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.05)
    here.close()
    thread.join(2.0)
    assert not thread.is_alive()
    assert said


ECHO = """
import socket, sys
from nodegraph.remote.channel import Channel
from nodegraph.remote.errors import PeerGone
channel = Channel(socket.socket(fileno=int(sys.argv[1])))
try:
    while True:
        channel.send({"echo": channel.receive()})
except PeerGone:
    pass
"""


def test_a_channel_in_another_process_speaks_with_a_stream_here() -> None:
    async def converse() -> None:
        here, there = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-c", ECHO, str(there.fileno())], pass_fds=[there.fileno()]
        )
        there.close()
        stream = await Stream.over(here)
        for n in range(20):
            stream.send({"n": n, "body": bytes(100_000)})
        for n in range(20):
            async with asyncio.timeout(10):
                assert await stream.receive() == {"echo": {"n": n, "body": bytes(100_000)}}
        process.kill()
        process.wait()
        with pytest.raises(PeerGone):
            async with asyncio.timeout(2):
                await stream.receive()
        await stream.close()

    asyncio.run(converse())
