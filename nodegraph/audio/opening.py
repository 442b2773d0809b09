"""Open a sound file with FFmpeg (through PyAV), or say in one sentence why it cannot be played."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from nodegraph.errors import AudioError

LOCAL_ONLY = {"protocol_whitelist": "file"}
"""A playlist or stream description must not make the decoder go to the network."""

CONVERT = "convert it to WAV or FLAC, or choose another file"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sound file says of its audio track before any of it is decoded."""

    duration: float | None
    """Seconds; None where the file does not tell. An estimate for MP3 files without a header."""
    channels: int
    rate: int
    """Its own sample rate in Hz."""
    codec: str


def probe(path: Path) -> Facts:
    """The facts of a sound file. Raises `AudioError`."""
    container, stream = open_audio(path)
    with container:
        return facts(container, stream)


def native_rate(path: Path) -> int:
    """The sample rate in Hz that a file was stored with. Raises `AudioError`."""
    return probe(path).rate


def open_audio(path: Path) -> tuple[InputContainer, AudioStream]:
    """An open container and its main audio track, with a decoder. Raises `AudioError`."""
    _check_regular(path)
    try:
        container = av.open(str(path.absolute()), options=LOCAL_ONLY)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioError(
            f"{path} is not a sound file, or its beginning is damaged; {CONVERT}"
        ) from error
    try:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream):
            raise AudioError(f"{path} has no audio track; choose a file with sound")
        if stream.codec_context is None or not stream.codec_context.sample_rate:
            raise AudioError(f"{path} is coded in a way that cannot be decoded here; {CONVERT}")
    except AudioError:
        container.close()
        raise
    return container, stream


def facts(container: InputContainer, stream: AudioStream) -> Facts:
    """The facts of an open audio track."""
    seconds = None
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    context = stream.codec_context
    return Facts(seconds, context.layout.nb_channels, context.sample_rate, context.name)


def _check_regular(path: Path) -> None:
    """Refuse what is not a readable, filled, regular file: opening a pipe would never return."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise AudioError(f"{path} is a folder; choose a sound file inside it")
        if not stat.S_ISREG(found.st_mode):
            raise AudioError(f"{path} is a device or a pipe, not a file; choose a sound file")
        if found.st_size == 0:
            raise AudioError(f"{path} is empty (0 bytes); copy or export it again")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise AudioError(f"{path} does not exist; check the path or copy it there") from error
    except PermissionError as error:
        raise AudioError(f"{path} may not be read; give yourself permission to read it") from error
    except (OSError, ValueError) as error:
        raise AudioError(f"{str(path)!r} cannot be opened ({error}); check the path") from error
