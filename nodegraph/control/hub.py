"""One opened input for all nodes that listen to it, each with an inbox of its own.

An input can often be opened only once, and several nodes want it. It is opened for the first of
them, by a thread that belongs to it, and closed after the last.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from time import perf_counter
from typing import Generic, TypeVar

from nodegraph.errors import ControlError
from nodegraph.events import Event

MOST = 1024
"""Events that wait for a tick at most. Beyond it the oldest are dropped."""

AGAIN = 1.0
"""Seconds between two attempts to open what could not be opened."""

K = TypeVar("K", bound=Hashable)


class Inbox:
    """Events between the thread that hears and the one that ticks; neither waits for the other."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Event]] = deque(maxlen=MOST)

    def put(self, moment: float, event: Event) -> None:
        """An event of this moment of `perf_counter`."""
        self._waiting.append((moment, event))

    def take(self, now: float) -> tuple[Event, ...]:
        """Everything that waits, oldest first, told how long before `now` it was."""
        events = []
        for _ in range(len(self._waiting)):  # what comes meanwhile is for the next tick
            moment, event = self._waiting.popleft()
            events.append(event._replace(ago=max(0.0, now - moment)))
        return tuple(events)


class Hub:
    """An input, and the inboxes of those who listen. `complaint` is what is wrong with it now."""

    complaint = ""

    def __init__(self) -> None:
        self.inboxes: tuple[Inbox, ...] = ()

    def tell(self, event: Event) -> None:
        """Something happened just now. Any thread."""
        moment = perf_counter()
        for inbox in self.inboxes:
            inbox.put(moment, event)

    def begin(self) -> None:
        """Somebody listens."""

    def end(self) -> None:
        """Nobody listens any more."""


class ThreadedHub(Hub, ABC):
    """An input that is heard by a thread, which begins anew whenever it fails."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=str(self), daemon=True)

    @abstractmethod
    def listen(self) -> None:
        """Open the input and tell what happens there until `closing`. Raises `ControlError`."""

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Waits for the thread to let go, but not for ever."""
        self.closing.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not self.closing.is_set():
            try:
                self.listen()
            except ControlError as error:
                self.complaint = str(error)
            except Exception as error:  # of a library, or of a driver under it
                self.complaint = f"{self} failed: {type(error).__name__}: {error}"
            self.closing.wait(AGAIN)


class Hubs(Generic[K]):
    """The hubs of one kind that are open in this process, by what they are asked for."""

    def __init__(self, make: Callable[[K], Hub]) -> None:
        self._make = make
        self._open: dict[K, Hub] = {}
        self._lock = threading.Lock()

    def join(self, key: K, inbox: Inbox) -> Hub:
        """Fill an inbox from now on; opens what nobody else has opened."""
        with self._lock:
            hub = self._open.get(key)
            if hub is None:
                hub = self._open[key] = self._make(key)
                hub.begin()
            hub.inboxes = (*hub.inboxes, inbox)
            return hub

    def leave(self, key: K, inbox: Inbox) -> None:
        """Fill it no more. The last one to leave closes it, beside whatever else happens."""
        with self._lock:
            hub = self._open[key]
            hub.inboxes = tuple(other for other in hub.inboxes if other is not inbox)
            if not hub.inboxes:
                del self._open[key]
                threading.Thread(target=hub.end, name=f"close {hub}", daemon=True).start()


class Listener(Generic[K]):
    """An `EventSource` (see `nodegraph.hookspecs`) at the hub that a node's params ask for."""

    def __init__(
        self, hubs: Hubs[K], key: Callable[[Mapping[str, object]], K], params: Mapping[str, object]
    ) -> None:
        self._hubs, self._key_of = hubs, key
        self._inbox = Inbox()
        self._key = key(params)
        self._hub = hubs.join(self._key, self._inbox)
        self._closed = False

    @property
    def complaint(self) -> str:
        return self._hub.complaint

    def read(self, now: float) -> tuple[Event, ...]:
        return self._inbox.take(now)

    def update(self, params: Mapping[str, object]) -> None:
        key = self._key_of(params)
        if key != self._key:
            self._hubs.leave(self._key, self._inbox)
            self._key, self._hub = key, self._hubs.join(key, self._inbox)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._hubs.leave(self._key, self._inbox)
