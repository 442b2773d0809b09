"""MIDI ports by name; real ones are in `real_midi_ports`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import NoReturn

import pytest
from control.waiting import soon

from nodegraph.control import hear_midi, midi_ports, send_midi
from nodegraph.control.midi_ports import MidiHub, choose, missing, names
from nodegraph.errors import ControlError

# ---- names ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there the numbers look otherwise")
def test_a_name_stays_the_same_when_the_system_counts_anew() -> None:
    before = ["Launchpad:Launchpad MIDI 1 20:0", "Midi Through:Midi Through Port-0 14:0"]
    after = ["Midi Through:Midi Through Port-0 14:0", "Launchpad:Launchpad MIDI 1 32:0"]
    assert sorted(names(before)) == sorted(names(after))
    assert names(["K 20:0", "K 24:0", "L 28:0"]) == ["K", "K #2", "L"]


def test_a_port_is_found_by_its_name_or_a_part_of_it_and_never_is_another() -> None:
    there = ["nanoKONTROL", "nanoKONTROL2", "Midi Through Port-0"]
    assert choose("nanoKONTROL2", there) == ["nanoKONTROL2"]
    assert choose("kontrol", there) == ["nanoKONTROL"]
    assert choose("launch", there) == []
    assert choose("", there) == there[:2]
    assert missing("launch", "input", there).endswith(
        "nanoKONTROL, nanoKONTROL2, Midi Through Port-0"
    )
    assert missing("", "input", []) == "no MIDI input is connected"


def test_it_says_how_to_install_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    source = hear_midi({})
    soon(lambda: "pip install 'nodegraph[control]'" in source.complaint)
    source.close()
    with pytest.raises(ControlError, match="MIDI is not installed"):
        send_midi().send({"device": "", "messages": [("cc", 1, 2, 3)]})


def test_what_midi_cannot_say_is_refused_before_a_port_is_looked_for() -> None:
    with pytest.raises(ControlError, match="channels 1 to 16"):
        send_midi().send({"device": "", "messages": [("cc", 0, 2, 3)]})


class Synth:
    """An output that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def get_ports(self) -> list[str]:
        return ["Synth"]

    def send_message(self, message: bytes) -> None:
        self.got.append(message)

    def close_port(self) -> None: ...

    def delete(self) -> None: ...


def test_keys_that_are_down_at_the_end_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    synth, gone = Synth(), Synth()
    monkeypatch.setattr(
        midi_ports, "_connect", lambda device: (device, gone if device == "Gone" else synth)
    )
    sink = send_midi()
    for number in range(8):
        sink.send({"device": "Gone", "messages": [("note", 1, number, 90)]})
    gone.got = None  # type: ignore[assignment]  # it takes nothing more
    said = [("note", 1, 60, 90), ("note", 2, 62, 90), ("cc", 1, 7, 5), ("note", 1, 60, 0)]
    sink.send({"device": "Synth", "messages": said})
    sink.close()
    assert synth.got[4:] == [bytes((0x91, 62, 0))]


def test_an_output_that_is_missing_is_not_looked_for_at_every_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def connect(device: str) -> tuple[str, Synth]:
        asked.append(device)
        raise ControlError("there is none")

    monkeypatch.setattr(midi_ports, "LOOK", 60.0)
    monkeypatch.setattr(midi_ports, "_connect", connect)
    sink, body = send_midi(), {"device": "Synth", "messages": [("cc", 1, 7, 5)]}
    for _ in range(3):
        with pytest.raises(ControlError, match="there is none"):
            sink.send(body)
    assert asked == ["Synth"]
    sink.close()


def test_an_output_whose_driver_fails_is_let_go_and_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> NoReturn:
        raise RuntimeError("the driver is gone")

    broken, well = Synth(), Synth()
    broken.get_ports = broken.close_port = refuse  # type: ignore[method-assign]
    found = iter([broken, well])
    monkeypatch.setattr(midi_ports, "LOOK", 0.01)
    monkeypatch.setattr(midi_ports, "_connect", lambda device: (device, next(found)))
    sink, body = send_midi(), {"device": "Synth", "messages": [("cc", 1, 7, 5)]}
    soon(lambda: sink.send(body) or well.got)
    sink.close()


