"""Watches over one engine process until it ends, or has to be ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from nodegraph.host.engine.blame import BACKSTAGE
from nodegraph.host.engine.end import KILLED, End, of_code
from nodegraph.host.engine.machine import queued
from nodegraph.host.engine.protocol import DECKS
from nodegraph.host.engine.pulse import NOWHERE
from nodegraph.host.engine.worker import Worker

_LOOK = 0.1
"""Seconds between two looks. What counts is how often nothing has moved, not for how long: a host
that was busy itself has not looked."""

_TO_BEGIN = 10.0
"""Seconds in which the first tick must come: the sound is opened before."""

_STARVED = 0.8
"""Of the time between two looks. Who waits for a core so long cannot tick, and does not hang."""

_MOMENTS = 300
"""How often it is looked whether a node is called. Before the first accident none leaves a mark."""

_BACKSTAGE = 10.0
"""Seconds in which the second thread must come round: it opens devices and files, which may take a
while."""


async def watch(worker: Worker, reading: Awaitable[None], patience: float, memory: int) -> End:
    """Returns once the engine is dead; kills it where it hangs, or holds more than `memory`.

    `reading` ends when nothing more can be read from it. `patience` is how many seconds a tick may
    take.
    """
    gone = asyncio.ensure_future(worker.process.wait())
    silent = asyncio.ensure_future(reading)
    ticks = turns = held = 0
    still = quiet = 0
    queue = 0.0
    while not gone.done() and not silent.done():
        await asyncio.wait([gone, silent], timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
        before, queue = queue, queued(worker.process.pid)
        if worker.pulse.ticks != ticks:
            still = 0
        elif queue - before < _STARVED * _LOOK:
            still += 1
        quiet = quiet + 1 if worker.pulse.backstage == turns else 0
        ticks, turns, held = worker.pulse.ticks, worker.pulse.backstage, worker.memory or held
        if still * _LOOK >= (patience if ticks else _TO_BEGIN):
            return await _ended(worker, End("hung", True))
        if quiet * _LOOK >= _BACKSTAGE:
            return await _ended(worker, End("hung", True, BACKSTAGE))
        if held > memory:
            await _in_the_act(worker)
            return await _ended(
                worker, End(f"took more than {memory / 2**30:.1f} GB of memory", True)
            )
    async with asyncio.timeout(_TO_BEGIN):
        await asyncio.wait([gone], timeout=_LOOK * 3)
        code = await worker.kill()
    if code == -KILLED and worker.trace():  # the kernel ended what kept a core for itself
        return End("hung", True)
    return of_code(code, held > memory / 2)


async def _in_the_act(worker: Worker) -> None:
    """Wait for a moment in which a node is called: who takes memory is likely to be the one."""
    for _ in range(_MOMENTS):
        if any(worker.pulse.mark(deck) != NOWHERE for deck in DECKS):
            worker.stop_short()
            return
        await asyncio.sleep(0.001)


async def _ended(worker: Worker, end: End) -> End:
    await worker.ask_where()
    await worker.kill()
    return end
