"""The control socket of a show: many clients, each heard in order, none of them waited for."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import TracebackType
from typing import Self

from nodegraph.errors import NodegraphError
from nodegraph.remote.address import PROTOCOL, Door
from nodegraph.remote.errors import (
    Fields,
    FramingError,
    PeerGone,
    RemoteError,
    StreamLost,
    error_to_data,
)
from nodegraph.remote.folder import foreign
from nodegraph.remote.framing import LIMIT, pack
from nodegraph.remote.stream import MOST_WAITING, Stream

log = logging.getLogger(__name__)

MOST_CLIENTS = 64
_MOST_STRANGERS = 64
_HELLO_WITHIN = 2.0
_HELLO_LIMIT = 4096
_IN_A_ROW = 16
"""Messages of one client after which all others have their turn."""

MOST_SLOW = 8
"""Slow requests of one client that are under way at once; one more holds up those after it."""


class Client:
    """One that said hello. Sending to it never waits: if it does not read, it is dropped."""

    def __init__(self, stream: Stream, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self._stream = stream

    def __str__(self) -> str:
        return f"client {self.number} ({self.name})"

    def send(self, event: Mapping[str, object]) -> None:
        """Send an event; nothing happens if the client is gone."""
        self._stream.send(event)

    def send_frame(self, frame: bytes) -> None:
        """Send an event that is packed already."""
        self._stream.send_frame(frame)

    def drop(self) -> None:
        """Close its connection at once."""
        self._stream.abort()


Handle = Callable[[Client, Fields], Awaitable[Mapping[str, object]]]
"""Does what a request asks for and returns the answer's fields.

