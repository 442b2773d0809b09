"""The editor's connection to its show: a thread of its own that asks, hears, and reconnects."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

from nodegraph.remote.address import RunningShow
from nodegraph.remote.client import Client
from nodegraph.remote.errors import Fields, FramingError, RemoteError, error_from_data

State: TypeAlias = Literal["connecting", "connected", "lost", "closed"]
Answered: TypeAlias = Callable[[Fields], None]
Failed: TypeAlias = Callable[[RemoteError], None]

QUIET = 3.0
"""Seconds without a word after which a show counts as lost; it tells how it stands 5 times each."""

AGAIN = 0.5
"""Seconds between two attempts to find the show."""

MOST_EVENTS = 20_000
"""Kept while nobody pumps (a minimised window); of more, all are dropped and one looks anew."""

log = logging.getLogger(__name__)


class _Asked(NamedTuple):
    verb: str
    then: Answered | None
    failed: Failed | None


class Link:
    """Speaks with the show that `find` finds, and with the next one when that has ended.

    All methods belong to one thread, that of the window, and none of them waits for the show.
    `state` and `reason`, a sentence for the user, may be read at any time.
    """

    def __init__(self, find: Callable[[], RunningShow]) -> None:
        self.state: State = "connecting"
        self.reason = "looking for a show"
        self._find = find
        self._inbox: deque[Fields | Callable[[], None]] = deque()
        self._client: Client | None = None
        self._asked: dict[int, _Asked] = {}
        self._loop = asyncio.new_event_loop()
        self._staying = self._loop.create_task(self._stay())
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def ask(
        self,
        verb: str,
        then: Answered | None = None,
        failed: Failed | None = None,
        /,
        **fields: object,
    ) -> None:
        """Ask the show for something; `pump` calls `then` with the answer, or `failed` with why.

        A refusal for which there is no `failed` becomes the event {"event": "refused", "text": …}.
        """
        asked = _Asked(verb, then, failed)
        try:
            self._loop.call_soon_threadsafe(self._send, asked, fields)
        except RuntimeError:  # the loop is closed
            self._fail(asked, RemoteError(f"{verb}: the connection is closed"))

    def look(self) -> None:
        """Have the show described anew: another event "attached" will come."""
        self.ask("look", lambda look: None)

    def pump(self, hear: Callable[[Fields], None] | None = None) -> list[Fields]:
        """Call what waits for answers and give the events that came, each once.

        With `hear`, events go there, and answers and events keep the order in which they came.
        """
        events: list[Fields] = []
        for _ in range(len(self._inbox)):
            item = self._inbox.popleft()
            try:
                if callable(item):
                    item()
                elif hear is not None:
                    hear(item)
            except Exception:
                log.exception("what the show said could not be made use of: %.500r", item)
            if not callable(item):
                events.append(item)
        return events

    def close(self) -> None:
        """Leave the show."""
        self.state, self.reason = "closed", "the connection is closed"
        with suppress(RuntimeError):  # it is closed already
            self._loop.call_soon_threadsafe(self._staying.cancel)
        self._thread.join(2.0)

    # What follows runs in the thread of the connection.

    def _run(self) -> None:
        runner = asyncio.Runner(loop_factory=lambda: self._loop)
        with runner, suppress(asyncio.CancelledError):
            runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        await self._staying

    async def _stay(self) -> None:
        while True:
            try:
                show = await asyncio.to_thread(self._find)
                client = await Client.open(show, "editor")
            except Exception as error:  # how to find a show is up to somebody else
                if not isinstance(error, RemoteError | OSError):
                    log.exception("no show can be looked for")
                self._tell(self.state, str(error))
                await asyncio.sleep(AGAIN)
                continue
            try:
                await self._follow(client, show.name)
            finally:
                self._client = None
                await client.close()
                asked, self._asked = self._asked, {}
                for each in asked.values():
                    self._fail(each, RemoteError(f"{each.verb}: the show has not answered"))
            self._tell("lost", f"the show {show.name!r} has ended, or does not let us in any more")
            await asyncio.sleep(AGAIN)

    async def _follow(self, client: Client, name: str) -> None:
        self._client = client
        self._send(_Asked("look", None, None), {})
        while True:
            event = await client.next_event(QUIET)
            if event is not None:
                self._tell("connected", f"connected to {name!r}")
                self._take(event)
            elif client.gone:
                return
            else:
                self._tell("lost", f"the show {name!r} has not said a word for some seconds")

    def _tell(self, state: State, reason: str) -> None:
        if self.state != "closed":
            self.state, self.reason = state, reason

    def _send(self, asked: _Asked, fields: Fields) -> None:
        if self._client is None:
            self._fail(asked, RemoteError(f"{asked.verb}: there is no show yet: {self.reason}"))
            return
        try:
            self._asked[self._client.ask(asked.verb, **fields)] = asked
        except FramingError as error:
            self._fail(asked, RemoteError(f"{asked.verb} cannot be sent: {error}"))
        except RemoteError as error:
            self._fail(asked, error)

    def _take(self, event: Fields) -> None:
        if event["event"] != "answer":
            self._put(event)
            return
        id = event.get("id")
        asked = self._asked.pop(id, None) if isinstance(id, int) else None
        if asked is None:
            return
        if not isinstance(ok := event.get("ok"), dict):
            self._fail(asked, error_from_data(event.get("error")))
            return
        if asked.verb == "look":
            self._put({"event": "attached", "look": ok})
        if asked.then is not None:
            self._inbox.append(partial(asked.then, ok))

    def _put(self, event: Fields) -> None:
        if len(self._inbox) > MOST_EVENTS:
            kept = [item for item in list(self._inbox) if callable(item)]
            self._inbox.clear()
            self._inbox.extend(kept)
            self._send(_Asked("look", None, None), {})
        self._inbox.append(event)

    def _fail(self, asked: _Asked, error: RemoteError) -> None:
        if asked.failed is not None:
            self._inbox.append(partial(asked.failed, error))
        else:
            self._inbox.append({"event": "refused", "verb": asked.verb, "text": str(error)})
