"""A million ticks of a show in which nothing is edited: no garbage collection, no memory taken."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measuring import BLOCK, RATE, Live, Row

from nodegraph.audio.demo import render
from nodegraph.compiler import compile_patch
from nodegraph.graph import load
from nodegraph.plugins import find

PATCH = Path(__file__).parents[2] / "patches" / "demo.json"
TICKS = 1_000_000

GARBAGE = 20_000
"""Objects that may be left behind by cycles before the engine process would collect them."""

FEW = 100
"""Blocks of memory that count as none: a list that found its size, a number that is kept."""


@dataclass(frozen=True)
class Steady:
    """Of so many ticks; what came between the second quarter and the last. `tracked` are objects
    that only a collection could free, less those that went; `blocks` is the net number of allocated
    blocks of memory."""

    ticks: int
    collections: int
    blocks: int
    tracked: int


def demo() -> tuple[Live, list[Mapping[str, Any]]]:
    """The demo patch, and the blocks of the demo track."""
    live = Live(compile_patch(load(PATCH), find().types))
    song = render(RATE)
    (need,) = live.engine.plan.sources
    return live, [
        {need.node: np.ascontiguousarray(song[at : at + BLOCK])}
        for at in range(0, len(song) - BLOCK + 1, BLOCK)
    ]


def measure(ticks: int = TICKS) -> Steady:
    """Tick without a collector, as the engine process does, and see what has become of memory.

    Each look is at the end of the song, for what nodes remember depends on where in it they are; of
    a song that is longer than half of the ticks, only its beginning is heard. Some remember more
    from song to song, and less again: so medians are compared, of the second quarter and the last.
    """
    live, heard = demo()
    heard = heard[: max(1, ticks // 2)]
    looks = np.zeros((max(2, ticks // len(heard)), 2), np.int64)
    begun: list[str] = []

    def note(phase: str, info: Mapping[str, int]) -> None:
        begun.append(phase)

    gc.collect()
    gc.freeze()
    gc.disable()
    gc.callbacks.append(note)
    try:
        for look in looks:
            for brought in heard:
                live.tick(brought)
            look[:] = sys.getallocatedblocks(), gc.get_count()[0]
    finally:
        gc.callbacks.remove(note)
        gc.enable()
        gc.unfreeze()
    assert not live.engine.problems, live.engine.problems
    half, quarter = len(looks) // 2, max(1, len(looks) // 4)
    before, after = np.median(looks[half - quarter : half], 0), np.median(looks[-quarter:], 0)
    blocks, tracked = map(round, after - before)
    return Steady(len(looks) * len(heard), begun.count("start"), blocks, tracked)


def rows(ticks: int = TICKS) -> Iterator[Row]:
    """The rows of the table: what was counted, and how little counts as nothing."""
    found = measure(ticks)
    what = f"steady state, {found.ticks:,} ticks of the demo patch"
    yield Row(
        f"{what}: garbage collections",
        "",
        "",
        f"{found.collections}, {found.tracked} objects left for one",
        found.collections + max(0, found.tracked) / GARBAGE,
        0.05,
        unit="",
        at_most=True,
    )
    yield Row(
        f"{what}: blocks of memory taken in half of them",
        "",
        "",
        f"{found.blocks:,}",
        max(0, found.blocks),
        FEW,
        unit="",
        at_most=True,
    )
