"""Who is let in through the control socket, who is not, and what they leave behind when they go."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from control_kit import HELLO, error, raw, serve
from kit import many

from nodegraph.host import control
from nodegraph.host.control import Client as Caller
from nodegraph.host.control import ControlServer
from nodegraph.remote.address import PROTOCOL, RunningShow
from nodegraph.remote.client import Client
from nodegraph.remote.errors import Fields, PeerGone, RequestRefused
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ng") as place:  # short, for the socket's path
        monkeypatch.setenv("NODEGRAPH_RUNTIME", place)
        yield Path(place)


@pytest.mark.parametrize(
    ("hello", "why"),
    [
        ({"id": 1, "do": "echo"}, "must be a hello"),
        ({"do": "hello", "protocol": PROTOCOL}, "must be a hello"),
        ({"id": 1, "do": "hello"}, "the client None"),
        ({"id": 1, "do": "hello", "protocol": 99}, "the client 99; use the same version"),
        ({"id": 1, "do": "hello", "protocol": PROTOCOL, "x": bytes(5000)}, "at most 4096"),
    ],
)
def test_a_client_that_does_not_say_hello_is_not_let_in(hello: Fields, why: str) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        stream = await raw(show, pack(hello), pack({"id": 2, "do": "echo"}))
        assert why in error(await stream.receive())
        with pytest.raises(PeerGone):
            await stream.receive()
        await stream.close()

    serve(work)


def test_over_tcp_only_the_token_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_HELLO_WITHIN", 0.2)

    async def work(server: ControlServer, show: RunningShow) -> None:
        assert show.token
        assert len(show.token) == 64
        good = await Client.open()
        assert good.welcome["show"] == "test"
        wrong: list[Fields] = [
            {},
            {"token": ""},
            {"token": show.token[:-1]},
            {"token": show.token[::-1]},
            {"token": ["x"]},
            {"token": "ü"},
        ]
        for token in wrong:
            hello = {"id": 1, "do": "hello", "protocol": PROTOCOL, **token}
            stream = await raw(show, pack(hello), pack({"id": 2, "do": "echo"}))
            assert "the token is not this show's" in error(await stream.receive())
            with pytest.raises(PeerGone):
                await stream.receive()
            await stream.close()

        late = await raw(show)
        assert error(await late.receive()) == "no hello came within 0.2 s"
        with pytest.raises(PeerGone):
            await late.receive()
        await late.close()
        assert [client.number for client in server.clients] == [1]

        show.note.with_suffix(".token").write_text("0" * 64)
        with pytest.raises(RequestRefused, match="token"):
            await Client.over(show.dial(), show)
        await good.close()

    serve(work, tcp=True)


def test_no_more_clients_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MOST_CLIENTS", 3)

    async def work(server: ControlServer, show: RunningShow) -> None:
        clients = [await Client.open() for _ in range(3)]
        with pytest.raises(RequestRefused, match="3 clients are connected, and no more are let in"):
            await Client.open()
        await clients.pop().close()
        clients.append(await Client.open())
        for client in clients:
            await client.close()

    serve(work)


def test_those_who_connect_and_say_nothing_do_not_use_up_the_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "_MOST_STRANGERS", 5)
    monkeypatch.setattr(control, "MOST_CLIENTS", 5)
    monkeypatch.setattr(control, "_HELLO_WITHIN", 0.3)

    async def work(server: ControlServer, show: RunningShow) -> None:
        silent = [await raw(show) for _ in range(40)]
        async with asyncio.timeout(20):
            while len(asyncio.all_tasks()) != 11:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        client = await Client.open()
        await client.close()
        for stream in silent:
            await stream.close()

    serve(work)


FOREIGNER = """
import os, socket, sys
os.setuid(65534)
sock = socket.socket(socket.AF_UNIX)
try:
    sock.connect(sys.argv[1])
    sock.sendall(bytes.fromhex(sys.argv[2]))
    print(sock.recv(4096)[4:])
except PermissionError:
    print("not permitted")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="only root can become another user"
)
def test_another_user_is_kept_out_by_the_folder_and_by_who_he_is(folder: Path) -> None:
    async def knock(show: RunningShow) -> str:
        command = [sys.executable, "-c", FOREIGNER, show.address[5:], HELLO.hex()]
        return await asyncio.to_thread(subprocess.check_output, command, text=True)

    async def work(server: ControlServer, show: RunningShow) -> None:
        assert await knock(show) == "not permitted\n"
        os.chmod(show.address[5:], 0o666)
        assert await knock(show) == "not permitted\n"
        folder.chmod(0o755)
        assert "this show belongs to another user" in await knock(show)
        folder.chmod(0o700)
        assert server.clients == set()

    serve(work)


KILLED = """
import os, signal, sys
from nodegraph.remote.address import find_show
from nodegraph.remote.framing import pack
sock = find_show().dial()
sock.sendall(bytes.fromhex(sys.argv[1]) + pack({"id": 1, "do": "echo", "body": bytes(5000)})[:-9])
sock.recv(1)
os.kill(os.getpid(), 9)
"""


def test_a_client_killed_in_the_middle_of_a_message_leaves_nothing_behind() -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        other = await Client.open()
        command = [sys.executable, "-c", KILLED, HELLO.hex()]
        process = await asyncio.to_thread(subprocess.run, command)
        assert process.returncode == -signal.SIGKILL
        assert (await other.request("echo", n=1))["n"] == 1
        assert len(server.clients) == 1
        await other.close()

    serve(work)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
@pytest.mark.parametrize("tcp", [False, True])
def test_many_clients_come_and_go_and_nothing_is_left(tcp: bool) -> None:
    async def work(server: ControlServer, show: RunningShow) -> None:
        def held() -> tuple[int, int, int]:
            gc.collect()
            return (
                len(os.listdir("/proc/self/fd")),
                len(asyncio.all_tasks()),
                sum(isinstance(thing, Stream | Caller) for thing in gc.get_objects()),
            )

        async def visit(n: int) -> None:
            if n % 4 == 0:
                client = await Client.open()
                assert (await client.request("echo", n=n))["n"] == n
                await client.close()
            elif n % 4 == 1:
                show.dial().close()
            elif n % 4 == 2:
                with show.dial() as sock:
                    sock.sendall(HELLO[: chance.randrange(len(HELLO))])
            else:
                with show.dial() as sock:
                    sock.sendall(HELLO + pack({"id": 1, "do": "sleep"}))

        chance = random.Random(1)
        await visit(0)
        while server.clients:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        before = held()
        left.clear()
        for n in range(visits):
            await visit(n)
        async with asyncio.timeout(30):
            while any(now > then for now, then in zip(held(), before, strict=True)):
                await asyncio.sleep(0.05)
        assert server.clients == set()
        assert len(left) >= visits // 4

    visits = many(30, 2_000)
    left: list[int] = []
    serve(work, tcp=tcp, left=lambda client: left.append(client.number))
