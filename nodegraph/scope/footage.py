"""Pictures to send to a server: a film, a camera, a test picture, always the newest, one size.

A film and a camera are read by a thread of their own, in real time. What cannot be opened is tried
again, and says meanwhile what is wrong.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.filter import Graph

from nodegraph.scope.video import Video

log = logging.getLogger(__name__)

Size = tuple[int, int]
"""Width and height in pixels, both even."""

AGAIN = 2.0
"""Seconds after which what failed is opened again."""

SLOWEST = 1.0
"""Seconds that a film's frame stands at most, whatever its time stamps say."""

CLOSE_WITHIN = 2.0
_TICK = Fraction(1, 90_000)


class Footage(Protocol):
    """Pictures. `problem` is a sentence while there are none; `close` may be called twice."""

    @property
    def problem(self) -> str: ...

    def newest(self) -> VideoFrame | None:
        """The newest picture; the same object as before if there is no newer one."""

    def close(self) -> None: ...


def open_footage(video: Video, size: Size) -> Footage:
    """Begin to bring pictures of this machine; returns at once."""
    match video.kind:
        case "test":
            return Bars(size)
        case "camera":
            return Reel(f"camera {video.name}".strip(), lambda: _camera(video.name), size)
        case _:
            return Reel(video.name, lambda: av.open(video.name), size, film=True)


def _camera(name: str) -> InputContainer:
    """A camera through what the system has for it; a first one has no name but on Windows."""
    if sys.platform == "darwin":
        return av.open(name or "0", format="avfoundation", options={"framerate": "30"})
    if sys.platform == "win32":
        return av.open(f"video={name}", format="dshow")
    device = name or "0"
    return av.open(f"/dev/video{device}" if device.isdecimal() else device, format="v4l2")


class Bars:
    """Bars in eight colours with a light that goes to and fro, once in four seconds."""

    problem = ""

    def __init__(self, size: Size) -> None:
        width, height = size
        self._size = size
        number = np.arange(width) * 8 // width
        bits = 7 - number[:, None] >> np.array([1, 2, 0])  # white, yellow, cyan, green, magenta…
        row = ((bits & 1) * 191).astype(np.uint8)
        self._bars = np.broadcast_to(row, (height, width, 3))

    def newest(self) -> VideoFrame | None:
        width, height = self._size
        picture = self._bars.copy()
        wide = max(2, width // 12)
        left = int((width - wide) * (0.5 - 0.5 * np.cos(time.monotonic() * np.pi / 2)))
        picture[height // 3 : height - height // 3, left : left + wide] = 255
        return VideoFrame.from_ndarray(picture, format="rgb24")

    def close(self) -> None:
        """There is nothing to let go of."""


class Reel:
    """What a container brings, in real time: a `film` at its own pace and again from its
    beginning, a camera as it comes."""

    def __init__(
        self, name: str, open: Callable[[], InputContainer], size: Size, *, film: bool = False
    ) -> None:
        self.problem = ""
        self._name, self._open, self._size, self._film = name, open, size, film
        self._newest: VideoFrame | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="footage", daemon=True)
        self._thread.start()

    def newest(self) -> VideoFrame | None:
        return self._newest

    def close(self) -> None:
        """Stop reading; a camera that hangs is left to itself."""
        self._closing.set()
        self._thread.join(CLOSE_WITHIN)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with self._open() as container:
                    pictures = self._play(container)
                if not pictures:
                    raise ValueError("it holds no pictures")
                if pictures == 1:
                    self._closing.wait()
            except Exception as error:  # containers, drivers and filters fail in many ways
                self._complain(error)
                self._closing.wait(AGAIN)

    def _complain(self, error: Exception) -> None:
        told = getattr(error, "strerror", None) or error
        text = f"{self._name} cannot be sent as video: {told}"
        if text != self.problem:
            log.warning("%s", text)
        self.problem = text

    def _play(self, container: InputContainer) -> int:
        """Bring every picture at its time, and say how many there were."""
        if not container.streams.video:
            return 0
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        fit = Fit(self._size)
        count, due, before = 0, time.monotonic(), None
        for frame in container.decode(stream):
            if self._film and before is not None and frame.time is not None:
                due = max(due + min(max(0.0, frame.time - before), SLOWEST), time.monotonic() - 1)
            before = frame.time
            if self._closing.wait(max(0.0, due - time.monotonic())):
                break
            self._newest, self.problem = fit(frame), ""
            count += 1
        if count > 1:  # the last picture stands as long as the others
            self._closing.wait(1 / float(stream.average_rate or 25))
        return count


class Fit:
    """Scales pictures until they cover a size, and cuts off what is over."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._graph: Graph | None = None
        self._made: tuple[int, int, str] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        kind = frame.width, frame.height, frame.format.name
        if self._graph is None or kind != self._made:
            self._graph, self._made = self._build(frame), kind
        frame.pts = None
        self._graph.push(frame)
        fitted = self._graph.pull()
        assert isinstance(fitted, VideoFrame)
        return fitted

    def _build(self, frame: VideoFrame) -> Graph:
        width, height = self._size
        graph = Graph()
        graph.link_nodes(
            graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=_TICK
            ),
            graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=increase"),
            graph.add("crop", f"{width}:{height}"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ).configure()
        return graph


def resolved(video: Video, folders: tuple[Path, ...]) -> Video:
    """A film by its whole path: a relative one is looked for in these folders."""
    if video.kind != "file" or Path(video.name).is_absolute():
        return video
    found = next((each for each in folders if (each / video.name).exists()), None)
    return video if found is None else Video(video.kind, str((found / video.name).absolute()))
