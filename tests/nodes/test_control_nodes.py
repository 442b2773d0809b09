"""MIDI, OSC and key nodes: what comes in, what goes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import KeyEvent, Message, MidiEvent, OscEvent
from nodegraph.control.midi import write
from nodes.control import Pressed, key
from nodes.midi import Fader, Notes, Sent, bend, cc, note, out, program
from nodes.osc import Said, hear, send

DT = 512 / 48_000


def midi(kind: str, *numbers: int) -> MidiEvent:
    return MidiEvent(0.0, kind, *numbers)


# ---- notes --------------------------------------------------------------------------------------


def test_keys_are_struck_and_held_until_all_are_up() -> None:
    state, *first = note(Notes(), (midi("note", 1, 60, 127), midi("note", 1, 64, 64)))
    assert first == [True, 64.0, 64 / 127, True]
    state, hit, number, _, held = note(state, (midi("note", 1, 64, 0),))
    assert (hit, number, held) == (False, 64.0, True)
    state, *_, held = note(state, (midi("note", 1, 60, 0),))
    assert held is False


def test_only_its_own_keys_are_heard() -> None:
    played = (midi("note", 2, 60, 100), midi("note", 1, 35, 100), midi("cc", 1, 60, 100))
    assert note(Notes(), played, channel=1, low=36, high=40)[1] is False
    assert note(Notes(), played, low=35, high=35)[1:3] == (True, 35.0)


# ---- controllers --------------------------------------------------------------------------------


def turn(values: list[int], number: int = 1, **params: Any) -> list[tuple[float, bool]]:
    """What the node gives as a controller takes these values, one a tick."""
    state, found = Fader(), []
    for value in values:
        state, level, moved, *_ = cc(state, (midi("cc", 1, number, value),), **params)
        found.append((level, moved))
    return found


def test_a_fader_takes_hold_where_it_passes_the_value() -> None:
    found = turn([10, 30, 60, 70, 50], start=0.5)
    assert [level for level, _ in found] == [0.5, 0.5, 0.5, 70 / 127, 50 / 127]
    assert [moved for _, moved in found] == [False, False, False, True, True]


@given(st.lists(st.integers(0, 127), min_size=1), st.floats(0.0, 1.0))
def test_it_never_jumps_before_it_has_hold(values: list[int], start: float) -> None:
    held, before = False, values[0] / 127.0
    for value, (level, _) in zip(values, turn(values, start=start), strict=True):
        hand = value / 127.0
        held = held or min(before, hand) <= start <= max(before, hand)
        assert level == (hand if held else start)
        before = hand


def test_jump_and_a_start_that_changes() -> None:
    assert turn([100], start=0.0, takeover="jump") == [(100 / 127, True)]
    state, *_ = cc(Fader(), (midi("cc", 1, 1, 100),), takeover="jump")
    state, level, *_ = cc(state, (), takeover="jump", start=0.25)
    assert level == 0.25
    state, level, moved, hand, *_ = cc(state, (midi("cc", 1, 1, 101),), start=0.25)
    assert (level, moved, hand) == (0.25, False, 101 / 127)


def test_the_last_controller_that_moved_is_seen_whichever_it_is() -> None:
    _, *before = cc(Fader(), ())
    assert before[-3:] == [-1.0, 0.0, False]
    state, *after = cc(Fader(), (midi("note", 1, 5, 5), midi("cc", 3, 74, 1)))
    assert after[-3:] == [74.0, 3.0, True]
    _, *later = cc(state, ())
    assert later[-3:] == [74.0, 3.0, False]
    _, *fine = cc(state, (midi("cc", 1, 7, 1), midi("cc", 1, 39, 1)))
    assert fine[-3:] == [7.0, 1.0, True], "the first of two halves is the one to listen to"
    assert cc(Fader(), (midi("cc", 3, 1, 99),), channel=2, takeover="jump")[1] == 0.0


@given(st.lists(st.integers(0, 16383), min_size=1, max_size=20), st.booleans())
def test_fourteen_bits_come_as_two_halves_also_in_two_ticks(values: list[int], apart: bool) -> None:
    state, before = Fader(), 0.0
    for value in values:
        halves = [midi("cc", 1, 1, value // 128), midi("cc", 1, 33, value % 128)]
        if apart:
            state, level, *_ = cc(state, (halves.pop(0),), fine=True, takeover="jump")
            assert level == before, "half a value is no value"
        state, level, *_ = cc(state, tuple(halves), fine=True, takeover="jump")
        assert level == pytest.approx(value / 16383)
        before = level


def test_a_first_half_without_a_second_counts_after_a_tick() -> None:
    state, level, *_ = cc(Fader(), (midi("cc", 1, 1, 64),), fine=True, takeover="jump")
    assert level == 0.0
    state, level, moved, *_ = cc(state, (), fine=True, takeover="jump")
    assert (level, moved) == (pytest.approx(64 * 128 / 16383), True)
    state, level, moved, *_ = cc(state, (), fine=True, takeover="jump")
    assert moved is False


def test_wheel_pressure_and_programs() -> None:
    ends = [bend((0.0, 0.0), (midi("bend", 1, 0, value),))[1] for value in (-8192, 0, 8191)]
    assert ends == [-1.0, 0.0, 1.0]
    assert bend((0.5, 0.0), (midi("pressure", 1, 0, 127),))[1:] == (0.5, 1.0)
    assert program(3, ()) == (3, 3.0, False)
    assert program(3, (midi("program", 9, 0, 7),)) == (7, 7.0, True)
    assert program(3, (midi("program", 9, 0, 7),), channel=1) == (3, 3.0, False)


# ---- out ----------------------------------------------------------------------------------------


def bodies(messages: list[Message | None]) -> list[list[Any]]:
    found = [message.body["messages"] for message in messages if message is not None]
    for messages_ in found:
        for each in messages_:
            write(MidiEvent(0.0, *each))  # all of it is MIDI
    return found


def test_a_note_is_let_go_after_its_length_and_before_it_is_struck_again() -> None:
    state, said = Sent(), []
    for tick in range(40):
        hit = tick in (2, 5)
        state, message = out(state, DT, value=0.5, hit=hit, number=61, length=10 * DT)
        said.append(message)
    assert bodies(said) == [
        [("note", 1, 61, 64)],
        [("note", 1, 61, 0), ("note", 1, 61, 64)],
        [("note", 1, 61, 0)],
    ]
    assert said[15] is not None


def test_a_controller_is_sent_when_it_changes() -> None:
    state, said = Sent(), []
    for value in (0.0, 0.0, 0.5, 0.5001, 7.0):
        state, message = out(state, DT, value=value, what="controller", number=7, channel=3)
        said.append(message)
    assert bodies(said) == [[("cc", 3, 7, 0)], [("cc", 3, 7, 64)], [("cc", 3, 7, 127)]]


# ---- OSC and keys -------------------------------------------------------------------------------


def test_a_message_is_heard_at_its_address() -> None:
    events = (OscEvent(0.0, "/1/fader2", (0.9,)), OscEvent(0.0, "/1/fader1", (0.3, 0.7)))
    assert hear(Said(), events)[1:] == (0.3, True, "", "/1/fader1")
    assert hear(Said(), events, argument=2)[1] == 0.7
    assert hear(Said(), events, argument=3)[1:3] == (0.0, False)
    assert hear(Said(), events, address="/?/fader*")[1] == 0.3
    assert hear(Said(), events, address="/*")[1:] == (0.0, False, "", "/1/fader1")
    assert hear(Said(0.5), ())[1:3] == (0.5, False)
    told = (OscEvent(0.0, "/a.c", ("drop",)), OscEvent(0.0, "/abc", ()))
    assert hear(Said(), told, address="/a.c")[1:4] == (0.0, True, "drop")
    assert hear(Said(), told, address="/abc")[1:3] == (1.0, True)


def test_a_number_is_sent_when_it_changes() -> None:
    state, first = send(None, 0.5)
    assert first == Message(
        "osc",
        {"host": "127.0.0.1", "port": 9001, "address": "/nodegraph/value", "args": (0.5,)},
    )
    assert send(state, 0.5) == (0.5, None)
    assert send(state, 0.5, now=True)[1] == first


def test_a_key_is_pressed_once_however_often_it_repeats() -> None:
    down, up = KeyEvent(0.0, "Space", True), KeyEvent(0.0, "space", False)
    state, *now = key(Pressed(), (down,))
    assert now == [True, True, True]
    state, *now = key(state, (down, down))
    assert now == [False, True, True]
    state, *now = key(state, (up, KeyEvent(0.0, "x", True)))
    assert now == [False, False, True]
    state, *now = key(state, (down, up))
    assert now == [True, False, False]