class Desk:
    """What a machine lists as its MIDI inputs, and which of them are open here."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self.taken: set[str] = set()  # by other programs
        self.open: list[str] = []

    def get_ports(self) -> list[str]:
        return [*self.listed]


class Jack:
    """An input of the desk, as `rtmidi.MidiIn` is one."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.called = desk, ""
        self.get_ports = desk.get_ports

    def ignore_types(self, **which: bool) -> None: ...

    def set_callback(self, heard: object) -> None: ...

    def open_port(self, port: int, name: str) -> None:
        if self.desk.listed[port] in self.desk.taken:
            raise OSError("it is in use")
        self.called = self.desk.listed[port]
        self.desk.open.append(self.called)

    def close_port(self) -> None:
        self.desk.open.remove(self.called)

    def delete(self) -> None: ...


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(midi_ports, "client", lambda kind: Jack(desk))
    return desk


def look(hub: MidiHub, desk: Desk, *listed: str) -> list[str]:
    """What is open after a look at a list of ports."""
    desk.listed = [*listed]
    hub._look(Jack(desk))
    return desk.open


def test_a_list_that_is_short_for_a_moment_closes_nothing_and_opens_no_other(desk: Desk) -> None:
    hub, both = MidiHub("pads"), ("Pads 20:0", "Pads XL 24:0")
    assert look(hub, desk, *both) == ["Pads 20:0"]
    for _ in range(3):
        assert look(hub, desk, "Pads XL 24:0") == ["Pads 20:0"]
        assert look(hub, desk, *both) == ["Pads 20:0"]
    assert hub.complaint == ""
    for _ in range(2):
        look(hub, desk)
    assert desk.open == []
    assert hub.complaint.startswith("there is no MIDI input 'pads'")


@pytest.mark.skipif(sys.platform == "win32", reason="there the numbers look otherwise")
def test_the_second_of_two_that_are_alike_is_heard_when_the_first_is_unplugged(desk: Desk) -> None:
    hub = MidiHub("")
    look(hub, desk, "Pads 20:0", "Pads 24:0")
    for _ in range(2):
        look(hub, desk, "Pads 24:0")
    assert desk.open == ["Pads 24:0"]
    for _ in range(2):
        look(hub, desk, "Pads 28:0")  # it was plugged into another socket
    assert desk.open == ["Pads 28:0"]
    for _ in range(2):
        look(hub, desk, "Keys", "Keys")  # some systems call them the same
    assert desk.open == ["Keys", "Keys"]


def test_a_port_that_another_program_has_hides_no_other(desk: Desk) -> None:
    hub = MidiHub("")
    desk.taken = {"Faders"}
    for _ in range(2):
        assert look(hub, desk, "Faders", "Pads") == ["Pads"]
        assert hub.complaint == "the MIDI input 'Faders' cannot be opened: it is in use"
    desk.taken = set()
    assert sorted(look(hub, desk, "Faders", "Pads")) == ["Faders", "Pads"]
    assert hub.complaint == ""


# ---- real ports -------------------------------------------------------------------------------


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """The environment of a process, with a JACK server of its own where there can be one.

    It is asked to end: JACK counts servers that were killed, and has no more than eight at a time.
    """
    jack, own = shutil.which("jackd"), f"nodegraph-{os.getpid()}"
    if sys.platform != "linux" or jack is None:
        yield {**os.environ}
        return
    patient = ("-t", "20000")  # else it turns out clients that a busy machine keeps waiting
    command = [jack, "-n", own, "-r", *patient, "-d", "dummy", "-r", "48000", "-p", "256"]
    with subprocess.Popen(command, stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            yield {**os.environ, "JACK_DEFAULT_SERVER": own, "JACK_NO_AUDIO_RESERVATION": "1"}
        finally:
            server.terminate()
            try:
                server.wait(10.0)
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.mark.slow
def test_real_ports() -> None:
    """In a process of their own: a client of JACK may take down or hang the one that it is in, long
    after it has been closed, and its server drops what comes while the machine is busy. So it is
    begun again, up to three times; what is wrong with our own part fails each time.
    """
    real = Path(__file__).with_name("real_midi_ports.py")
    told = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", str(real)]
    for _ in range(4):
        with (
            surroundings() as around,
            subprocess.Popen(told, env=around, stdout=PIPE, stderr=STDOUT, text=True) as it,
        ):
            try:
                said, _ = it.communicate(timeout=60.0)
            except subprocess.TimeoutExpired:
                it.kill()
                said, _ = it.communicate()
        if it.returncode == 0:
            break
    assert it.returncode == 0, said
    if " passed" not in said:
        pytest.skip(said.partition("SKIPPED")[2].partition("\n")[0])
