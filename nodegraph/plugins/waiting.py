"""Says what the import of a plugin waits for, when it takes long."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_stack
from typing import Final

from nodegraph.plugins.importing import root

LONG: Final = 3.0
"""Seconds after which it is said."""

Frame = tuple[str, int]
"""A file and a line in it."""


@contextmanager
def told_if_long(place: str) -> Iterator[None]:
    """Say it on stderr, if the block runs for so long."""
    ours = threading.get_ident()

    def say() -> None:
        frames = walk_stack(sys._current_frames().get(ours))
        where = [(frame.f_code.co_filename, line) for frame, line in frames]
        sys.stderr.write(f"{sentence(place, where)}\n")

    timer = threading.Timer(LONG, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def sentence(place: str, frames: Sequence[Frame]) -> str:
    """What is waited for, by the frames of the thread that imports, innermost first."""
    known = [(file, line) for file, line in frames if not file.startswith("<")]
    own = [frame for frame in known if Path(frame[0]).is_relative_to(root(place).absolute())]
    at = dict.fromkeys(f"{file}:{line}" for file, line in (*own[:1], *known[:1]))
    where = f"; it is at {', in '.join(at)}" if at else ""
    return f"{place}: its import is not done after {LONG:.0f} s{where}"
