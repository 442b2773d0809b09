"""Starts the window that shows the picture alone, as a process that goes its own way."""

from __future__ import annotations

import subprocess
import sys
from typing import Any


class Sideline:
    """At most one window at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def start(self, show: object) -> str:
        """Open the window for the show of that process; why not, or nothing."""
        if self.is_open:
            return "it is open already"
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        command = [sys.executable, "-m", "nodegraph.editor.curtain"]
        if isinstance(show, int):
            command += ["--show", str(show)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **apart)
        except OSError as error:
            return str(error)
        return ""
