"""`nodegraph scope`: every deed on a simulated server, and what is said when it cannot be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from nodegraph.cli.app import app
from nodegraph.cli.scope import WORDS
from nodegraph.cli.scope_deeds import DEEDS
from nodegraph.scope.simulator import Config, running

LORA = "https://huggingface.co/u/r/resolve/main/arcane.safetensors"
SECRET = "hf_ThisIsNobodysKey"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    config = Config(
        folder=str(tmp_path / "server"), fresh=True, download_seconds=0.05, chunk_seconds=0.05
    )
    with running(config) as url:
        yield url


def test_what_can_be_done_is_what_is_listed(cli: Any) -> None:
    lines = re.findall(r"^([a-z]+(?: [a-z]+)?)", WORDS, re.MULTILINE)
    listed = [line for line in lines if line in DEEDS]
    assert sorted(listed) == sorted(DEEDS)
    assert cli("scope").stdout == WORDS.strip() + "\n"


@pytest.mark.slow
def test_a_session_is_tried_before_a_show(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.cli.scope_try.SECONDS", 0.5)
    with running(Config(chunk_seconds=0.05, chunk_frames=2, load_seconds=0.0)) as url:
        painted = cli("scope", url, "try", "--size", "64x48")
        assert painted.stdout.startswith("longlive: the first picture of 64 × 48 came after 0.")
        filtered = cli("scope", url, "try", "passthrough")
        assert filtered.exit_code == 0, filtered.stderr
        httpx.post(f"{url}/simulator/fault", json={"fault": "ice", "seconds": 60.0})
        monkeypatch.setattr("nodegraph.scope.session.CONNECT_WITHIN", 0.5)
        lost = cli("scope", url, "try", "passthrough")
    assert (lost.exit_code, lost.stdout) == (2, "")
    assert "WebRTC did not connect within 0.5 s (it is connecting)" in lost.stderr


def test_models_and_loras(cli: Any, url: str) -> None:
    assert "longlive  not there" in cli("scope", url, "models").stdout
    assert cli("scope", url, "models", "download", "longlive").exit_code == 0
    assert "longlive  there" in cli("scope", url, "models", "longlive").stdout
    refused = cli("scope", url, "models", "download", "nothing")
    assert (refused.exit_code, "it has: passthrough" in refused.stderr) == (2, True)
    installed = cli("scope", url, "loras", "install", LORA, "styles/film.safetensors")
    assert installed.stdout.startswith("film  1 MB  ")
    [lora] = json.loads(cli("scope", url, "loras", "--json").stdout)
    assert lora["folder"] == "styles"
    assert lora["provenance"]["source"] == "huggingface"
    again = cli("scope", url, "loras", "install", LORA, "styles/film.safetensors")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "already exists" in again.stderr
    assert cli("scope", url, "loras", "remove", "film").stdout == "Successfully deleted 'film'\n"
    assert cli("scope", url, "loras").stdout == ""


def test_assets_go_and_come_back(cli: Any, url: str, tmp_path: Path) -> None:
    here = tmp_path / "ref.png"
    here.write_bytes(b"\x89PNG" * 1000)
    assert cli("scope", url, "assets", "upload", here).stdout.startswith("asset  size")
    assert "ref" in cli("scope", url, "assets", "image").stdout
    assert cli("scope", url, "assets", "audio").stdout == ""
    back = tmp_path / "back.png"
    assert cli("scope", url, "assets", "get", "ref.png", "--to", back).stdout == f"{back}\n"
    assert back.read_bytes() == here.read_bytes()
    missing = cli("scope", url, "assets", "upload", tmp_path / "none.png")
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)


def test_what_is_painted_is_recorded(cli: Any, url: str, tmp_path: Path) -> None:
    nobody = cli("scope", url, "recordings", "start")
    assert "nobody is connected" in nobody.stderr
    assert cli("scope", url, "models", "download", "longlive").exit_code == 0
    httpx.post(f"{url}/api/v1/pipeline/load", json={"pipeline_ids": ["longlive"]})
    for _ in range(200):
        begun = httpx.post(
            f"{url}/api/v1/session/start",
            json={"pipeline_id": "longlive", "prompts": [{"text": "sea"}]},
            timeout=20.0,
        )
        if begun.is_success:
            break
    assert cli("scope", url, "recordings", "start").stdout == "started\n"
    assert cli("scope", url, "recordings", "start").stdout == "already recording\n"
    film = tmp_path / "film.mp4"
    for _ in range(50):
        if cli("scope", url, "recordings", "get", "--to", film).exit_code == 0:
            break
    assert film.read_bytes()[4:8] == b"ftyp"
    assert cli("scope", url, "recordings", "stop", "headless").stdout == "stopped\n"
    assert "somebody is connected" in cli("scope", url).stdout
    httpx.post(f"{url}/api/v1/session/stop")


def test_plugins_and_logs(cli: Any, url: str, tmp_path: Path) -> None:
    assert "scope-probe" in cli("scope", url, "plugins", "install", "scope-probe").stdout
    assert "scope-probe  0.0.1    probe" in cli("scope", url, "plugins").stdout
    assert cli("scope", url, "plugins", "reload", "scope-probe").exit_code == 2
    assert cli("scope", url, "plugins", "remove", "scope-probe").exit_code == 0
    assert cli("scope", url, "restart").stdout == "Server restarting...\n"
    assert "Application startup complete" in cli("scope", url, "logs").stdout
    assert len(cli("scope", url, "logs", "1").stdout.splitlines()) == 1
    log = tmp_path / "log"
    assert cli("scope", url, "logs", "get", "--to", log).exit_code == 0
    assert "startup complete" in log.read_text("utf-8")


def test_a_key_comes_out_of_the_environment_or_is_typed(
    cli: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CIVITAI_API_TOKEN", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    typed: list[dict[str, Any]] = []

    def prompt(text: str, **how: Any) -> str:
        typed.append(how)
        return SECRET

    monkeypatch.setattr("typer.prompt", prompt)
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("nodegraph.cli.scope_deeds.sys", terminal)
    answer = cli("scope", url, "keys", "set", "civitai")
    assert answer.exit_code == 0
    assert typed == [{"hide_input": True, "err": True}]
    assert "stored" in cli("scope", url, "keys").stdout
    assert cli("scope", url, "keys", "remove", "civitai").exit_code == 0
    argument = cli("scope", url, "keys", "set", "civitai", SECRET)
    assert argument.exit_code == 2
    for said in (answer, argument):
        assert SECRET not in said.output


def test_a_key_is_piped_in_where_there_is_no_terminal(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CIVITAI_API_TOKEN", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    words = ["scope", url, "keys", "set", "civitai"]
    answer = CliRunner().invoke(app, words, input=f"{SECRET}\n")
    assert answer.exit_code == 0
    assert SECRET not in answer.output
    for empty in (b"", b"\n", b"\xff\xfe\n"):
        answer = CliRunner().invoke(app, words, input=empty)
        assert answer.exit_code == 2
        assert "came" in answer.stderr
        assert "Warning" not in answer.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sing"], "is nothing to do with a server; there are: load, try, models"),
        (["loras", "install"], "'loras install' wants a name"),
        (["loras", "remove", "a", "b"], "'loras remove' wants fewer names"),
        (["restart", "now"], "'restart' wants nothing more"),
        (["logs", "many"], "'many' is no number of lines"),
        (["keys", "set", "nobody"], "it takes: huggingface, civitai"),
    ],
)
def test_what_cannot_be_is_a_sentence(cli: Any, url: str, words: list[str], said: str) -> None:
    answer = cli("scope", url, *words)
    assert answer.exit_code == 2
    assert said in " ".join(answer.stderr.replace("│", " ").split())
    assert answer.stdout == ""


@pytest.mark.parametrize("words", [deed.split() for deed in DEEDS])
def test_a_server_that_is_not_there_is_a_sentence(
    cli: Any, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_bytes(b"1")
    names = ["x"] * DEEDS[" ".join(words)].least
    answer = cli("scope", "127.0.0.1:1", *words, *names)
    assert answer.exit_code == 2
    assert "Nothing answers at http://127.0.0.1:1" in answer.stderr
    assert sorted(os.listdir()) == ["x"]


def test_the_log_is_followed_until_somebody_has_seen_enough(url: str) -> None:
    command = [sys.executable, "-m", "nodegraph", "scope", url, "logs", "follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ended = threading.Timer(30.0, process.kill)
        ended.start()
        assert "startup complete" in process.stdout.readline()
        httpx.post(f"{url}/api/v1/models/download", json={"pipeline_id": "gray"})
        assert "Downloading models for pipeline: gray" in process.stdout.readline()
        ended.cancel()
        process.kill()
