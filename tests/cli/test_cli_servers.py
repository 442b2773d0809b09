"""Several servers by name, and faults on demand, from the command line."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from nodegraph.cli.guard import PROBLEMS
from nodegraph.cli.lost import servers
from nodegraph.cli.servers import Server, notes, read_servers, with_wishes
from nodegraph.cli.starting import start_show
from nodegraph.remote.client import connect
from nodegraph.scope.secret import VARIABLES
from nodegraph.scope.simulator import Config, running
from nodegraph.scope.simulator.faults import FAULTS

OPTIONS = ("--pipeline", "--size", "--load", "--lora")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (None, {}),
        (["127.0.0.1:8000"], {"": "127.0.0.1:8000"}),
        (["http://x/?a=b"], {"": "http://x/?a=b"}),
        (["h:1", "left=h:2", "right = h:3"], None),
        (["h:1", "left=h:2", "right=h:3"], {"": "h:1", "left": "h:2", "right": "h:3"}),
    ],
)
def test_servers_have_names(texts: list[str] | None, found: dict[str, str] | None) -> None:
    if found is None:
        with pytest.raises(typer.BadParameter, match="two servers have no name"):
            read_servers(texts)
    else:
        assert {name: each.url for name, each in read_servers(texts).items()} == found


def test_a_name_belongs_to_one_server() -> None:
    with pytest.raises(typer.BadParameter, match="two servers are named 'left': say NAME=URL"):
        read_servers(["left=h:1", "left=h:2"])


def test_a_lost_show_knows_its_servers_and_what_they_had_loaded() -> None:
    lost = {"": Server("h:1"), "left": Server("h:2", ("longlive",), {"width": 64})}
    noted = notes(lost) | {"servers": notes(lost)["servers"] | {"gone": {"url": None}}}
    assert servers(noted, {}) == lost
    moved = servers(noted, {"left": Server("h:3"), "right": Server("h:4")})
    assert moved == {"left": Server("h:3", *astuple(lost["left"])[1:]), "right": Server("h:4")}
    assert servers(notes({}), {}) == {}


SERVERS = {"": Server("h:1"), "left": Server("h:2", ("memflow",), {"width": 64, "height": 64})}


def test_each_server_loads_what_is_said_to_it() -> None:
    said = with_wishes(
        SERVERS,
        {
            "--pipeline": ["gray", "left=longlive", "longlive"],
            "--size": ["low", "left=64x48", "left=32x32"],
            "--load": ["vace_enabled=false", "left=vae_type=tae", "right=1"],
            "--lora": ["film=0.5", "left=film", "left=ink=2"],
        },
    )
    assert said[""].pipelines == ("gray", "longlive")
    assert said[""].load == {
        "width": 576,
        "height": 320,
        "vace_enabled": False,
        "right": 1,
        "loras": [{"path": "film", "scale": 0.5}],
    }
    assert said["left"].pipelines == ("longlive",)
    assert said["left"].load == {
        "width": 32,
        "height": 32,
        "vae_type": "tae",
        "loras": [{"path": "film", "scale": 1.0}, {"path": "ink", "scale": 2.0}],
    }


def test_where_nothing_is_said_a_server_keeps_what_it_had() -> None:
    nothing: dict[str, list[str] | None] = dict.fromkeys(OPTIONS)
    assert with_wishes(SERVERS, nothing) == SERVERS
    resized = with_wishes(SERVERS, nothing | {"--size": ["left=low"]})
    assert resized[""] == SERVERS[""]
    assert resized["left"].pipelines == ("memflow",)
    assert resized["left"].load == {"width": 576, "height": 320}


@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_said_to_no_server_is_a_sentence(option: str, cli: Any, patch_file: Path) -> None:
    alone = cli("run", patch_file, option, "a=1")
    assert alone.exit_code == 2
    assert option in alone.stderr
    assert "say --scope URL, too" in alone.stderr
    named = cli("run", patch_file, "--scope", "left=h:1", option, "a=1")
    assert named.exit_code == 2
    assert "say left=a=1 for the one named left" in named.stderr


@pytest.mark.slow
def test_a_show_has_two_servers_load_each_its_own(cli: Any, patch_file: Path) -> None:
    config = Config(load_seconds=0.0, chunk_seconds=0.05, chunk_frames=2)
    with running(config) as here, running(config) as left:
        servers = ("--scope", here, "--scope", f"left={left}")
        sizes = ("--size", "64x48", "--size", "left=48x64", "--load", "left=vace_enabled=false")
        result = cli("run", patch_file, *servers, *sizes, "--audio", "demo", "--duration", "3")
        assert result.exit_code in (0, PROBLEMS), result.stderr  # a busy machine shows no picture
        first, second = (httpx.get(f"{url}/api/v1/pipeline/status").json() for url in (here, left))
    assert first["load_params"] == {"width": 64, "height": 48}
    assert second["load_params"] == {"width": 48, "height": 64, "vace_enabled": False}


@pytest.mark.slow
def test_what_is_secret_is_written_nowhere_but_into_what_only_its_owner_reads(
    patch_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are in no file at all; the password of an address is in the journal, for a recovery."""
    for name in VARIABLES.values():
        monkeypatch.setenv(name, f"nobodys-{name}-key")
    monkeypatch.setenv("NODEGRAPH_TURN", "turn:me:nobodys-turn-key@127.0.0.1:9")
    state, saved = Path(os.environ["NODEGRAPH_STATE"]), patch_file.with_name("saved.json")
    with running(Config(load_seconds=0.0, chunk_seconds=0.05, chunk_frames=2)) as url:
        address = url.replace("://", "://me:nobodys-password@")
        show = start_show([str(patch_file), "--scope", address, "--audio", "demo"])
        try:
            with connect(str(show.pid)) as client:
                for _ in range(300):
                    status = client.request("status")
                    if status["link"]["state"] in ("live", "waiting"):
                        break
                    time.sleep(0.1)
                client.request("save", path=str(saved))
            files = [path for path in state.rglob("*") if path.is_file()]
            written = [(path, path.stat().st_mode, path.read_bytes()) for path in files]
        finally:
            os.kill(show.pid, signal.SIGTERM)
    assert status["link"]["state"] == "live", status["link"]["reason"]
    assert len(written) > 1
    assert b"-key" not in saved.read_bytes()
    for path, mode, content in written:
        assert b"-key" not in content, path
        if b"nobodys-password" in content:
            assert (mode & 0o077, path.suffix == ".log") == (0, False), path


@pytest.mark.parametrize("fault", ["flood", "stall@soon", "kill@-1"])
def test_a_fault_that_there_is_not_is_told(cli: Any, fault: str) -> None:
    result = cli("simulate", "--fault", fault)
    assert result.exit_code == 2
    assert "--fault" in result.stderr
    assert fault.partition("@")[0] in result.stderr


def test_all_faults_are_in_the_help(cli: Any) -> None:
    shown = cli("simulate", "--help").stdout
    assert all(fault in shown for fault in FAULTS)
