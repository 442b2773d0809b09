"""Spoken phrases: heard by a process of its own, for to recognise speech may take its time."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from subprocess import PIPE, Popen
from typing import NamedTuple, cast

from nodegraph.control.hub import Hubs, ThreadedHub
from nodegraph.errors import ControlError
from nodegraph.events import SpeechEvent

SETTLED = 0.3
"""Seconds for which params must have stood still before a recogniser is started for them."""

AGAIN = 5.0
"""Seconds until a recogniser that has ended is started again."""


class Asked(NamedTuple):
    """What is listened for, on which input, and how readily (0..1)."""

    device: str
    phrases: tuple[str, ...]
    sensitivity: float


def asked(params: Mapping[str, object]) -> Asked:
    """What a node's params ask for."""
    phrases = str(params.get("phrases", "")).splitlines()
    return Asked(
        str(params.get("device", "")),
        tuple(phrase.strip() for phrase in phrases if phrase.strip()),
        float(cast(float, params.get("sensitivity", 0.8))),
    )


class SpeechHub(ThreadedHub):
    """Starts the recogniser, and tells what it hears."""

    command: tuple[str, ...] = (sys.executable, "-m", "nodegraph.control.recogniser")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._process: Popen[str] | None = None
        super().__init__()

    def __str__(self) -> str:
        return "the recogniser of speech"

    def listen(self) -> None:
        if find_spec("pocketsphinx") is None:
            raise ControlError(
                "no recogniser of speech is installed; install one, with its model of English, "
                "with: pip install 'nodegraph[speech]'"
            )
        if not self.asked.phrases:
            raise ControlError("there is nothing to listen for: write phrases, one per line")
        if self.closing.wait(SETTLED):
            return
        told = [*self.command, json.dumps(self.asked._asdict())]
        with Popen(told, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8") as self._process:
            if self.closing.is_set():  # just before there was a process to kill
                self._process.kill()
            assert self._process.stdout is not None  # a pipe
            for line in self._process.stdout:
                self._take(json.loads(line))
        if not self.closing.wait(AGAIN) and not self.complaint:
            self.complaint = f"{self} has ended; it is started again"

    def end(self) -> None:
        self.closing.set()
        if self._process is not None:
            self._process.kill()
        super().end()

    def _take(self, word: Mapping[str, object]) -> None:
        match word:
            case {"heard": str(phrase)}:
                self.tell(SpeechEvent(0.0, phrase))
            case {"complaint": str(complaint)}:
                self.complaint = complaint
            case _:
                self.complaint = ""


RECOGNISERS: Hubs[Asked] = Hubs(SpeechHub)
