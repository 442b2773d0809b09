"""Questions that the engine answers once, each by its number."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from nodegraph.host.engine.inquiry import Answer, Question

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that the engine has for an answer."""


class Questions:
    """Keeps who waits for which answer."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    async def ask(
        self, make: Callable[[int], Question], send: Callable[[Question], None]
    ) -> Answer | None:
        """Send the question that `make` makes of a number; None if no answer comes."""
        self._number += 1
        number = self._number
        self._waiting[number] = asyncio.get_running_loop().create_future()
        question = make(number)
        send(question)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._waiting[number]
        except TimeoutError:
            log.warning("the engine did not answer: %s", type(question).__name__)
            return None
        finally:
            del self._waiting[number]

    def answered(self, word: Answer) -> None:
        """Give an answer to who waits for it."""
        future = self._waiting.get(word.number)
        if future is not None and not future.done():
            future.set_result(word)
