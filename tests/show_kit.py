"""A whole show for tests: host and engine, with a plugin of the tests' own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nodegraph.graph import Patch
from nodegraph.host.document import Document
from nodegraph.host.show import Show

PLUGIN = '''
from nodegraph import hookimpl, inlet, node, param

@node("t.count", outlets="out", state=0.0)
def count(state: float, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[float, float]:
    """Count ticks."""
    return state + step, state + step

@node("t.fail", outlets="out")
def fail(value: float = inlet(0.0)) -> float:
    """Fail."""
    return 1 / 0

def halve(params, version):
    return {"rise": params["time"] / 2}

@node("t.new", outlets="out", version=2, upgrade=halve)
def new(rise: float = param(1.0, "s", 0.0, 10.0)) -> float:
    """Be newer than the patch."""
    return rise

@hookimpl
def register_nodes(register):
    register(count)
    register(fail)
    register(new)
'''


@asynccontextmanager
async def playing(made: Patch, tmp_path: Path, **options: Any) -> AsyncIterator[Show]:
    """A show that plays a patch, with the test's own plugin."""
    plugins = tmp_path / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "counts.py").write_text(PLUGIN)
    settings = {"state": tmp_path / "state", "spare": False, "plugins": [plugins]} | options
    async with Show(**settings) as show:
        await show.open("main", Document(made))
        yield show


async def until(holds: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to be so"
        await asyncio.sleep(0.01)


def run(story: Awaitable[None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60.0))  # type: ignore[arg-type]  # a coroutine


def seen(show: Show, port: str) -> float:
    """What a numeric outlet of "main" gave last."""
    meters = show.meters["main"]
    rows = meters.reader.since(meters.reader.ticks - 1) if meters.reader else None
    column = meters.columns.get(port)
    if rows is None or column is None or not len(rows.values):
        return float("nan")
    return float(rows.values[-1, column.number])
