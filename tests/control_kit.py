"""A host of little, to try the control socket on, and clients that speak in bytes."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from nodegraph.errors import EditError, PatchError, Problem
from nodegraph.host.control import Client as Caller
from nodegraph.host.control import ControlServer, Handle
from nodegraph.remote.address import PROTOCOL, Door, RunningShow
from nodegraph.remote.errors import Fields
from nodegraph.remote.framing import pack
from nodegraph.remote.stream import Stream

HELLO = pack({"id": 1, "do": "hello", "protocol": PROTOCOL, "name": "raw"})


async def handle(client: Caller, message: Fields) -> Mapping[str, object]:
    """A host that does a little of everything."""
    match message["do"]:
        case "echo":
            return {"n": message.get("n"), "body": message.get("body")}
        case "sleep":
            await asyncio.sleep(0.3)
            return {"n": message.get("n")}
        case "refuse":
            raise PatchError([Problem("no such node", node="ease", port="in", line=3)] * 2)
        case "edit":
            raise EditError("there is a wire already \udcff" + "!" * 1_000_000)
        case "break":
            raise RecursionError("deep " * 10_000)
        case "nonsense":
            return {"value": object()}
        case verb:
            raise EditError(f"the host knows no {verb!r}")


def serve(
    work: Callable[[ControlServer, RunningShow], Awaitable[None]],
    *,
    tcp: bool = False,
    handle: Handle = handle,
    left: Callable[[Caller], None] | None = None,
) -> None:
    """Run a server and something against it; what is left over afterwards is an error."""

    async def run() -> None:
        async with (
            ControlServer(handle, Door("test", tcp=tcp), left=left) as server,
            asyncio.timeout(60),
        ):
            await work(server, server.door.show)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


async def raw(show: RunningShow, *frames: bytes) -> Stream:
    stream = await Stream.over(show.dial())
    stream.send_frame(b"".join(frames))
    return stream


async def welcome(show: RunningShow, *frames: bytes) -> Stream:
    """A client of bytes that has said hello."""
    stream = await raw(show, HELLO, *frames)
    assert "ok" in await stream.receive()
    return stream


def error(answer: Fields) -> str:
    told = answer["error"]
    assert isinstance(told, dict)
    return str(told["text"])


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
