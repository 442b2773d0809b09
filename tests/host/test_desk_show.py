"""A show for the editor: it may begin empty, goes on in silence, and tells what it logs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from desk_kit import attended, event
from kit import patch
from show_kit import run, until

from nodegraph.graph import AddNode, Node, Patch, edit_to_data, load, parse, save
from nodegraph.remote.address import shows
from nodegraph.remote.client import Client, connect
from nodegraph.remote.errors import RequestRefused

MADE = patch({"n": "t.count"})


pytestmark = pytest.mark.usefixtures("own_folder")


def test_another_document_begins_empty(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            await client.request("new")
            told = await event(client, "opened", deck="main")
            assert (told["name"], told["path"], told["dirty"]) == ("untitled", "", False)
            assert parse(told["patch"]).patch == Patch()
            added = edit_to_data(AddNode("n", Node("t.count")))
            await client.request("edit", edit=added, label="Add")
            with pytest.raises(RequestRefused, match="has no file yet"):
                await client.request("save")
            await client.request("save", path=str(tmp_path / "mine.json"))
            assert list(load(tmp_path / "mine.json").nodes) == ["n"]
            assert show.decks["main"].document.path == tmp_path / "mine.json"

    run(story())


def test_a_copy_is_never_saved_over_what_it_was_made_of(tmp_path: Path) -> None:
    async def story() -> None:
        example = tmp_path / "example.json"
        save(MADE, example)
        before = example.read_bytes()
        async with attended(MADE, tmp_path) as (show, client):
            told: Any = await client.request("open", path=str(example), copy=True)
            assert (told["name"], told["path"]) == ("example", "")
            assert show.decks["main"].folder == tmp_path  # its sounds lie where they did
            await client.request("edit", edit={"do": "remove_node", "id": "n"}, label="Remove")
            with pytest.raises(RequestRefused, match="has no file yet"):
                await client.request("save")
            assert example.read_bytes() == before
            with pytest.raises(RequestRefused, match="copy must be true or false"):
                await client.request("open", path=str(example), copy="yes")

    run(story())


def test_the_log_is_told_and_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            began = time.time()
            logging.getLogger("nodegraph.test").warning("the %s is low", "tide")
            logging.getLogger("nodegraph.test").info("nobody needs to know")
            told = await event(client, "log", text="the tide is low")
            assert told["level"] == "warning"
            assert began - 1.0 < told["time"] < time.time() + 1.0
            with (show.folder / "engine.log").open("ab") as file:
                file.write(b"half a li")
                file.flush()
                await asyncio.sleep(0.3)
                file.write(b"ne\n\nand another\n")
            assert (await event(client, "log", level="print"))["text"] == "half a line"
            await event(client, "log", level="print", text="and another")
            late = await Client.open()
            kept: Any = (await late.request("look"))["log"]
            texts = [line["text"] for line in kept]
            assert texts[-3:] == ["the tide is low", "half a line", "and another"]
            for n in range(600):
                logging.getLogger("nodegraph.test").warning("line %s", n)
            await event(client, "log", text="line 599")
            kept = (await late.request("look"))["log"]
            assert [kept[0]["text"], kept[-1]["text"], len(kept)] == ["line 100", "line 599", 500]
            await late.close()

    run(story())


@pytest.mark.slow
def test_another_engine_tells_its_node_types(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            os.kill(show.engine._worker.process.pid, signal.SIGKILL)
            told = await event(client, "types")
            assert "t.count" in {each["id"] for each in told["types"]}
            await until(lambda: show.tally.restarts == 1, within=15.0)

    run(story())


@pytest.mark.slow
@pytest.mark.parametrize("begun_with", [[], ["short.json"]])
def test_a_show_that_stays(begun_with: list[str], tmp_path: Path) -> None:
    """It plays on beyond the end of its sound, or of none, and ends when it is told to."""
    short = {
        "nodegraph": 1,
        "nodes": {"song": {"type": "audio.file", "params": {"path": "s.wav", "loop": False}}},
    }
    (tmp_path / "short.json").write_text(json.dumps(short))
    _write_silence(tmp_path / "s.wav", 0.2)
    command = [sys.executable, "-m", "nodegraph", "run", "--stay", *begun_with]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, **quiet) as process:  # type: ignore[call-overload]  # two options of many
        try:
            end = time.monotonic() + 60.0
            while not shows():
                assert time.monotonic() < end
                time.sleep(0.05)
            with connect() as show:
                while (status := show.request("status"))["ticks"] < 250:
                    assert time.monotonic() < end, status
                    time.sleep(0.1)
                assert process.poll() is None
                show.request("new")
                show.request("stop")
            assert process.wait(10.0) == 0
        finally:
            process.kill()


def _write_silence(path: Path, seconds: float) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * round(seconds * 48_000)))
