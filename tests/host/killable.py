"""Hosts in processes of their own, started as a performer starts them, to be killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodegraph.remote.client import Remote, connect
from nodegraph.remote.errors import NoShow


class Host:
    """`nodegraph run` with some options; what it says goes to a file."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path) -> None:
        self.process = process
        self._said = said

    @property
    def said(self) -> str:
        return self._said.read_text()

    def attach(self, within: float = 60.0) -> Remote:
        """A client of its show, as soon as there is one."""
        end = time.monotonic() + within
        while True:
            assert self.process.poll() is None, self.said
            try:
                return connect(str(self.process.pid))
            except NoShow:
                assert time.monotonic() < end, self.said
                time.sleep(0.02)

    def engines(self) -> set[int]:
        """The processes that it has started and that still run."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return {int(word) for task in tasks for word in task.read_text().split()}

    def end(self, client: Remote) -> int:
        """Have it stop; gives its exit code."""
        client.request("stop")
        return self.process.wait(60.0)


@contextmanager
def hosting(folder: Path, *words: object) -> Iterator[Host]:
    """A host that is gone afterwards, whatever happened."""
    said = folder / f"said-{time.monotonic_ns()}.txt"
    command = [sys.executable, "-m", "nodegraph", "run", *map(str, words)]
    with (
        said.open("wb") as file,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file) as process,
    ):
        try:
            yield Host(process, said)
        finally:
            process.kill()


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
