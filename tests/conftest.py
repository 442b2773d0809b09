"""Fixtures for tests of several packages."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from kit import LONG

from nodegraph.audio.demo import kept
from nodegraph.host import probation

# A failure should be of the change at hand, so the examples are the same each time, and a machine
# that is busy is no failure. The long tests draw others each time.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("long", deadline=None, max_examples=1_000)
settings.load_profile("long" if LONG else "quick")

gc.disable()  # until `pytest_collection_finish`

SLOW = {"pulse", "screen", "stage"}
"""Fixtures that make a test slow: a sound server, a window with a hand in it, a show whose parts
are killed. Others say it themselves: `@pytest.mark.slow`."""

_left_out = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests wait until they are asked for: by `-m slow`, or by the name of their file.

    Those with a window begin, for all of them are run by one process, which takes longest.
    """
    for item in items:
        if SLOW & _fixtures(item) and not item.get_closest_marker("smoke"):
            item.add_marker("slow")
    items.sort(key=lambda item: "screen" not in _fixtures(item))
    if LONG or "slow" in config.option.markexpr:
        return
    named = {config.invocation_params.dir / each.partition("::")[0] for each in config.args}
    later = {each for each in items if each.get_closest_marker("slow") and each.path not in named}
    items[:] = [each for each in items if each not in later]
    config.hook.pytest_deselected(items=[*later])
    config.stash[_left_out] = len(later)


def _fixtures(item: pytest.Item) -> set[str]:
    return {*getattr(item, "fixturenames", ())}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests tells the one that reports."""
    output: dict[str, object] = getattr(session.config, "workeroutput", {})
    output["left out"] = session.config.stash.get(_left_out, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each process collects the same tests, and leaves the same ones out."""
    node.config.stash[_left_out] = getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if number := terminalreporter.config.stash.get(_left_out, 0):
        terminalreporter.write_line(f"{number} slow tests were left out: pytest -m slow has them")


def pytest_collection_finish() -> None:
    """All that was imported and collected stays: the garbage collector need not look there, neither
    meanwhile nor later, which it would do for a twentieth of the time of the tests."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files are run by one process each, and those that use the window of `editor` by the same one:
    else there would be a window, a show and an engine for each process, as long as it runs."""
    from xdist.scheduler import LoadFileScheduling

    class OneWindow(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "the window" if _has_window(config.rootpath / file) else file

    return OneWindow(config, log) if config.getvalue("dist") == "loadfile" else None


@cache
def _has_window(file: Path) -> bool:
    return "editor: Patcher" in file.read_text("utf-8")


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is printed is as wide as it likes. The demo track is rendered once for all processes of
    a run, and kept among its files. No edit is taken back because a busy machine ticks late."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patching:
        patching.delenv("COLUMNS", raising=False)
        patching.setattr(probation, "_MANY_LATE", 1.0)
        patching.setenv(kept.PLACE, str((folder.parent if parallel else folder) / "cache"))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What tests print and log may be no text, such as names of files, and has to be told by one
    process to another."""
    report = yield
    report.sections = [(name, _text(section)) for name, section in report.sections]
    if report.longrepr is not None and _text(report.longreprtext) != report.longreprtext:
        report.longrepr = _text(report.longreprtext)
    return report


def _text(printed: str) -> str:
    return printed.encode("utf-8", "backslashreplace").decode()


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the sockets and journals of a test's shows away from others."""
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path / "state"))
    (tmp_path / "run").mkdir(mode=0o700)


@pytest.fixture
def forget_plugins() -> Iterator[None]:
    """Unload the modules of plugin folders that a test loaded, so that others load them anew."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if "/plugins/" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]
