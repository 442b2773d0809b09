"""MIDI ports by name, and real ones: of ALSA, or of a JACK server without a sound card."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from typer.testing import CliRunner

from nodegraph import MidiEvent
from nodegraph.cli import app
from nodegraph.control import hear_midi, midi_ports, send_midi
from nodegraph.control.midi_ports import choose, client, inputs, missing, names
from nodegraph.errors import ControlError
from nodegraph.hookspecs import EventSource


def soon(holds: Callable[[], object], within: float = 5.0) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.01)


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
    synth = Synth()
    monkeypatch.setattr(midi_ports, "_connect", lambda device: ("Synth", synth))
    sink = send_midi()
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


# ---- ports ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """Some MIDI system that runs."""
    pytest.importorskip("rtmidi", reason="pip install 'nodegraph[control]' brings rtmidi")
    try:
        inputs()
    except ControlError:
        pass
    else:
        yield
        return
    jack = shutil.which("jackd")
    if sys.platform != "linux" or jack is None:
        pytest.skip("neither the ALSA sequencer nor jackd is here")
    quiet = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"}
    command = [jack, "-r", "-d", "dummy", "-r", "48000", "-p", "256"]
    with subprocess.Popen(
        command, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as it:
        try:
            soon(lambda: any(Path("/dev/shm").glob("jack_*_0")))
            time.sleep(0.5)
            yield
        finally:
            it.terminate()


def plugged(name: str, kind: str = "MidiOut", listen: Callable[..., None] | None = None) -> Any:
    """A device that is plugged in: a port that others see."""
    port = client(kind, name)
    if listen is not None:
        port.set_callback(listen)
    port.open_virtual_port(name)
    return port


def heard(source: EventSource, count: int) -> list[MidiEvent]:
    found: list[MidiEvent] = []
    end = time.monotonic() + 5.0
    while len(found) < count and time.monotonic() < end:
        found += source.read(perf_counter())
        time.sleep(0.005)
    return found


def connected(source: EventSource, *ports: Any) -> None:
    """Wait until what these ports send arrives."""
    for n, port in enumerate(ports):

        def arrives(n: int = n, port: Any = port) -> bool:
            port.send_message([0xD0, n])
            time.sleep(0.2)  # no more, for JACK waits where somebody connects and is sent to
            return any(event.value == n for event in source.read(perf_counter()))

        time.sleep(0.2)
        soon(arrives, within=15.0)
    time.sleep(0.1)
    source.read(perf_counter())


@pytest.mark.usefixtures("server")
class TestRealPorts:
    """With a port of another program's at the other end."""

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(midi_ports, "LOOK", 0.05)

    def test_a_controller_is_heard_lost_and_heard_again(self) -> None:
        source = hear_midi({"device": "fader box"})
        soon(lambda: "there is no MIDI input 'fader box'" in source.complaint)
        for _ in range(2):
            port = plugged("Fader Box")
            soon(lambda: source.complaint == "")
            connected(source, port)
            port.send_message([0xB0, 7, 100])
            port.send_message([0x91, 60, 64])
            port.send_message([0xF8])
            events = heard(source, 3)
            assert [event[1:] for event in events] == [
                ("cc", 1, 7, 100),
                ("note", 2, 60, 64),
                ("clock", 0, 0, 0),
            ]
            assert all(0.0 <= event.ago < 1.0 for event in events)
            port.delete()
            soon(lambda: source.complaint != "")
        source.close()

    def test_without_a_name_all_are_heard_and_each_once(self) -> None:
        one, two = plugged("One"), plugged("Two")
        sources = [hear_midi({"device": ""}), hear_midi({"device": ""})]
        for source in sources:
            connected(source, one, two)
        sources[0].read(perf_counter())
        one.send_message([0xC0, 5])
        two.send_message([0xC0, 6])
        for source in sources:
            assert sorted(event.value for event in heard(source, 2)) == [5, 6]
            assert source.read(perf_counter()) == ()
            source.close()
        one.delete()
        two.delete()

    def test_a_flood_is_bounded(self) -> None:
        port, source = plugged("Flood"), hear_midi({"device": "Flood"})
        connected(source, port)
        for n in range(5000):
            port.send_message([0xB0, 1, n % 128])
        time.sleep(0.3)
        assert 0 < len(source.read(perf_counter())) <= 1024
        port.send_message([0xC0, 9])
        assert [event.kind for event in heard(source, 1)][-1:] == ["program"]
        source.close()
        port.delete()

    def test_messages_arrive_at_an_instrument_that_comes_and_goes(self) -> None:
        sink, body = send_midi(), {"device": "Synth", "messages": [("note", 1, 60, 90)]}
        with pytest.raises(ControlError, match="there is no MIDI output 'Synth'"):
            sink.send(body)
        for _ in range(2):
            arrived: list[list[int]] = []
            port = plugged("Synth", "MidiIn", lambda it, _, to=arrived: to.append(it[0]))
            time.sleep(0.1)
            sink.send(body)
            soon(lambda arrived=arrived: arrived == [[0x90, 60, 90]])
            port.delete()
            time.sleep(0.2)
        with pytest.raises(ControlError, match="there is no MIDI output 'Synth'"):
            sink.send(body)
        sink.close()

    def test_the_command_line_lists_them(self) -> None:
        port = plugged("Pads")
        result = CliRunner().invoke(app, ["devices", "--midi", "--json"])
        assert any("Pads" in each["name"] for each in json.loads(result.stdout))
        assert "Pads" in CliRunner().invoke(app, ["devices", "--midi"]).stdout
        port.delete()
