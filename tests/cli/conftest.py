"""A patch, a sound and a way to type a command, for the tests of the command line."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import tone
from typer.testing import CliRunner

from nodegraph.cli.app import app

RATE = 48_000
PATCH = {
    "nodegraph": 1,
    "name": "Small [show]",
    "nodes": {
        "ease": {"type": "shape.smooth@1"},
        "hit": {"type": "logic.threshold@1", "params": {"level": 0.1}},
        "level": {"type": "audio.level@1"},
        "out": {"type": "scope.output@1"},
        "seen": {"type": "flow.probe@1", "params": {"label": "loud"}},
        "song": {"type": "audio.file@1"},
        "words": {"type": "prompt.text@1", "params": {"text": "calm sea"}},
    },
    "wires": [
        "ease.out -> out.noise_scale",
        "ease.out -> seen.value",
        "level.rms -> ease.value",
        "level.rms -> hit.value",
        "song.audio -> level.audio",
        "words.prompts -> out.prompts",
    ],
}


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the user's own shows leave is seen, and nothing is left among it."""
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path_factory.mktemp("state")))
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(runtime))


@pytest.fixture
def cli() -> Callable[..., Any]:
    """Type a command; what comes back has `exit_code`, `stdout` and `stderr`."""

    def type_(*arguments: object) -> Any:
        return CliRunner().invoke(app, [str(each) for each in arguments])

    return type_


@pytest.fixture
def patch_file(tmp_path: Path) -> Path:
    """A small patch that steers Scope with the loudness of its sound."""
    path = tmp_path / "show[1].json"
    path.write_text(json.dumps(PATCH, indent=2), "utf-8")
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Two seconds: silence, then a tone."""
    samples = tone(440.0, 2.0)
    samples[:RATE] = 0
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    assert np.abs(samples).max() > 0.4
    return path
