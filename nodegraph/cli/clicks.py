"""A sound with clicks mixed in, as a WAV file."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nodegraph.cli.guard import writing

_PITCH, _LENGTH, _RING = 1500.0, 0.05, 0.008
_LOUDNESS = 0.5


def write_clicks(
    out: Path, audio: str, clicks: Iterable[tuple[float, float]], rate: int, duration: float
) -> None:
    """Write `duration` seconds of a file (or "demo") with clicks (seconds, 0..1 loud) as 16 bit.

    The sound is made softer where that keeps it from clipping. Raises `NodegraphError`.
    """
    from nodegraph.audio.file import FileSource

    path = "" if audio == "demo" else str(Path(audio).absolute())
    source = FileSource({"path": path}, rate, Path())
    sound = source.read(round(duration * rate))
    source.close()
    sound = sound * (1.0 - _LOUDNESS) / max(1.0, float(np.abs(sound).max(initial=0.0)))
    time = np.arange(round(_LENGTH * rate)) / rate
    click = _LOUDNESS * np.sin(2.0 * np.pi * _PITCH * time) * np.exp(-time / _RING)
    for at, loud in clicks:
        part = sound[max(0, round(at * rate)) :][: len(click)]
        part += (loud * click[: len(part), None]).astype(np.float32)
    samples = np.round(sound * 32767.0).astype("<i2")
    with writing(out), wave.open(str(out), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
