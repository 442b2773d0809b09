"""What arrives in a session: its frames as they come, and how fast. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from av import VideoFrame

from nodegraph.scope.decoding import seconds_of

WINDOW = 2.0
"""Seconds over which rates and means are taken."""


class Intake:
    """The frames of one session. Times are `time.monotonic()`, in seconds."""

    def __init__(self) -> None:
        self.newest: VideoFrame | None = None
        self.frames = 0
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=256)

    def take(self, frame: VideoFrame, arrived: float) -> None:
        """A frame has come."""
        self.newest = frame
        self.frames += 1
        self._arrivals.append((arrived, seconds_of(frame)))

    def fps(self, now: float) -> float:
        """Frames per second lately."""
        return len(self._recent(now)) / WINDOW

    def decode(self, now: float) -> float:
        """Seconds that a frame took to decode lately, on average."""
        recent = self._recent(now)
        return sum(recent) / len(recent) if recent else 0.0

    def age(self, now: float) -> float | None:
        """Seconds since the newest frame arrived; None before the first."""
        return now - self._arrivals[-1][0] if self._arrivals else None

    def _recent(self, now: float) -> list[float]:
        return [seconds for arrived, seconds in self._arrivals if now - arrived <= WINDOW]


@dataclass(frozen=True, slots=True)
class Counters:
    """What the connection has counted since its beginning: bytes, video packets, those lost."""

    bytes: int = 0
    packets: int = 0
    lost: int = 0


class Traffic:
    """How fast the counters grow."""

    def __init__(self) -> None:
        self.bitrate = 0.0
        """Bits per second that arrived between the last two readings."""
        self.loss = 0.0
        """The share of video packets that were lost between them, 0..1."""
        self._last: tuple[float, Counters] | None = None

    def read(self, counters: Counters, now: float) -> None:
        """The counters stand so at `now`, in seconds."""
        if self._last is not None and now > self._last[0]:
            then, before = self._last
            self.bitrate = max(0, counters.bytes - before.bytes) * 8 / (now - then)
            lost = max(0, counters.lost - before.lost)
            expected = lost + max(0, counters.packets - before.packets)
            self.loss = lost / expected if expected else 0.0
        self._last = now, counters
