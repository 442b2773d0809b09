"""What nodes have for the world outside, on its way to a sink or the host, without ever waiting."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from nodegraph.errors import Problem
from nodegraph.host.engine.protocol import Sent
from nodegraph.host.engine.wire import to_data
from nodegraph.host.sinks import Sinks
from nodegraph.remote.errors import FramingError

log = logging.getLogger(__name__)

SCOPE = "scope"
"""The sink whose messages are merged: only the newest value of each parameter counts."""

_MOST = 1000
"""Messages of one other sink that wait at most; then the oldest are dropped, and counted."""

Body = Mapping[str, object]
NOBODY: Mapping[str, tuple[str, str]] = {}


class Outbox:
    """Keeps what the socket does not take yet. It belongs to the tick thread.

    `send` says False where it would have to wait, and raises `FramingError` for what cannot travel.
    What one of the `sinks` of this process takes does not get there.
    """

    def __init__(
        self, send: Callable[[Mapping[str, object]], bool], sinks: Sinks | None = None
    ) -> None:
        self._send = send
        self._sinks = sinks or Sinks({})
        self._merged: dict[str, object] = {}
        self._by: dict[str, tuple[str, str]] = {}
        self._named: dict[str, tuple[str, str]] = {}
        self._queues: dict[str, deque[Body]] = {}
        self._complained: set[str] = set()
        self.dropped = 0

    def put(self, sink: str, body: Body) -> None:
        """Take a message for a sink."""
        if sink == SCOPE:
            self._merged.update(body)
            return
        if self._sinks.put(sink, body):
            return
        queue = self._queues.setdefault(sink, deque(maxlen=_MOST))
        self.dropped += len(queue) == _MOST
        queue.append(body)

    def name(self, parameters: Iterable[str], deck: str, node: str) -> None:
        """Have the host know which node sends these parameters to Scope."""
        sender = deck, node
        for parameter in parameters:
            if self._named.get(parameter) != sender:
                self._named[parameter] = self._by[parameter] = sender

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What sinks of this process could not deliver."""
        return self._sinks.problems

    def close(self) -> None:
        """Let go of the sinks of this process. Any thread; waits, but not for ever."""
        self._sinks.close()

    def flush(self) -> None:
        """Send what the socket takes now."""
        if self._merged and self._sent(SCOPE, [self._merged], self._by):
            self._merged, self._by = {}, {}
        for sink in [*self._queues]:
            if self._sent(sink, [*self._queues[sink]]):
                del self._queues[sink]

    def _sent(
        self, sink: str, bodies: Sequence[Body], by: Mapping[str, tuple[str, str]] = NOBODY
    ) -> bool:
        """Whether nothing of it has to be kept."""
        try:
            return self._send(to_data(Sent(sink, bodies, by)))
        except FramingError as error:
            self.dropped += len(bodies)
            if sink not in self._complained:
                self._complained.add(sink)
                log.warning("messages for %s are dropped: %s", sink, error)
            return True
