"""How long the server takes for one chunk, and when a message may follow another.

The mean rate of the frames over several chunks, times the frames in one, is the chunk time. While
the chunks have a beat that can be heard, messages leave just ahead of it, so that none waits long
at the server; otherwise they leave a little slower than the chunks, in whatever phase. When frames
stop, nearly nothing is sent: no chunk is done, so no message is taken.
"""

from __future__ import annotations

from collections import deque
from math import ceil

from nodegraph.scope.beat import LATE, Beat

GUESS = 0.75  # seconds per chunk until enough frames have come
MARGIN = 1.1  # slower than the chunks, or the server's queue fills slowly
SHORTEST, LONGEST = 0.03, 10.0
STALL = 3.0  # seconds without a frame that say nothing about the rate
CHUNKS = 4  # how many chunks the mean is taken over
ENOUGH = 2  # and how many there must be at least
FEWEST_SECONDS = 1.0  # a start is hurried: the server paces its first frames at 60 per second
HOLD = 4.0  # for so many times its length a silence is taken for the chunk time
SEEN_AFTER = 2.0  # chunks: half a one is waited for, one is painted, half a one is still queued
REST = 16  # after so many messages one chunk gets none: what has queued up drains
LEAD, LEAST_LEAD = 1 / 8, 0.03  # of a chunk, and in seconds: how far ahead of the beat


class Pace:
    """The chunk time in seconds, and when the next message may leave.

    `round_trip` is the network's, in seconds: the beat is heard late, and a message arrives late.
    `measured` is how long a message took until it was seen, if anybody has looked.
    """

    def __init__(self, chunk_frames: int) -> None:
        self.told_frames = chunk_frames
        self._heard_frames = 0
        self.round_trip = 0.0
        self.measured: float | None = None
        self._arrivals: deque[float] = deque()
        self._learned: float | None = None
        self._beat = Beat()
        self._sent = float("-inf")
        self._messages = 0
        self._silence = 0.0
        self._silence_counts_until = float("-inf")

    @property
    def chunk_frames(self) -> int:
        """Frames in a chunk: as heard, or the most that was told or heard before."""
        return self._beat.frames or max(self.told_frames, self._heard_frames)

    @property
    def chunk(self) -> float:
        """Seconds per chunk: learned, or the guess."""
        return self._learned if self._learned is not None else GUESS

    @property
    def period(self) -> float:
        """Seconds between two messages while there is no beat."""
        return self.chunk * MARGIN

    @property
    def latency(self) -> float:
        """Seconds from a message until it is seen: as measured, else as is usual."""
        if self.measured is not None:
            return self.measured
        return SEEN_AFTER * self.chunk + self.round_trip

    @property
    def knows(self) -> bool:
        """Whether the chunk time is more than a guess."""
        return self._learned is not None

    def told(self, seconds: float) -> None:
        """Set the chunk time; frames that arrive later refine it."""
        self._learned = min(max(seconds, SHORTEST), LONGEST)
        self._arrivals.clear()

    def sent(self, now: float) -> None:
        """A message left."""
        self._sent = now
        self._messages += 1

    def free(self, now: float) -> bool:
        """Whether the next message may leave."""
        silence = self._silence_at(now)
        if silence > LATE * self.chunk:
            return now >= self._sent + min(silence, STALL) * MARGIN
        beat = self._moment()
        if beat is None:
            return now >= self._sent + self.period
        return now >= self._ahead_of(beat, max(self._sent, now - 2 * LONGEST))

    def _ahead_of(self, beat: float, sent: float) -> float:
        """A lead before the beat that follows the one at which the last message was taken."""
        chunk = self.chunk
        rests = chunk if self._messages % REST == 0 else 0.0
        lead = self.round_trip + max(LEAD * chunk, min(LEAST_LEAD, chunk / 2))
        earliest = sent + rests + chunk - min(lead, chunk / 4)
        return beat - lead + chunk * ceil((earliest - beat + lead) / chunk)

    def heard(self, now: float) -> None:
        """A frame arrived at `now`."""
        arrivals = self._arrivals
        if arrivals:
            gap = now - arrivals[-1]
            if not 0 <= gap < STALL:
                self.restart()
            elif gap > LATE * self.chunk and gap >= self._silence_at(now):
                self._silence, self._silence_counts_until = gap, now + HOLD * gap
        arrivals.append(now)
        self._beat.heard(now)
        self._learn(now)

    def restart(self) -> None:
        """A new session: the old arrivals say nothing about it."""
        self.measured = None
        self._arrivals.clear()
        self._beat = Beat()
        self._sent = self._silence_counts_until = float("-inf")

    def _learn(self, now: float) -> None:
        arrivals = self._arrivals
        span, intervals = now - arrivals[0], len(arrivals) - 1
        if self._beat.frames:
            self._heard_frames = self._beat.frames
            self._learned = min(max(self._beat.seconds, SHORTEST), LONGEST)
        elif intervals >= ENOUGH * self.chunk_frames and span >= FEWEST_SECONDS:
            mean = span / intervals
            self._learned = min(max(mean * self.chunk_frames, SHORTEST), LONGEST)
        while intervals > CHUNKS * self.chunk_frames and now - arrivals[1] >= FEWEST_SECONDS:
            arrivals.popleft()
            intervals -= 1

    def _moment(self) -> float | None:
        """When a chunk was done; if a chunk is one frame, each is a beat."""
        if self.chunk_frames == 1 and self._arrivals and self._learned is not None:
            return self._arrivals[-1]
        return self._beat.moment()

    def _silence_at(self, now: float) -> float:
        """Seconds without a frame: now, or not long ago."""
        present = now - self._arrivals[-1] if self._arrivals else 0.0
        return max(present, self._silence) if now < self._silence_counts_until else present
