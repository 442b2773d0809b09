"""What happens to a show, as it happens: a line each in the terminal, all of it in a file."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from nodegraph.cli.terminal import printable

_LARGEST = 1 << 20
"""Bytes of the file, of which one that was full is kept."""


@contextmanager
def chronicle(path: Path) -> Iterator[None]:
    """Tell what is logged while the block runs. Nothing comes of a file that cannot be written."""
    root = logging.getLogger()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    handlers = [_Lines(path), _File(path)]
    for handler in handlers:
        handler.setLevel(logging.WARNING)
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


class _Lines(logging.Handler):
    """The first line of each record with the time of day. What is said again is not repeated."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        text, _, more = record.getMessage().partition("\n")
        if text == self._last:
            return
        self._last = text
        if more or record.exc_info:
            text += f"; more is in {self._path}"
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        with suppress(OSError, ValueError):  # the terminal is gone
            # By way of what stands for stderr just now: the display makes room for a line there.
            sys.stderr.write(printable(f"{clock} {text}") + "\n")


class _File(RotatingFileHandler):
    """Every record whole, tracebacks with it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Nobody is to be told on a terminal that a disk is full; the show says that itself."""
