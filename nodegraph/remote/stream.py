"""Messages over a socket on an event loop: for the host, its clients, and its side of the engine.

Sending never waits. What the other side does not take is kept up to a limit; then the connection
is dropped, at once and for good.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping

from nodegraph.remote.errors import Fields, PeerGone
from nodegraph.remote.framing import LIMIT, Unpacker, pack

MOST_WAITING = 8 * 2**20
"""Bytes kept for a peer that does not read; one message more, and it is dropped."""

_MOST_UNREAD = 1 << 16


class Stream(asyncio.Protocol):
    """One connection, to be made by `loop.create_server` or by `Stream.over`."""

    def __init__(
        self,
        arrived: Callable[[Stream], None] | None = None,
        limit: int = LIMIT,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.dropped = False
        self.unpacker = Unpacker(limit)
        self._arrived = arrived
        self._most_waiting = most_waiting
        self._transport: asyncio.Transport
        self._waiting = bytearray()  # beside the transport's own buffer, which is slow when full
        self._ended = False
        self._news = asyncio.Event()
        self._free = asyncio.Event()
        self._lost = asyncio.Event()
        self._free.set()

    @classmethod
    async def over(cls, sock: socket.socket, limit: int = LIMIT) -> Stream:
        """Take over a connected stream socket."""
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(lambda: cls(limit=limit), sock=sock)
        return stream

    @property
    def sock(self) -> socket.socket:
        """The socket, to ask it who is at the other end; not to be read or written."""
        sock: socket.socket = self._transport.get_extra_info("socket")
        return sock

    async def receive(self) -> Fields:
        """The next message.

        Raises `FramingError` for one that is refused, then reads on; `PeerGone` at the end.
        """
        while True:
            for message in self.unpacker:
                return message
            if self._ended:
                raise PeerGone("the connection is closed")
            self._transport.resume_reading()
            self._news.clear()
            await self._news.wait()

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message; raises `FramingError` if it cannot be one."""
        self.send_frame(pack(message))

    def send_frame(self, frame: bytes) -> None:
        """Send what `pack` gave, so that one packing serves many streams."""
        if self._transport.is_closing():
            return
        if self._free.is_set():
            self._transport.write(frame)
        elif len(self._waiting) <= self._most_waiting:
            self._waiting += frame
        else:
            self.dropped = True
            self.abort()

    async def drain(self) -> None:
        """Wait until the other side has taken nearly all; raises `PeerGone` if it never will."""
        await self._free.wait()
        if self._lost.is_set():
            raise PeerGone("the connection is closed")

    def abort(self) -> None:
        """Close at once; what was not sent is lost."""
        self._waiting.clear()
        self._transport.abort()

    async def close(self, patience: float = 1.0) -> None:
        """Close when all is sent, or after so many seconds; returns when the socket is closed."""
        try:
            async with asyncio.timeout(patience):
                await self._free.wait()
                self._transport.close()
                await self._lost.wait()
        except TimeoutError:
            self.abort()
            await self._lost.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._arrived:
            self._arrived(self)

    def data_received(self, data: bytes) -> None:
        self.unpacker.feed(data)
        if len(self.unpacker) > _MOST_UNREAD:
            self._transport.pause_reading()  # until `receive` finds no whole message any more
        self._news.set()

    def eof_received(self) -> bool:
        """What came before the end can still be answered."""
        self._ended = True
        self._news.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._waiting.clear()
        for event in (self._lost, self._news, self._free):
            event.set()

    def pause_writing(self) -> None:
        self._free.clear()

    def resume_writing(self) -> None:
        self._free.set()
        waiting, self._waiting = self._waiting, bytearray()
        if waiting:
            self._transport.write(bytes(waiting))
