"""Real ports of MIDI: of ALSA, or of a JACK server without a sound card.

`test_midi_ports` runs this in a process of its own.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any

import pytest
from control.waiting import soon
from typer.testing import CliRunner

from nodegraph import MidiEvent
from nodegraph.cli.app import app
from nodegraph.control import hear_midi, midi_ports, send_midi
from nodegraph.control.midi_ports import client, inputs
from nodegraph.errors import ControlError
from nodegraph.hookspecs import EventSource


def answers() -> bool:
    """Whether there is a MIDI system."""
    try:
        inputs()
    except ControlError:
        return False
    return True


@pytest.fixture(scope="module")
def server() -> None:
    """Some MIDI system that runs, or is about to."""
    pytest.importorskip("rtmidi", reason="pip install 'nodegraph[control]' brings rtmidi")
    if "JACK_DEFAULT_SERVER" in os.environ:
        soon(answers, within=15.0)
    elif not answers():
        pytest.skip("neither the ALSA sequencer nor jackd is here")


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

        def hears_another() -> bool:
            port.send_message([0xC0, 9])  # a busy server of MIDI has no room for some of it
            return any(event.kind == "program" for event in source.read(perf_counter()))

        soon(hears_another)
        source.close()
        port.delete()

    def test_messages_arrive_at_an_instrument_that_comes_and_goes(self) -> None:
        sink, body = send_midi(), {"device": "Synth", "messages": [("note", 1, 60, 90)]}

        def sent() -> bool:
            with suppress(ControlError):
                sink.send(body)
                return True
            return False

        with pytest.raises(ControlError, match="there is no MIDI output 'Synth'"):
            sink.send(body)
        for _ in range(2):
            arrived: list[list[int]] = []
            port = plugged("Synth", "MidiIn", lambda it, _, to=arrived: to.append(it[0]))
            soon(sent)
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
