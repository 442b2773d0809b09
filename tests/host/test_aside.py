"""A program of its own gives what it prints, and never outlives who asked for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nodegraph.errors import NodegraphError
from nodegraph.host.aside import run_aside

PROGRAM = """
import os, sys, time
print("begun", *sys.argv[1:])
open("pid", "w").write(str(os.getpid()))
if "fail" in sys.argv:
    sys.exit("first line\\nit is the wrong day")
if "die" in sys.argv:
    os._exit(3)
if "stay" in sys.argv:
    time.sleep(60.0)
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aside_program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)


def is_gone() -> bool:
    try:
        os.kill(int(Path("pid").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def began() -> bool:
    return Path("pid").exists() and bool(Path("pid").read_text())


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_it_prints_is_given_and_what_it_complains_of_told() -> None:
    async def story() -> None:
        assert await run_aside("aside_program", "one two") == b"begun one two\n"
        with pytest.raises(NodegraphError, match=r"^it is the wrong day$"):
            await run_aside("aside_program", "fail")
        with pytest.raises(NodegraphError, match=r"^aside_program ended with 3$"):
            await run_aside("aside_program", "die")

    asyncio.run(story())


def test_it_is_killed_when_it_takes_too_long() -> None:
    with pytest.raises(NodegraphError, match=r"aside_program has not come to an end in 1 s"):
        asyncio.run(run_aside("aside_program", "stay", within=1.0))
    assert not began() or is_gone()  # a busy machine may not have come to its beginning


def test_it_is_killed_when_nobody_waits_any_more() -> None:
    async def story() -> None:
        asked = asyncio.create_task(run_aside("aside_program", "stay"))
        await asyncio.to_thread(wait_for, began)
        asked.cancel()
        await asyncio.wait([asked])
        assert asked.cancelled()
        assert is_gone()

    asyncio.run(story())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_ends_with_who_asked() -> None:
    asker = "import asyncio\nfrom nodegraph.host.aside import run_aside\n"
    asker += "asyncio.run(run_aside('aside_program', 'stay'))"
    with subprocess.Popen([sys.executable, "-c", asker]) as process:
        wait_for(began)
        process.kill()
    wait_for(is_gone)
