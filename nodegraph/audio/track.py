"""A sound file as a stream of pieces at the engine's rate, from any sample on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import gcd
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from nodegraph.audio.opening import CONVERT, facts, open_audio
from nodegraph.errors import AudioError

LIMIT = 16.0
"""Float files may go beyond ±1 and are not clipped, which would change the music. Beyond +24 dB
over full scale it is damage, and is limited so that no power of it overflows in a node."""

PREROLL = 1.0
"""Seconds decoded before a seek's target. An MP3 frame leans on up to nine before it, Opus asks
for 80 ms (RFC 7845, 4.6), and in Ogg FLAC only the second page after a seek is timed truly."""

FILTER = 0.05
"""Seconds that fill the resampler's filter before the first sample that is kept."""

HOPELESS = 2_000
"""Bad packets from the beginning on, with nothing heard, after which a file is refused: it may be
encrypted, and opening must not read through all of it."""

STUCK = 32
"""Failures to read on, one after another, after which the rest of a file counts as lost."""


class FileTrack:
    """An open sound file, decoded as it is asked for and never held in memory as a whole.

    Mono stays mono, all else becomes stereo. `skipped` counts the packets that could not be
    decoded and were left out. Raises `AudioError` unless at least one sample can be had.
    """

    def __init__(self, path: Path, rate: int) -> None:
        self.skipped = 0
        self._path, self._rate = path, rate
        self._container, self._stream = open_audio(path)
        self._unplayed: Iterator[AudioFrame] | None = None
        self._native = 0
        try:
            self._decode_first()
        except AudioError:
            self.close()
            raise

    def _decode_first(self) -> None:
        """Only a decoded frame tells the true rate and channels, and that there is any sound."""
        frames = self._decoded()
        frame = next(frames, None)
        if frame is None:
            raise AudioError(
                f"{self._path} has no sample that can be decoded; copy or export it again"
            )
        self._native, self._origin = frame.sample_rate, frame.pts or 0
        self._unplayed = chain([frame], frames)
        self.channels = 1 if frame.layout.nb_channels == 1 else 2
        self.duration = facts(self._container, self._stream).duration
        if next(self._resampled(iter([frame])), None) is None:
            raise AudioError(
                f"{self._path} has {frame.layout.nb_channels} channels "
                f"that cannot be mixed to stereo; {CONVERT}"
            )

    def pieces(self, start: int) -> Iterator[NDArray[np.float32]]:
        """The sound from sample `start` (at the engine's rate) to the end, float32[n, channels].

        It gives what playing from the beginning would give at the same place: to the sample where
        the container counts time in samples (WAV, FLAC, Ogg, M4A, MP3), to the millisecond in
        Matroska. There is one decoder: a new call ends the iterators before it.
        """
        unit = self._native // gcd(self._native, self._rate)  # here both clocks tick together
        early = start * self._native // self._rate - round(FILTER * self._native)
        native = max(0, early) // unit * unit
        drop = start - native * self._rate // self._native
        for piece in self._resampled(self._frames(native)):
            if drop < len(piece):
                yield piece[drop:]
            drop = max(0, drop - len(piece))

    def close(self) -> None:
        self._container.close()

    def _resampled(self, frames: Iterator[AudioFrame]) -> Iterator[NDArray[np.float32]]:
        """Frames as pieces. A change of format on the way (chained Ogg) is followed."""
        layout = "mono" if self.channels == 1 else "stereo"
        resampler, known = AudioResampler("flt", layout, self._rate), None
        for frame in frames:
            found = (frame.format.name, frame.layout.name, frame.sample_rate)
            if known not in (None, found):
                yield from self._convert(resampler, None)
                resampler = AudioResampler("flt", layout, self._rate)
            known = found
            yield from self._convert(resampler, frame)
        yield from self._convert(resampler, None)

    def _convert(
        self, resampler: AudioResampler, frame: AudioFrame | None
    ) -> Iterator[NDArray[np.float32]]:
        """What the resampler gives for a frame, or for None what it still holds."""
        try:
            converted = resampler.resample(frame)
        except (av.FFmpegError, ValueError):
            self.skipped += 1
            return
        for out in converted:
            if out is not None and out.samples:  # with nothing to do it answers None with None
                flat = np.nan_to_num(out.to_ndarray(), nan=0.0, posinf=0.0, neginf=0.0)
                piece = flat.clip(-LIMIT, LIMIT).reshape(-1, self.channels)
                yield piece.astype(np.float32, copy=False)

    def _frames(self, start: int) -> Iterator[AudioFrame]:
        """Decoded frames from the native sample `start` on, the first one cut to begin there."""
        frames, at = self._seek(start)
        for frame in frames:
            at = self._index(frame, at)
            if at + frame.samples > start:
                yield _cut(frame, max(0, start - at))
                break
            at += frame.samples
        yield from frames

    def _seek(self, start: int) -> tuple[Iterator[AudioFrame], int]:
        """Frames from somewhere before `start`, and the native sample that they begin with."""
        target = start / self._native - PREROLL
        base = self._stream.time_base
        if target > 0 and base is not None:
            self._unplayed = None
            try:
                self._container.seek(self._origin + int(target / base), stream=self._stream)
            except av.FFmpegError:
                return self._from_beginning(), 0
            frames = self._decoded()
            first = next(frames, None)
            if first is None:  # past the end
                return iter(()), start
            if first.pts is not None and self._index(first, 0) <= start:
                return chain([first], frames), 0
        return self._from_beginning(), 0

    def _from_beginning(self) -> Iterator[AudioFrame]:
        """All frames. The file is opened anew: not every container seeks back to its priming."""
        if self._unplayed is None:
            try:
                container, stream = open_audio(self._path)
            except AudioError:  # it was moved away meanwhile, but is still open here
                self._container.seek(self._stream.start_time or 0, stream=self._stream)
            else:
                self._container.close()
                self._container, self._stream = container, stream
            self._unplayed = self._decoded()
        frames, self._unplayed = self._unplayed, None
        return frames

    def _index(self, frame: AudioFrame, otherwise: int) -> int:
        """The native sample that a frame begins with, counted from the first one decoded."""
        if frame.pts is None or frame.time_base is None:
            return otherwise
        return round((frame.pts - self._origin) * frame.time_base * self._native)

    def _decoded(self) -> Iterator[AudioFrame]:
        """Frames from where the container stands; what cannot be decoded is counted, left out."""
        stuck = 0
        packets = self._container.demux(self._stream)
        while stuck < STUCK and (self._native or self.skipped < HOPELESS):
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                stuck, packets = stuck + 1, self._container.demux(self._stream)
                self.skipped += 1
                continue
            if packet is None:
                return
            stuck = 0
            try:
                frames = packet.decode()
            except av.EOFError:
                return
            except av.FFmpegError:
                self.skipped += 1
            else:
                yield from (frame for frame in frames if frame.samples)


def _cut(frame: AudioFrame, samples: int) -> AudioFrame:
    """A frame without its first `samples`."""
    if samples == 0:
        return frame
    width = 1 if frame.format.is_planar else frame.layout.nb_channels
    kept = frame.to_ndarray()[:, samples * width :].copy()
    cut = AudioFrame.from_ndarray(kept, frame.format.name, frame.layout.name)
    cut.sample_rate, cut.time_base = frame.sample_rate, frame.time_base
    return cut
