"""What else a show's machine does: draw an editor, make garbage, decode video, compile edits.

Each load runs in a thread or process of its own while `busy` is set, and rests while it is not.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from fractions import Fraction
from typing import Protocol

import numpy as np
from aiortc import RTCPeerConnection, VideoStreamTrack
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

FRAME, WORK = 1 / 60, 0.008
"""Seconds of a frame of the editor, and those of them in which Python works on it."""

KEPT, CHURN = 200_000, 3_000
"""Objects that the editor holds, and those that it makes with each frame and keeps for a while."""

EVERY = 0.25
"""Seconds from one edit to the next."""

WIDTH, HEIGHT, RATE = 640, 360, 30


class Flag(Protocol):
    """An event of threads or of processes."""

    def is_set(self) -> bool:
        """Whether it is set."""

    def wait(self, timeout: float | None = None) -> object:
        """Until it is set, or the time is over."""


def editor(busy: Flag) -> None:
    """Draw frames, with the garbage that goes with it, for ever."""
    kept = [{"id": number, "at": [number, number]} for number in range(KEPT)]
    passing: deque[object] = deque(maxlen=30 * CHURN)
    due = time.perf_counter()
    while True:
        if not busy.wait(0.1):
            due = time.perf_counter()
            continue
        end = time.perf_counter() + WORK
        passing.extend({"frame": number, "of": [due]} for number in range(CHURN))
        total = 0.0
        while time.perf_counter() < end:
            for item in kept[:200]:
                total += len(item)
        due = max(due + FRAME, time.perf_counter() - FRAME)
        time.sleep(max(0.0, due - time.perf_counter()))


class Counts(Protocol):
    """Numbers that several processes share."""

    def __getitem__(self, index: int) -> int: ...

    def __setitem__(self, index: int, value: int) -> None: ...


class Film(VideoStreamTrack):
    """Pictures that never stop changing, while it is busy."""

    def __init__(self, busy: Flag) -> None:
        super().__init__()
        self._busy = busy
        self._number = 0
        self._noise = np.random.default_rng(1).integers(0, 255, (2 * HEIGHT, WIDTH, 3), np.uint8)

    async def recv(self) -> VideoFrame:
        """The next picture, in its time."""
        await asyncio.sleep(1 / RATE)
        while not self._busy.is_set():
            await asyncio.sleep(0.05)
        self._number += 1
        at = self._number * 7 % HEIGHT
        frame = VideoFrame.from_ndarray(self._noise[at : at + HEIGHT], format="rgb24")
        frame.pts, frame.time_base = self._number, Fraction(1, RATE)
        return frame


async def _watch(track: MediaStreamTrack, counts: Counts) -> None:
    while True:
        await track.recv()
        counts[2] += 1


async def _loopback(busy: Flag, counts: Counts) -> None:
    sender, receiver = RTCPeerConnection(), RTCPeerConnection()
    watching: list[asyncio.Task[None]] = []

    @receiver.on("track")
    def on_track(track: MediaStreamTrack) -> None:
        watching.append(asyncio.create_task(_watch(track, counts)))

    sender.addTrack(Film(busy))
    await sender.setLocalDescription(await sender.createOffer())
    await receiver.setRemoteDescription(sender.localDescription)
    await receiver.setLocalDescription(await receiver.createAnswer())
    await sender.setRemoteDescription(receiver.localDescription)
    await asyncio.Event().wait()


def video(busy: Flag, counts: Counts) -> None:
    """Have a WebRTC session with ourselves for ever: code pictures, encrypt, send, receive, decode.

    `counts[2]` has the number of frames that arrived.
    """
    asyncio.run(_loopback(busy, counts))
