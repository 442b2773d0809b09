"""How much faster than real time a patch is rendered on one core: the command, the function."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import reactive
import scalars
from measuring import BLOCK, RATE, Row

from nodegraph.graph import dump
from nodegraph.host.offline import render

SECONDS = 300
"""Of sound."""


@contextmanager
def one_core() -> Iterator[None]:
    """Run this process, and those that it starts, on one core, where the system lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def by_function(seconds: int) -> float:
    """How many times as fast as real time `render` is."""
    sound = reactive.sound(seconds * RATE // BLOCK)[:, None]
    started = time.perf_counter()
    trace = render(reactive.patch(), sound, rate=RATE, catalogue=scalars.catalogue())
    assert not trace.problems, trace.problems
    return trace.duration / (time.perf_counter() - started)


def by_command(folder: Path, seconds: int) -> float:
    """The same of the whole command: start of Python, reading the sound, writing the trace."""
    plugins = folder / "plugins"
    shutil.copytree(scalars.PLUGINS, plugins, ignore=shutil.ignore_patterns("__pycache__"))
    patch = folder / "thirty.json"
    patch.write_text(dump(reactive.patch()), "utf-8")
    sound = folder / "sound.wav"
    _write_wav(sound, reactive.sound(seconds * RATE // BLOCK))
    verb = [sys.executable, "-m", "nodegraph", "render", str(patch), str(sound)]
    started = time.perf_counter()
    told = subprocess.run(
        [*verb, "--out", str(folder / "out.trace"), "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    taken = time.perf_counter() - started
    return float(json.loads(told.stdout)["seconds"]) / taken


def _write_wav(path: Path, sound: reactive.Signal) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound.clip(-1.0, 1.0) * 32767.0).astype("<i2").tobytes())


def measure(seconds: int = SECONDS, rounds: int = 3) -> dict[str, float]:
    """Both, by turns: medians."""
    found: dict[str, list[float]] = {"command": [], "function": []}
    with one_core():
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                found["command"].append(by_command(Path(folder), seconds))
            found["function"].append(by_function(seconds))
    return {name: median(speeds) for name, speeds in found.items()}


def rows(seconds: int = SECONDS, rounds: int = 3) -> Iterator[Row]:
    """The two rows of the table."""
    found = measure(seconds, rounds)
    names = {"command": "`nodegraph render`", "function": "`nodegraph.render`"}
    for name, speed in found.items():
        yield Row(
            f"{names[name]} of the 30-node patch, {seconds} s of sound, one core",
            "real time",
            f"{seconds} s",
            f"{seconds / speed:.2f} s",
            speed,
            100.0,
        )
