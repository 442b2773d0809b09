"""The audio inputs of this machine: list them, open a stream on one."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Protocol

from nodegraph.audio import pulse
from nodegraph.errors import AudioError

PULSE = "PulseAudio"
"""The host API of what a sound server (PulseAudio, or PipeWire in its place) offers. PortAudio
knows only one door to it, the ALSA device of the same name; behind it lie all its sources."""

DOORS = ("pulse", "default")
"""ALSA devices that lead to the sound server. They are not inputs of their own: which of its
sources they bring is for the server to say, and it may say otherwise later."""

LATENCY = 0.01
"""Seconds that are asked for; a device whose own least is more gets its own."""

_PLAYED = re.compile(r"\[loopback\]|stereo mix|cable output|blackhole|soundflower", re.IGNORECASE)
"""How inputs are called that bring what is played, where no sound server tells: those of WASAPI,
a sound card's own, and the virtual cables that people install."""

INSTALL = (
    "PortAudio is not installed: apt install libportaudio2 libasound2-plugins, "
    "then start nodegraph again; sound files play without it"
)


@dataclass(frozen=True, slots=True)
class Device:
    """An input. What a patch stores of it is `name` and `host_api`, which outlive a reboot."""

    name: str
    host_api: str
    channels: int
    rate: int
    """Its own, in Hz."""
    default: bool = False
    monitor: bool = False
    """It brings what this machine plays,"""
    played: bool = False
    """and does so of the output that is used where none is named."""
    trouble: str = ""
    """Why it cannot be used, or nothing."""
    number: int = -1
    """PortAudio's, good until the next look."""
    source: pulse.PulseSource | None = None

    @property
    def id(self) -> str:
        """A name for programs, unique on its host API where the host API has such names."""
        return self.source.id if self.source is not None else self.name

    def __str__(self) -> str:
        return f"{self.name!r} ({self.host_api})"


class Stream(Protocol):
    """An open stream that is read by waiting for it (`sounddevice.RawInputStream`)."""

    def start(self) -> None: ...
    def read(self, frames: int) -> tuple[memoryview, bool]: ...
    def close(self) -> None: ...


_lock = threading.RLock()
"""Over all of PortAudio's functions that open, close or list: they are not thread-safe."""

_open = 0
"""Streams that are open."""


def list_inputs(probe: bool = False) -> list[Device]:
    """Every input there is, the default one first. `probe` tries whether each can be opened.

    Raises `AudioError` where PortAudio is missing.
    """
    with _lock:
        sound = _portaudio()
        _look_again(sound)
        known = _query(sound)
        found = _served(known) if pulse.present() else []
        if found:  # then the default input is the server's
            own = (device for device in known if not _is_door(device))
            found += [replace(device, default=False) for device in own]
        else:
            found = known
        if probe:
            found = [replace(device, trouble=_trouble(sound, device)) for device in found]
    return sorted(found, key=lambda device: not device.default)


def open_stream(device: Device, tag: str, latency: float = LATENCY) -> tuple[Stream, int]:
    """A stream of float32 that is started, and the frames to read at once (5 ms).

    With a `latency` of more seconds, nothing is lost if they are read late. Raises `AudioError`.
    """
    global _open
    if device.number < 0:
        raise AudioError(f"the input {device} cannot be opened: {device.trouble}")
    frames = max(32, device.rate // 200)
    with _lock:
        sound = _portaudio()
        aim = pulse.aimed(device.source.id, tag) if device.source is not None else {}
        try:
            with _environment(aim):
                stream: Stream = sound.RawInputStream(
                    samplerate=device.rate,
                    blocksize=frames,
                    device=device.number,
                    channels=device.channels,
                    dtype="float32",
                    latency=max(latency, _least_latency(sound, device)),
                )
                stream.start()
        except (sound.PortAudioError, ValueError) as error:
            raise AudioError(f"the input {device} cannot be opened: {_reason(error)}") from error
        _open += 1
    return stream, frames


def close_stream(stream: Stream) -> None:
    """Let go of a stream that nobody reads any more."""
    global _open
    with _lock:
        try:
            stream.close()
        except _portaudio().PortAudioError:  # a stream that died has nothing more to close
            pass
        finally:
            _open -= 1


def _portaudio() -> ModuleType:
    try:
        import sounddevice  # type: ignore[import-untyped]  # it brings no types
    except OSError as error:  # the Python package is there, the C library is not
        raise AudioError(INSTALL) from error
    except Exception as error:  # it talks to drivers while it is imported
        raise AudioError(f"PortAudio cannot be used ({error}); sound files can") from error
    module: ModuleType = sounddevice
    return module


def _look_again(sound: ModuleType) -> None:
    """PortAudio keeps the list of devices that it made when it was initialised. To initialise it
    again would end every stream, so while one is open the list stays as it was."""
    if _open:
        return
    try:
        sound._terminate()
        sound._initialize()
    except sound.PortAudioError as error:
        raise AudioError(f"PortAudio cannot be started: {_reason(error)}") from error


def _query(sound: ModuleType) -> list[Device]:
    try:
        default = int(sound.query_devices(kind="input")["index"])
    except (sound.PortAudioError, ValueError):
        default = -1
    apis = [str(api["name"]) for api in sound.query_hostapis()]
    return [
        Device(
            str(one["name"]),
            apis[one["hostapi"]],
            int(one["max_input_channels"]),
            round(one["default_samplerate"]),
            default=number == default,
            monitor=bool(_PLAYED.search(one["name"])),
            number=number,
        )
        for number, one in enumerate(sound.query_devices())
        if one["max_input_channels"] > 0
    ]


def _served(known: Sequence[Device]) -> list[Device]:
    """The sources of the sound server."""
    door = next((one for one in known if _is_door(one) and one.name == "pulse"), None)
    trouble = "" if door else "ALSA has no way to the sound server: apt install libasound2-plugins"
    default, played = pulse.defaults()
    return [
        Device(
            source.name,
            PULSE,
            source.channels,
            source.rate,
            default=source.id == default,
            monitor=source.monitor,
            played=source.id == played,
            trouble=trouble,
            number=door.number if door else -1,
            source=source,
        )
        for source in pulse.sources()
    ]


def _is_door(device: Device) -> bool:
    return device.host_api == "ALSA" and device.name in DOORS


def _trouble(sound: ModuleType, device: Device) -> str:
    if device.trouble:
        return device.trouble
    if device.source is not None:
        return "it is muted in the sound settings" if device.source.muted else ""
    try:
        sound.check_input_settings(
            device.number, device.channels, dtype="float32", samplerate=device.rate
        )
    except (sound.PortAudioError, ValueError) as error:
        return _reason(error)
    return ""


def _least_latency(sound: ModuleType, device: Device) -> float:
    if device.source is not None:
        return 0.0
    return float(sound.query_devices(device.number)["default_low_input_latency"])


def _reason(error: Exception) -> str:
    """The words of a PortAudio error without its numbers."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.partition(" [")[0]


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for as long as a stream is being opened: ALSA's way to the sound
    server hands nothing else on to it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
