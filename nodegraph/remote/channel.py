"""Messages over a socket without an event loop: for a thread that may wait, and one that must not.

The engine's tick thread calls `try_send`; another thread calls `receive` and may call `send`.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from nodegraph.remote.errors import Fields, PeerGone
from nodegraph.remote.framing import LIMIT, Unpacker, pack

_READ = 1 << 16

_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""`epoll` would sleep on when another thread closes the socket; `select` is for the first 1,024."""


class Channel:
    """Takes over a connected stream socket. One thread receives, any thread sends.

    All of it raises `PeerGone` once the other side is gone.
    """

    def __init__(self, sock: socket.socket, limit: int = LIMIT) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._limit = limit
        self._unpacker = Unpacker(limit)
        self._turn = threading.Lock()
        self._rest = memoryview(b"")

    def try_send(self, message: Mapping[str, object]) -> bool:
        """Send without ever waiting; False if there is no room, and nothing of it is kept.

        A message that fits in part counts as sent: its rest goes out first with the next call.
        """
        return self._offer(pack(message, self._limit), wait=False)

    def send(self, message: Mapping[str, object], timeout: float | None = None) -> None:
        """Send, and wait until all of it is on its way; `TimeoutError` after so many seconds."""
        deadline = _after(timeout)
        frame = pack(message, self._limit)
        while not self._offer(frame, wait=True):
            self._wait(selectors.EVENT_WRITE, deadline)
        while not self.flush():
            self._wait(selectors.EVENT_WRITE, deadline)

    def flush(self) -> bool:
        """Push on what was sent in part, without waiting; True when nothing is left."""
        with self._turn:
            return self._push()

    def receive(self, timeout: float | None = None) -> Fields | None:
        """The next message, or None if none comes within so many seconds (None: wait for ever).

        Raises `FramingError` for a message that is refused; the next call reads on.
        """
        deadline = _after(timeout)
        while True:
            for message in self._unpacker:
                return message
            try:
                data = self._sock.recv(_READ)
            except BlockingIOError:
                try:
                    self._wait(selectors.EVENT_READ, deadline)
                except TimeoutError:
                    return None
            except (OSError, ValueError) as error:
                raise PeerGone(f"the other process is gone: {error}") from error
            else:
                if not data:
                    raise PeerGone("the other process has closed the connection")
                self._unpacker.feed(data)

    def close(self) -> None:
        """Close the socket; a thread that waits in `receive` gets `PeerGone`."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _offer(self, frame: bytes, wait: bool) -> bool:
        """Send the frame if it can at least be begun. The lock is never held across a wait."""
        if not self._turn.acquire(blocking=wait):
            return False
        try:
            if not self._push():
                return False
            self._rest = memoryview(frame)
            self._push()
            if len(self._rest) == len(frame):
                self._rest = memoryview(b"")
                return False
            return True
        finally:
            self._turn.release()

    def _push(self) -> bool:
        try:
            while self._rest:
                self._rest = self._rest[self._sock.send(self._rest) :]
        except BlockingIOError:
            return False
        except OSError as error:
            raise PeerGone(f"the other process is gone: {error}") from error
        return True

    def _wait(self, events: int, deadline: float | None) -> None:
        """Until the socket can be read or written, or is closed."""
        rest = None if deadline is None else deadline - time.monotonic()
        if rest is not None and rest <= 0:
            raise TimeoutError("the other process does not read what it is sent")
        try:
            with _Selector() as selector:
                selector.register(self._sock, events)
                selector.select(rest)
        except (OSError, ValueError) as error:
            raise PeerGone("this side has closed the connection") from error


def _after(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout
