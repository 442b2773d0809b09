"""The video that goes to a server: a track for each session, on what is to be sent just now."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from nodegraph.scope.footage import Footage, Size, open_footage
from nodegraph.scope.video import Video

FPS = 30.0
"""Pictures that are sent in a second; one that is the newest still is sent again."""

CLOCK = 90_000
"""Ticks of a video's time stamps in a second (RFC 7741)."""


class Feed:
    """What is sent, which may be another thing at any time. Belongs to one event loop."""

    def __init__(self) -> None:
        self.sent = 0
        self._shown: tuple[Video, Size] | None = None
        self._footage: Footage | None = None
        self._black = _black((576, 320))

    @property
    def problem(self) -> str:
        """Why nothing is sent that should be; empty if nothing is wrong."""
        return self._footage.problem if self._footage else ""

    def show(self, video: Video | None, size: Size) -> None:
        """Send this from now on, at this size; None sends nothing."""
        wanted = (video, size) if video is not None and video.is_sent else None
        if wanted == self._shown:
            return
        before, self._shown, self._black = self._footage, wanted, _black(size)
        self._footage = open_footage(*wanted) if wanted else None
        if before is not None:
            close_aside(before)

    def newest(self) -> VideoFrame:
        """The picture to send now."""
        return (self._footage.newest() if self._footage else None) or self._black

    def close(self) -> None:
        """Let go of the camera or the film."""
        if self._footage is not None:
            self._footage.close()
        self._shown = self._footage = None


def _black(size: Size) -> VideoFrame:
    width, height = size
    return VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")


def close_aside(footage: Footage) -> None:
    """Close it in another thread: a driver takes its time."""
    asyncio.get_running_loop().run_in_executor(None, footage.close)


class FeedTrack(MediaStreamTrack):
    """A feed as one session sends it, which ends with the session.

    While there is nothing to send it is black: a pipeline without video would not paint at all.
    """

    kind = "video"

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed
        self._begun = self._due = time.monotonic()

    async def recv(self) -> VideoFrame:
        """The next picture, at its time."""
        now = time.monotonic()
        self._due = max(self._due + 1 / FPS, now)
        await asyncio.sleep(self._due - now)
        if self.readyState != "live":
            raise MediaStreamError
        frame = self._feed.newest()
        frame.pts = int((time.monotonic() - self._begun) * CLOCK)
        frame.time_base = Fraction(1, CLOCK)
        self._feed.sent += 1
        return frame
