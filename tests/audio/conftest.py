"""Sound files written on the fly, by FFmpeg's encoders and not by the code under test."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Write = Callable[..., Path]

CODECS = {  # what the name ends with: codec, sample format, options
    ".wav": ("pcm_f32le", "flt", {}),
    ".16.wav": ("pcm_s16le", "s16", {}),
    ".flac": ("flac", "s16", {}),
    ".flac.ogg": ("flac", "s16", {}),
    ".ogg": ("vorbis", "fltp", {"strict": "experimental"}),
    ".mp3": ("libmp3lame", "fltp", {"b": "192k"}),
    ".vbr.mp3": ("libmp3lame", "fltp", {"flags": "+qscale", "global_quality": "472"}),
    ".m4a": ("aac", "fltp", {"aac_pns": "0"}),
    ".opus": ("libopus", "flt", {}),
    ".webm": ("libopus", "flt", {}),
}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("name.flac", samples, rate)`: float32[n, channels] as a file in a fresh folder."""

    def write(name: str, samples: NDArray[np.float32], rate: int) -> Path:
        ending = next(end for end in sorted(CODECS, key=len, reverse=True) if name.endswith(end))
        codec, sample_format, options = CODECS[ending]
        try:
            av.codec.Codec(codec, "w")
        except av.codec.codec.UnknownCodecError:
            pytest.skip(f"this FFmpeg has no encoder {codec}")
        layout = LAYOUTS[samples.shape[1]]
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream(codec, rate=rate, options=options)
            stream.layout, stream.format = layout, sample_format
            for start in range(0, len(samples), 1024):
                part = np.ascontiguousarray(samples[start : start + 1024]).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(part, "flt", layout)
                frame.sample_rate, frame.pts = rate, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return tmp_path / name

    return write


@pytest.fixture
def write_wav(tmp_path: Path) -> Write:
    """`write_wav("name.wav", samples, rate)`: int16[n, channels] by the standard library."""

    def write_wav(name: str, samples: NDArray[np.int16], rate: int) -> Path:
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.tobytes())
        return tmp_path / name

    return write_wav


@pytest.fixture
def music() -> NDArray[np.float32]:
    """Five seconds of stereo at 44100 Hz, nowhere alike: a chirp, a beat, a little noise."""
    t = np.arange(5 * 44_100) / 44_100
    chirp = 0.4 * np.sin(2 * np.pi * (200 * t + 300 * t**2))
    beat = 0.3 * np.sin(2 * np.pi * 60 * t) * np.exp(-8 * (t % 0.5))
    hiss = 0.02 * np.random.default_rng(1).standard_normal((2, len(t)))
    return np.stack([chirp + beat, beat - chirp], 1).astype(np.float32) + hiss.T.astype(np.float32)
