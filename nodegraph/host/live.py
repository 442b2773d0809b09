"""A show: a patch run in real time, steering a Scope server, watched while it plays.

The engine has a thread of its own and is paced by the sound it reads: one block is due every
`block / rate` seconds. Everything else stays on the event loop that called `play`.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodegraph.compiler import compile_patch
from nodegraph.errors import PatchError, Problem
from nodegraph.graph import Patch
from nodegraph.host.offline import BLOCK, DEFAULT_RATE
from nodegraph.host.sources import Sound, Sources
from nodegraph.host.watch import Seen, Watch
from nodegraph.plugins import Catalogue
from nodegraph.runtime import Engine
from nodegraph.scope.link import LinkStats, ScopeLink
from nodegraph.values import Message

SCOPE = "scope"
"""The name of the sink whose messages go to the Scope server."""

SWITCH = 1e-4
"""Seconds after which Python lets another thread run. The usual 5 ms would hold the engine up for
half a tick whenever the event loop is busy decoding video."""

_LOST = 0.5
"""Seconds behind after which the time is given up instead of caught up with."""


@dataclass(frozen=True)
class Status(Seen):
    """How a show stands right now. `load` is the share of its time that the engine is busy."""

    seconds: float
    duration: float | None
    ticks: int
    overruns: int
    load: float
    sent: Mapping[str, object]
    messages: int
    link: LinkStats | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a show came to."""

    seconds: float
    ticks: int
    overruns: int
    worst_ms: float
    messages: int
    link: LinkStats | None
    problems: tuple[Problem, ...]


class Show:
    """A patch ready to be played. Its sources are open until `play` has returned.

    Raises `PatchError` if nothing of the patch can run, or, if strict, at its first problem;
    `AudioError` if there is nothing to hear, `FaultError` if strict and a constant fails.
    """

    def __init__(
        self,
        patch: Patch,
        catalogue: Catalogue,
        folder: Path,
        *,
        audio: Sound | None = None,
        rate: int = DEFAULT_RATE,
        seed: int = 0,
        strict: bool = False,
    ) -> None:
        plan = compile_patch(patch, catalogue.types)
        if plan.problems and (strict or not plan.all_steps):
            raise PatchError(plan.problems)
        self._engine = Engine(plan, rate=rate, block=BLOCK, seed=seed, strict=strict)
        self._seed = seed
        self._watch = Watch(plan)
        self._stopped = threading.Event()
        self._overruns = 0
        self._worst = self._busy = 0.0
        self._sent: dict[str, object] = {}
        self._messages = 0
        self._refused: dict[str, Problem] = {}
        self._sources = Sources(plan, catalogue, rate=rate, folder=folder, instead=audio)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong right now: with nodes, and with what they send."""
        return self._engine.problems + tuple(self._refused.values())

    def first_wishes(self) -> dict[str, object]:
        """What the patch would tell Scope in silence: a session that starts so paints no
        stranger's picture while it waits for the music."""
        silent = Engine(self._engine.plan, rate=self._engine.rate, block=BLOCK, seed=self._seed)
        wishes: dict[str, object] = {}
        for message in silent.tick({}):
            if message.sink == SCOPE:
                wishes |= message.body
        return wishes

    def stop(self) -> None:
        """End the show soon. Any thread and any signal handler may call this."""
        self._stopped.set()

    async def play(
        self,
        link: ScopeLink | None = None,
        *,
        duration: float | None = None,
        report: Callable[[Status], None] | None = None,
        every: float = 0.1,
    ) -> Summary:
        """Play until the sound ends, `duration` seconds have passed, or `stop` is called.

        What the patch sends goes to `link`, if there is one. `report` is called each `every`
        seconds. Raises `FaultError` if strict.
        """
        loop = asyncio.get_running_loop()

        def deliver(messages: tuple[Message, ...]) -> None:
            loop.call_soon_threadsafe(self._deliver, link, messages)

        with self._sources, _quick_switches():
            length = duration if duration is not None else self._sources.duration
            playing = asyncio.create_task(asyncio.to_thread(self._run, duration, deliver))
            try:
                while not playing.done():
                    await asyncio.wait([playing], timeout=every)
                    if report is not None:
                        report(self._status(link, length))
                await playing
            finally:
                self.stop()
                await asyncio.wait([playing])
        return Summary(
            self._engine.now,
            self._engine.ticks,
            self._overruns,
            self._worst * 1e3,
            self._messages,
            link.stats if link else None,
            self._told(link),
        )

    def _run(self, duration: float | None, deliver: Callable[[tuple[Message, ...]], None]) -> None:
        """The engine's thread: one tick per block, each at its time."""
        engine, dt = self._engine, self._engine.dt
        due = time.perf_counter()
        while not (self._stopped.is_set() or self._sources.ended):
            if duration is not None and engine.now >= duration:
                break
            due += dt
            wait = due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            elif wait < -_LOST:
                due -= wait
            started = time.perf_counter()
            brought = self._sources.read(BLOCK)
            messages = engine.tick(brought)
            self._watch.see(engine.values, brought)
            if messages:
                deliver(messages)
            done = time.perf_counter()
            self._busy += (done - started - self._busy) * 0.02
            self._worst = max(self._worst, done - started)
            self._overruns += done > due + dt

    def _deliver(self, link: ScopeLink | None, messages: tuple[Message, ...]) -> None:
        for message in messages:
            self._messages += 1
            if message.sink != SCOPE:
                text = f"there is no sink named {message.sink!r}; there is: {SCOPE}"
                self._refused[message.sink] = Problem(text)
                continue
            self._sent |= message.body
            if link is not None:
                refused = link.set(message.body)
                self._refused |= {problem.text: problem for problem in refused}

    def _told(self, link: ScopeLink | None) -> tuple[Problem, ...]:
        """What is wrong, and what is sent in vain to the server as it is loaded now."""
        return self.problems + (link.problems if link else ())

    def _status(self, link: ScopeLink | None, duration: float | None) -> Status:
        return Status(
            **vars(self._watch.look(self._engine.values)),
            seconds=self._engine.now,
            duration=duration,
            ticks=self._engine.ticks,
            overruns=self._overruns,
            load=self._busy / self._engine.dt,
            sent=dict(self._sent),
            messages=self._messages,
            link=link.stats if link else None,
            problems=self._told(link),
        )


@contextmanager
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
