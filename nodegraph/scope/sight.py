"""How long a change takes until it is seen, measured from the pictures, where a cut stands out.

A server says nothing of when it applies a message, and how many finished frames wait at it to be
sent differs from session to session. But after a message that cuts, one frame differs from the one
before as no other did lately; the time between the two is what a change takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from statistics import median

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

ROWS, COLUMNS = 18, 32
"""Points of a picture that are compared."""

ALONE = 5.0
"""Seconds around a cut without another one, or it could not be told which is seen."""

LEAST = 6.0
"""Grey levels, of 255, by which the points of a picture have to change on average."""
TIMES = 3.0
"""… and how many times as much as between two frames that came before."""

KEPT = 3
"""Measurements of which the median counts."""
ENOUGH = 12
"""Frames before a cut that tell what is usual."""

Points = NDArray[np.int16]


def is_cut(message: Mapping[str, object]) -> bool:
    """Whether a message makes one frame unlike the one before."""
    transition = message.get("transition")
    steps = transition.get("num_steps") if isinstance(transition, Mapping) else None
    return message.get("reset_cache") is True or steps == 0


def points(frame: VideoFrame) -> Points | None:
    """The brightness of a frame at some points; None for a format that has no brightness."""
    if not frame.format.name.startswith("yuv") or not frame.height or not frame.width:
        return None
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    down = np.linspace(0, frame.height - 1, ROWS).astype(np.intp)
    across = np.linspace(0, frame.width - 1, COLUMNS).astype(np.intp)
    taken: Points = rows[down[:, None], across].astype(np.int16)
    return taken


class Sight:
    """Watches the frames of one session. Times are in seconds."""

    def __init__(self) -> None:
        self._before: Points | None = None
        self._changes: deque[tuple[float, float]] = deque(maxlen=600)
        self._prompts: object = None
        self._cut: float | None = None  # the cut that is looked for
        self._last_cut = float("-inf")
        self._found: deque[float] = deque(maxlen=KEPT)

    @property
    def latency(self) -> float | None:
        """Seconds from a message to the first frame that shows it; None until one was seen."""
        return median(self._found) if self._found else None

    def sent(self, message: Mapping[str, object], now: float) -> None:
        """A message left."""
        prompts = message.get("prompts", self._prompts)
        again, self._prompts = prompts == self._prompts, prompts
        if is_cut(message) and not (again and "reset_cache" not in message):
            alone = now - self._last_cut >= ALONE
            self._cut = now if alone and len(self._changes) >= ENOUGH else None
            self._last_cut = now

    def seen(self, frame: VideoFrame, arrived: float) -> None:
        """A frame arrived."""
        now = points(frame)
        before, self._before = self._before, now
        if now is None or before is None:
            return
        change = float(np.abs(now - before).mean())
        if self._cut is not None:
            self._look_for(change, arrived, self._cut)
        self._changes.append((arrived, change))

    def _look_for(self, change: float, arrived: float, cut: float) -> None:
        if arrived - cut > ALONE:
            self._cut = None  # it made no difference that can be seen
            return
        lately = sorted(each for at, each in self._changes if at >= cut - ALONE)
        usual = lately[len(lately) * 9 // 10] if lately else 0.0  # an earlier cut may be among them
        if change >= LEAST and change >= TIMES * usual:
            self._found.append(arrived - cut)
            self._cut = None
