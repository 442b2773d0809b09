"""Hand frames from thread to thread and to the network, and measure how fast they come."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from av import VideoFrame

from nodegraph.scope.footage import Footage
from nodegraph.scope.simulator.models import Picture

_QUEUED = 30
_WINDOW = 10
_OPENED_FPS = 30.0


class Frames(Protocol):
    """Where video comes from: the client, the server's own source, or the pipeline before."""

    def take(self, count: int) -> Sequence[Picture] | None:
        """Return `count` frames, or None while there are too few."""


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
        self._lock = threading.Lock()

    def put(self, frame: VideoFrame) -> None:
        """Keep a frame, and forget the oldest if there are too many."""
        with self._lock:
            self._frames.append(frame)

    def take(self, count: int) -> Sequence[Picture] | None:
        """Return `count` as RGB, evenly from all there are, and keep none; None while there are
        fewer."""
        with self._lock:
            if len(self._frames) < count:
                return None
            places = np.linspace(0, len(self._frames) - 1, count).round().astype(int)
            frames = [self._frames[place] for place in places]
            self._frames.clear()
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


class ServerVideo:
    """Video that the server opens by itself: the newest picture, 30 times a second."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self._since = time.monotonic()

    def take(self, count: int) -> Sequence[Picture] | None:
        """Return `count` pictures if it is time for so many, and if there are any."""
        now = time.monotonic()
        newest = self._footage.newest()
        if newest is None or now - self._since < count / _OPENED_FPS:
            return None
        self._since = now
        return [np.asarray(newest.to_ndarray(format="rgb24"), np.uint8)] * count

    def close(self) -> None:
        """Let go of the file."""
        self._footage.close()


class NoVideo:
    """A source that could not be opened."""

    def take(self, count: int) -> Sequence[Picture] | None:
        """There is never any."""
        return None


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
