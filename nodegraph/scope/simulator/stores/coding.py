"""Pictures into coded video: as they come, with the times at which they came."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from pathlib import Path

import av
from av import VideoFrame
from av.video.stream import VideoStream

from nodegraph.scope.simulator.models import Picture

Newest = Callable[[], Picture | None]
"""The newest picture of a session: the same object until there is another."""

_CLOCK = Fraction(1, 90_000)
_NOMINAL = 30  # frames a second, as the file says
_LOOK = 1 / 60  # seconds between two looks for a new picture
_CODEC = "libx264" if "libx264" in av.codecs_available else "mpeg4"
_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency"} if _CODEC == "libx264" else {}


class Encoder:
    """Writes H.264 where it can be had, else MPEG-4, into a file or a stream of bytes.

    Pictures are added in threads, which may be late: after the end they are left out.
    """

    def __init__(self, target: Path | io.BytesIO, format: str, picture: Picture) -> None:
        place = str(target) if isinstance(target, Path) else target
        self._container = av.open(place, "w", format=format)
        stream = self._container.add_stream(_CODEC, rate=_NOMINAL, options=_OPTIONS)
        assert isinstance(stream, VideoStream)  # both codecs are of video
        stream.height, stream.width = (side // 2 * 2 for side in picture.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _CLOCK
        self._stream = stream
        self._last = -1
        self._lock = threading.Lock()
        self._open = True
        self.pictures = 0
        """How many are in it."""

    def add(self, picture: Picture, seconds: float) -> None:
        """Code a picture of this time since the beginning."""
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(self._stream.width, self._stream.height, "yuv420p")
        with self._lock:
            if not self._open:
                return
            self._last = max(self._last + 1, round(seconds / _CLOCK))
            frame.pts, frame.time_base = self._last, _CLOCK
            self._container.mux(self._stream.encode(frame))
            self.pictures += 1

    def close(self) -> None:
        """Write what is left, and the end."""
        with self._lock:
            if not self._open:
                return
            self._open = False
            if self.pictures:
                self._container.mux(self._stream.encode(None))
            self._container.close()


async def arriving(newest: Newest) -> AsyncIterator[tuple[float, Picture]]:
    """Each new picture, and how many seconds after the first it came; without end."""
    before: Picture | None = None
    begun: float | None = None
    while True:
        picture = newest()
        if picture is not None and picture is not before:
            before, now = picture, time.monotonic()
            begun = now if begun is None else begun
            yield now - begun, picture
        await asyncio.sleep(_LOOK)


async def transport_stream(newest: Newest) -> AsyncIterator[bytes]:
    """The pictures as MPEG-TS, for as long as somebody reads."""
    buffer = io.BytesIO()
    encoder: Encoder | None = None
    try:
        async for seconds, picture in arriving(newest):
            encoder = encoder or Encoder(buffer, "mpegts", picture)
            await asyncio.to_thread(encoder.add, picture, seconds)
            if piece := buffer.getvalue():
                buffer.seek(0)
                buffer.truncate()
                yield piece
    finally:
        if encoder is not None:
            encoder.close()
