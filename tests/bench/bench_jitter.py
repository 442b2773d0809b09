"""How many ticks begin more than 2 ms late, while the rest of the machine is busy.

Three sides by turns: the engine process with nothing else going on (the floor), the engine process
beside an editor at 60 frames a second, a WebRTC session that decodes video, four edits a second and
much garbage in other processes; and the same runtime as a thread of one process with all of that.
All three ask for real-time priority, and get it or not.

Late ticks come in bursts, many of them from whoever else is on the machine. So the turns of the
first two are short and many, and how much they differ among themselves is told with what they give.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import scalars
from bench_edit import edits
from jitter_load import EVERY, editor, video
from measuring import BLOCK, Live, Row

from nodegraph.compiler import compile_patch
from nodegraph.declaration import declared
from nodegraph.graph import Edit
from nodegraph.host.document import Document
from nodegraph.host.engine.events import Event
from nodegraph.host.engine.machine import go_first
from nodegraph.host.engine.protocol import Begin, Installed, Stats
from nodegraph.host.supervisor import Supervisor
from nodegraph.runtime.install import Ready

LATE = 0.002
RATE = 48_000
DT = BLOCK / RATE
COUNT = 1000
"""Nodes of the patch that runs and is edited."""

SETTLE = 2.5
"""Seconds after a change of load that do not count."""

RESOLUTION = 1e-3
"""Below one tick in a thousand, two shares count as equal."""

_TO_DECODE = 60.0
"""Seconds in which video has to begin."""

_SELDOM = 4
"""One in so many turns is also the thread's: it has so many late ticks that a few turns tell."""

_LOST = 0.5
_SPAWN = multiprocessing.get_context("spawn")


class Shared:
    """What this process and those that it starts say to each other."""

    def __init__(self) -> None:
        self.busy = _SPAWN.Event()
        self.counting = _SPAWN.Event()
        self.counts = _SPAWN.Array("q", 3)
        """Ticks, those that were late, frames of video."""


@dataclass
class Share:
    """Of so many ticks, those that were late, turn by turn."""

    turns: list[tuple[int, int]] = field(default_factory=list)

    def add(self, ticks: int, late: int) -> None:
        self.turns.append((ticks, late))

    @property
    def ticks(self) -> int:
        return sum(ticks for ticks, _ in self.turns)

    @property
    def late(self) -> int:
        return sum(late for _, late in self.turns)

    @property
    def share(self) -> float:
        return self.late / max(1, self.ticks)

    @property
    def error(self) -> float:
        """The standard error of the share, from how the turns differ (Cochran, "Sampling
        Techniques", 1977, 6.3: that of a ratio of sums). It takes two turns."""
        count = len(self.turns)
        away = sum((late - self.share * ticks) ** 2 for ticks, late in self.turns)
        return math.sqrt(away * count / (count - 1)) / max(1, self.ticks)

    def __str__(self) -> str:
        error = f" ± {self.error:.2%}" if len(self.turns) > 1 else ""
        return f"{self.share:.2%}{error} ({self.late} of {self.ticks:,})"


# The engine as a thread beside everything else.


def tick_for_ever(live: Live, swaps: list[Ready], shared: Shared) -> None:
    """Tick in time, as the engine process does; between two ticks, swap in what is ready."""
    go_first()
    due = time.perf_counter()
    while True:
        if not shared.busy.is_set():
            time.sleep(0.05)
            due = time.perf_counter()
            continue
        due += DT
        rest = due - time.perf_counter()
        if rest > 0:
            time.sleep(rest)
        late = time.perf_counter() - due
        if shared.counting.is_set():
            shared.counts[0] += 1
            shared.counts[1] += late > LATE
        if late > _LOST:
            due += late
        if swaps:
            live.engine.swap(swaps.pop(0))
            live.publish()
        live.tick({})


def one_process(shared: Shared) -> None:
    """Everything in one process, at Python's default switch interval; it never ends."""
    types = scalars.catalogue().types
    document = Document(scalars.patch(scalars.mixed(COUNT)))
    live = Live(compile_patch(document.patch, types), RATE)
    swaps: list[Ready] = []

    def edit() -> None:
        plan = live.engine.plan
        for each in edits(document.patch, 7):
            time.sleep(EVERY)
            shared.busy.wait()
            document.do(each, "an edit")
            plan = compile_patch(document.patch, types, before=plan)
            swaps.append(live.engine.prepare(plan))

    threads = [
        threading.Thread(target=tick_for_ever, args=(live, swaps, shared), daemon=True),
        threading.Thread(target=edit, daemon=True),
        threading.Thread(target=video, args=(shared.busy, shared.counts), daemon=True),
    ]
    for thread in threads:
        thread.start()
    editor(shared.busy)


# The engine in a process of its own.


