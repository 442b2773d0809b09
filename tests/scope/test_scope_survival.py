"""A night of it: deaths in a row, a server that is away for long, a day and a night of messages."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import deque

import pytest
from bench.bench_reconnect import answers, cycles, free_port, started
from kit import many
from scope_kit import until

from nodegraph.scope.link import ScopeLink
from nodegraph.scope.link_stats import Patience
from nodegraph.scope.sender import Sender

pytestmark = pytest.mark.slow


def test_deaths_in_a_row_lose_nothing_and_leave_nothing() -> None:
    """Two hundred of them are a benchmark; these few have the same account."""
    outcome = asyncio.run(cycles(many(4, 40), warm_up=3))
    told = str(outcome)
    assert outcome.lost == 0, told
    assert outcome.slowest < 10, told  # 1 s on a quiet machine
    assert outcome.after.tasks <= outcome.before.tasks, told
    assert outcome.after.threads <= outcome.before.threads + 1, told
    assert outcome.after.sockets <= outcome.before.sockets + 1, told


def test_a_server_that_was_away_for_long_is_had_again_within_three_seconds() -> None:
    async def story() -> None:
        port = free_port()
        async with ScopeLink(f"127.0.0.1:{port}", patience=Patience()) as link:
            await asyncio.sleep(4.0)  # long enough for pauses to have grown
            assert link.stats.fault == "unreachable"
            process = started(port)
            try:
                await until(lambda: answers(port), "the server answers", within=30.0)
                begun = time.monotonic()
                await until(lambda: link.stats.frames > 0, "a frame")
                assert time.monotonic() - begun < 3.0
            finally:
                process.kill()
                process.join()

    asyncio.run(asyncio.wait_for(story(), 90.0))


class Painter:
    """A server in simulated time: chunks whose length wanders, frames that come back, a queue."""

    def __init__(self) -> None:
        self.applied: dict[str, object] = {}
        self.queue: deque[dict[str, object]] = deque()
        self.most = self.dropped = 0
        self.frames: deque[float] = deque()
        self._due = 0.0
        self._random = random.Random(1)

    def send(self, message: dict[str, object]) -> None:
        if len(self.queue) < 8:
            self.queue.append(message)
        else:
            self.dropped += 1
        self.most = max(self.most, len(self.queue))

    def run_until(self, now: float) -> None:
        while self._due <= now:
            if self.queue:
                self.applied |= self.queue.popleft()
            length = 0.6 + 0.15 * math.sin(self._due / 300.0) + self._random.uniform(-0.03, 0.03)
            if self._random.random() < 0.002:
                length += 3.0  # something else wants the GPU
            self._due += length
            shown = max([self._due, *list(self.frames)[-1:]])
            self.frames.extend(shown + length * n / 13 for n in range(1, 13))


def test_a_day_and_a_night_of_messages_stay_under_the_limit_of_the_queue() -> None:
    """A value that moves all the time, prompts now and then, into chunks that wander from 0.45 to
    0.75 s and now and then take seconds: nothing is ever dropped, and the last value arrives."""
    sender, painter = Sender(), Painter()
    sender.reset()
    step, hours = 0.05, many(1, 24)
    for tick in range(int(hours * 3600 / step)):
        now = tick * step
        painter.run_until(now)
        while painter.frames and painter.frames[0] <= now:
            sender.heard_frame(painter.frames.popleft())
        sender.set({"noise_scale": tick * 37 % 1000 / 1000}, now)
        if tick % 400 == 0:
            sender.set({"prompts": [(f"scene {tick}", 1.0)], "transition_steps": 4}, now)
        if message := sender.due(now):
            painter.send(message)
    wanted = tick * 37 % 1000 / 1000
    for _ in range(int(30 / step)):
        now += step
        painter.run_until(now)
        if message := sender.due(now):
            painter.send(message)
    assert painter.dropped == 0
    assert painter.most < 8
    assert painter.applied["noise_scale"] == wanted
    assert sender.sent > hours * 3600 / 1.2  # and it did not just keep still
