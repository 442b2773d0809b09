"""Shows what Scope paints to whoever watches: frames as RGB in shared memory, written by a thread.

The event loop only lays the newest frame down. A thread picks it up, at most as often as anybody
wants it, converts it, and writes it (`nodegraph.remote.pictures`). While nobody watches it sleeps.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from nodegraph.remote.pictures import PictureWriter, Pixels

log = logging.getLogger(__name__)

MOST_FPS = 60.0
LONGEST_SIDE = 4096


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to see pictures: so many a second, no side longer than so many pixels."""

    fps: float = 30.0
    longest: int = LONGEST_SIDE


class Pictures:
    """Everything but the thread belongs to the event loop."""

    def __init__(self, folder: Path) -> None:
        self.complaint = ""
        """Why nothing can be shown; empty if nothing is wrong."""
        self._writer = PictureWriter(folder)
        self._wishes: dict[int, Wish] = {}
        self._wish = Wish()
        self._newest: tuple[VideoFrame, float] | None = None
        self._news, self._closing = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def want(self, who: int, wish: Wish | None) -> None:
        """One who watches has a wish, or watches no more. All see what the greediest wants."""
        self._wishes.pop(who, None)
        if wish is not None:
            self._wishes[who] = wish
        if not self._wishes:
            return
        fps = max(each.fps for each in self._wishes.values())
        self._wish = Wish(fps, max(each.longest for each in self._wishes.values()))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pictures", daemon=True)
            self._thread.start()

    def frame(self, frame: VideoFrame, arrived: float) -> None:
        """A frame has come."""
        if self._wishes:
            self._newest = frame, arrived
            self._news.set()

    def close(self) -> None:
        """Show nothing more."""
        self._closing.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
        self._writer.close()

    def _run(self) -> None:
        reformatter, due = VideoReformatter(), 0.0
        while True:
            self._news.wait()
            self._news.clear()
            if self._closing.wait(max(0.0, due - time.monotonic())):
                return
            newest, self._newest = self._newest, None
            if newest is None:
                continue
            period = 1.0 / self._wish.fps
            due = max(due, time.monotonic() - period) + period
            try:
                self._writer.write(_rgb(reformatter, newest[0], self._wish.longest), newest[1])
                self.complaint = ""
            except Exception as error:  # a frame may be odd, a disk full: the next one is shown
                if not self.complaint:
                    log.warning("the pictures cannot be shown: %s", error)
                self.complaint = f"the pictures cannot be shown: {error}"


def _rgb(reformatter: VideoReformatter, frame: VideoFrame, longest: int) -> Pixels:
    """A frame as RGB, made smaller if it is larger than that; a view of what FFmpeg made."""
    scale = min(1.0, longest / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    made = reformatter.reformat(frame, width, height, "rgb24")
    plane = made.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
    return rows[:, : width * 3].reshape(height, width, 3)
