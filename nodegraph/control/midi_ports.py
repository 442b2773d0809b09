"""MIDI ports by name: inputs that come and go, and outputs. They need `python-rtmidi`."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TypeAlias, cast

from nodegraph.control.hub import Hubs, ThreadedHub
from nodegraph.control.midi import read, write
from nodegraph.errors import ControlError
from nodegraph.events import MidiEvent

LOOK = 0.5
"""Seconds between two looks at which ports there are."""

_NUMBERS = re.compile(r" \d+$" if sys.platform == "win32" else r" \d+:\d+$")
"""What some systems add to a name, and give out anew each time something is plugged in."""

_THROUGH = "Midi Through"
"""A port of Linux that brings back what was sent to it."""


_SIGNS = {2: "snd/seq", 3: "shm/jack_*_0"}
"""By the number of a system, what lies in /dev of Linux while it runs: ALSA, JACK."""


Heard: TypeAlias = tuple[Sequence[int], float]
"""The bytes of a message, and the seconds since the one before."""


class Port(Protocol):
    """What is used of `rtmidi.MidiIn` and `rtmidi.MidiOut`."""

    def get_ports(self) -> Sequence[str]: ...
    def open_port(self, port: int, name: str) -> object: ...
    def close_port(self) -> None: ...
    def delete(self) -> None: ...


class InPort(Port, Protocol):
    """What is used of `rtmidi.MidiIn` alone."""

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None: ...
    def set_callback(self, heard: Callable[[Heard, object], None]) -> None: ...


class OutPort(Port, Protocol):
    """What is used of `rtmidi.MidiOut` alone."""

    def send_message(self, message: bytes) -> None: ...


def client(kind: str, name: str = "nodegraph") -> Any:
    """A fresh `rtmidi.MidiIn` or `MidiOut`, which others see under a name. Raises `ControlError`.

    RtMidi gives up at the first system that is not there, so each that it knows is tried.
    """
    try:
        import rtmidi
    except ImportError:
        raise ControlError(
            "MIDI is not installed; install it with: pip install 'nodegraph[control]'"
        ) from None
    for api in rtmidi.get_compiled_api():
        if sys.platform == "linux" and not any(Path("/dev").glob(_SIGNS.get(api, "null"))):
            continue  # it would say so on the terminal each time
        with suppress(rtmidi.RtMidiError):
            return getattr(rtmidi, kind)(api, name)
    raise ControlError("this machine has no MIDI: no ALSA sequencer and no JACK server runs")


def names(ports: Iterable[str]) -> list[str]:
    """Ports as they are called for good, in their order; the second of one name is NAME #2."""
    return _apart(_NUMBERS.sub("", port) for port in ports)


def _apart(called: Iterable[str]) -> list[str]:
    """Names that tell all apart: some systems call two by the same."""
    seen: Counter[str] = Counter()
    found = []
    for name in called:
        seen[name] += 1
        found.append(f"{name} #{seen[name]}" if seen[name] > 1 else name)
    return found


def _listed(port: Port) -> dict[str, str]:
    """What the system calls each port there is now, by its name for good."""
    called = port.get_ports()
    return dict(zip(names(called), _apart(called), strict=True))


def choose(wanted: str, there: Sequence[str]) -> list[str]:
    """Which ports are meant: the one of this name, else the first that has it in its name; of no
    name all, but for those that bring back what was sent."""
    if not wanted:
        return [name for name in there if _THROUGH not in name]
    found = [name for name in there if name == wanted]
    return (found or [name for name in there if wanted.lower() in name.lower()])[:1]


def missing(wanted: str, what: str, there: Sequence[str]) -> str:
    """A sentence for a port that is not there."""
    known = f"there is: {', '.join(there)}" if there else "none is connected"
    if not wanted:
        return f"no MIDI {what} is connected"
    return f"there is no MIDI {what} {wanted!r}; {known}"


def inputs() -> list[str]:
    """The names of all MIDI inputs. Raises `ControlError`."""
    scout = client("MidiIn")
    try:
        return names(scout.get_ports())
    finally:
        scout.delete()


