"""MIDI in and out: notes, controllers, pitch bend, programs."""

from __future__ import annotations

from typing import NamedTuple

from nodegraph import Message, MidiEvent, Trigger, inlet, node, outlet, param

Events = tuple[MidiEvent, ...]

_DEVICE = "Name of the port, or a part of it; empty hears all that there are"
_CHANNEL = "1 to 16; 0 is any"
_FINEST = 16383.0


def _on(channel: int, event: MidiEvent) -> bool:
    return not channel or event.channel == channel


class Notes(NamedTuple):
    """The keys that are down, oldest first, and the last that was struck: its number, how hard."""

    down: tuple[tuple[int, int], ...] = ()
    last: int = 60
    velocity: float = 0.0


@node(
    "midi.note",
    source="midi",
    outlets=[
        outlet("hit", help="a key was struck"),
        outlet("note", "semitones", 0.0, 127.0, help="the last key struck; 60 is the middle C"),
        outlet("velocity", "", 0.0, 1.0, help="how hard it was struck"),
        outlet("held", help="a key is down"),
    ],
    state=Notes(),
    title="MIDI Note",
    aliases="MIDI In CHOP, notein, MidiInput, Keyboard, Pads, Drum Pad",
)
def note(
    state: Notes,
    events: Events,
    device: str = param("", help=_DEVICE),
    channel: int = param(0, "", 0, 16, help=_CHANNEL),
    low: int = param(0, "semitones", 0, 127, help="the lowest key that is heard"),
    high: int = param(127, "semitones", 0, 127, help="the highest"),
) -> tuple[Notes, Trigger, float, float, bool]:
    """Hear the keys and pads of a MIDI instrument.

    One pad: give `low` and `high` its number, which the outlet `note` shows when it is struck.
    Without a device nothing is struck, and a device that is lost lets go of nothing by itself.
    """
    down, last, velocity = dict.fromkeys(state.down), state.last, state.velocity
    hit = False
    for event in events:
        if event.kind != "note" or not _on(channel, event) or not low <= event.number <= high:
            continue
        key = (event.channel, event.number)
        down.pop(key, None)
        if event.value:
            down[key] = None
            hit, last, velocity = True, event.number, event.value / 127.0
    after = Notes(tuple(down), last, velocity)
    return after, hit, float(last), velocity, bool(down)


class Fader(NamedTuple):
    """A controller: what it gives, and where the hand has it.

    `start` is the param as it was, `taken` whether the hand has hold of the value. `coarse` is the
    first half of a fine value, and `waits` whether its second half has yet to come. `seen` are
    channel and number of the controller that moved last, whichever it was.
    """

    value: float = 0.0
    start: float | None = None
    hand: float | None = None
    taken: bool = False
    coarse: int = 0
    waits: bool = False
    seen: tuple[int, int] = (0, -1)

    def turned(self, hand: float, takeover: str) -> Fader:
        """The controller is somewhere else."""
        before = hand if self.hand is None else self.hand
        passed = min(before, hand) <= self.value <= max(before, hand)
        taken = self.taken or takeover == "jump" or passed
        return self._replace(value=hand if taken else self.value, hand=hand, taken=taken)


@node(
    "midi.cc",
    source="midi",
    outlets=[
        outlet("value", "", 0.0, 1.0),
        outlet("moved", help="it was moved, and had its effect"),
        outlet("hand", "", 0.0, 1.0, help="where the controller itself stands"),
        outlet("seen", "", -1.0, 127.0, help="number of the last controller that moved; -1 none"),
        outlet("seen_channel", "", 0.0, 16.0, help="and its channel"),
        outlet("touched", help="a controller moved, whichever"),
    ],
    state=Fader(),
    title="MIDI Controller",
    aliases="MIDI In CHOP, ctlin, CC, Knob, Fader, Control Change, MIDI Learn",
)
def cc(
    state: Fader,
    events: Events,
    device: str = param("", help=_DEVICE),
    channel: int = param(0, "", 0, 16, help=_CHANNEL),
    number: int = param(
        1, "", 0, 127, help="the controller; in the editor a right click, Learn, sets it"
    ),
    fine: bool = param(False, help="14 bit: this one (0 to 31) with the one 32 above it"),
    start: float = param(
        0.0, "", 0.0, 1.0, help="what it gives until it is moved; a change takes it there again"
    ),
    takeover: str = param(
        "pickup",
        choices=("pickup", "jump"),
        help="pickup waits until the controller passes the value, jump does not",
    ),
) -> tuple[Fader, float, Trigger, float, float, float, Trigger]:
    """Follow a knob or fader of a MIDI controller.

    Nothing jumps when it is touched first: it takes hold where it passes the value, also between
    two messages of a quick turn. Endless knobs want `jump`.
    """
    now = state._replace(waits=False)
    if state.start != start:
        now = now._replace(value=start, start=start, taken=False)
    moved, alone = False, state.waits
    heard = [event for event in events if event.kind == "cc" and _on(channel, event)]
    if heard:  # a fine one is known by its first half, with which it begins
        now = now._replace(seen=(heard[0].channel, heard[0].number))
    for event in heard:
        if event.number == number and fine:
            now, alone = now._replace(coarse=event.value, waits=True), False
        elif event.number == number:
            now, moved = now.turned(event.value / 127.0, takeover), True
        elif fine and event.number == number + 32:
            now = now._replace(waits=False)
            now = now.turned((128 * now.coarse + event.value) / _FINEST, takeover)
            moved, alone = True, False
    if alone:  # no second half came in a whole tick: there is none
        now, moved = now.turned(128 * now.coarse / _FINEST, takeover), True
    hand = now.value if now.hand is None else now.hand
    seen_channel, seen = now.seen
    effect = moved and now.taken
    return now, now.value, effect, hand, float(seen), float(seen_channel), bool(heard)


