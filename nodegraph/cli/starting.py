"""Starts a show in a process that nobody waits for: what ends us leaves it playing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Any, Final

from nodegraph.errors import NodegraphError
from nodegraph.host.aside import last_line
from nodegraph.remote.address import RunningShow, shows

WITHIN: Final = 30.0
"""Seconds in which a show has to answer; a busy machine imports slowly."""

_AGAIN: Final = 0.05

_started: list[subprocess.Popen[bytes]] = []
"""Kept, as a process that is forgotten while it runs is reaped by nobody."""


def start_show(words: Sequence[str]) -> RunningShow:
    """`nodegraph run --stay` with these words more; returns when clients find it.

    Raises NodegraphError with what the show said if it ended at once, or does not answer.
    """
    with tempfile.TemporaryFile() as said:
        process = _start([sys.executable, "-m", "nodegraph", "run", "--stay", *words], said)
        end = time.monotonic() + WITHIN
        while time.monotonic() < end:
            if process.poll() is not None:
                raise NodegraphError(_last_words(said))
            for show in shows():
                if show.pid == process.pid:
                    return show
            time.sleep(_AGAIN)
        process.terminate()
        raise NodegraphError(f"the show has not answered within {WITHIN:g} s: {_last_words(said)}")


def _start(command: Sequence[str], said: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it away from our terminal, so that neither Ctrl-C nor a hang-up reaches it."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        apart = {"creationflags": flags}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, **apart
    )
    _started.append(process)
    return process


def _last_words(said: IO[bytes]) -> str:
    """What the show complained of, without our own name before it."""
    said.seek(0)
    told = last_line(said.read()).removeprefix("nodegraph: ")
    return told or "the show ended without a word"
