"""Measure how soon and how surely a change reaches the picture, beside a sender at a fixed rate.

    python tests/bench/bench_sender.py

A simulated server in a process of its own paints into each frame the number of the last message
that it applied; real WebRTC on loopback carries both ways. A value changes 86 times a second, and
every change counts from the moment it was made to the arrival of the first frame that shows it or
a later one. Five times a transition is asked for while that goes on. The measure of it all is a
lone message into an empty queue, sent at every phase of a chunk in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from bisect import bisect_left
from dataclasses import dataclass
from math import ceil
from statistics import median

from players import Case, Player, Server, naive, ours, raw, simulator

CHANGES = 86.0  # a second, as from blocks of 512 samples at 44.1 kHz
STEPS = 4  # chunks of a transition
SPACING = 10  # chunks from one transition to the next

CASES = (
    Case(12, 0.6),
    Case(3, 0.15),
    Case(1, 0.04),
    Case(1, 0.04, then=Case(12, 0.6)),
)


@dataclass
class Outcome:
    """What one sender came to. `waits` are the seconds from each change to its frame."""

    waits: list[float]
    sent: int
    dropped: int
    completed: int
    last_applied: bool

    @property
    def wait(self) -> float:
        return median(self.waits) if self.waits else float("inf")


async def lone(server: Server, case: Case) -> float:
    """The median wait of messages that each find the queue empty, at every phase of a chunk."""
    waits = []
    async with raw(server) as (session, eye):
        await asyncio.sleep(4 * case.seconds + case.settle / 2)
        begun = time.monotonic()
        for index in range(case.lone):
            chunks = (time.monotonic() - begun) // case.seconds + 3
            at = begun + (chunks + index / case.lone) * case.seconds
            await asyncio.sleep(at - time.monotonic())
            sent = time.monotonic()
            session.send({"noise_scale": index / case.lone})
            while (seen := eye.shown(index + 1)) is None:
                await asyncio.sleep(0.005)
            waits.append(seen - sent)
    return median(waits)


async def show(server: Server, case: Case, player: Player) -> Outcome:
    """Change a value 86 times a second and ask for transitions, then look what became of it."""
    before = case.settle + 8 * case.seconds if case.then else 0.0
    trial = SPACING * case.last.seconds
    length = before + case.settle + trial * case.transitions
    # It ends in the middle of a chunk, as most shows do: at its edge, one message in eighteen, even
    # a queue that is always full has a free place.
    length = (ceil(length / case.last.seconds) + 0.5) * case.last.seconds
    settled: set[str] = set()
    watching = asyncio.create_task(_watch(server, settled))
    made: list[float] = []
    begun = time.monotonic()
    value, asked, switched = 0.0, 0, not case.then
    while (now := time.monotonic()) - begun < length:
        if not switched and now - begun >= before:
            switched = True
            await server.set_chunk(case.last)
        value = len(made) * 37 % 1000 / 1000
        wish: dict[str, object] = {"noise_scale": value}
        if asked < case.transitions and now - begun >= before + case.settle + asked * trial:
            wish |= {"prompts": [(f"scene {asked}", 1.0)], "transition_steps": STEPS}
            asked += 1
        player.newest = len(made)
        player.change(wish)
        made.append(now)
        await asyncio.sleep(max(0.0, begun + len(made) / CHANGES - time.monotonic()))
    await asyncio.sleep(12 * case.last.seconds + 1)  # a full queue is empty then
    watching.cancel()
    await asyncio.wait([watching])
    account = await server.session()
    parameters = account["parameters"]
    assert isinstance(parameters, dict)
    return Outcome(
        waits=_waits(
            player, [(i, at) for i, at in enumerate(made) if at >= begun + before + case.settle]
        ),
        sent=len(player.carried),
        dropped=int(str(account["dropped"])),
        completed=len(settled),
        last_applied=parameters.get("noise_scale") == value,
    )


def _waits(player: Player, made: list[tuple[int, float]]) -> list[float]:
    """From each change to the frame that shows it; one that is never shown waits for ever."""
    waits = []
    for index, at in made:
        message = bisect_left(player.carried, index) + 1
        seen = player.eye.shown(message) if message <= len(player.carried) else None
        waits.append(seen - at if seen is not None else float("inf"))
    return waits


async def _watch(server: Server, settled: set[str]) -> None:
    """Note every scene that the picture has arrived at."""
    while True:
        arrived = (await server.session())["settled"]
        assert isinstance(arrived, list)
        settled |= {text for text, _ in arrived if text.startswith("scene")}
        await asyncio.sleep(0.1)


@dataclass
class Row:
    """One case, measured."""

    case: Case
    lone: float
    naive: Outcome
    ours: Outcome

    @property
    def ratio(self) -> float:
        """How much longer a change takes in a stream of changes than a lone message does."""
        return self.ours.wait / self.lone


async def measure(case: Case, url: str) -> Row:
    """Everything about one case, on a server that is up."""
    server = Server(url)
    try:
        await server.set_chunk(case.last)
        alone = await lone(server, case.last)
        outcomes = []
        for sender in (naive, ours):
            await server.set_chunk(case)
            async with sender(server, case) as player:
                outcomes.append(await show(server, case, player))
        return Row(case, alone, *outcomes)
    finally:
        await server.close()


HEAD = (
    "| chunk | sender | last value applied | dropped | change to frame | of a lone message "
    "| transitions |\n|---|---|---|---|---|---|---|"
)


def table(row: Row) -> str:
    """Three lines of Markdown."""
    lines = [f"| {row.case} | lone message | | | {row.lone:.2f} s | 1.00 | |"]
    for name, one in (("30 Hz", row.naive), ("nodegraph", row.ours)):
        lines.append(
            f"| | {name} | {'yes' if one.last_applied else 'no'} "
            f"| {one.dropped} of {one.sent} | {one.wait:.2f} s | {one.wait / row.lone:.2f} "
            f"| {one.completed} of {row.case.transitions} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table, case by case as each is done (seven minutes in all)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, help="one case, counted from 0")
    only = parser.parse_args().only
    sys.stdout.write(HEAD + "\n")
    with simulator() as url:
        for case in CASES if only is None else CASES[only : only + 1]:
            sys.stdout.write(table(asyncio.run(measure(case, url))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
