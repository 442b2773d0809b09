"""The sound of a pipeline that makes some: a soft chord, 48 kHz in stereo, 20 ms at a time."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

_RATE = 48_000
_BLOCK = 960
_CHORD = (220.0, 277.2, 329.6)


class SoundTrack(MediaStreamTrack):
    """The returned sound of one session."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._blocks = 0
        self._begun: float | None = None

    async def recv(self) -> AudioFrame:
        """Wait until the next block is due; raise MediaStreamError when it is over."""
        if self._begun is None:
            self._begun = time.monotonic()
        due = self._begun + self._blocks * _BLOCK / _RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if self.readyState != "live":
            raise MediaStreamError
        at = (np.arange(_BLOCK) + self._blocks * _BLOCK) / _RATE
        wave = np.sum([np.sin(2 * np.pi * pitch * at) for pitch in _CHORD], axis=0)
        samples = np.repeat((wave * 2_000).astype(np.int16), 2)[None, :]
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = _RATE
        frame.pts = self._blocks * _BLOCK
        frame.time_base = Fraction(1, _RATE)
        self._blocks += 1
        return frame
