"""Live sound from a device's own sample rate to the engine's, piece by piece."""

from __future__ import annotations

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray


class Resampler:
    """FFmpeg's resampler over a stream: what it holds back of one piece comes with the next.

    Pieces are float32[n, channels], with any number of channels.
    """

    def __init__(self, source: int, target: int, channels: int) -> None:
        self._source, self._channels = source, channels
        self._layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
        equal = source == target
        self._resampler = None if equal else AudioResampler("flt", self._layout, target)

    def resample(self, piece: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next of it at the target rate; it may be empty."""
        if self._resampler is None:
            return piece
        frame = AudioFrame.from_ndarray(piece.reshape(1, -1), "flt", self._layout)
        frame.sample_rate = self._source
        made = [out.to_ndarray() for out in self._resampler.resample(frame) if out is not None]
        flat = np.concatenate(made, axis=1) if made else np.empty(0, np.float32)
        return flat.astype(np.float32, copy=False).reshape(-1, self._channels)
