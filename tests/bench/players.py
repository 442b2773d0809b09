"""A simulated server, and who sends to it: the link of a show, or 30 messages a second."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import httpx
from av import VideoFrame

from nodegraph.scope.link import ScopeLink
from nodegraph.scope.loading import load
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.session import Session
from nodegraph.scope.simulator import read_number

NAIVE = 30.0  # messages a second
SIZE = {"width": 256, "height": 144}


@dataclass(frozen=True)
class Case:
    """Chunks of so many frames and seconds; later in the show those of `then`, if any.

    `settle` is how many seconds a sender has to notice a chunk time.
    """

    frames: int
    seconds: float
    then: Case | None = None
    transitions: int = 5
    lone: int = 12
    settle: float = 4.0

    @property
    def last(self) -> Case:
        """What the show ends with."""
        return self.then or self

    def __str__(self) -> str:
        chunk = f"{self.frames} frames / {self.seconds * 1e3:.0f} ms"
        return f"{chunk}, then {self.then}" if self.then else chunk


@dataclass
class Eye:
    """Reads the numbers of the frames, and keeps when each was first seen."""

    numbers: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def __call__(self, frame: VideoFrame, arrived: float) -> None:
        number = read_number(frame.to_ndarray(format="rgb24"))
        if number and (not self.numbers or number > self.numbers[-1]):
            self.numbers.append(number)
            self.times.append(arrived)

    def shown(self, number: int) -> float | None:
        """When a frame first showed this message or a later one."""
        index = bisect_left(self.numbers, number)
        return self.times[index] if index < len(self.times) else None


@dataclass
class Player:
    """Something that sends changes. `carried[n - 1]` is the newest change in message n."""

    change: Callable[[dict[str, object]], None]
    eye: Eye
    carried: list[int] = field(default_factory=list)
    newest: int = -1


class Server:
    """The simulated server's own account of what it got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(base_url=url)

    async def session(self) -> dict[str, object]:
        """The counts and values of the session that is open."""
        state = (await self._http.get("/simulator/state")).json()
        (session,) = state["sessions"].values()
        return dict(session)

    async def set_chunk(self, case: Case) -> None:
        body = {"frames": case.frames, "seconds": case.seconds}
        (await self._http.post("/simulator/chunk", json=body)).raise_for_status()

    async def close(self) -> None:
        await self._http.aclose()


@contextmanager
def simulator() -> Iterator[str]:
    """A server in a process of its own; it ends with this one."""
    command = [sys.executable, "-m", "nodegraph.scope.simulator", "--port", "0", "--leashed"]
    command += ["--show-numbers", "--load-seconds", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.kill()


@asynccontextmanager
async def raw(server: Server) -> AsyncIterator[tuple[Session, Eye]]:
    """A session to which messages are sent as they are."""
    eye = Eye()
    async with ScopeRest(server.url) as rest:
        await load(rest, ["longlive"], SIZE)
        start = {"prompts": [{"text": "", "weight": 1.0}], "input_mode": "text"}
        async with Session(rest, ["longlive"], start, on_frame=eye) as session:
            while not session.ready:
                await asyncio.sleep(0.01)
            yield session, eye


@asynccontextmanager
async def naive(server: Server, case: Case) -> AsyncIterator[Player]:
    """All that changed, 30 times a second, whatever the server does with it."""
    wishes: dict[str, object] = {}

    def change(params: dict[str, object]) -> None:
        if prompts := params.pop("prompts", None):
            assert isinstance(prompts, list)
            target = [{"text": text, "weight": weight} for text, weight in prompts]
            transition = {"target_prompts": target, "num_steps": params.pop("transition_steps")}
            wishes.update(prompts=target, transition=transition)
        wishes.update(params)

    async def pump(session: Session) -> None:
        begun, sent = time.monotonic(), 0
        while True:
            sent += 1
            await asyncio.sleep(max(0.0, begun + sent / NAIVE - time.monotonic()))
            if wishes:
                session.send(wishes)
                wishes.clear()
                player.carried.append(player.newest)

    async with raw(server) as (session, eye):
        player = Player(change, eye)
        pumping = asyncio.create_task(pump(session))
        try:
            yield player
        finally:
            pumping.cancel()
            await asyncio.wait([pumping])


@asynccontextmanager
async def ours(server: Server, case: Case) -> AsyncIterator[Player]:
    """The link, as a show uses it."""
    eye = Eye()
    known = case.frames if case.frames == 1 else None  # more than one is heard in the frames
    async with ScopeLink(server.url, ["longlive"], SIZE, on_frame=eye, chunk_frames=known) as link:
        player = Player(lambda params: _refused_nothing(link, params), eye)
        decide = link.sender.due

        def due(now: float) -> dict[str, object] | None:
            message = decide(now)
            if message is not None:
                player.carried.append(player.newest)
            return message

        link.sender.due = due  # type: ignore[method-assign]  # to know what each message carries
        await link.wait_live(30)
        yield player


def _refused_nothing(link: ScopeLink, params: dict[str, object]) -> None:
    problems = link.set(params)
    assert not problems, problems
