"""What a show logs, in the terminal and in its file."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.live import Live

from nodegraph.cli.chronicle import chronicle

log = logging.getLogger("nodegraph.test")


def test_one_line_is_told_and_all_of_it_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "state" / "show.log"
    with chronicle(path):
        log.info("this is nobody's business")
        log.warning("the engine \x1b[2J crashed\nFile x.py, line 3\nFile y.py, line 4")
        for _ in range(3):
            log.warning("nothing answers")
        try:
            raise ValueError("a bug")
        except ValueError:
            log.exception("this failed")
    log.warning("after the show")
    first, second, third = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d the engine \ufffd\[2J crashed; more is in .*show.log", first
    )
    assert second[9:] == "nothing answers"
    assert third[9:] == f"this failed; more is in {path}"
    written = path.read_text("utf-8")
    assert "line 3\nFile y.py, line 4" in written
    assert written.count("nothing answers") == 3
    assert "ValueError: a bug" in written
    assert "after the show" not in written


def test_a_disk_that_takes_nothing_is_no_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with chronicle(tmp_path / "file" / "show.log"):
        log.warning("it plays on")
    assert capsys.readouterr().err.endswith(" it plays on\n")


def test_a_line_stands_above_the_display(tmp_path: Path) -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80)
    with chronicle(tmp_path / "show.log"), Live("the meters", console=console, auto_refresh=False):
        log.warning("the engine was killed")
    shown = written.getvalue()
    assert shown.index("the engine was killed") < shown.rindex("the meters")
