"""Keep the server's log in memory, as `GET /api/v1/logs/tail` hands it out."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime

_KEPT = 2000


class Log:
    """The last lines of the log and the byte offset of each line's end; safe to share."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._size = 0
        self._lock = threading.Lock()

    def info(self, module: str, text: str) -> None:
        """Add a line at level INFO."""
        self._add(module, "INFO", text)

    def warning(self, module: str, text: str) -> None:
        """Add a line at level WARNING."""
        self._add(module, "WARNING", text)

    def error(self, module: str, text: str) -> None:
        """Add a line at level ERROR."""
        self._add(module, "ERROR", text)

    def tail(self, count: int, since: int) -> tuple[list[str], int]:
        """Return up to `count` lines that end after the byte offset `since`, and the end's."""
        with self._lock:
            lines = [line for end, line in self._lines if end > since]
            return lines[-count:], self._size

    def text(self) -> str:
        """Return all that is kept."""
        return "".join(line + "\n" for line in self.tail(_KEPT, 0)[0])

    def _add(self, module: str, level: str, text: str) -> None:
        stamp = datetime.now().isoformat(" ", "milliseconds").replace(".", ",")
        line = f"{stamp} - scope.server.{module} - {level} - {text}"
        with self._lock:
            self._size += len(line.encode("utf-8", "replace")) + 1
            self._lines.append((self._size, line))
