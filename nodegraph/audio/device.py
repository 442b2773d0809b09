"""The source behind `audio.device`: an audio input, heard by a thread of its own into a ring."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import count
from os import getpid
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.devices import Device, Stream, close_stream, open_stream
from nodegraph.audio.drift import DriftMeter, Steady
from nodegraph.audio.finding import find
from nodegraph.audio.pulse import Attachment
from nodegraph.audio.resampling import Resampler
from nodegraph.audio.ring import Ring
from nodegraph.errors import AudioError
from nodegraph.words import plural

Samples = NDArray[np.float32]

START = 5.0
"""Seconds in which the first sound must come. A sound server may need two to wake a device."""

STALL = 0.7
"""Seconds without a sample after which an input counts as gone."""

SILENT = 20.0
"""Seconds of zeros, exactly, after which somebody should look at the cable and the mute button."""

LATE = 0.25
"""Seconds of sound that wait to be read. Beyond it the engine was held up, and what is old is
dropped: the picture follows what is played now."""

CUSHION = 0.03
"""Seconds that lie ready for an engine which another clock drives: two deliveries and a half."""

_numbers = count()


class DeviceSource:
    """A `Source` (see `nodegraph.hookspecs`) over an input that is open and brings sound.

    Params: `channels`, which of the device's channels are heard (see `columns`). Of `device` and
    `host_api`, a change asks for another source.

    While it `leads`, the engine runs at the device's pace: each sample is read once, untouched.
    Otherwise the sound is stretched, by less than anyone hears, to the pace at which it is read.
    Raises `AudioError`.
    """

    live = True
    reopens = frozenset({"device", "host_api"})
    """Params of which a change cannot be followed while playing."""
    duration = None
    ended = False

    def __init__(self, device: Device, params: Mapping[str, object], rate: int) -> None:
        self.device = device
        self._rate = rate
        self._columns = columns(str(params.get("channels", "all")), device)
        self._lost = ""
        self._closing = self._begun = False
        self._block = 512
        self._heard = self._sounded = perf_counter()
        self._dropped = 0
        self._meter = DriftMeter(device.rate)
        self._ring = Ring(rate, device.channels)
        self.leads = True
        self._attachment: Attachment | None = None
        tag = f"{getpid()}.{next(_numbers)}"
        stream, frames = open_stream(device, tag)
        self._thread = threading.Thread(
            target=self._hear, args=(stream, frames), name=f"hear {device.name}", daemon=True
        )
        self._thread.start()
        try:
            if device.source is not None:
                self._attachment = Attachment(
                    tag,
                    device.source,
                    suspect=lambda: self._ring.hold(True),
                    clear=lambda: self._ring.hold(False),
                    moved=lambda: self._lose("was taken from us by the sound server"),
                )
            if not self._ring.wait(1, START):
                raise AudioError(f"the input {device} is open but brings no sound")
        except AudioError:
            self.close()
            raise

    def reopened(self, params: Mapping[str, object]) -> DeviceSource:
        """The same input again, also where it was asked for as the default one, which may by now
        be another. Raises `AudioError` while it is not there."""
        device = find(self.device.id, self.device.host_api, exact=True)
        return DeviceSource(device, params, self._rate)

    @property
    def channels(self) -> int:
        return len(self._columns) or self.device.channels

    @property
    def leads(self) -> bool:
        """Whether the engine runs at this device's pace."""
        return self._steady is None

    @leads.setter
    def leads(self, leads: bool) -> None:
        cushion = round(CUSHION * self._rate)
        self._steady = None if leads else Steady(self._ring, self._rate, cushion)

    @property
    def lost(self) -> str:
        """Why nothing more will come, as a sentence; "" while it does."""
        if not self._lost and perf_counter() - self._heard > STALL:
            self._lose("brings no sound any more")
        return self._lost

    @property
    def complaint(self) -> str:
        """What is odd though it plays."""
        if perf_counter() - self._sounded < SILENT:
            return ""
        return f"the input {self.device} brings nothing but zeros: is it muted, is it connected?"

    @property
    def overflows(self) -> int:
        """How often sound was lost because nobody read it in time."""
        return self._dropped + self._ring.overflows

    @property
    def drift(self) -> float | None:
        """Millionths that the device is faster than this machine's clock; None until known."""
        return self._meter.ppm

    @property
    def fill(self) -> float:
        """Seconds of sound that wait to be read."""
        return self._ring.fill / self._rate

    def wait(self, timeout: float) -> bool:
        """Whether a block, as long as the last one, can be read within so many seconds."""
        return self._ring.wait(self._block, timeout)

    def read(self, samples: int) -> Samples:
        self._block = samples
        block = self._direct(samples) if self._steady is None else self._steady.read(samples)
        if block is None:
            return np.zeros((samples, self.channels), np.float32)
        return np.take(block, self._columns, axis=1) if self._columns else block

    def update(self, params: Mapping[str, object]) -> None:
        self._columns = columns(str(params.get("channels", "all")), self.device)

    def close(self) -> None:
        """Waits for the thread that hears to let go of the device, unless a driver keeps it."""
        self._closing = True
        self._ring.close()
        if self._attachment is not None:
            self._attachment.close()
        self._thread.join(1.0)

    def _direct(self, samples: int) -> Samples | None:
        fill = self._ring.fill
        if not self._begun or fill > LATE * self._rate:
            self._dropped += self._begun
            self._begun = True
            self._ring.keep(samples)
        if fill < samples:
            return None
        block = self._ring.peek(samples)
        self._ring.skip(samples)
        return block

    def _hear(self, stream: Stream, frames: int) -> None:
        """The thread of this device. To wait for sound in C leaves Python to others."""
        resampler = Resampler(self.device.rate, self._rate, self.device.channels)
        try:
            while not self._closing:
                heard, overflowed = stream.read(frames)
                self._heard = perf_counter()
                piece = np.frombuffer(heard, np.float32).reshape(-1, self.device.channels)
                if overflowed:
                    self._dropped += 1
                    self._meter.reset()
                self._meter.add(len(piece), self._heard)
                if piece.any():
                    self._sounded = self._heard
                self._ring.write(resampler.resample(piece))
        except Exception as error:  # of PortAudio, or of a driver under it
            self._lose("is gone", error)
        finally:
            close_stream(stream)

    def _lose(self, what: str, error: Exception | None = None) -> None:
        self._lost = self._lost or f"the input {self.device} {what}"
        self._ring.close()


def columns(choice: str, device: Device) -> tuple[int, ...]:
    """Which channels are meant, from 0: "left", "2", "3+4"; none of them stands for "all".

    Raises `AudioError` if the device does not have them.
    """
    if choice in ("", "all"):
        return ()
    words = {"left": "1", "right": "2", "stereo": "1+2"}.get(choice, choice).split("+")
    try:
        chosen = tuple(int(word) - 1 for word in words)
    except ValueError:
        raise AudioError(
            f"{choice!r} names no channels; write all, left, right, or numbers as in 3 or 3+4"
        ) from None
    if not all(0 <= one < device.channels for one in chosen):
        has = plural(device.channels, "channel")
        raise AudioError(f"the input {device} has {has}; {choice!r} is not among them")
    return chosen
