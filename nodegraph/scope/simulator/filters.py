"""The simulated pipelines that change video, and the one that draws keys: simple pictures of each.

They stand for neural networks: outlines are where the brightness changes, nearness is brightness,
movement is what differs from the picture before, a frame in between is the mean of its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nodegraph.scope.simulator.models import Paint, Picture

Change = Callable[[Sequence[Picture]], list[Paint]]

_BT601 = np.array([0.299, 0.587, 0.114], np.float32)


class Filter:
    """A pipeline that takes so many frames and hands them on changed, as fast as they come."""

    chunk_seconds = 0.0

    def __init__(self, take: int, change: Change) -> None:
        self._take = take
        self._change = change

    def needs(self, mode: str) -> int:
        return self._take

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        return self._change(video)

    def transition_done(self) -> bool:
        return True

    def settled(self) -> Sequence[tuple[str, float]]:
        return ()


class Keys:
    """A pipeline that shows which keys are held and where the mouse went, without any video."""

    chunk_seconds = 1 / 30
    _SIZE = 512

    def needs(self, mode: str) -> int:
        return 0

    def generate(
        self, params: Mapping[str, object], fresh: bool, video: Sequence[Picture]
    ) -> list[Paint]:
        given = params.get("ctrl_input")
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            raise TypeError(f"ctrl_input must be an object, not {given!r}")
        return [partial(self._paint, given)]

    def transition_done(self) -> bool:
        return True

    def settled(self) -> Sequence[tuple[str, float]]:
        return ()

    def _paint(self, given: Mapping[str, object]) -> Picture:
        """One square for each of the keys W, A, S, D, bright while it is held."""
        picture = np.full((self._SIZE, self._SIZE, 3), 24, np.uint8)
        held = given.get("button")
        names = held if isinstance(held, list | tuple | set) else ()
        for key, row, column in (("W", 0, 1), ("A", 1, 0), ("S", 1, 1), ("D", 1, 2)):
            top, left = 160 + row * 100, 106 + column * 100
            level = 240 if f"Key{key}" in names else 72
            picture[top : top + 90, left : left + 90] = level
        return picture


def each(change: Callable[[Picture], Picture]) -> Change:
    """Change every picture by itself."""
    return lambda video: [partial(change, picture) for picture in video]


def unchanged(picture: Picture) -> Picture:
    """Return the picture as it is."""
    return picture


def gray(picture: Picture) -> Picture:
    """Take the colour out of a picture (ITU-R BT.601 luma)."""
    return _spread(_luma(picture))


def outlines(picture: Picture) -> Picture:
    """Draw where the brightness changes, white on black."""
    luma = _luma(picture)
    steep = np.zeros_like(luma)
    steep[:, 1:] = np.abs(np.diff(luma, axis=1))
    steep[1:] += np.abs(np.diff(luma, axis=0))
    return _spread(4 * steep)


def nearness(picture: Picture) -> Picture:
    """Take the brightness, in coarse blocks, for how near things are."""
    coarse = _luma(picture)[::8, ::8]
    rows, columns = picture.shape[:2]
    return _spread(np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)[:rows, :columns])


def movement(video: Sequence[Picture]) -> list[Paint]:
    """Show what became brighter in red and what became darker in blue."""
    return [partial(_moved, video[max(0, i - 1)], picture) for i, picture in enumerate(video)]


def doubled(video: Sequence[Picture]) -> list[Paint]:
    """Put a frame between each two: n become 2n - 1."""
    paints: list[Paint] = []
    for before, after in pairwise(video):
        paints += [partial(unchanged, before), partial(_between, before, after)]
    return [*paints, *(partial(unchanged, last) for last in video[-1:])]


FILTERS: Mapping[str, tuple[int, Change]] = {
    "passthrough": (4, each(unchanged)),
    "gray": (1, each(gray)),
    "scribble": (1, each(outlines)),
    "video-depth-anything": (4, each(nearness)),
    "optical-flow": (2, movement),
    "rife": (12, doubled),
}
"""By pipeline id: how many frames it takes, and what it makes of them."""


def _moved(before: Picture, after: Picture) -> Picture:
    change = 2.0 * (_luma(after) - _luma(before))
    flat = np.zeros_like(change)
    return np.stack([change, flat, -change], axis=2).clip(0, 255).astype(np.uint8)


def _between(before: Picture, after: Picture) -> Picture:
    return np.asarray((before.astype(np.uint16) + after) // 2, np.uint8)


def _luma(picture: Picture) -> NDArray[np.float32]:
    luma: NDArray[np.float32] = picture.astype(np.float32) @ _BT601
    return luma


def _spread(luma: NDArray[np.float32]) -> Picture:
    """A grey picture of these brightnesses, 0 to 255."""
    grey = np.clip(luma, 0, 255).astype(np.uint8)
    return np.stack([grey, grey, grey], axis=2)
