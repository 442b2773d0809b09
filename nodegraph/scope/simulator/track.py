"""Send a session's frames to the client, evenly paced."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from nodegraph.scope.simulator.frames import NoVideo, Rate
from nodegraph.scope.simulator.models import Picture
from nodegraph.scope.simulator.stage import Stage

_CLOCK = 90_000
_POLL = 0.004


class OutputTrack(MediaStreamTrack):
    """The returned video of one sink of a session, the first one if no other is named.

    Chunks arrive as bursts and leave one frame at a time at the measured rate. While paused the
    last frame is repeated, or nothing is sent if a graph's sink is shown. Without a sink the track
    ends when it is asked for a frame while the client sends no video: then nothing revives it.
    """

    kind = "video"

    def __init__(self, stage: Stage, sink: int = 0) -> None:
        super().__init__()
        self.fed = False
        """Whether the client's video has arrived, be it silent."""
        self.last: Picture | None = None
        self._stage = stage
        self._first = sink == 0
        self._frames = stage.outputs[sink] if sink < len(stage.outputs) else NoVideo()
        sinks = stage.layout.sinks
        self._rate = stage.rates.get(sinks[sink].before if sinks else "") or Rate()
        self._due = 0.0
        self._origin: float | None = None

    async def recv(self) -> VideoFrame:
        """Wait for the next frame and for its time; raise MediaStreamError when it is over."""
        if not self.fed and not self._stage.layout.has_sink:
            self.stop()
        picture = await self._next()
        await self._pace()
        self.last = picture
        self._stage.sent += self._first
        now = time.monotonic()
        self._origin = now if self._origin is None else self._origin
        frame = VideoFrame.from_ndarray(_even(picture), format="rgb24")
        frame.pts = int((now - self._origin) * _CLOCK)
        frame.time_base = Fraction(1, _CLOCK)
        return frame

    async def _next(self) -> Picture:
        repeats = not self._stage.layout.has_sink
        while self.readyState == "live":
            if self._stage.paused and repeats:
                if self.last is not None:
                    return self.last
            elif (taken := self._frames.take(1)) is not None:
                return taken[0]
            await asyncio.sleep(_POLL)
        raise MediaStreamError

    async def _pace(self) -> None:
        """Sleep until this frame is due; never try to catch up more than one frame."""
        interval = 1.0 / self._rate.fps
        now = time.monotonic()
        self._due = max(self._due + interval, now - interval)
        await asyncio.sleep(max(0.0, self._due - now))


def _even(picture: Picture) -> Picture:
    """Pad to even sides: the chroma of a coded frame has half the size."""
    rows, columns = picture.shape[0] % 2, picture.shape[1] % 2
    return np.pad(picture, ((0, rows), (0, columns), (0, 0)), "edge") if rows | columns else picture