@contextmanager
def processes(*targets: object) -> Iterator[Sequence[Shared]]:
    """Run each of these functions in a process, at rest for now, with something shared."""
    started = []
    shared = []
    try:
        for target in targets:
            each = Shared()
            process = _SPAWN.Process(target=target, args=(each,), daemon=True)  # type: ignore[arg-type]  # a function
            process.start()
            started.append(process)
            shared.append(each)
        yield shared
    finally:
        for process in started:
            process.kill()
            process.join()


def gui_process(shared: Shared) -> None:
    """The editor's process, and its garbage."""
    editor(shared.busy)


def video_process(shared: Shared) -> None:
    """The process with the WebRTC session."""
    video(shared.busy, shared.counts)


@dataclass
class Engine:
    """The engine process, supervised as in a show, with the patch and edits of it."""

    folder: Path
    events: list[Event] = field(default_factory=list)

    async def start(self) -> None:
        """Until it plays."""
        self.supervisor = Supervisor(
            self.folder,
            self.events.append,
            Begin(rate=RATE),
            plugins=[scalars.PLUGINS],
            spare=False,
        )
        started = await self.supervisor.start()
        assert not started.problems, started.problems
        self.types = {str(it["id"]): declared(it) for it in started.types}
        self.document = Document(scalars.patch(scalars.mixed(COUNT)))
        self.plan = compile_patch(self.document.patch, self.types)
        self._edits: Iterator[Edit] = edits(self.document.patch, 7)

    async def play(self) -> None:
        """Install the patch, and wait until it plays."""
        self.events.clear()
        self.supervisor.install("main", self.plan, anew=True)
        while not any(isinstance(event, Installed) for event in self.events):
            await asyncio.sleep(0.05)

    async def count(self, seconds: float, share: Share) -> None:
        """Let ticks be counted for so long, after it has settled."""
        await asyncio.sleep(SETTLE)
        self.events.clear()
        await asyncio.sleep(seconds)
        told = [event for event in self.events if isinstance(event, Stats)]
        share.add(sum(it.ticks for it in told), sum(sum(it.late[2:]) for it in told))

    async def edit_for_ever(self) -> None:
        """Four edits a second."""
        while True:
            await asyncio.sleep(EVERY)
            self.document.do(next(self._edits), "an edit")
            self.plan = await asyncio.to_thread(
                compile_patch, self.document.patch, self.types, None, self.plan
            )
            self.supervisor.install("main", self.plan)


@dataclass
class Found:
    """What was counted."""

    floor: Share = field(default_factory=Share)
    ours: Share = field(default_factory=Share)
    thread: Share = field(default_factory=Share)


async def decoding(shared: Shared) -> None:
    """Until another frame of video has arrived."""
    before = shared.counts[2]
    async with asyncio.timeout(_TO_DECODE):
        while shared.counts[2] == before:
            await asyncio.sleep(0.05)


async def _measure(seconds: float, rounds: int, folder: Path) -> Found:
    found = Found()
    with processes(gui_process, video_process, one_process) as (gui, film, single):
        engine = Engine(folder)
        try:
            await engine.start()
            await asyncio.sleep(SETTLE)  # until all have imported what they need
            for turn in range(rounds):
                await engine.play()
                await engine.count(seconds, found.floor)
                gui.busy.set()
                film.busy.set()
                editing = asyncio.create_task(engine.edit_for_ever())
                await decoding(film)
                await engine.count(seconds, found.ours)
                editing.cancel()
                await asyncio.wait([editing])
                gui.busy.clear()
                film.busy.clear()
                if turn % _SELDOM:
                    continue
                engine.supervisor.clear("main")
                single.busy.set()
                await decoding(single)
                await asyncio.sleep(SETTLE)
                single.counting.set()
                await asyncio.sleep(seconds)
                single.counting.clear()
                single.busy.clear()
                found.thread.add(*single.counts[:2])
                single.counts[:2] = [0, 0]
        finally:
            await engine.supervisor.stop()
    return found


def measure(seconds: float, rounds: int) -> Found:
    """Count on all sides."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(seconds, rounds, Path(folder)))


def rows(seconds: float = 5.0, rounds: int = 24) -> Iterator[Row]:
    """The two rows of the table."""
    found = measure(seconds, rounds)
    what = "ticks over 2 ms late beside editor, WebRTC, edits and garbage"
    yield Row(
        what,
        "a thread beside the GUI",
        str(found.thread),
        str(found.ours),
        found.thread.share / max(found.ours.share, 1 / max(1, found.ours.ticks)),
        50.0,
    )
    yield Row(
        what,
        "the engine process, idle machine",
        str(found.floor),
        str(found.ours),
        (found.ours.share + RESOLUTION) / (found.floor.share + RESOLUTION),
        1.2,
        at_most=True,
    )
