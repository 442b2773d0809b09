"""A real show before a simulated Scope server, and what both saw while something happened to it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from kit import Stopwatch, patch

from nodegraph.graph import Patch
from nodegraph.host.desk import Desk
from nodegraph.host.document import Document
from nodegraph.host.engine.protocol import Sent
from nodegraph.host.show import Show
from nodegraph.scope.link import ScopeLink

PLUGIN = '''
"""Nodes that behave until they are told not to."""

import ctypes
import os
import numpy as np
from nodegraph import hookimpl, inlet, node, param

@node("rogue.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 1e6)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step

@node("rogue.fail", outlets="out")
def fail(
    value: float = inlet(0.0),
    how: str = param("well", choices=("well", "raise", "nan", "infinity", "kind", "shape")),
) -> float:
    """Fail in some way."""
    if how == "raise":
        raise RuntimeError("not today")
    wrong = {"nan": float("nan"), "infinity": float("inf"), "kind": "x", "shape": np.zeros(3)}
    return wrong.get(how, value)

@node("rogue.hang", outlets="out")
def hang(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Never return."""
    while armed:
        pass
    return value

@node("rogue.crash", outlets="out")
def crash(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Read where nothing is."""
    if armed:
        ctypes.string_at(0)
    return value

@node("rogue.quit", outlets="out")
def quit(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Leave."""
    if armed:
        os._exit(3)
    return value

_eaten = []

@node("rogue.eat", outlets="out")
def eat(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Take memory and keep it."""
    if armed:
        _eaten.append(b"x" * (20 << 20))
    return value

@hookimpl
def register_nodes(register):
    for each in (count, fail, hang, crash, quit, eat):
        register(each)
'''

SEED = 42
SEA = "a calm sea under a low sun"
STEADY: Mapping[str, object] = {"base_seed": SEED, "prompts": [{"text": SEA, "weight": 1.0}]}
"""What Scope is told once by `show_patch`, and has to have for ever."""

CHUNK = 0.3
"""Seconds of a chunk of the simulator, which brings 20 frames a second."""

PICTURES_WITHIN = 15.0
"""Seconds without a frame that are never exceeded: what a server may need that shares a busy
machine with a node that hangs."""

_T = TypeVar("_T")


def show_patch(
    nodes: Mapping[str, str | tuple[str, Mapping[str, Any]]] | None = None,
    wires: tuple[str, ...] = (),
    moves: str = "swing.out",
) -> Patch:
    """Something that moves, something that stands, something that remembers; and more."""
    return patch(
        {
            "count": "rogue.count",
            "look": ("prompt.text", {"text": SEA}),
            "scope": ("scope.output", {"transition_steps": 0}),
            "seed": ("generate.constant", {"value": float(SEED)}),
            "swing": ("generate.lfo", {"rate": 0.5}),
            **(nodes or {}),
        },
        (
            "look.prompts -> scope.prompts",
            "seed.out -> scope.seed",
            f"{moves} -> scope.noise_scale",
            *wires,
        ),
    )


@dataclass
class Witness:
    """What the Scope side saw: the times of frames, and now and then its sessions' parameters.

    `messages` were sent to it while it should have painted so many `chunks`; `silence` is the
    longest time without a word from the engine to the host, in seconds for which the host had a
    core when it wanted one.
    """

    frames: list[float] = field(default_factory=list)
    looks: list[Mapping[str, Mapping[str, Any]]] = field(default_factory=list)
    messages = 0
    chunks = 0.0
    silence = 0.0

    def assert_held(self, steady: Mapping[str, object] = STEADY) -> None:
        """One session all along, no gap in its pictures, and no parameter lost or reset."""
        assert len({id for look in self.looks for id in look}) == 1
        for look in self.looks:
            (params,) = look.values()
            assert steady.items() <= params.items(), params
            assert 0.0 <= params["noise_scale"] <= 1.0
        gap = max(after - before for before, after in pairwise(self.frames))
        assert gap < PICTURES_WITHIN, f"no picture for {gap:.2f} s"

    def assert_unmoved(self) -> None:
        """All that, and nothing has reached the wire later than ever."""
        self.assert_held()
        assert self.silence < 2.0
        assert self.messages >= self.chunks / 2 - 2, "messages became fewer"


class Stage:
    """A show with a desk and a Scope link, and the loop on which all of it runs.

    The loop stands still between two stories, for no longer than a test takes to begin.
    """

    def __init__(
        self, show: Show, desk: Desk, url: str, frames: list[float], others: Collection[str]
    ) -> None:
        self.show, self.desk, self.url, self.frames = show, desk, url, frames
        self._others = others  # sessions of shows before, that a server has not yet given up
        self.sent: list[float] = []
        self._heard: list[float] = []  # the same by another clock
        self._watch = Stopwatch()
        self.runner: asyncio.Runner
        show.listeners.append(self._hear)

    def _hear(self, deck: str, event: object) -> None:
        if isinstance(event, Sent):
            self.sent.append(time.monotonic())
            self._heard.append(self._watch.seconds)

    def play(self, story: Coroutine[Any, Any, _T], within: float = 90.0) -> _T:
        return self.runner.run(asyncio.wait_for(story, within))

    def has_a_spare(self) -> bool:
        """Whether another engine stands by."""
        return self.show.engine._understudy.ready is not None

    def value(self, port: str) -> float:
        """What a numeric outlet of "main" gave last."""
        meters = self.show.meters["main"]
        rows = meters.reader.since(meters.reader.ticks - 1) if meters.reader else None
        column = meters.columns.get(port)
        if rows is None or column is None or not len(rows.values):
            return float("nan")
        return float(rows.values[-1, column.number])

    def problem(self, node: str) -> str:
        """What is wrong with a node of "main"."""
        found = [one.text for one in self.show.decks["main"].problems if one.node == node]
        return "; ".join(found)

    async def _applied(self, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
        found = await applied(client, self.url)
        return {id: params for id, params in found.items() if id not in self._others}

    async def applied(self, wanted: Mapping[str, object], within: float = 40.0) -> None:
        """Wait until the server's pipelines work with these parameters."""
        end = time.monotonic() + within
        async with httpx.AsyncClient(timeout=10.0) as client:
            while True:
                now = await self._applied(client)
                if any(wanted.items() <= params.items() for params in now.values()):
                    return
                assert time.monotonic() < end, now
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def witnessed(self) -> AsyncIterator[Witness]:
        """Have the Scope side watched while something happens."""
        link, began = self.show.link, time.monotonic()
        assert link is not None
        seen, first, told, messages = Witness(), len(self.frames), len(self.sent), link.stats.sent

        async def look(client: httpx.AsyncClient) -> None:
            while True:
                seen.looks.append(await self._applied(client))
                await asyncio.sleep(0.1)

        async with httpx.AsyncClient(timeout=10.0) as client:
            looking = asyncio.create_task(look(client))
            try:
                yield seen
                await asyncio.sleep(2 * CHUNK)
            finally:
                looking.cancel()
                await asyncio.wait([looking])
        seen.frames += self.frames[first:]
        seen.messages = link.stats.sent - messages
        seen.chunks = (time.monotonic() - began) / link.stats.chunk_seconds
        told_at = self._heard[max(0, told - 1) :]
        seen.silence = max(after - before for before, after in pairwise(told_at))


async def applied(client: httpx.AsyncClient, url: str) -> dict[str, dict[str, Any]]:
    """What the pipelines of a simulator work with, by session."""
    state = (await client.get(f"{url}/simulator/state")).json()
    return {id: each["parameters"] for id, each in state["sessions"].items() if each["chunks"]}


async def until(holds: Callable[[], object], within: float = 30.0, what: str = "it") -> float:
    """Wait until something holds; gives how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, f"{what}: not within {within} s"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def in_time(seconds: float) -> bool:
    """Whether an outage was over within two seconds; on a machine that is busy, within what
    a few processes that import all nodes take to start there."""
    return seconds < 2.0 or seconds < 2.0 + 6 * a_start()


def a_start() -> float:
    """Seconds that it takes now to start a process that imports all nodes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "nodegraph", "nodes"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


@contextmanager
def private_folders() -> Iterator[Path]:
    """A folder for sockets, with a short name as they need it, and one for the state of shows."""
    with (
        tempfile.TemporaryDirectory(prefix="ng") as place,
        pytest.MonkeyPatch.context() as patching,
    ):
        patching.setenv("NODEGRAPH_RUNTIME", os.path.join(place, "run"))
        patching.setenv("NODEGRAPH_STATE", os.path.join(place, "state"))
        yield Path(place)


def write_plugin(folder: Path) -> Path:
    """A folder with the rogue plugin."""
    plugins = folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "rogue.py").write_text(PLUGIN)
    return plugins


@contextmanager
def staged(made: Patch | Document, url: str, **options: Any) -> Iterator[Stage]:
    """A show that plays a patch or a document, with its pictures coming in."""
    with private_folders() as place, asyncio.Runner() as runner:
        frames: list[float] = []

        async def begin() -> tuple[Stage, AsyncExitStack]:
            async with httpx.AsyncClient(timeout=10.0) as client:
                others = [*await applied(client, url)]
            async with AsyncExitStack() as stack:
                link = ScopeLink(url, on_frame=lambda frame, arrived: frames.append(arrived))
                show = Show(link, plugins=[write_plugin(place)], **options)
                await stack.enter_async_context(show)
                assert show.problems == ()
                document = made if isinstance(made, Document) else Document(made)
                await show.rehearse(document)
                await stack.enter_async_context(link)
                await link.wait_live(30.0)
                await show.open("main", document)
                desk = await stack.enter_async_context(Desk(show, "stage"))
                stage = Stage(show, desk, url, frames, others)
                await until(lambda: stage.value("count.out") > 0, what="the first tick")
                return stage, stack.pop_all()

        stage, stack = runner.run(begin())
        stage.runner = runner
        try:
            yield stage
        finally:
            runner.run(stack.aclose())
