"""A client of a running show: for programs on an event loop, and for scripts that wait."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from nodegraph.remote.address import PROTOCOL, RunningShow, find_show
from nodegraph.remote.errors import (
    Fields,
    FramingError,
    NoShow,
    PeerGone,
    RemoteError,
    error_from_data,
)
from nodegraph.remote.stream import Stream

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST_EVENTS = 10_000
"""Events kept for a client that does not look at them; then the oldest are forgotten."""


_HELLO_WITHIN = 5.0
_GONE = "the show has ended, or has dropped this client"


class Client:
    """A connection that the host has let in. Made by `Client.open`, or `over` a dialled socket.

    `welcome` is what the host answered to `hello`. Many requests may be under way at once; the
    host takes them up in order. `forgotten` counts events that nobody has fetched in time, `gone`
    says whether the connection has ended.
    """

    def __init__(self, stream: Stream) -> None:
        self.welcome: Fields = {}
        self.forgotten = 0
        self.gone = False
        self._stream = stream
        self._ids = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Fields]] = {}
        self._events: deque[Fields] = deque()
        self._news = asyncio.Event()
        self._in_row: set[int] = set()
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, show: RunningShow | str | None = None, name: str = "client") -> Client:
        """Attach to a show, by default the only one that runs; raises `NoShow`."""
        found = show
        if not isinstance(found, RunningShow):
            found = await asyncio.to_thread(find_show, found)
        return await cls.over(await asyncio.to_thread(found.dial), found, name)

    @classmethod
    async def over(cls, sock: socket.socket, show: RunningShow, name: str = "client") -> Client:
        """Say hello over a connected socket, which is closed if the host does not let us in."""
        client = cls(await Stream.over(sock))
        hello = {"protocol": PROTOCOL, "name": name}
        if show.address.startswith("tcp:"):
            hello["token"] = show.token or ""
        try:
            async with asyncio.timeout(_HELLO_WITHIN):
                client.welcome = await client.request("hello", **hello)
        except (PeerGone, TimeoutError) as error:
            raise NoShow(f"the show {show.name!r} does not answer") from error
        finally:
            if not client.welcome:
                await client.close()
        return client

    async def request(self, verb: str, /, **fields: object) -> Fields:
        """What the host answers; raises `RequestRefused` with its reason, or `PeerGone`."""
        id = self._send(verb, fields)
        self._asked[id] = asyncio.get_running_loop().create_future()
        try:
            return await self._asked[id]
        finally:
            del self._asked[id]

    def ask(self, verb: str, /, **fields: object) -> int:
        """Send a request whose answer comes in the row of events, after all that came before it.

        It is {"event": "answer", "id": what this gives, "ok": fields} or has "error" instead of
        "ok" (see `error_from_data`). Raises `PeerGone`, or `FramingError` for what cannot travel.
        """
        id = self._send(verb, fields)
        self._in_row.add(id)
        return id

    def _send(self, verb: str, fields: Fields) -> int:
        if self.gone:
            raise PeerGone(_GONE)
        id = next(self._ids)
        self._stream.send({**fields, "id": id, "do": verb})
        return id

    async def next_event(self, timeout: float | None = None) -> Fields | None:
        """The oldest event not yet fetched; None if none comes in time, or the show has ended."""
        try:
            async with asyncio.timeout(timeout):
                while not (self._events or self.gone):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return None
        return self._events.popleft() if self._events else None

    async def events(self) -> AsyncIterator[Fields]:
        """Every event, until the show ends."""
        while (event := await self.next_event()) is not None:
            yield event

    async def close(self) -> None:
        """Leave the show."""
        await self._stream.close()
        await self._reading

    async def _read(self) -> None:
        try:
            while True:
                try:
                    self._take(await self._stream.receive())
                except FramingError as error:
                    log.warning("the host sent what cannot be read: %s", error)
        except PeerGone:
            self.gone = True
            self._news.set()
            for waiting in self._asked.values():
                if not waiting.done():
                    waiting.set_exception(PeerGone(_GONE))

    def _take(self, message: Fields) -> None:
        id = message.get("id")
        if isinstance(id, int) and id in self._in_row:
            self._in_row.discard(id)
            message = {**message, "event": "answer"}
        if "event" in message:
            if len(self._events) == MOST_EVENTS:
                self._events.popleft()
                self.forgotten += 1
            self._events.append(message)
            self._news.set()
            return
        waiting = self._asked.get(id) if isinstance(id, int) else None
        if waiting is None or waiting.done():
            return  # nobody waits for it any more
        if isinstance(ok := message.get("ok"), dict):
            waiting.set_result(ok)
        else:
            waiting.set_exception(error_from_data(message.get("error")))


class Remote:
    """The same for scripts that wait: a client with an event loop in a thread of its own.

        with connect() as show:
            show.request("undo")

    Safe to use from several threads.
    """

    def __init__(self, show: RunningShow, name: str = "script", timeout: float = 10.0) -> None:
        """Attach; raises `NoShow`. An answer is waited for `timeout` seconds."""
        self.show = show
        self._timeout = timeout
        sock = show.dial()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"remote {show.name}", daemon=True
        )
        self._thread.start()
        try:
            self._client = self._run(Client.over(sock, show, name), None)
        except BaseException:
            self._stop()
            raise

    @property
    def welcome(self) -> Fields:
        """What the host answered to `hello`."""
        return self._client.welcome

    def request(self, verb: str, /, **fields: object) -> Fields:
        """What the host answers; raises `RequestRefused`, or `RemoteError` if it does not."""
        try:
            return self._run(self._client.request(verb, **fields), self._timeout)
        except TimeoutError as error:
            told = f"{verb}: the host has not answered within {self._timeout:g} s"
            raise RemoteError(told) from error

    def events(self, timeout: float | None = None) -> Iterator[Fields]:
        """Events, until none has come for so many seconds, or the show has ended."""
        while (event := self._run(self._client.next_event(timeout), None)) is not None:
            yield event

    def close(self) -> None:
        """Leave the show."""
        self._run(self._client.close(), None)
        self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, work: Coroutine[Any, Any, T], timeout: float | None) -> T:
        """Have the loop do it; what takes too long, or is interrupted, is given up there too."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        self._run(_give_up_the_rest(), None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _give_up_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def connect(name: str | None = None, *, timeout: float = 10.0) -> Remote:
    """Attach to the running show of this name or process, by default the only one."""
    return Remote(find_show(name), timeout=timeout)
