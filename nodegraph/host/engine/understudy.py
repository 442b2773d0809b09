"""The engine that stands by: it has imported everything, and plays when the one that plays dies."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from nodegraph.errors import Problem
from nodegraph.host.engine.starter import Starter
from nodegraph.host.engine.worker import Worker

_SETTLED = 0.25
"""Seconds of ticks before another is started to stand by: soon, for what ended one may end it."""


class Understudy:
    """One for each show. If it is not `wanted`, none stands by, and all else is the same."""

    def __init__(self, starter: Starter, wanted: bool) -> None:
        self._starter = starter
        self._wanted = wanted
        self._settling: asyncio.TimerHandle | None = None
        self._worker: asyncio.Future[Worker] | None = None

    @property
    def ready(self) -> Worker | None:
        """The one that stands by, if it has imported everything."""
        held = self._worker
        return held.result() if held and held.done() and _well(held) else None

    def soon(self) -> None:
        """The engine ticks: have another stand by, if none does."""
        if self._wanted and self._worker is None and self._settling is None:
            self._settling = asyncio.get_running_loop().call_later(_SETTLED, self._begin)

    def not_yet(self) -> None:
        """The engine has died: have no other started beside the one that is needed now."""
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    async def take(self) -> Worker:
        """The one that stands by, or a new one. Raises `OSError` or `NodegraphError`."""
        held, self._worker = self._worker, None
        return await (held if held is not None else self._starter.start())

    async def learn(self, places: Collection[str]) -> Sequence[Problem]:
        """Have another stand by, which imports the plugins at these places as they are now. If they
        are not sound, the one of before stands by still, with the code of before.

        Raises `OSError` or `NodegraphError` if no engine starts.
        """
        self._starter.forgive(places)
        worker = await self._starter.start()
        wrong = [problem for problem in worker.started.problems if problem.file in places]
        if wrong or not self._wanted:
            await worker.bury()
            return wrong
        self.not_yet()
        before, self._worker = self._worker, asyncio.get_running_loop().create_future()
        self._worker.set_result(worker)
        await _dismiss(before)
        return ()

    async def end(self) -> None:
        """Let it end."""
        self.not_yet()
        held, self._worker = self._worker, None
        await _dismiss(held)

    def _begin(self) -> None:
        self._settling = None
        self._worker = asyncio.create_task(self._starter.start())


async def _dismiss(held: asyncio.Future[Worker] | None) -> None:
    if held is None:
        return
    if not held.done():
        held.cancel()
        await asyncio.wait([held])
    if _well(held):
        await held.result().bury()


def _well(held: asyncio.Future[Worker]) -> bool:
    return not held.cancelled() and held.exception() is None
