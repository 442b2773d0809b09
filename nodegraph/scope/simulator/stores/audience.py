"""Those who listen to what others set: each has a queue, and what does not fit is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

_QUEUED = 100
_SILENCE = 30.0  # seconds


class Audience:
    """Clients of an event stream (Server-Sent Events)."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Mapping[str, Any]]] = set()

    def tell(self, event: Mapping[str, Any]) -> None:
        """Tell everybody who has room for it."""
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(event)

    async def listen(self) -> AsyncIterator[str]:
        """The events as lines, and a comment when there has been none for half a minute."""
        queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(_QUEUED)
        self._queues.add(queue)
        try:
            while True:
                try:
                    async with asyncio.timeout(_SILENCE):
                        event = await queue.get()
                except TimeoutError:
                    yield ": keepalive\n\n"
                else:
                    yield f"data: {json.dumps(event)}\n\n"
        finally:
            self._queues.discard(queue)
