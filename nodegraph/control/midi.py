"""MIDI messages as bytes and as events (MIDI 1.0 Detailed Specification 4.2, tables 1 to 4)."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph.events import MidiEvent

_CHANNEL = {
    0x80: ("off", 2),
    0x90: ("note", 2),
    0xA0: ("touch", 2),
    0xB0: ("cc", 2),
    0xC0: ("program", 1),
    0xD0: ("pressure", 1),
    0xE0: ("bend", 2),
}
"""By the upper half of the first byte: what it is, and how many bytes follow."""

_SYSTEM = {0xF2: ("position", 2), 0xF8: ("clock", 0), 0xFA: ("start", 0), 0xFB: ("continue", 0)}
_SYSTEM[0xFC] = ("stop", 0)

_STATUS = {kind: (status, count) for status, (kind, count) in {**_CHANNEL, **_SYSTEM}.items()}
_MIDDLE = 8192


def read(message: Sequence[int]) -> MidiEvent | None:
    """A whole message as an event; None for what is of no use here, or not MIDI."""
    status = message[0] if message else 0
    found = _SYSTEM.get(status) if status >= 0xF0 else _CHANNEL.get(status & 0xF0)
    data = tuple(message[1:])
    if found is None or len(data) != found[1] or not all(0 <= byte < 128 for byte in data):
        return None
    kind, _ = found
    channel = 0 if status >= 0xF0 else (status & 0x0F) + 1
    match kind, data:
        case "off", (number, _):
            return MidiEvent(0.0, "note", channel, number, 0)
        case "bend", (low, high):
            return MidiEvent(0.0, kind, channel, 0, low + 128 * high - _MIDDLE)
        case "position", (low, high):
            return MidiEvent(0.0, kind, 0, 0, low + 128 * high)
        case _, (number, value):
            return MidiEvent(0.0, kind, channel, number, value)
        case _, (value,):
            return MidiEvent(0.0, kind, channel, 0, value)
    return MidiEvent(0.0, kind)


def write(event: MidiEvent) -> bytes:
    """An event as a whole message. Raises `ValueError` if there is none for it."""
    if event.kind not in _STATUS:
        raise ValueError(f"there is no MIDI message {event.kind!r}")
    status, count = _STATUS[event.kind]
    if status < 0xF0:
        if not 1 <= event.channel <= 16:
            raise ValueError(f"MIDI has the channels 1 to 16, not {event.channel}")
        status += event.channel - 1
    if event.kind in ("bend", "position"):
        value = event.value + _MIDDLE * (event.kind == "bend")
        if not 0 <= value < 2 * _MIDDLE:
            raise ValueError(f"{event.value} is no value of a MIDI {event.kind}")
        return bytes((status, value % 128, value // 128))
    data = (event.number, event.value)[2 - count :]
    if not all(0 <= byte < 128 for byte in data):
        raise ValueError(f"MIDI {event.kind} takes numbers from 0 to 127, not {data}")
    return bytes((status, *data))
