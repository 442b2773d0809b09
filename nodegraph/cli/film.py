"""Keeps what a server painted: a video of every frame, and a strip of some of them."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av import VideoFrame
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

CODECS = (("libx264", ".mp4"), ("libvpx", ".webm"), ("mpeg4", ".mp4"))
"""Video codecs in order of preference, and the file each goes into; not every FFmpeg has all."""

_CLOCK = Fraction(1, 1000)
_WAITING = 120  # frames that may wait for the encoder; beyond that they are dropped
_THUMB = 320


class Film:
    """Takes frames as they arrive and writes `NAME.mp4` and `NAME-strip.png` into a folder.

    `add` is quick and may be called from any thread; encoding happens in a thread of its own.
    `files` names what was written, once the block is left; without a frame there is nothing.
    A film that cannot be written ends no show: `problem` says what was wrong.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.files: list[Path] = []
        self._codec, suffix = next(pair for pair in CODECS if pair[0] in av.codecs_available)
        self._video, self._picture = folder / f"{name}{suffix}", folder / f"{name}-strip.png"
        self._frames: queue.Queue[tuple[VideoFrame, float] | None] = queue.Queue(_WAITING)
        self._strip = Strip()
        self.problem: str | None = None
        self._thread = threading.Thread(target=self._run, name="film")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._thread.is_alive():
            with suppress(queue.Full):  # it frees a place soon, or has failed and ends
                self._frames.put(None, timeout=0.2)
                break
        self._thread.join()

    def add(self, frame: VideoFrame, arrived: float) -> None:
        """Take a frame and its time in seconds."""
        if self._thread.is_alive() and not self._frames.full():
            self._frames.put_nowait((frame, arrived))

    def _run(self) -> None:
        try:
            self._write()
        except (av.FFmpegError, OSError, ValueError) as error:
            self.problem = f"{self._video} cannot be written: {error}"

    def _write(self) -> None:
        first = self._frames.get()
        if first is None:
            return
        begun = first[1]
        with av.open(self._video, "w") as container:
            stream = self._stream(container, first[0])
            item: tuple[VideoFrame, float] | None = first
            last = -1
            while item is not None:
                frame, arrived = item
                last = max(last + 1, round((arrived - begun) / _CLOCK))
                self._strip.add(frame, arrived - begun)
                picture = frame.reformat(stream.width, stream.height, "yuv420p")
                picture.pts, picture.time_base = last, _CLOCK
                container.mux(stream.encode(picture))
                item = self._frames.get()
            container.mux(stream.encode(None))
        self._strip.image().save(self._picture)
        self.files += [self._picture, self._video]

    def _stream(self, container: OutputContainer, frame: VideoFrame) -> VideoStream:
        quick = {"preset": "veryfast", "crf": "20"} if self._codec == "libx264" else {}
        stream = container.add_stream(self._codec, rate=30, options=quick)
        assert isinstance(stream, VideoStream)  # all of CODECS are
        stream.width, stream.height = frame.width // 2 * 2, frame.height // 2 * 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _CLOCK
        return stream


class Strip:
    """Thumbnails, evenly spaced over a time whose length is not known before it is over."""

    def __init__(self, most: int = 24) -> None:
        self.moments: list[tuple[float, Image.Image]] = []
        self._most, self._every, self._count = most, 1, 0

    def add(self, frame: VideoFrame, seconds: float) -> None:
        """Keep each n-th frame; when there are too many, every other one goes and n doubles."""
        if self._count % self._every == 0:
            small = frame.reformat(_THUMB, round(_THUMB * frame.height / frame.width), "rgb24")
            self.moments.append((seconds, Image.fromarray(small.to_ndarray())))
            if len(self.moments) > self._most:
                self.moments = self.moments[::2]
                self._every *= 2
        self._count += 1

    def image(self, across: int = 4, rows: int = 3) -> Image.Image:
        """A sheet of at most `across` x `rows` pictures, each with its time."""
        wanted = min(across * rows, len(self.moments))
        step = (len(self.moments) - 1) / max(wanted - 1, 1)
        chosen = [self.moments[round(i * step)] for i in range(wanted)]
        width, height = chosen[0][1].size
        gap, foot = 8, 22
        across = min(across, wanted)
        down = -(-wanted // across)
        size = (across * (width + gap) + gap, down * (height + foot) + gap)
        sheet = Image.new("RGB", size, "#101010")
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
        for i, (seconds, picture) in enumerate(chosen):
            x, y = gap + i % across * (width + gap), gap + i // across * (height + foot)
            sheet.paste(picture, (x, y))
            stamp = f"{int(seconds // 60)}:{seconds % 60:04.1f}"
            draw.text((x + 2, y + height + 2), stamp, "#d0d0d0", font)
        return sheet
