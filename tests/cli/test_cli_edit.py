"""`nodegraph edit`: which show it opens, how it starts one, and what it says without a display."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodegraph.cli import edit, starting
from nodegraph.errors import NodegraphError
from nodegraph.remote.address import RunningShow
from nodegraph.remote.client import connect
from nodegraph.remote.errors import NoShow

PULSE = Path(__file__).parents[2] / "patches" / "pulse.json"


def show(name: str, pid: int, patch: str = "") -> RunningShow:
    return RunningShow(name, pid, "unix:/nowhere", patch, 0.0, Path("note.json"))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> list[RunningShow]:
    """The shows that seem to run."""
    shows: list[RunningShow] = []
    monkeypatch.setattr("nodegraph.remote.address.shows", lambda: list(shows))
    return shows


def test_the_show_of_a_patch_is_found_whatever_its_path_looks_like(
    running: list[RunningShow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text("")
    monkeypatch.chdir(tmp_path)
    running += [show("b", 2, str(tmp_path / "b.json")), show("a", 1, str(tmp_path / "a.json"))]
    found = edit._running(Path("a.json"))
    assert found is not None
    assert found.pid == 1
    assert edit._running(tmp_path / "c.json") is None


def test_without_a_patch_it_is_the_only_show_or_a_sentence(running: list[RunningShow]) -> None:
    assert edit._running(None) is None
    running.append(show("a", 1))
    found = edit._running(None)
    assert found is not None
    assert found.pid == 1
    running.append(show("b", 2))
    with pytest.raises(NoShow, match="several shows are running"):
        edit._running(None)


def test_without_a_display_it_starts_nothing_and_says_so(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("other systems always have a display")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(starting, "start_show", lambda words: pytest.fail("it started a show"))
    result = cli("edit", "pulse")
    assert result.exit_code == 2
    assert "needs a display" in result.stderr


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path / "state"))
    yield tmp_path
    for each in starting.shows():
        os.kill(each.pid, signal.SIGKILL)
    for process in starting._started:
        process.wait(10)


def test_a_show_is_started_apart_and_can_be_talked_to(home: Path) -> None:
    found = starting.start_show([str(PULSE), "--audio", "demo"])
    if sys.platform != "win32":
        assert os.getsid(found.pid) != os.getsid(0), "Ctrl-C in our terminal would end it"
    with connect(str(found.pid)) as remote:
        decks: Any = remote.request("look")["decks"]
        assert decks["main"]["path"] == str(PULSE)
        remote.request("stop")
    end = time.monotonic() + 10
    while starting.shows():
        assert time.monotonic() < end, "it does not stop when it is told to"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing-like-that"], "there is no patch 'nothing-like-that'"),
        ([str(PULSE), "--audio", "gone.wav"], "gone.wav"),
    ],
)
def test_a_show_that_cannot_begin_says_why(home: Path, words: list[str], told: str) -> None:
    with pytest.raises(NodegraphError, match=told):
        starting.start_show(words)
    assert starting.shows() == []