class MidiHub(ThreadedHub):
    """One input by name, or all there are; what is unplugged is opened again when it is back."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._open: dict[str, Port] = {}  # by what the system calls them
        self._unseen: set[str] = set()  # at the last look
        super().__init__()

    def __str__(self) -> str:
        return f"MIDI input {self.device or '(all)'}"

    def listen(self) -> None:
        scout = client("MidiIn")
        try:
            while not self.closing.is_set():
                self._look(scout)
                self.closing.wait(LOOK)
        finally:
            self._unseen = set()
            for called in [*self._open]:
                _close(self._open.pop(called))
            scout.delete()

    def _look(self, scout: Port) -> None:
        """Open what is there and wanted, and let go of what is gone.

        A list that is taken while something comes or goes may be short, so it takes two of them,
        and no other port is opened before. One that another program has hides no other.
        """
        there = _listed(scout)
        wanted = {there[name]: name for name in choose(self.device, [*there])}
        for called in self._unseen - wanted.keys():
            _close(self._open.pop(called))
        self._unseen = self._open.keys() - wanted.keys()
        complaint = "" if self._open or wanted else missing(self.device, "input", [*there])
        for called, name in wanted.items():
            if called not in self._open and not self._unseen:
                try:
                    self._open[called] = self._hear(called, name)
                except ValueError:  # gone meanwhile
                    continue
                except Exception as error:  # of RtMidi, or of a driver under it
                    complaint = f"the MIDI input {name!r} cannot be opened: {error}"
        self.complaint = complaint

    def _hear(self, called: str, name: str) -> Port:
        port: InPort = client("MidiIn")
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.set_callback(self._take)
        _open(port, called, name)
        return port

    def _take(self, heard: Heard, _: object) -> None:
        """On a thread of RtMidi."""
        event = read(heard[0])
        if event is not None:
            self.tell(event)


INPUTS: Hubs[str] = Hubs(MidiHub)


class MidiSink:
    """Sends bodies of `device` and `messages`, each the kind, channel, number and value of a
    `MidiEvent`.

    Nobody says when an output is unplugged, and what is sent there is lost even when it is back.
    So a thread looks which are still there. Keys that are down at the end are let go.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, OutPort]] = {}
        self._missing: dict[str, tuple[ControlError, float]] = {}
        self._down: set[tuple[str, int, int]] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        threading.Thread(target=self._watch, name="MIDI outputs", daemon=True).start()

    def send(self, body: Mapping[str, object]) -> None:
        device = str(body["device"])
        try:
            events = cast(Iterable[tuple[str, int, int, int]], body["messages"])
            said = [MidiEvent(0.0, *event) for event in events]
            messages = [write(event) for event in said]
        except (TypeError, ValueError) as error:
            raise ControlError(f"MIDI cannot be sent: {error}") from error
        with self._lock:
            if device not in self._open:
                self._open[device] = self._find(device)
            for event, message in zip(said, messages, strict=True):
                self._open[device][1].send_message(message)
                if event.kind == "note":
                    key = (device, event.channel, event.number)
                    (self._down.add if event.value else self._down.discard)(key)

    def close(self) -> None:
        self._closing.set()
        with self._lock:
            for device, channel, number in self._down:
                if device in self._open:
                    off = write(MidiEvent(0.0, "note", channel, number))
                    with suppress(Exception):  # one that is gone holds up no other
                        self._open[device][1].send_message(off)
            for device in [*self._open]:
                _close(self._open.pop(device)[1])

    def _find(self, device: str) -> tuple[str, OutPort]:
        """The output that is meant. What was missing a moment ago is not looked for again yet."""
        error, until = self._missing.pop(device, (None, 0.0))
        if error is None or monotonic() >= until:
            try:
                return _connect(device)
            except ControlError as missing:
                error, until = missing, monotonic() + LOOK
        self._missing[device] = error, until
        raise error

    def _watch(self) -> None:
        unseen: set[str] = set()
        while not self._closing.wait(LOOK):
            with self._lock:
                gone = {device for device, it in self._open.items() if not _is_there(*it)}
                for device in gone & unseen:  # at two looks in a row, as inputs are
                    _close(self._open.pop(device)[1])
                unseen = gone


def _connect(device: str) -> tuple[str, OutPort]:
    """The output that is meant, and what the system calls it. Raises `ControlError`."""
    port = client("MidiOut")
    there = _listed(port)
    chosen = choose(device, [*there])[:1]
    if not chosen:
        port.delete()
        raise ControlError(missing(device, "output", [*there]))
    called = there[chosen[0]]
    _open(port, called, chosen[0])
    return called, port


def _open(port: Port, called: str, name: str) -> None:
    """Connect to what the system calls so, where it is now. What cannot be opened is let go."""
    try:
        port.open_port(_apart(port.get_ports()).index(called), name)
    except BaseException:
        port.delete()
        raise


def _is_there(called: str, port: Port) -> bool:
    try:
        return called in _apart(port.get_ports())
    except Exception:  # of RtMidi, or of a driver under it
        return False


def _close(port: Port) -> None:
    with suppress(Exception):  # what is gone may refuse that, too
        port.close_port()
    port.delete()
