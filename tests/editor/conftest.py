"""One screen for all tests with a window; they are skipped where there can be none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor.patcher import Patcher
from editor.screen import Screen, missing
from editor.show import Show

from nodegraph.graph import Patch, save


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    if reason := missing():
        pytest.skip(reason)
    with Screen(1280, 800) as screen:
        yield screen


@pytest.fixture(scope="module")
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The patch of a module of tests, its `PATCH`, as a file."""
    path = tmp_path_factory.mktemp("patch") / "patch.json"
    save(request.module.PATCH, path)
    return path


@pytest.fixture(scope="package")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """A show for all modules of tests; each opens its own patch."""
    empty = tmp_path_factory.mktemp("patch") / "empty.json"
    save(Patch(), empty)
    with Show(tmp_path_factory.mktemp("show"), empty) as show:
        yield show


@pytest.fixture(scope="package")
def opened(screen: Screen, show: Show) -> Iterator[Patcher]:
    """One editor for all of them; what tests ask for is `editor`."""
    with Patcher(screen, show) as editor:
        yield editor
        assert editor.close() == 0, "the editor did not close well"


@pytest.fixture
def editor(opened: Patcher, show: Show, file: Path) -> Iterator[Patcher]:
    """The editor, with the patch as it was at first, and nothing left in the hand; nor a note from
    before."""
    before = opened.tell("mirror.decks['main'].opened")
    show.ask("open", deck="main", path=str(file))
    opened.wait(f"mirror.decks['main'].opened > {before}")
    opened.frames(4)
    opened.tell("editing.select(()) or editing.notes.clear() or canvas.fit()")
    opened.frames(2)
    yield opened
    if opened.process.poll() is None:
        opened.let_go()
        opened.key("Escape")
