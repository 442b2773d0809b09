"""The demo track: a song that this package plays when there is no file at hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.demo import kept
from nodegraph.audio.demo.score import (
    DEMO_BPM,
    DURATION,
    Section,
    demo_beats,
    demo_downbeats,
    demo_sections,
)
from nodegraph.audio.demo.song import render

__all__ = [
    "DEMO_BPM",
    "DemoTrack",
    "Section",
    "demo_beats",
    "demo_downbeats",
    "demo_sections",
    "render",
]


class DemoTrack:
    """The demo track at the engine's rate (22050 Hz or more), rendered once and then kept."""

    channels = 2
    duration: float | None = DURATION
    skipped = 0

    def __init__(self, rate: int) -> None:
        self._song = kept.song(rate)

    def pieces(self, start: int) -> Iterator[NDArray[np.float32]]:
        """The song from sample `start` on, in one piece."""
        if start < len(self._song):
            yield self._song[start:]

    def close(self) -> None:
        """Nothing is held open."""