@node(
    "midi.bend",
    source="midi",
    outlets=[outlet("bend", "", -1.0, 1.0), outlet("pressure", "", 0.0, 1.0)],
    state=(0.0, 0.0),
    title="MIDI Pitch Bend",
    aliases="bendin, touchin, Pitch Wheel, Aftertouch, Channel Pressure",
)
def bend(
    state: tuple[float, float],
    events: Events,
    device: str = param("", help=_DEVICE),
    channel: int = param(0, "", 0, 16, help=_CHANNEL),
) -> tuple[tuple[float, float], float, float]:
    """Follow the pitch wheel, and how hard the keys are pressed down.

    The wheel gives -1 to 1 and rests at 0.
    """
    wheel, pressure = state
    for event in events:
        if event.kind == "bend" and _on(channel, event):
            wheel = event.value / (8191.0 if event.value > 0 else 8192.0)
        elif event.kind == "pressure" and _on(channel, event):
            pressure = event.value / 127.0
    return (wheel, pressure), wheel, pressure


@node(
    "midi.program",
    source="midi",
    outlets=[outlet("number", "", 0.0, 127.0), outlet("changed", help="another was asked for")],
    state=0,
    title="MIDI Program",
    aliases="pgmin, Program Change, Scene, Preset",
)
def program(
    state: int,
    events: Events,
    device: str = param("", help=_DEVICE),
    channel: int = param(0, "", 0, 16, help=_CHANNEL),
) -> tuple[int, float, Trigger]:
    """Follow program changes, which choose scenes.

    Counted from 0; many instruments show one more.
    """
    asked = [e.value for e in events if e.kind == "program" and _on(channel, e)]
    number = asked[-1] if asked else state
    return number, float(number), bool(asked)


class Sent(NamedTuple):
    """What was sent last: of a controller channel, number and value, of a key that is down channel
    and number, and for how long it has been."""

    last: tuple[int, int, int] | None = None
    key: tuple[int, int] | None = None
    age: float = 0.0


@node(
    "midi.out",
    outlets="message",
    state=Sent(),
    title="MIDI Out",
    aliases="MIDI Out CHOP, noteout, ctlout, MidiOutput, Controller Feedback, LED",
)
def out(
    state: Sent,
    dt: float,
    value: float = inlet(1.0, "", 0.0, 1.0, help="how hard it is struck, or where it goes"),
    hit: Trigger = inlet(False, help="strike the key"),
    what: str = param("note", choices=("note", "controller"), help="what is played"),
    device: str = param("", help="Name of the output, or a part of it; empty is the first"),
    channel: int = param(1, "", 1, 16, help="1 to 16"),
    number: int = param(60, "", 0, 127, help="the key or controller"),
    length: float = param(0.1, "s", 0.01, 60.0, help="how long a key is down"),
) -> tuple[Sent, Message | None]:
    """Play a MIDI instrument, or light the lamps of a controller.

    A note is struck by a trigger and let go after its `length`. A controller is sent when it
    changes, at most once in a tick.
    """
    level = round(127.0 * min(1.0, max(0.0, value)))
    last, key, age = state.last, state.key, state.age + dt
    said: list[tuple[str, int, int, int]] = []
    if key is not None and (hit or age >= length or what != "note"):
        said.append(("note", *key, 0))
        key = None
    if what == "controller" and last != (channel, number, level):
        last = (channel, number, level)
        said.append(("cc", *last))
    if what == "note" and hit:
        key, age = (channel, number), 0.0
        said.append(("note", *key, max(1, level)))
    message = Message("midi", {"device": device, "messages": said}) if said else None
    return Sent(last, key, age), message


NODES = (note, cc, bend, program, out)
