"""MIDI clock with the jitter of cables, and Ableton Link, against the time they were made from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock, LinkEvent, MidiEvent
from nodes.beat import divide
from nodes.clock import Master, clock
from nodes.clock_in import Pulses, Session, link_clock, midi_clock

RATE = 93.75
Timed = tuple[float, MidiEvent]


def pulses(bpm: float, start: float, end: float) -> list[float]:
    """When the pulses of a steady clock come, the first of them at `start`."""
    period = 60.0 / bpm / 24.0
    return [start + n * period for n in range(int((end - start) / period))]


def shaken(times: Iterable[float], spread: float, seed: int = 1) -> list[Timed]:
    """The same pulses, each later by something up to `spread`, and still in their order."""
    chance, last, found = Random(seed), 0.0, []
    for time in times:
        last = max(last, time + chance.uniform(0.0, spread))
        found.append((last, MidiEvent(0.0, "clock")))
    return found


def play(
    events: list[Timed], seconds: float, rate: float = RATE, meter: int = 4
) -> list[tuple[float, Clock, bool, bool]]:
    """The time, the clock, and whether it plays and was started, at the end of each tick."""
    state, found, at = Pulses(), [], 0
    events = sorted(events, key=lambda event: event[0])
    for n in range(round(seconds * rate)):
        now = (n + 1) / rate
        arrived = []
        while at < len(events) and events[at][0] <= now:
            time, event = events[at]
            arrived.append(event._replace(ago=now - time))
            at += 1
        state, made, _, playing, started = midi_clock(state, 1 / rate, tuple(arrived), meter=meter)
        found.append((now, made, playing, started))
    return found


@pytest.mark.parametrize("rate", [24.0, 86.1328125, 93.75, 240.0])
@pytest.mark.parametrize("bpm", [40.0, 120.0, 174.3, 299.0])
def test_without_jitter_it_is_exact_at_any_tick_rate(bpm: float, rate: float) -> None:
    events = [(0.999, MidiEvent(0.0, "start")), *shaken(pulses(bpm, 1.0, 6.0), 0.0)]
    found = play(events, 5.0, rate)
    for now, made, _, _ in found:
        if now > 2.0:
            assert made.bpm == pytest.approx(bpm, rel=1e-6)
            assert made.beats == pytest.approx((now - 1.0) * bpm / 60.0, abs=1e-6)
    assert found[-1][1].confidence == 1.0


@pytest.mark.parametrize("spread", [0.001, 0.004, 0.012])
def test_jitter_is_made_small(spread: float) -> None:
    """A USB cable shakes by 1 ms, a bad one by 4, Bluetooth by 12."""
    events = [(0.999, MidiEvent(0.0, "start")), *shaken(pulses(125.0, 1.0, 31.0), spread)]
    found = play(events, 30.0)
    late = [
        made.beats / 125.0 * 60.0 + spread / 2.0 - (now - 1.0)
        for now, made, _, _ in found
        if now > 4.0
    ]
    assert max(map(abs, late)) < 0.25 * spread
    assert max(abs(made.bpm - 125.0) for now, made, _, _ in found if now > 4.0) < 250.0 * spread


def test_a_tempo_that_is_ridden_is_followed() -> None:
    time, times, bpm = 1.0, [], 120.0
    while time < 30.0:
        times.append(time)
        bpm = 120.0 + max(0.0, time - 5.0)  # one beat a minute faster each second
        time += 60.0 / bpm / 24.0
    found = play(shaken(times, 0.001), 29.0)
    beats = (len([time for time in times if time <= found[-1][0]])) / 24.0
    assert found[-1][1].bpm == pytest.approx(144.0, abs=1.5)
    assert found[-1][1].beats == pytest.approx(beats, abs=0.05)


def test_another_tempo_is_found_within_a_beat() -> None:
    first, then = pulses(100.0, 1.0, 5.0), 5.0
    events = shaken([*first, *pulses(140.0, then, 9.0)], 0.001)
    found = play(events, 8.0)
    wrong = [now for now, made, _, _ in found if now > then and abs(made.bpm - 140.0) > 3.0]
    assert max(wrong) < then + 60.0 / 140.0


def test_start_position_continue_and_stop() -> None:
    events = shaken(pulses(120.0, 0.5, 20.0), 0.0)
    events += [(4.0001, MidiEvent(0.0, "start")), (8.0, MidiEvent(0.0, "stop"))]
    events += [(9.0, MidiEvent(0.0, "position", 0, 0, 64)), (9.9, MidiEvent(0.0, "continue"))]
    found = play(sorted(events, key=lambda event: event[0]), 12.0)
    by_time = {round(now * RATE): (made, playing) for now, made, playing, _ in found}

    def at(time: float) -> tuple[Clock, bool]:
        return by_time[round(time * RATE)]

    assert at(3.0)[0].confidence == 0.5  # nobody said where the bar is
    assert at(6.0)[0].confidence == 1.0
    first = next(time for time in pulses(120.0, 0.5, 20.0) if time > 4.0001)
    assert at(6.0)[0].beats == pytest.approx((round(6.0 * RATE) / RATE - first) * 2.0, abs=0.01)
    assert at(8.5) == (at(8.5)[0]._replace(bpm=0.0, confidence=0.0), False)
    assert at(11.0)[0].bpm == pytest.approx(120.0, rel=1e-3)
    assert at(11.0)[0].beats == pytest.approx(16.0 + 1.1 * 2.0, abs=2.0)
    starts = [now for now, _, _, started in found if started]
    assert starts == pytest.approx([4.0, 9.9], abs=0.02)


def test_a_cable_that_is_pulled_is_no_clock_and_comes_back() -> None:
    events = shaken([*pulses(120.0, 0.0, 3.0), *pulses(120.0, 5.0, 9.0)], 0.0)
    found = play(events, 8.0)
    held = [made.confidence for now, made, _, _ in found if 3.4 < now < 5.0]
    assert set(held) == {0.0}
    assert found[-1][1].bpm == pytest.approx(120.0, rel=1e-6)


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 5.0),
            st.sampled_from(["clock"] * 8 + ["start", "stop", "continue", "position", "note"]),
        ),
        max_size=400,
    )
)
def test_whatever_comes_the_master_clock_strikes_no_beat_twice(
    raw: list[tuple[float, str]],
) -> None:
    state, mark, last = Master(), None, -1.0
    for now, made, _, _ in play([(time, MidiEvent(0.0, kind)) for time, kind in raw], 5.0):
        assert 0.0 <= made.bpm <= 301.0
        assert 0.0 <= made.confidence <= 1.0
        before = state.beats
        state, shown, beat, *_ = clock(state, 1 / RATE, first=made, hold=60.0)
        mark, struck = divide(mark, 1 / RATE, shown)
        assert struck == beat
        assert shown.beats >= before
        if beat:
            assert now - last > 60.0 / 252.0 / 1.5 - 2 / RATE
            last = now


def test_a_jittery_midi_clock_gives_even_beats() -> None:
    events = [(0.999, MidiEvent(0.0, "start")), *shaken(pulses(120.0, 1.0, 21.0), 0.012)]
    state, at = Master(), []
    for now, made, _, _ in play(events, 20.0):
        state, _, beat, bar, *_ = clock(state, 1 / RATE, first=made)
        if beat:
            at.append((now, bar))
    times = [time for time, _ in at if time > 3.0]
    apart = [b - a for a, b in pairwise(times)]
    assert min(apart) > 0.5 - 1.1 / RATE
    assert max(apart) < 0.5 + 1.1 / RATE
    bars = [time for time, bar in at if bar]
    assert bars == pytest.approx([bars[0] + 2.0 * n for n in range(len(bars))], abs=1.5 / RATE)
    assert bars[0] == pytest.approx(3.006, abs=1.5 / RATE)


# ---- Ableton Link -------------------------------------------------------------------------------


def linked(events: Iterable[tuple[float, LinkEvent]], seconds: float) -> list[Clock]:
    state, found = Session(), []
    timed = list(events)
    for n in range(round(seconds * RATE)):
        now = (n + 1) / RATE
        arrived = tuple(e._replace(ago=now - t) for t, e in timed if now - 1 / RATE < t <= now)
        state, made, *_ = link_clock(state, 1 / RATE, arrived)
        found.append(made)
    return found


def test_link_is_counted_on_from_when_it_was_looked_at() -> None:
    looks = [
        (n * 0.0201, LinkEvent(0.0, 126.0, 7.0 + n * 0.0201 * 2.1, 2, True)) for n in range(150)
    ]
    found = linked(looks, 3.0)
    assert found[-1] == (126.0, pytest.approx(7.0 + 2.1 * len(found) / RATE), 4, 1.0)
    assert linked(looks[:20], 3.0)[-1].bpm == 0.0  # nobody looks any more
    alone = [(time, event._replace(peers=0)) for time, event in looks]
    assert {made.confidence for made in linked(alone, 3.0)} == {0.0}