A `NodegraphError` becomes a refusal with its text and problems. Any other exception is logged and
becomes a sentence."""


class ControlServer:
    """Lets clients in through a door and has their requests handled.

    The next request of a client is taken up when the one before it is answered; a handler that
    takes its time holds up its own client only, and not even that if its verb is one of the `slow`
    ones, which are answered when they can be. `left` is called when a client is gone.
    """

    def __init__(
        self,
        handle: Handle,
        door: Door,
        *,
        slow: Collection[str] = (),
        left: Callable[[Client], None] | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.door = door
        self.clients: set[Client] = set()
        self._handle = handle
        self._left = left
        self._slow = frozenset(slow)
        self._most_waiting = most_waiting
        self._numbers = itertools.count(1)
        self._streams: dict[asyncio.Task[None], Stream] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Let clients in from now on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Stream(self._arrived, _HELLO_LIMIT, self._most_waiting), sock=self.door.sock
        )

    async def stop(self) -> None:
        """Close the door and every connection, once all that waits is sent or a second is over.

        Requests that are being handled are given up.
        """
        if self._server:
            self._server.close()
        self.door.close()
        streams = dict(self._streams)
        for task in streams:
            task.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        await asyncio.gather(*(stream.close() for stream in streams.values()))
        if self._server:
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def broadcast(self, event: Mapping[str, object]) -> None:
        """Send an event to every client; it is packed once."""
        if self.clients:
            frame = pack(event, odd="replace")
            for client in self.clients:
                client.send_frame(frame)

    def _arrived(self, stream: Stream) -> None:
        if len(self._streams) >= MOST_CLIENTS + _MOST_STRANGERS:
            stream.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(stream))
        self._streams[task] = stream
        task.add_done_callback(self._streams.pop)

    async def _serve(self, stream: Stream) -> None:
        """One connection from its first byte to its last."""
        client = None
        try:
            if client := await self._admit(stream):
                self.clients.add(client)
                await self._converse(client, stream)
        except PeerGone:
            if stream.dropped:
                log.warning("%s was dropped: it does not read what it is sent", client)
        finally:
            if client:
                self.clients.discard(client)
                if self._left:
                    self._left(client)
            await stream.close()

    async def _admit(self, stream: Stream) -> Client | None:
        """Hear the first message, whoever sends it, and answer whether he may come in."""
        hello: Fields = {}
        try:
            async with asyncio.timeout(_HELLO_WITHIN):
                hello = await stream.receive()
            self._check(hello, foreign(stream.sock))
        except PeerGone:
            raise
        except TimeoutError:
            stream.send(_refusal(None, f"no hello came within {_HELLO_WITHIN:g} s"))
        except (RemoteError, OSError) as error:
            stream.send(_refusal(_id(hello), error))
        else:
            stream.unpacker.limit = LIMIT
            client = Client(stream, str(hello.get("name", ""))[:64], next(self._numbers))
            ok = {"protocol": PROTOCOL, "client": client.number, "show": self.door.show.name}
            stream.send({"id": _id(hello), "ok": ok})
            return client
        return None

    def _check(self, hello: Fields, stranger: str | None) -> None:
        """Raise `RemoteError` unless this is a hello from one who may come in."""
        if stranger:
            log.warning("a client of another user (%s) was turned away", stranger)
            raise RemoteError("this show belongs to another user")
        if hello.get("do") != "hello" or _id(hello) is None:
            raise RemoteError("the first request must be a hello, with an id")
        given, token = str(hello.get("token", "")), self.door.token
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise RemoteError("the token is not this show's; it lies in a file beside its note")
        if hello.get("protocol") != PROTOCOL:
            raise RemoteError(
                f"this show speaks protocol {PROTOCOL}, the client {hello.get('protocol')!r}; "
                "use the same version of nodegraph for both"
            )
        if len(self.clients) >= MOST_CLIENTS:
            raise RemoteError(f"{MOST_CLIENTS} clients are connected, and no more are let in")

    async def _converse(self, client: Client, stream: Stream) -> None:
        slow: set[asyncio.Task[None]] = set()
        try:
            for count in itertools.count(1):
                await self._take_up(client, stream, slow)
                await stream.drain()
                if count % _IN_A_ROW == 0:
                    await asyncio.sleep(0)
        except StreamLost as error:
            stream.send(_refusal(None, error))
        finally:
            for task in slow:
                task.cancel()
            if slow:
                await asyncio.wait(slow)

    async def _take_up(self, client: Client, stream: Stream, slow: set[asyncio.Task[None]]) -> None:
        """The next request; `slow` are those that it need not wait for."""
        try:
            request = await stream.receive()
        except StreamLost:
            raise
        except FramingError as error:
            stream.send(_refusal(None, error))
            return
        if str(request.get("do")) in self._slow and len(slow) < MOST_SLOW:
            task = asyncio.create_task(self._respond(client, stream, request))
            slow.add(task)
            task.add_done_callback(slow.discard)
        else:
            await self._respond(client, stream, request)

    async def _respond(self, client: Client, stream: Stream, request: Fields) -> None:
        stream.send_frame(await self._answer(client, request))

    async def _answer(self, client: Client, request: Fields) -> bytes:
        id, verb = _id(request), request.get("do")
        if id is None or not isinstance(verb, str):
            told = 'a request is a map with "id", a whole number, and "do", a text'
            return pack(_refusal(id, told))
        try:
            done = await self._handle(client, request)
            return pack({"id": id, "ok": dict(done)}, odd="replace")
        except NodegraphError as error:
            return pack(_refusal(id, error))
        except Exception as error:  # whatever a request brings about, the show goes on
            log.exception("%s asked for %.80r, which failed", client, verb)
            told = f"{verb:.80}: this failed in the host ({type(error).__name__}: {error})"
            return pack(_refusal(id, f"{told}; it is in the log, and the show goes on"))


def _id(message: Fields) -> int | None:
    id = message.get("id")
    return id if isinstance(id, int) and not isinstance(id, bool) else None


def _refusal(id: int | None, error: Exception | str) -> Fields:
    return {"id": id, "error": error_to_data(error)}
