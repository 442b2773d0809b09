"""`nodegraph tell` and a show that runs in another process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodegraph.remote.address import shows
from nodegraph.remote.client import connect


@pytest.fixture
def show(patch_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A show that runs, in a folder of its own."""
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path / "state"))
    (tmp_path / "run").mkdir(mode=0o700)
    command = [sys.executable, "-m", "nodegraph", "run", str(patch_file), "--audio", "demo"]
    command += ["--scope", "127.0.0.1:1", "--scope", "left=http://me:hush@127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 20
        while not shows():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        yield
        process.terminate()
        process.communicate(timeout=60)


def test_a_running_show_is_told_what_to_do(cli: Any, show: None, patch_file: Path) -> None:
    listed = cli("tell")
    assert patch_file.stem in listed.stdout
    assert "fade position=1" in listed.stdout
    done = cli("tell", "set", "ease.time=0.3", "hit.level=0.2", "slew=0.1")
    assert (done.stdout.strip(), done.exit_code) == ("Set ease.time, hit.level", 0)
    assert cli("tell", "undo").stdout.strip() == "undone: Set ease.time, hit.level"
    strange = cli("tell", "set", "ease.tine=0.3")
    assert strange.exit_code == 2
    assert "ease.tine: shape.smooth has no param 'tine'; did you mean time?" in strange.stderr
    assert "is outside" in cli("tell", "set", "ease.time=1e9").stderr
    assert cli("tell", "set", "ease.time=0.4").exit_code == 0  # nothing of it was kept
    assert cli("tell", "undo").exit_code == 0
    assert cli("tell", "open", "deck=next", "path=pulse").exit_code == 0
    assert cli("tell", "log").exit_code == 0
    assert cli("tell", "fade", "position=0.5").exit_code == 0
    assert cli("tell", "reload").stdout.strip() == "done"
    told = json.loads(cli("tell", "status").stdout)
    assert told["ticks"] >= 0
    assert told["links"]["left"]["url"] == "http://127.0.0.1:1"
    refused = cli("tell", "fade", "position=9")
    assert refused.exit_code == 2
    assert "position must be a number from 0 to 1, not 9" in refused.stderr
    assert "must be a number from 0 to 1, it is missing" in cli("tell", "fade").stderr
    with connect() as remote:  # as the README does
        edit = {"do": "set_param", "node": "level", "param": "x", "value": 0.3}
        remote.request("edit", deck="main", edit=edit, label="Slower")
        assert next(iter(remote.events(timeout=1.0)))["event"]
    assert cli("tell", "undo").stdout.strip() == "undone: Slower"
    assert cli("tell", "redo").stdout.strip() == "done again: Slower"
    assert cli("tell", "stop").exit_code == 0


def test_without_a_show_it_says_how_to_start_one(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(tmp_path))
    tmp_path.chmod(0o700)
    listed = cli("tell")
    assert listed.exit_code == 0
    assert listed.stdout.startswith("no show is running; start one with: nodegraph run PATCH\n")
    result = cli("tell", "undo")
    assert result.exit_code == 2
    assert "no show is running; start one with: nodegraph run PATCH" in result.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("set a", "'a' does not read as NAME=VALUE"),
        ("set a=1", "set knows no 'a'; it takes: NODE.PARAM, deck, when, slew"),
        ("set when=bar", "say what to set: NODE.PARAM=VALUE"),
        ("undo ease.time=1", "undo knows no 'ease.time'; it takes: deck, when, slew"),
        ("fade position=1 when=bar", "fade knows no 'when'; it takes: position, seconds"),
        ("stop now=1", "stop knows no 'now'; it takes: nothing"),
    ],
)
def test_what_nobody_would_hear_is_refused(cli: Any, words: str, why: str) -> None:
    result = cli("tell", *words.split())
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", " ").split())
