"""A real show for editors to attach to: `nodegraph run` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nodegraph.graph import Patch, parse
from nodegraph.remote.address import RunningShow
from nodegraph.remote.client import Remote

_START_WITHIN = 90.0  # seconds, of which a machine that is busy with other tests takes many


class Show:
    """A host with its engine, and a client of the test's own that sees what the editor did to it.

    Its folders are its own: no editor of another show finds it, and it finds no lost session.
    """

    def __init__(
        self, folder: Path, patch: Path | None = None, *options: str, lasts: int = 900
    ) -> None:
        """Play a patch file with the demo sound; without one, an empty patch.

        It `lasts` so many seconds, so that it ends even if nobody ends it.
        """
        self.folder = folder
        self._run = folder / "run"
        self._run.mkdir(mode=0o700, parents=True)
        self.log = folder / "show.txt"
        self.environment = {
            "NODEGRAPH_RUNTIME": str(self._run),
            "NODEGRAPH_STATE": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        command = [sys.executable, "-m", "nodegraph", "run", "--stay", "--audio", "demo"]
        command += [str(patch)] if patch else []
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--duration", str(lasts), *options],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.remote = self._attach()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _attach(self) -> Remote:
        end = time.monotonic() + _START_WITHIN
        while True:
            assert self.process.poll() is None, f"no show:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"the show does not answer:\n{self.log.read_text()}"
            for note in self._run.glob("*.json"):
                return Remote(RunningShow(**json.loads(note.read_text()), note=note), "test")
            time.sleep(0.02)

    def ask(self, verb: str, **fields: object) -> dict[str, Any]:
        """What the host answers."""
        return dict(self.remote.request(verb, **fields))

    def deck(self, name: str = "main") -> dict[str, Any]:
        """The facts of a deck."""
        decks: Any = self.ask("look")["decks"]
        return dict(decks[name])

    def patch(self, name: str = "main") -> Patch:
        """The patch as the host has it."""
        return parse(self.deck(name)["patch"]).patch

    def ticks(self) -> int:
        return int(self.ask("status")["ticks"])

    def close(self) -> None:
        self.remote.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
