"""What a PulseAudio or PipeWire server says of its sources, and of where it sends our stream.

Such a server moves a stream to another source when the first one goes, and tells the program that
records nothing of it. So it is asked, through its own command line tool `pactl`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodegraph.errors import AudioError

PATIENCE = 2.0
"""Seconds for an answer. A sound server that hangs must not hang us."""

_ITEM = re.compile(r"^(?:Source|Source Output) #(\d+)$", re.MULTILINE)
_SPEC = re.compile(r"(\d+)ch (\d+)Hz")
_EVENT = re.compile(r"Event '(?:change|remove)' on source-output #(\d+)")


@dataclass(frozen=True, slots=True)
class PulseSource:
    """A source of the sound server: an input, or the monitor of an output."""

    index: int
    id: str
    """Its name for programs, such as `alsa_input.usb-Focusrite_Scarlett_2i2`."""
    name: str
    """Its name for people."""
    channels: int
    rate: int
    monitor: bool
    muted: bool


def present() -> bool:
    """Whether there is a sound server that can be asked."""
    try:
        return bool(shutil.which("pactl")) and bool(_ask("info"))
    except AudioError:
        return False


def sources() -> list[PulseSource]:
    """Every source there is. Raises `AudioError` if no server answers."""
    found = []
    for index, text in _items("sources"):
        spec = _SPEC.search(_field(text, "Sample Specification"))
        id = _field(text, "Name")
        if spec is not None and id:
            found.append(
                PulseSource(
                    index,
                    id,
                    _field(text, "Description") or id,
                    int(spec[1]),
                    int(spec[2]),
                    _field(text, "Monitor of Sink") not in ("", "n/a"),
                    _field(text, "Mute") == "yes",
                )
            )
    return found


def defaults() -> tuple[str, str]:
    """The ids of the source that is used where none is named, and of the one that brings what is
    played where no output is named; "" where there is none."""
    info = _ask("info")
    sink = _field(info, "Default Sink")
    return _field(info, "Default Source"), f"{sink}.monitor" if sink else ""


def attached(tag: str) -> tuple[int, int] | None:
    """Our stream's number and the index of the source it hears; None when it is gone."""
    for number, text in _items("source-outputs"):
        if f'{TAG} = "{tag}"' in text:
            return number, int(_field(text, "Source") or -1)
    return None


TAG = "nodegraph.input"
"""The property by which our own streams are known."""


def aimed(id: str, tag: str) -> dict[str, str]:
    """The environment that makes libpulse record from source `id`, under our tag."""
    return {"PULSE_SOURCE": id, "PULSE_PROP": f"{TAG}={tag}"}


class Attachment:
    """Notices when the server moves a stream away from the source that it was opened on.

    At a change `suspect` is called, and once it is known `clear` or `moved`, all from a thread of
    its own. Raises `AudioError` if the stream does not hear the source that is wanted.
    """

    def __init__(
        self,
        tag: str,
        source: PulseSource,
        suspect: Callable[[], None],
        clear: Callable[[], None],
        moved: Callable[[], None],
    ) -> None:
        self._tag, self._source = tag, source
        self._suspect, self._clear, self._moved = suspect, clear, moved
        # Events are asked for before the first look, so that no move falls between the two.
        self._events = subprocess.Popen(
            ["pactl", "subscribe"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            text=True,
        )
        found = self._look()
        if found is None:
            self.close()
            raise AudioError(f"the sound server sends another input in place of {source.name!r}")
        self._number = found
        threading.Thread(target=self._follow, name="pactl", daemon=True).start()

    def close(self) -> None:
        """End the watch. The thread ends by itself."""
        self._events.kill()
        self._events.wait()

    def _look(self) -> int | None:
        """The stream's number, if it still hears its source."""
        found = attached(self._tag)
        return found[0] if found is not None and found[1] == self._source.index else None

    def _follow(self) -> None:
        assert self._events.stdout is not None
        with self._events.stdout as lines:
            for line in lines:
                event = _EVENT.search(line)
                if event is None or int(event[1]) != self._number:
                    continue
                self._suspect()
                try:
                    stays = self._look() is not None
                except AudioError:
                    stays = False
                if not stays:
                    self._moved()
                    return
                self._clear()


def _items(what: str) -> Iterator[tuple[int, str]]:
    """The numbered parts of `pactl list WHAT`. (Its JSON is broken for names beyond ASCII.)"""
    parts = _ITEM.split(_ask("list", what))
    return ((int(parts[i]), parts[i + 1]) for i in range(1, len(parts), 2))


def _field(text: str, name: str) -> str:
    found = re.search(rf"^\t?{name}: (.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _ask(*words: str) -> str:
    try:
        answer = subprocess.run(
            ["pactl", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise AudioError(f"the sound server does not answer ({error}); start it again") from error
    if answer.returncode:
        why = answer.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise AudioError(f"the sound server cannot be asked ({why[0]}); is it running?")
    return answer.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8"}
