"""What reaches a node as `events`: small frozen values, each with how long ago it happened.

`ago` is in seconds before the end of the tick's block, 0 and up. A node that counts on from an
event takes that as far as the event is old, so that when it was noticed does not matter.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class MidiEvent(NamedTuple):
    """A MIDI message (MIDI 1.0 Detailed Specification 4.2).

    `kind` is note, touch (pressure of one key), cc, program, pressure (of the channel), bend, clock
    (24 of them are a beat), start, continue, stop, or position. `channel` is 1..16, 0 where there
    is none; `number` is the key or controller. `value` is 0..127: the velocity, 0 where a key is
    let go; for bend -8192..8191, for position the sixteenth notes since the beginning.
    """

    ago: float
    kind: str
    channel: int = 0
    number: int = 0
    value: int = 0


class OscEvent(NamedTuple):
    """A message of Open Sound Control 1.0: `/1/fader3` and what it carries."""

    ago: float
    address: str
    args: tuple[float | bool | str, ...] = ()


class KeyEvent(NamedTuple):
    """A key of the computer that went down or up, by name: a, 7, space, f1, left."""

    ago: float
    key: str
    down: bool


class LinkEvent(NamedTuple):
    """Where an Ableton Link session was: tempo, its count of beats, how many others take part."""

    ago: float
    bpm: float
    beats: float
    peers: int
    playing: bool


class SpeechEvent(NamedTuple):
    """A phrase that was listened for and has been spoken."""

    ago: float
    text: str


Event: TypeAlias = MidiEvent | OscEvent | KeyEvent | LinkEvent | SpeechEvent
