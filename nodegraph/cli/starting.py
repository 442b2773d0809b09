"""Starts a show in a process that nobody waits for: what ends us leaves it playing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Any, Final

import typer

from nodegraph.errors import NodegraphError
from nodegraph.host.aside import last_line
from nodegraph.remote.address import RunningShow, shows

WITHIN: Final = 60.0
"""Seconds in which a show has to answer: a busy machine imports slowly, and a plugin that hangs is
given up after 30."""

_LONG: Final = 4.0
"""Seconds after which it is passed on what the show says."""

_AGAIN: Final = 0.05

_started: list[subprocess.Popen[bytes]] = []
"""Kept, as a process that is forgotten while it runs is reaped by nobody."""


def start_show(words: Sequence[str]) -> RunningShow:
    """`nodegraph run --stay` with these words more; returns when clients find it.

    Raises NodegraphError with what the show said if it ended at once, or does not answer.
    """
    with tempfile.TemporaryFile() as said:
        process = _start([sys.executable, "-m", "nodegraph", "run", "--stay", *words], said)
        begun, told = time.monotonic(), ""
        while (took := time.monotonic() - begun) < WITHIN:
            if process.poll() is not None:
                raise NodegraphError(_last_words(said))
            for show in shows():
                if show.pid == process.pid:
                    return show
            if took > _LONG and (so_far := _words_so_far(said)) != told:
                typer.echo(so_far, err=True)
                told = so_far
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


def _words_so_far(said: IO[bytes]) -> str:
    """The last line, without a move of the place at which the show writes on."""
    if sys.platform == "win32":
        return ""
    return last_line(os.pread(said.fileno(), 1 << 16, 0))


def _last_words(said: IO[bytes]) -> str:
    """What the show complained of, without our own name before it."""
    said.seek(0)
    told = last_line(said.read()).removeprefix("nodegraph: ")
    return told or "the show ended without a word"
