"""A host that is killed in the middle of an edit, and the show that goes on where it was."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from host.killable import Host, hosting, lives
from host.stage import SEA, private_folders, show_patch, write_plugin

from nodegraph.cli.simulator import Simulator
from nodegraph.graph import SetParam, SetText, dump, edit_to_data, load, save
from nodegraph.host.document import Document
from nodegraph.host.journal import files
from nodegraph.host.session import Session, sessions_folder
from nodegraph.remote.client import Remote
from nodegraph.remote.errors import RemoteError, RequestRefused

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
    pytest.mark.slow,
]


log = logging.getLogger(__name__)

MOVING = {"noise_scale", "transition"}
"""What changes by itself: a value that swings, and how prompts came in while they do."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a show, and with where its state will lie."""
    with private_folders() as place:
        write_plugin(place)
        save(show_patch(), place / "show.json")
        yield place


def edit(client: Remote, edit: Any, label: str = "Edit", **fields: object) -> None:
    client.request("edit", edit=edit_to_data(edit), label=label, **fields)


def sessions(scope: Simulator) -> dict[str, dict[str, Any]]:
    """What the server's pipelines work with, by session; what moves is left out."""
    state = httpx.get(f"{scope.url}/simulator/state", timeout=10.0).json()
    return {
        id: {name: it for name, it in each["parameters"].items() if name not in MOVING}
        for id, each in state["sessions"].items()
        if each["chunks"]
    }


def await_session(scope: Simulator, holds: dict[str, Any], but: set[str]) -> str:
    """Until a session other than these works with such parameters; gives its id."""

    def found() -> list[str]:
        there = sessions(scope).items()
        return [id for id, has in there if id not in but and holds.items() <= has.items()]

    until(found)
    return found()[0]


def until(holds: Callable[[], object], within: float = 60.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.05)


def kill_while_edited(host: Host, client: Remote) -> int:
    """Kill the host among edits, soon after the 20th; gives how many of them were acknowledged."""
    killer = threading.Timer(0.1, host.process.kill)
    acknowledged = 0
    with suppress(RemoteError):
        while True:
            edit(client, SetText(note=f"{acknowledged + 1} edits"), f"edit {acknowledged + 1}")
            acknowledged += 1
            if acknowledged == 20:
                killer.start()
    killer.join()
    host.process.wait()
    return acknowledged


def test_a_killed_host_comes_back_with_everything(scope: Simulator, place: Path) -> None:
    before = set(sessions(scope))
    other = show_patch({"look": ("prompt.text", {"text": "a dark forest"})})
    save(other, place / "other.json")
    written = (place / "show.json").read_bytes()
    with hosting(place, place / "show.json", "--scope", scope.url) as host:
        with host.attach() as client:
            client.request("open", deck="next", path=str(place / "other.json"))
            client.request("fade", position=0.25)
            for deck in ("main", "next"):
                edit(client, SetParam("seed", "value", 7.0), "Seed", deck=deck)
            edit(client, SetParam("swing", "rate", 2.0), "Faster")
            client.request("undo")
            wanted = {"base_seed": 7}
            prompts = [{"text": SEA, "weight": 0.75}, {"text": "a dark forest", "weight": 0.25}]
            session = await_session(scope, {**wanted, "prompts": prompts}, before)
            time.sleep(1.2)  # what Scope was told is noted twice a second
            engines = host.engines()
            assert engines
            acknowledged = kill_while_edited(host, client)
        killed = time.monotonic()
        had = sessions(scope)[session]
        while any(map(lives, engines)):
            assert time.monotonic() - killed < 30.0, "the engine outlives its host"
            time.sleep(0.01)
    (left,) = (place / "run").glob("show-*")
    os.utime(left, (0, 0))
    assert (place / "show.json").read_bytes() == written

    began = time.monotonic()
    with hosting(place, "--recover") as host, host.attach() as client:
        log.info("%d edits, back after %.1f s", acknowledged, time.monotonic() - began)
        assert not left.exists()
        decks = client.request("look")["decks"]
        main, following = decks["main"], decks["next"]
        assert re.fullmatch(r"recovered \d\d:\d\d", main["name"])
        assert main["path"] == following["path"] == ""
        assert following["patch"] == dump(with_seed(place / "other.json"))
        count = len(main["done"]) - 1
        assert count in (acknowledged, acknowledged + 1)
        assert main["done"] == ["Seed", *(f"edit {n + 1}" for n in range(count))]
        expected = replace(with_seed(place / "show.json"), note=f"{count} edits")
        assert main["patch"] == dump(expected)
        new = await_session(scope, had, {*before, session})
        # a server keeps a session for half a minute whose client is dead
        httpx.delete(f"{scope.url}/api/v1/webrtc/offer/{session}", timeout=10.0)
        assert sessions(scope)[new] == had
        until(lambda: client.request("status")["fade"] == 0.25)
        with pytest.raises(RequestRefused, match=r"has no file yet \(it was .*show.json"):
            client.request("save")
        for _ in main["done"]:
            client.request("undo")
        assert client.request("look")["decks"]["main"]["patch"].encode() == written
        assert host.end(client) == 0, host.said
    assert (place / "show.json").read_bytes() == written
    with hosting(place, "--recover") as host:
        assert host.process.wait(60.0) == 2
        assert "there is no lost show to go on with" in host.said


def with_seed(path: Path) -> Any:
    return SetParam("seed", "value", 7.0).apply(load(path))


# A journal that is damaged


@pytest.fixture
def journal(place: Path) -> Path:
    """The journal of a show that was killed after thirty edits."""
    session = Session(place / "state")
    document = Document.open(place / "show.json")
    session.open("main", document)
    for n in range(30):
        document.do(SetText(note=f"{n + 1} edits"), f"edit {n + 1}")
    session._journal.close()
    (folder,) = sessions_folder(place / "state").iterdir()
    (path,) = files(folder)
    return path


@pytest.mark.parametrize(
    ("damage", "left", "told"),
    [
        ("cut", range(14, 17), "the last change after .* may be missing"),
        ("flip", range(14, 17), "1[45] of the changes after .* could not be restored"),
    ],
)
def test_what_a_damaged_journal_still_says_is_recovered(
    place: Path, journal: Path, damage: str, left: range, told: str
) -> None:
    data = bytearray(journal.read_bytes())
    at = data.index(b"edit 16") + 3
    if damage == "flip":
        data[at] ^= 0x40
    journal.write_bytes(data[:at] if damage == "cut" else data)
    with hosting(place, "--recover") as host, host.attach() as client:
        deck = client.request("look")["decks"]["main"]
        assert len(deck["done"]) in left
        assert deck["patch"] == dump(
            replace(load(place / "show.json"), note=f"{len(deck['done'])} edits")
        )
        client.request("undo")
        assert host.end(client) == 0, host.said
        assert re.search(told, host.said.replace("\n", " ")), host.said
        assert "Traceback" not in host.said


def test_a_journal_beyond_reading_is_a_sentence(place: Path, journal: Path) -> None:
    journal.write_bytes(bytes(1000))
    shutil.copytree(journal.parent, journal.parent.with_name("another"))
    with hosting(place, "--recover") as host:
        assert host.process.wait(10.0) == 2
        assert "there is no lost show to go on with" in host.said
        assert host.said.replace("\n", " ").count("nothing in this journal is whole") == 2
        assert "Traceback" not in host.said
