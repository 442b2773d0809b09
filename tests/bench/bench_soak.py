"""A long night: memory stays flat, nothing leaks, and time does not drift.

    python tests/bench/bench_soak.py                 12 hours of show, as fast as they can be run
    python tests/bench/bench_soak.py --real 60       an hour of the whole show, in real time

The first runs an engine as its process does (packed plans, no collector but its own rule, every
number published, a snapshot each second) with an edit every ten seconds and params that move. The
second runs host, engine process and a simulated Scope server.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import reactive
import scalars
from bench_edit import edits
from bench_reconnect import Usage
from measuring import BLOCK, RATE, Live
from players import SIZE, simulator

from nodegraph.compiler import compile_patch
from nodegraph.compiler.chunks import function_code
from nodegraph.graph import AddNode, AddWire, Batch, Edit, Node, Patch, Port, RemoveNode, Wire
from nodegraph.host.document import Document
from nodegraph.host.engine.machine import resident
from nodegraph.host.engine.protocol import Stats
from nodegraph.host.show import Show
from nodegraph.runtime.shipping import Packer, Unpacker
from nodegraph.scope.link import ScopeLink

HOURS = 12
EVERY_EDIT, EVERY_PARAM = 10, 1
"""Seconds of show."""

GARBAGE = 20_000
"""Objects left behind after which the engine process collects."""

MEGABYTES, BLOCKS = 8.0, 5_000
"""What may be taken in the second half, and count as flat."""

Say = Callable[[str], object]


@dataclass(frozen=True)
class Held:
    """What a process holds at some time of the show."""

    hours: float
    megabytes: float
    blocks: int
    texts: int
    columns: int

    def __str__(self) -> str:
        return (
            f"{self.hours:5.2f} h: {self.megabytes:.1f} MB, {self.blocks:,} blocks, "
            f"{self.texts} texts compiled, {self.columns} columns"
        )


def evening() -> tuple[Patch, Patch]:
    """A patch of 90 nodes that hears something, and the part of it that is edited."""
    heard, moved = reactive.patch(), scalars.patch(scalars.mixed(60))
    whole = Patch(
        name="evening",
        nodes=dict(sorted({**heard.nodes, **moved.nodes}.items())),
        wires=tuple(sorted((*heard.wires, *moved.wires))),
    )
    return whole, moved


def simulated(hours: float, say: Say) -> list[Held]:
    """Play so many hours as fast as possible; what was held after each twelfth of them."""
    types = scalars.catalogue().types
    patch, moved = evening()
    plan = compile_patch(patch, types)
    packer, unpacker = Packer(), Unpacker(types)
    live = Live(unpacker.unpack(packer.pack(plan)))
    heard = reactive.blocks(reactive.sound(344))
    gains = [id for id, node in moved.nodes.items() if node.type == "bench.gain"]
    making = edits(moved, 11)
    ticks = round(hours * 3600 * RATE / BLOCK)
    second, found, seconds = RATE / BLOCK, list[Held](), 0
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for tick in range(ticks):
            live.tick(heard[tick % len(heard)])
            if tick < (seconds + 1) * second:
                continue
            seconds += 1
            snapshot = live.engine.snapshot()
            if seconds % 60 == 0:
                snapshot.pack()
            live.engine.set_param(gains[seconds % len(gains)], "factor", seconds % 7 / 10)
            if seconds % EVERY_EDIT == 0:
                patch = next(making).apply(patch)
                before, plan = plan, compile_patch(patch, types, before=plan)
                added = plan.by_id.keys() - before.by_id.keys()
                arrived = unpacker.unpack(packer.pack(plan))
                live.engine.swap(live.engine.prepare(arrived), added)
                live.publish()
            if gc.get_count()[0] >= GARBAGE:
                gc.collect()
            if seconds * 12 // round(hours * 3600) > len(found):
                gc.collect()
                found.append(_held(live))
                say(str(found[-1]))
        gc.collect()
        found.append(_held(live))
        say(str(found[-1]))
    finally:
        gc.enable()
        gc.unfreeze()
    assert live.engine.now == ticks * BLOCK / RATE, "the time has drifted"
    assert live.engine.ticks == ticks
    assert not live.engine.problems, live.engine.problems
    return found


def _held(live: Live) -> Held:
    return Held(
        hours=live.engine.now / 3600,
        megabytes=(resident() or 0) / 2**20,
        blocks=sys.getallocatedblocks(),
        texts=function_code.cache_info().currsize,
        columns=live.columns.capacity,
    )


def flat(found: list[Held], megabytes: float = MEGABYTES, blocks: int = BLOCKS) -> bool:
    """Whether the second half took nothing."""
    half, end = found[len(found) // 2], found[-1]
    return (
        end.megabytes - half.megabytes <= megabytes
        and end.blocks - half.blocks <= blocks
        and end.columns == half.columns
    )


def _probes() -> Iterator[Edit]:
    """For ever: a probe more on the demo patch, then the same one less."""
    number = 0
    while True:
        number += 1
        id = f"probe{number}"
        wire = Wire(Port("flow", "out"), Port(id, "value"))
        yield Batch((AddNode(id, Node("shape.smooth")), AddWire(wire)))
        yield RemoveNode(id)


@dataclass(frozen=True)
class Night:
    """The whole show at some time: what the host and its engines hold, what the engine that plays
    has done, and how many sessions Scope has had."""

    minutes: float
    host: Usage
    engine: float
    files: int
    threads: int
    ticks: int
    overruns: int
    restarts: int
    sessions: int

    def __str__(self) -> str:
        return (
            f"{self.minutes:5.1f} min: host {self.host.megabytes:.1f} MB, {self.host.tasks} tasks, "
            f"{self.host.threads} threads, {self.host.sockets} files; engine {self.engine:.1f} MB, "
            f"{self.threads} threads, {self.files} files, {self.ticks:,} ticks, "
            f"{self.overruns} overruns, {self.restarts} restarts; {self.sessions} sessions"
        )


def _held_by_engines() -> tuple[int, int]:
    """How many files and threads the engines of this process have, the spare one among them; 0
    where the system does not say."""
    files = threads = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if (
                parent == os.getpid()
                and b"nodegraph.host.engine" in (process / "cmdline").read_bytes()
            ):
                files += len([*(process / "fd").iterdir()])
                threads += len([*(process / "task").iterdir()])
        except OSError:  # it has just ended
            continue
    return files, threads


def _keep(newest: list[Stats], event: object) -> None:
    """Keep what the engine tells of itself."""
    if isinstance(event, Stats):
        newest[:] = [event]


def _night(minutes: float, show: Show, newest: list[Stats]) -> Night:
    status = show.status()
    return Night(
        minutes,
        Usage.now(),
        newest[0].memory / 2**20 if newest else 0.0,
        *_held_by_engines(),
        status.ticks,
        status.overruns,
        status.restarts,
        status.link.sessions if status.link else 0,
    )


async def real(minutes: float, say: Say) -> list[Night]:
    """Play the demo patch to a simulated Scope server; how it stood after each twelfth."""
    path = Path(__file__).parents[2] / "patches" / "demo.json"
    found: list[Night] = []
    with simulator() as url, tempfile.TemporaryDirectory() as state:
        async with (
            ScopeLink(url, ["longlive"], SIZE) as link,
            Show(link, audio="demo", state=Path(state)) as show,
        ):
            newest: list[Stats] = []
            show.listeners.append(lambda deck, event: _keep(newest, event))
            await show.open("main", Document(Document.open(path).patch))
            begun, making = time.monotonic(), _probes()
            while len(found) < 12:
                await asyncio.sleep(min(EVERY_EDIT, minutes * 60 / 24))
                show.decks["main"].do(next(making), "an edit")
                gone = (time.monotonic() - begun) / 60
                if gone >= (len(found) + 1) * minutes / 12:
                    found.append(_night(gone, show, newest))
                    say(str(found[-1]))
            await link.wait_live(30)
            problems = show.problems
    assert not problems, problems
    return found


def sound_asleep(found: list[Night]) -> bool:
    """Whether the second half of the night took nothing, and lost no tick."""
    half, end = found[len(found) // 2], found[-1]
    expected = (end.minutes - half.minutes) * 60 * 48_000 / BLOCK
    return (
        end.host.megabytes - half.host.megabytes <= 4 * MEGABYTES
        and end.engine - half.engine <= MEGABYTES
        and end.host.tasks <= half.host.tasks + 1
        and end.host.threads <= half.host.threads + 1
        and end.host.sockets <= half.host.sockets + 1
        and end.files <= half.files + 1
        and end.threads <= half.threads + 1
        and end.sessions == half.sessions
        and end.restarts == 0
        and abs(end.ticks - half.ticks - expected) <= 200
    )


def main() -> None:
    """Print how it goes, and end with 1 if it did not go well."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--hours", type=float, default=HOURS, help="of simulated show")
    parser.add_argument("--real", type=float, metavar="MINUTES", help="the whole show instead")
    given = parser.parse_args()

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    if given.real is not None:
        good = sound_asleep(asyncio.run(real(given.real, say)))
    else:
        good = flat(simulated(given.hours, say))
    say("flat" if good else "NOT flat: see above")
    sys.exit(not good)


if __name__ == "__main__":
    main()
