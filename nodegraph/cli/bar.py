"""A progress bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[float, float | None], None]
"""Is told how much is done, and of how much if that is known."""


@contextmanager
def progress_bar(label: str = "") -> Iterator[Tell | None]:
    """A bar for as long as the block runs; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from nodegraph.cli.terminal import err

    name = (TextColumn("{task.description}"),) if label else ()
    bars = (*name, BarColumn(), TaskProgressColumn(), Remaining())
    with Progress(*bars, console=err(), transient=True) as progress:
        task = progress.add_task(label, total=None)

        def tell(done: float, total: float | None) -> None:
            progress.update(task, completed=done, total=total)

        yield tell
