"""How long the server takes for one chunk, learned from the frames that come back.

The server spreads the frames of a chunk evenly, so chunks do not show as gaps; but the mean rate
over several chunks, times the frames in one, is the chunk time, whether frames come evenly or in
bursts.
"""

from __future__ import annotations

from collections import deque

GUESS = 0.75  # seconds per chunk until enough frames have come
MARGIN = 1.1  # slower than the chunks, or the server's queue fills slowly
SHORTEST, LONGEST = 0.1, 10.0
STALL = 3.0  # seconds without a frame that say nothing about the rate
CHUNKS = 4  # how many chunks the mean is taken over
ENOUGH = 2  # and how many there must be at least
FEWEST_SECONDS = 1.0  # a start is hurried: the server paces its first frames at 60 per second


class Pace:
    """The chunk time in seconds, and the period between two messages that follows from it."""

    def __init__(self, chunk_frames: int) -> None:
        self.chunk_frames = chunk_frames
        self._arrivals: deque[float] = deque()
        self._learned: float | None = None

    @property
    def chunk(self) -> float:
        """Seconds per chunk: learned, or the guess."""
        return self._learned if self._learned is not None else GUESS

    @property
    def period(self) -> float:
        """Seconds between two messages."""
        return self.chunk * MARGIN

    def told(self, seconds: float) -> None:
        """Set the chunk time; frames that arrive later refine it."""
        self._learned = min(max(seconds, SHORTEST), LONGEST)
        self._arrivals.clear()

    def heard(self, now: float) -> None:
        """A frame arrived at `now`."""
        arrivals = self._arrivals
        if arrivals and not 0 <= now - arrivals[-1] < STALL:
            arrivals.clear()
        arrivals.append(now)
        span = now - arrivals[0]
        intervals = len(arrivals) - 1
        if intervals >= ENOUGH * self.chunk_frames and span >= FEWEST_SECONDS:
            mean = span / intervals
            self._learned = min(max(mean * self.chunk_frames, SHORTEST), LONGEST)
        while intervals > CHUNKS * self.chunk_frames and now - arrivals[1] >= FEWEST_SECONDS:
            arrivals.popleft()
            intervals -= 1

    def restart(self) -> None:
        """A new session: the old arrivals say nothing about it."""
        self._arrivals.clear()
