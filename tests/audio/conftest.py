"""Sound files written on the fly, by FFmpeg's encoders, and a sound server without hardware."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from kit import RATE
from numpy.typing import NDArray

from nodegraph.audio.devices import list_inputs

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


class PulseServer:
    """A PulseAudio of our own: no hardware, a private folder, outputs that swallow what is played.

    What is played into the sink `stage` is heard from its monitor, the source `stage.monitor`.
    """

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "native"
        self._address = f"socket={self.socket} auth-anonymous=1"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
                *("--use-pid-file=no", "--load=module-native-protocol-unix " + self._address),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20.0
        while subprocess.run(["pactl", "info"], capture_output=True).returncode:
            assert time.monotonic() < deadline, "pulseaudio did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """As a crash would."""
        for process in (self._process, *self._players):
            if process is not None:
                process.kill()
                process.wait()
        self._players.clear()

    def hang(self, stopped: bool) -> None:
        """As a driver that never returns would; or on again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

    def sink(self, name: str, rate: int = RATE, channels: int = 2) -> str:
        """Add an output; gives what `unload` wants."""
        return self.ask(
            *("load-module", "module-null-sink", f"sink_name={name}", f"rate={rate}"),
            *(
                f"channels={channels}",
                "norewinds=1",
                f"sink_properties=device.description={name.title()}",
            ),
        ).strip()

    def unload(self, module: str) -> None:
        self.ask("unload-module", module)

    def ask(self, *words: str) -> str:
        return subprocess.run(["pactl", *words], check=True, capture_output=True, text=True).stdout

    def play(self, sink: str, samples: NDArray[np.float32], rate: int = RATE) -> None:
        """Play float32[n, channels] into an output, in the background."""
        path = self._folder / f"{len(list(self._folder.glob('*.raw')))}.raw"
        path.write_bytes(np.ascontiguousarray(samples, "<f4").tobytes())
        self._players.append(
            subprocess.Popen(
                f"pacat --playback --device={sink} --latency-msec=20 --raw --format=float32le "
                f"--rate={rate} --channels={samples.shape[1]} {path}".split(),
                stderr=subprocess.DEVNULL,
            )
        )
        deadline = time.monotonic() + 20.0
        while not re.search(rf"\t{sink}\t.*RUNNING", self.ask("list", "short", "sinks")):
            assert time.monotonic() < deadline, "nothing is played"
            time.sleep(0.01)


@pytest.fixture
def pulse() -> Iterator[PulseServer]:
    """A running sound server that every program of this test speaks to."""
    for program, package in (("pulseaudio", "pulseaudio"), ("pactl", "pulseaudio-utils")):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program}: apt install {package}")
    try:
        importlib.import_module("sounddevice")
    except OSError:
        pytest.skip("there is no PortAudio: apt install libportaudio2")
    with tempfile.TemporaryDirectory() as short, pytest.MonkeyPatch.context() as patch:
        folder = Path(short)
        for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(folder))
        server = PulseServer(folder)
        patch.setenv("PULSE_SERVER", f"unix:{server.socket}")
        patch.setenv("JACK_DEFAULT_SERVER", "none")  # another test's, which would bring inputs
        before = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(PermissionError):  # what plays and hears goes first, where that is granted
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        server.start()
        try:
            probe = server.sink("probe")
            trouble = [one.trouble for one in list_inputs() if one.trouble]
            server.unload(probe)
            if trouble:
                pytest.skip(trouble[0])
            yield server
        finally:
            os.setpriority(os.PRIO_PROCESS, 0, before)
            server.kill()
