"""MIDI messages against mido, which was written by others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import MidiEvent
from nodegraph.control.midi import read, write

mido = pytest.importorskip("mido", reason="pip install 'nodegraph[dev]' brings mido")

seven = st.integers(0, 127)
channels = st.integers(1, 16)


@given(channels, seven, seven, st.integers(-8192, 8191), st.integers(0, 16383))
def test_messages_are_what_mido_writes_and_reads(
    channel: int, number: int, value: int, bend: int, position: int
) -> None:
    own = {"channel": channel - 1}
    cases = [
        (("note_on", {**own, "note": number, "velocity": value}), ("note", number, value)),
        (("polytouch", {**own, "note": number, "value": value}), ("touch", number, value)),
        (("control_change", {**own, "control": number, "value": value}), ("cc", number, value)),
        (("program_change", {**own, "program": value}), ("program", 0, value)),
        (("aftertouch", {**own, "value": value}), ("pressure", 0, value)),
        (("pitchwheel", {**own, "pitch": bend}), ("bend", 0, bend)),
        (("songpos", {"pos": position}), ("position", 0, position)),
        *(((kind, {}), (kind, 0, 0)) for kind in ("clock", "start", "continue", "stop")),
    ]
    for (name, fields), (kind, first, second) in cases:
        theirs = mido.Message(name, **fields)
        event = MidiEvent(0.0, kind, channel if "channel" in fields else 0, first, second)
        assert read(theirs.bytes()) == event
        assert list(write(event)) == theirs.bytes()


@given(channels, seven, seven)
def test_a_key_that_is_let_go_has_no_velocity(channel: int, note: int, velocity: int) -> None:
    theirs = mido.Message("note_off", channel=channel - 1, note=note, velocity=velocity)
    assert read(theirs.bytes()) == MidiEvent(0.0, "note", channel, note, 0)


@given(st.lists(st.integers(0, 255), max_size=8))
def test_anything_else_is_nothing_and_whatever_is_read_can_be_written(message: list[int]) -> None:
    event = read(message)
    if event is not None:
        again = read(write(event))
        assert again == event


@pytest.mark.parametrize(
    "event",
    [
        MidiEvent(0.0, "cc", 0, 1, 1),
        MidiEvent(0.0, "cc", 17, 1, 1),
        MidiEvent(0.0, "note", 1, 128, 1),
        MidiEvent(0.0, "bend", 1, 0, 8192),
        MidiEvent(0.0, "position", 0, 0, -1),
        MidiEvent(0.0, "tune"),
    ],
)
def test_what_midi_cannot_say_is_refused(event: MidiEvent) -> None:
    with pytest.raises(ValueError, match="MIDI"):
        write(event)
