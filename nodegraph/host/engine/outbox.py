"""What nodes have for the world outside, on its way to the host, without ever waiting."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from nodegraph.host.engine.protocol import Sent
from nodegraph.host.engine.wire import to_data
from nodegraph.remote.errors import FramingError

log = logging.getLogger(__name__)

SCOPE = "scope"
"""The sink whose messages are merged: only the newest value of each parameter counts."""

_MOST = 1000
"""Messages of one other sink that wait at most; then the oldest are dropped, and counted."""

Body = Mapping[str, object]


class Outbox:
    """Keeps what the socket does not take yet. It belongs to the tick thread.

    `send` says False where it would have to wait, and raises `FramingError` for what cannot travel.
    """

    def __init__(self, send: Callable[[Mapping[str, object]], bool]) -> None:
        self._send = send
        self._merged: dict[str, object] = {}
        self._queues: dict[str, deque[Body]] = {}
        self._complained: set[str] = set()
        self.dropped = 0

    def put(self, sink: str, body: Body) -> None:
        """Take a message for a sink."""
        if sink == SCOPE:
            self._merged.update(body)
            return
        queue = self._queues.setdefault(sink, deque(maxlen=_MOST))
        self.dropped += len(queue) == _MOST
        queue.append(body)

    def flush(self) -> None:
        """Send what the socket takes now."""
        if self._merged and self._sent(SCOPE, [self._merged]):
            self._merged = {}
        for sink in [*self._queues]:
            if self._sent(sink, [*self._queues[sink]]):
                del self._queues[sink]

    def _sent(self, sink: str, bodies: Sequence[Body]) -> bool:
        """Whether nothing of it has to be kept."""
        try:
            return self._send(to_data(Sent(sink, bodies)))
        except FramingError as error:
            self.dropped += len(bodies)
            if sink not in self._complained:
                self._complained.add(sink)
                log.warning("messages for %s are dropped: %s", sink, error)
            return True
