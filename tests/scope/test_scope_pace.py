"""The pace against a model of a server that takes a day's messages, hiccups and all."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator

import pytest
from kit import many

from nodegraph.scope.beat import Beat
from nodegraph.scope.pace import MARGIN, REST, STALL, Pace
from nodegraph.scope.sender import Sender

QUEUE = 8


def frames(chunk: float, count: int, seconds: float, latency: float = 0.015) -> Iterator[float]:
    """When frames arrive of a server that shows each chunk as soon as it is done.

    It paces them at the rate it measured and makes up for one late frame, as Scope does.
    """
    gap, due, done = chunk / count, 0.0, chunk
    while done < seconds:
        for _ in range(count):
            due = max(due + gap, done - gap)
            yield max(due, done) + latency
        done += chunk


@pytest.mark.parametrize(("chunk", "count"), [(0.6, 12), (0.15, 3), (1.2, 4)])
def test_the_beat_is_heard_and_messages_leave_just_ahead_of_it(chunk: float, count: int) -> None:
    pace = Pace(12)
    sent: list[float] = []
    arrivals = deque(frames(chunk, count, 40 * chunk))
    now = 0.0
    while arrivals:
        now += 0.005
        while arrivals and arrivals[0] <= now:
            pace.heard(arrivals.popleft())
        if pace.free(now):
            pace.sent(now)
            sent.append(now)
    assert pace.chunk_frames == count
    assert pace.chunk == pytest.approx(chunk, rel=0.02)
    ahead = [chunk - at % chunk for at in sent[-2 * REST :] if at < now - chunk]
    assert all(0 < before < 0.2 * chunk for before in ahead[REST:])
    rested = [b - a for a, b in zip(sent[-2 * REST :], sent[1 - 2 * REST :], strict=False)]
    assert 1 <= sum(gap > 1.5 * chunk for gap in rested) <= 3


def test_even_frames_have_no_beat() -> None:
    beat = Beat()
    for index in range(200):
        beat.heard(index / 20 + 0.004 * (index % 3))
    assert beat.moment() is None
    assert beat.frames == 0


def test_a_beat_that_is_not_heard_any_more_is_not_trusted() -> None:
    beat = Beat()
    times = list(frames(0.6, 12, 6.0))
    for now in times:
        beat.heard(now)
    assert beat.frames == 12
    for index in range(1, 40):
        beat.heard(times[-1] + index / 20)
    assert beat.moment() is None


def test_without_frames_nearly_nothing_is_sent() -> None:
    pace = Pace(1)
    for index in range(100):
        pace.heard(index * 0.04)
    assert pace.chunk == pytest.approx(0.04, rel=0.02)
    sent = 0
    for step in range(2000):
        if pace.free(now := 3.96 + step * 0.005):
            pace.sent(now)
            sent += 1
    assert sent <= 10 / (STALL * MARGIN) + 3


def test_hours_of_messages_never_fill_the_queue() -> None:
    """Chunks of 0.5 to 2 s whose length wanders and jumps; now and then the server stalls."""
    random_, seconds = random.Random(5), 3600 * many(1, 240)
    sender = Sender(4)
    sender.reset()
    queue: deque[dict[str, object]] = deque()
    state: dict[str, object] = {}
    now, chunk, deepest, value = 0.0, 1.0, 0, 0
    while now < seconds:
        if random_.random() < 0.002:
            chunk = random_.uniform(0.5, 2.0)
        took = chunk * random_.uniform(0.95, 1.05)
        if random_.random() < 0.001:
            took += random_.uniform(0.0, 20.0)
        if queue:
            state |= queue.popleft()
        for step in range(16):
            at = now + took * step / 16
            shown = step * took / 16 / (chunk / 4)
            if step % 4 == 0 and shown < 4:
                sender.heard_frame(at)
            value += 1
            sender.set({"base_seed": value}, at)
            if (message := sender.due(at)) is not None:
                queue.append(message)
        deepest = max(deepest, len(queue))
        now += took
    assert deepest < QUEUE
    assert sender.sent > 0.7 * seconds / 1.3
    for step in range(200):
        now += 0.1
        if (message := sender.due(now)) is not None:
            queue.append(message)
        if step % 20 == 0 and queue:
            state |= queue.popleft()
    while queue:
        state |= queue.popleft()
    assert state["base_seed"] == value
