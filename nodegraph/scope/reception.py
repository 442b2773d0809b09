"""What comes over the tracks of a session: pictures, further views, sound, each to its callback."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ParamSpec

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from nodegraph.scope.intake import Intake

P = ParamSpec("P")
OnFrame = Callable[[VideoFrame, float], None]
"""Gets a frame and the `time.monotonic()` of its arrival."""
OnSound = Callable[[AudioFrame, float], None]

log = logging.getLogger(__name__)


def guarded(callback: Callable[P, None] | None) -> Callable[P, None]:
    """The callback, so that what it raises is logged (once) and ends nothing."""
    logged = False

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal logged
        if callback is None:
            return
        try:
            callback(*args, **kwargs)
        except Exception:
            if not logged:
                log.exception("a callback of the Scope session failed; it will be called again")
            logged = True

    return call


class Reception:
    """Takes every frame at once, so that none waits. `over` is called when no more will come.

    The first track of video is the picture, those after it go to `on_views` in their order.
    """

    def __init__(
        self,
        on_frame: OnFrame | None,
        on_views: Sequence[OnFrame],
        on_sound: OnSound | None,
        over: Callable[[str], None],
    ) -> None:
        self.intake = Intake()
        self.first = asyncio.Event()
        """Set when the first frame is here, or none will come."""
        self.sounds = 0
        """Packets of sound that came."""
        self.views = len(on_views)
        self.wants_sound = on_sound is not None
        self.tasks: list[asyncio.Task[None]] = []
        self._on_frame = guarded(on_frame)
        self._on_views = [guarded(each) for each in on_views]
        self._on_sound = guarded(on_sound)
        self._over = over
        self._videos = 0

    def watch(self, track: MediaStreamTrack) -> None:
        """Read a track until it ends."""
        if track.kind == "audio":
            reading = self._read_sound(track)
        elif self._videos == 0:
            reading = self._read(track)
        elif self._videos <= len(self._on_views):
            reading = self._read_view(track, self._on_views[self._videos - 1])
        else:
            return
        self._videos += track.kind == "video"
        self.tasks.append(asyncio.create_task(reading, name="scope frames"))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            with suppress(MediaStreamError):
                while True:
                    frame = await track.recv()
                    if isinstance(frame, VideoFrame):
                        arrived = time.monotonic()
                        self.intake.take(frame, arrived)
                        self.first.set()
                        self._on_frame(frame, arrived)
        finally:
            self._over("the video track ended")  # also if it is by a mistake of ours

    async def _read_view(self, track: MediaStreamTrack, show: OnFrame) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    show(frame, time.monotonic())

    async def _read_sound(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self.sounds += 1
                    self._on_sound(frame, time.monotonic())
