"""A disk that is full, and one that cannot be written, in the middle of a show."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from host.stage import Stage, show_patch, staged, until

from nodegraph.cli.simulator import Simulator
from nodegraph.errors import PatchError
from nodegraph.graph import SetText, dump, load, save
from nodegraph.host.document import Document
from nodegraph.host.recovery import find_lost

ROOT = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A small disk in memory, over what is in a folder."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not ROOT or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    with mounted(folder, "size=4m"):
        yield folder


@pytest.fixture(scope="module")
def stage(scope: Simulator, disk: Path) -> Iterator[Stage]:
    """A show of which everything lies on the small disk: the patch and the journal."""
    save(show_patch(), disk / "show.json")
    with staged(Document.open(disk / "show.json"), scope.url, state=disk / "state") as stage:
        yield stage


def fill(disk: Path) -> Path:
    """Write until there is no room for a byte."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return path


class Complaints:
    """What is said of the journal, each time it begins to be said; and the edits meanwhile."""

    def __init__(self, stage: Stage) -> None:
        self.said: list[str] = []
        self._stage = stage
        self._now: str | None = None

    async def edit(self, count: int) -> None:
        deck = self._stage.show.deck("main")
        document = deck.document
        assert document is not None
        for n in range(count):
            note = f"{len(document.labels()[0])} " + "x" * 100
            assert deck.do(SetText(note=note), f"Note {n}").after.note == note
            if n % 50 == 0:
                await asyncio.sleep(0.02)
            self.look()

    def look(self) -> None:
        told = [one.text for one in self._stage.show.problems if "journal" in one.text]
        assert len(told) <= 1
        now = told[0] if told else None
        if now is not None and now != self._now:
            self.said.append(now)
        self._now = now

    async def until_over(self) -> None:
        await until(lambda: self.look() or self._now is None, what="the journal is written again")


def recoverable(stage: Stage, tmp_path: Path) -> str:
    """What a crash now would leave, as a start after it would see it."""

    def copy(source: str, target: str) -> None:
        with suppress(FileNotFoundError):  # old files of the journal go when new ones are safe
            shutil.copy2(source, target)

    state = stage.show.session.folder.parents[1]
    shutil.copytree(state, tmp_path / "copy", copy_function=copy)
    (lost,) = find_lost(tmp_path / "copy")
    assert lost.complaint is None
    return dump(lost.documents["main"].patch)


def test_a_full_disk_is_said_once_and_costs_nothing(
    stage: Stage, disk: Path, tmp_path: Path
) -> None:
    async def story() -> None:
        deck, complaints = stage.show.deck("main"), Complaints(stage)
        document = deck.document
        assert document is not None
        saved = (disk / "show.json").read_bytes()
        async with stage.witnessed() as seen:
            filler = fill(disk)
            await complaints.edit(200)
            with pytest.raises(PatchError, match="cannot be saved, and is as it was: No space"):
                deck.save()
            assert (disk / "show.json").read_bytes() == saved
            assert document.dirty
            filler.unlink()
            await complaints.until_over()
            assert recoverable(stage, tmp_path) == dump(document.patch)
            deck.save()
            assert load(disk / "show.json") == document.patch
            assert not document.dirty
        (said,) = complaints.said
        assert "No space left" in said
        assert "the show goes on" in said
        assert len(document.labels()[0]) == 200
        seen.assert_unmoved()

    stage.play(story())


def test_a_state_folder_that_becomes_read_only_is_said_once(
    stage: Stage, disk: Path, tmp_path: Path
) -> None:
    async def story() -> None:
        deck, complaints = stage.show.deck("main"), Complaints(stage)
        document = deck.document
        assert document is not None
        async with stage.witnessed() as seen:
            with mounted(disk / "state", "ro"):
                await complaints.edit(600)  # so many that another file is begun
                deck.save()
                assert load(disk / "show.json") == document.patch
            await complaints.edit(3)
            await complaints.until_over()
            assert recoverable(stage, tmp_path) == dump(document.patch)
        (said,) = complaints.said
        assert "Read-only file system" in said
        seen.assert_unmoved()

    stage.play(story())
