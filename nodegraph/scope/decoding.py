"""How long each frame takes to decode, which aiortc does not tell: its decoders get a watch.

Each frame carries what there is to say of it as its `opaque`, from the decoder's thread to whoever
reads the track.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiortc import rtcrtpreceiver
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame


@dataclass(frozen=True, slots=True)
class Decoded:
    """How one frame was decoded: in so many seconds, after so many that could not be."""

    seconds: float
    spoilt: int


class _Watched(Decoder):
    """A decoder that notes how it did on the frames that it gives."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._spoilt = 0

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        begun = time.perf_counter()
        try:
            frames = self._decoder.decode(encoded_frame)
        except Exception:
            self._spoilt += 1
            raise
        for frame in frames:
            frame.opaque = Decoded(time.perf_counter() - begun, self._spoilt)
            self._spoilt = 0
        return frames


def _watched(codec: RTCRtpCodecParameters) -> Decoder:
    return _Watched(get_decoder(codec))


def watch_decoders() -> None:
    """Give all decoders of this process a watch; may be called again."""
    vars(rtcrtpreceiver)["get_decoder"] = _watched


def seconds_of(frame: Frame) -> float:
    """How long a frame took to decode; 0 if nobody watched."""
    return frame.opaque.seconds if isinstance(frame.opaque, Decoded) else 0.0


def spoilt_before(frame: Frame) -> int:
    """How many frames before it arrived too damaged to be decoded."""
    return frame.opaque.spoilt if isinstance(frame.opaque, Decoded) else 0
