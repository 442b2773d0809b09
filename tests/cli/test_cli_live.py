"""The live verbs end to end: a real show, a real WebRTC session, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import pytest
from kit import patch
from PIL import Image

from nodegraph.graph import save
from nodegraph.remote.address import shows

NODEGRAPH = [sys.executable, "-m", "nodegraph"]

TELLS = '''
from pathlib import Path
from time import sleep
from nodegraph import hookimpl, node

@node("tells.slow", outlets="out")
def slow(dt: float) -> float:
    """Tell that the patch runs, and take a minute for the demo track."""
    Path({marker!r}).touch()
    sleep(dt)
    return dt

@hookimpl
def register_nodes(register):
    register(slow)
'''


def test_run_plays_a_sound_to_its_end(cli: Any, patch_file: Path, sound: Path) -> None:
    began = time.monotonic()
    result = cli("run", patch_file, "--audio", sound, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert 187 <= told["ticks"] <= 650  # the engine goes on until the host has heard of the end
    assert told["messages"] > 1
    assert told["link"] is None
    assert "plays without a server" in result.stderr
    assert 1.9 < time.monotonic() - began < 20.0


@pytest.mark.slow
def test_run_with_short_blocks_ticks_more_often(cli: Any, patch_file: Path, sound: Path) -> None:
    result = cli("run", patch_file, "--audio", sound, "--block", "128", "--json")
    assert result.exit_code == 0, result.stderr
    assert 749 <= json.loads(result.stdout)["ticks"] <= 2600


def test_run_with_a_server_that_is_not_there_tells_it(
    cli: Any, patch_file: Path, sound: Path
) -> None:
    options = ["--audio", sound, "--scope", "127.0.0.1:1", "--duration", "0.5"]
    result = cli("run", patch_file, *options)
    assert result.exit_code == 1
    assert "0 frames received" in result.stdout
    assert "http://127.0.0.1:1" in result.stdout  # it may be between two attempts


def await_ticks(cli: Any, beyond: int = 0) -> None:
    """Until the show that runs has ticked more often."""
    end = time.monotonic() + 60
    while not shows() or json.loads(cli("tell", "status").stdout)["ticks"] <= beyond:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_an_interrupt_ends_a_show_with_its_summary(cli: Any, patch_file: Path) -> None:
    command = [*NODEGRAPH, "run", str(patch_file), "--audio", "demo"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "plays without a server" in process.stderr.readline()
        await_ticks(cli)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told.startswith("played ")
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_an_interrupt_ends_other_verbs_quietly(tmp_path: Path) -> None:
    plugins, marker = tmp_path / "plugins", tmp_path / "begun"
    plugins.mkdir()
    (plugins / "tells.py").write_text(TELLS.format(marker=str(marker)))
    made = patch({"slow": "tells.slow", "seen": "flow.probe"}, ["slow.out -> seen.value"])
    save(made, tmp_path / "slow.json")
    command = [*NODEGRAPH, "render", "slow.json", "demo", "--out", "x"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # not so if we run behind
    ) as process:
        while not marker.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=30)
    assert (process.returncode, told, said) == (130, "", "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_simulate_serves_until_it_is_interrupted(cli: Any) -> None:
    command = [*NODEGRAPH, "simulate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        result = cli("scope", url, "--json")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    told = json.loads(result.stdout)
    assert told["ok"] is (result.exit_code == 0)
    assert told["findings"][0] == {"what": "health", "ok": True, "text": f"{url} is healthy."}


@pytest.mark.slow
def test_the_demo_paints_and_leaves_a_film(cli: Any, tmp_path: Path) -> None:
    result = cli("demo", "--duration", "2", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert 1.9 < told["seconds"] < 5.0  # as long as a busy machine takes
    assert told["link"]["frames"] > 3  # of 60, on a machine that is busy
    assert 0 < told["applied"] <= told["link"]["sent"] + 1  # the offer brings the first ones
    picture, video = map(Path, told["files"])
    with Image.open(picture) as sheet:
        assert sheet.format == "PNG"
    with av.open(video) as film:
        frames = sum(1 for _ in film.decode(video=0))
    assert frames == pytest.approx(told["link"]["frames"], abs=15)


@pytest.mark.slow
def test_the_simulator_ends_with_whoever_started_it() -> None:
    command = [sys.executable, "-m", "nodegraph.scope.simulator", "--port", "0", "--leashed"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert "listening" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(30.0) == 0


@pytest.fixture
def lost(patch_file: Path) -> None:
    """A show that a crash ended."""
    process = subprocess.Popen(
        [*NODEGRAPH, "run", str(patch_file), "--audio", "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        end = time.monotonic() + 60
        while not shows():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        process.kill()


@pytest.mark.slow
def test_a_lost_show_is_offered_until_it_is_forgotten(
    cli: Any, lost: None, patch_file: Path
) -> None:
    again = ("run", patch_file, "--duration", "0.2")
    name = re.escape(patch_file.stem)
    offer = rf"{name}: a crash ended this at \d\d:\d\d on .*; go on with it by --recover, or drop"
    assert re.search(offer, cli(*again).stderr)
    assert cli("run", "--recover", "--forget").exit_code == 2
    forgotten = cli("run", "--forget")
    assert (forgotten.exit_code, forgotten.stderr) == (0, "1 lost show forgotten\n")
    assert "a crash ended" not in cli(*again).stderr
    assert "there is no lost show to go on with" in cli("run", "--recover").stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal on Windows")
def test_a_terminal_that_is_closed_ends_nothing(cli: Any, patch_file: Path) -> None:
    controller, terminal = os.openpty()
    command = [*NODEGRAPH, "run", str(patch_file), "--audio", "demo"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ) as process:
        os.close(terminal)
        text = b""
        while b"beat" not in text:  # the display is there
            text += os.read(controller, 4096)
        process.send_signal(signal.SIGHUP)
        os.close(controller)
        time.sleep(0.5)
        await_ticks(cli, json.loads(cli("tell", "status").stdout)["ticks"])
        other = cli("run", patch_file, "--duration", "0.2")
        assert f"it ends by: nodegraph tell --show {process.pid} stop" in other.stderr
        assert cli("tell", "stop").exit_code == 0
        process.wait(30)
    assert b"Traceback" not in text
