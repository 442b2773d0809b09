"""A ring of samples between the thread that hears a device and the thread that runs the plan."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray


class Ring:
    """The last `capacity` samples, float32[n, channels]; one thread writes, another reads.

    What is not read in time is overwritten and counted in `overflows`.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        self._samples = np.zeros((capacity, channels), np.float32)
        self._written = self._read = 0
        self._changed = threading.Condition()
        self._closed = self._held = False
        self.overflows = 0

    @property
    def fill(self) -> int:
        """Samples that can be read."""
        return 0 if self._held else self._written - self._read

    def write(self, piece: NDArray[np.float32]) -> None:
        """Add float32[n, channels]."""
        capacity = len(self._samples)
        piece = piece[-capacity:]
        with self._changed:
            start = self._written % capacity
            first = min(len(piece), capacity - start)
            self._samples[start : start + first] = piece[:first]
            self._samples[: len(piece) - first] = piece[first:]
            self._written += len(piece)
            if self._written - self._read > capacity:
                self._read = self._written - capacity
                self.overflows += 1
            self._changed.notify_all()

    def peek(self, samples: int) -> NDArray[np.float32]:
        """The oldest samples, a copy; they stay. There must be as many."""
        capacity = len(self._samples)
        with self._changed:
            start = self._read % capacity
            first = min(samples, capacity - start)
            if first == samples:
                return self._samples[start : start + samples].copy()
            return np.concatenate([self._samples[start:], self._samples[: samples - first]])

    def skip(self, samples: int) -> None:
        """Let go of the oldest samples."""
        with self._changed:
            self._read = min(self._read + samples, self._written)

    def keep(self, samples: int) -> None:
        """Let go of all but the newest samples."""
        self.skip(max(0, self._written - self._read - samples))

    def wait(self, samples: int, timeout: float) -> bool:
        """Whether so many can be read within `timeout` seconds. False at once after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.fill >= samples, timeout)
            return self.fill >= samples

    def hold(self, held: bool) -> None:
        """While held, nothing can be read; what is written stays for later."""
        with self._changed:
            self._held = held
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody waits any more, and nothing can be read."""
        with self._changed:
            self._closed = self._held = True
            self._changed.notify_all()
