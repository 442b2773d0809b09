"""How tasks are waited for and ended, so that no cancellation is lost and no task left over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import NoReturn

END_WITHIN = 3.0
"""Seconds that a cancelled task has to end in; a library may swallow its cancellation."""


async def within(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but no longer than that."""
    # Not `wait_for`, which may lose a cancellation that comes with the event (before Python 3.12).
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def finish(task: asyncio.Task[None], seconds: float) -> None:
    """Give a task so long to end, then cancel it. What it raised has been dealt with elsewhere."""
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
    await asyncio.wait([task], timeout=END_WITHIN)
    if task.done() and not task.cancelled():
        task.exception()


async def either(*works: Coroutine[None, None, NoReturn]) -> NoReturn:
    """Do all of this until one of it raises, which is raised here; nothing of it is left over."""
    tasks = [asyncio.create_task(work, name="scope session") for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        raise AssertionError("what runs for ever has ended")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
