"""Kill and restart a server again and again: nothing wished for is lost, and nothing leaks.

    python tests/bench/bench_reconnect.py --cycles 200

Every other time the server restarts itself (`POST /api/v1/restart`), else its process is killed
and another takes its place. While there is no server, one more value changes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx

from nodegraph.scope.link import ScopeLink
from nodegraph.scope.link_stats import Patience
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.simulator import Config, serve

PATIENCE = Patience(answer=1.0, first_frame=10.0, load=20.0, stall=0.4, give_up=2.0, retry=0.05)
SIZE = {"width": 64, "height": 64}
FORK = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Usage:
    """What this process holds. `sockets` counts every open file; it is 0 where that is unknown."""

    tasks: int
    threads: int
    sockets: int
    megabytes: float

    @classmethod
    def now(cls) -> Usage:
        gc.collect()
        files = Path("/proc/self/fd")
        status = Path("/proc/self/statm")
        pages = int(status.read_text().split()[1]) if status.exists() else 0
        return cls(
            tasks=len(asyncio.all_tasks()),
            threads=threading.active_count(),
            sockets=len(list(files.iterdir())) if files.exists() else 0,
            megabytes=pages * resource.getpagesize() / 2**20,
        )


@dataclass(frozen=True)
class Outcome:
    """`slowest` is the longest time, in seconds, from a server that answers to its first frame."""

    cycles: int
    lost: int
    slowest: float
    before: Usage
    after: Usage

    def __str__(self) -> str:
        return (
            f"{self.cycles} cycles: {self.lost} parameters lost; streaming again at most "
            f"{self.slowest:.2f} s after the server answers\nbefore: {self.before}\n"
            f"after:  {self.after}"
        )


def started(port: int) -> ForkServerProcess:
    """A simulated server in a process of its own."""
    config = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0)
    process = FORK.Process(target=serve, args=("127.0.0.1", port, config), daemon=True)
    process.start()
    return process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], within: float, what: str) -> None:
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}")
        await asyncio.sleep(0.01)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def cycles(count: int, warm_up: int = 4) -> Outcome:
    """Go through so many deaths, after some that fill the caches."""
    FORK.set_forkserver_preload(["nodegraph.scope.simulator"])
    port = free_port()
    process = started(port)
    lost, slowest, before = 0, 0.0, Usage.now()
    url = f"127.0.0.1:{port}"
    try:
        async with ScopeLink(url, ["longlive"], SIZE, patience=PATIENCE) as link:
            link.set({"prompts": [("a lasting scene", 1.0)], "transition_steps": 0})
            await link.wait_live(30)
            for cycle in range(warm_up + count):
                if cycle == warm_up:
                    before = Usage.now()
                sessions = link.stats.sessions
                if cycle % 2:
                    async with httpx.AsyncClient(base_url=f"http://{url}") as http:
                        (await http.post("/api/v1/restart")).raise_for_status()
                    died = time.monotonic() + 0.5
                else:
                    process.kill()
                    process.join()
                    process = started(port)
                    await until(lambda: answers(port), 20, "the server answers")
                    died = time.monotonic()
                link.set({"base_seed": cycle, "noise_scale": cycle % 100 / 100})
                await until(
                    lambda seen=sessions: link.stats.sessions > seen,  # type: ignore[misc]
                    30,
                    f"session {sessions + 1}; the link says: {link.stats.reason}",
                )
                slowest = max(slowest, time.monotonic() - died)
                lost += await missing(url, link)
            after = Usage.now()
    finally:
        process.kill()
        process.join()
    return Outcome(count, lost, slowest, before, after)


async def missing(url: str, link: ScopeLink) -> int:
    """How many of the wishes the new session does not have."""
    wishes = link.sender.state()
    wishes.pop("transition")
    async with ScopeRest(url) as rest:
        has = await rest.session_parameters()
    return sum(has.get(name) != value for name, value in wishes.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=200)
    sys.stdout.write(f"{asyncio.run(cycles(parser.parse_args().cycles))}\n")


if __name__ == "__main__":
    main()
