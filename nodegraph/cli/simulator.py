"""A simulated Scope server in a process of its own, for as long as it is wanted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from nodegraph.errors import NodegraphError

_END_WITHIN = 5.0


@dataclass(frozen=True)
class Simulator:
    """Where the server is, and what it tells of itself."""

    url: str

    def applied(self) -> int | None:
        """How many messages its pipelines have applied; None if it does not say."""
        try:
            totals = httpx.get(f"{self.url}/simulator/state", timeout=5.0).json()["totals"]
            return int(totals["applied"])
        except (httpx.HTTPError, ValueError, KeyError):
            return None


@contextmanager
def simulator(*options: str) -> Iterator[Simulator]:
    """Start it on a free port of the loopback interface, and end it in any case.

    Ctrl-C does not reach it: it has to paint until the show has ended. It ends when its standard
    input closes, which happens even if this process is killed.
    """
    apart: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    module = ["-m", "nodegraph.scope.simulator"]
    command = [sys.executable, *module, "--port", "0", "--leashed", *options]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, **apart) as process:
        assert process.stdin is not None  # it is a pipe
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if "http://" not in line:
                raise NodegraphError("the simulated Scope server did not start")
            yield Simulator(line.split()[-1])
        finally:
            process.stdin.close()
            try:
                process.wait(_END_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
