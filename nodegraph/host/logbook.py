"""What the host warns of and what nodes print, line by line, for whoever attaches to the show."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nodegraph.host.engine.worker import LOG
from nodegraph.remote.errors import Fields

KEPT = 500
"""Lines that are kept."""

_AT_ONCE = 50
"""Lines that are read of what nodes have printed, at each look."""

_LONGEST = 2000
"""Characters of a line that is passed on."""


class Logbook(logging.Handler):
    """Keeps the last lines; `tell` is called on the event loop with each, as an event.

    Levels are those of `logging`, in small letters, and "print" for what an engine's nodes print.
    `folder` is the show's own. Records may come from any thread.
    """

    def __init__(self, folder: Path, tell: Callable[[Fields], None]) -> None:
        super().__init__(logging.WARNING)
        self.lines: deque[Fields] = deque(maxlen=KEPT)
        self._tell = tell
        self._path = folder / LOG
        self._at = 0
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        logging.getLogger().addHandler(self)

    def close(self) -> None:
        """Take down nothing more."""
        logging.getLogger().removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except Exception:  # whoever logs may have counted the values wrong
            text = f"{record.msg} {record.args}"
        with suppress(RuntimeError):  # the loop is closed
            line = (record.levelname.lower(), text, record.created)
            self._loop.call_soon_threadsafe(self._add, *line)

    def look(self) -> None:
        """Read what has been printed since the last look, of much the newest. To be called now and
        then."""
        with suppress(OSError), self._path.open("rb") as file:
            end = file.seek(0, 2)
            if end == self._at:
                return
            self._at = file.seek(max(self._at, end - _AT_ONCE * _LONGEST))
            new = file.read(_AT_ONCE * _LONGEST)
            self._at += len(new)
            *lines, rest = (self._rest + new).split(b"\n")
            self._rest = rest[:_LONGEST]
            for line in lines[-_AT_ONCE:]:
                if text := line.decode("utf-8", "replace").rstrip():
                    self._add("print", text, time.time())

    def _add(self, level: str, text: str, when: float) -> None:
        line: Fields = {"level": level, "text": text[:_LONGEST], "time": when}
        self.lines.append(line)
        self._tell({"event": "log"} | line)
