"""Hand frames from thread to thread and to the network, and measure how fast they come."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from av import VideoFrame

from nodegraph.scope.simulator.models import Picture

_QUEUED = 30
_WINDOW = 10


class FrameQueue:
    """Up to 30 pictures; when it is full the newest is dropped."""

    def __init__(self) -> None:
        self._pictures: deque[Picture] = deque()
        self._lock = threading.Lock()

    def put(self, pictures: Iterable[Picture]) -> None:
        """Append what fits."""
        with self._lock:
            for picture in pictures:
                if len(self._pictures) < _QUEUED:
                    self._pictures.append(picture)

    def take(self, count: int) -> Sequence[Picture] | None:
        """Remove and return the oldest `count`, or None while there are fewer."""
        with self._lock:
            if len(self._pictures) < count:
                return None
            return [self._pictures.popleft() for _ in range(count)]

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._pictures.clear()


class ClientVideo:
    """The newest video frames of the client, converted only when a pipeline takes them."""

    def __init__(self) -> None:
        self._frames: deque[VideoFrame] = deque(maxlen=_QUEUED)
        self.count = 0

    def put(self, frame: VideoFrame) -> None:
        """Keep a frame, and forget the oldest if there are too many."""
        self._frames.append(frame)
        self.count += 1

    def take(self, count: int) -> Sequence[Picture] | None:
        """Remove and return the oldest `count` as RGB, or None while there are fewer."""
        if len(self._frames) < count:
            return None
        frames = [self._frames.popleft() for _ in range(count)]
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


class Rate:
    """Frames per second over the last ten chunks, 1 to 60; 60 before the first."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, float]] = deque(maxlen=_WINDOW)

    def add(self, frames: int, seconds: float) -> None:
        """Count one chunk."""
        self._chunks.append((frames, seconds))

    @property
    def fps(self) -> float:
        """The rate now."""
        chunks = list(self._chunks)
        seconds = sum(each for _, each in chunks)
        frames = sum(each for each, _ in chunks)
        return min(60.0, max(1.0, frames / seconds)) if seconds > 0 else 60.0
