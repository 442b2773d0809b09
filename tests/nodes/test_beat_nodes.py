"""Clock nodes against counting by hand, at any tick rate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock
from nodegraph.spec import type_of
from nodes.beat import NODES, Taps, Waiting, divide, manual, phase, quantise, tap

TICKS = [24, 48, 86.1328125, 93.75, 240]


def clocks(rate: float, bpm: float, seconds: float, meter: int = 4) -> list[Clock]:
    state, found = None, []
    for _ in range(round(rate * seconds)):
        state, clock, _ = manual(state, 1 / rate, bpm=bpm, meter=meter)
        found.append(clock)
    return found


def ticks(found: Iterable[Clock], rate: float, every: str, offset: float = 0.0) -> list[float]:
    """The beats at which `beat.divide` strikes."""
    state, struck = None, []
    for clock in found:
        state, hit = divide(state, 1 / rate, clock, every=every, offset=offset)
        if hit:
            struck.append(clock.beats)
    return struck


def test_every_node_says_what_it_is_for() -> None:
    for function in NODES:
        assert type_of(function).summary.endswith(".")


@pytest.mark.parametrize("rate", TICKS)
def test_manual_counts_seconds(rate: float) -> None:
    last = clocks(rate, 90.0, 10.0)[-1]
    assert last.beats == pytest.approx(round(rate * 10) / rate * 1.5)
    assert (last.bpm, last.meter, last.confidence) == (90.0, 4, 1.0)


@given(
    st.sampled_from(TICKS),
    st.floats(0.0, 30.0),
    st.sampled_from([("1 beat", 1.0), ("2 bars", 6.0), ("1/4 beat", 0.25)]),
    st.sampled_from([0.0, 0.1]),
)
def test_a_hit_waits_for_the_next_line_unless_it_is_only_just_late(
    rate: float, at: float, unit: tuple[str, float], grace: float
) -> None:
    found = clocks(rate, 100.0, 24.0, meter=3)
    struck = next(tick for tick, clock in enumerate(found) if clock.beats >= at)
    state, outs, waited = Waiting(), [], []
    for tick, clock in enumerate(found):
        hit = tick in (struck, struck + 1)
        state, out, waits = quantise(state, 1 / rate, hit, clock, to=unit[0], grace=grace)
        outs += [tick] * out
        waited += [tick] * waits
    beats = np.array([clock.beats for clock in found])
    line = np.floor(beats / unit[1])
    lines = [0, *(np.flatnonzero(np.diff(line)) + 1)]
    forgiven = beats[struck] % unit[1] <= grace * 100.0 / 60.0
    due = struck if forgiven else next(tick for tick in lines if tick >= struck)
    again = [next(tick for tick in lines if tick > struck)] if due == struck else []
    assert outs == [due, *again], "of two hits the second is one of its own, or the same"
    assert waited == [*range(struck, due), *(t for end in again for t in range(struck + 1, end))]


def test_without_a_tempo_a_hit_waits_for_nothing() -> None:
    state, out, waits = quantise(Waiting(waits=True), 0.01, False, Clock())
    assert (state.waits, out, waits) == (False, True, False)
    assert quantise(Waiting(), 0.01, True, Clock(beats=1.5))[1:] == (True, False)
    assert quantise(Waiting(), 0.01, True, Clock(120.0, 1.5))[1:] == (False, True)


@pytest.mark.parametrize("rate", TICKS)
def test_manual_beats(rate: float) -> None:
    state, beats = None, 0
    for tick in range(round(rate * 9.9)):
        state, _, beat = manual(state, 1 / rate, bpm=120.0)
        beats += beat
        assert beat or tick
    assert beats == 20


def test_manual_carries_on_through_a_change_of_tempo_and_starts_again_at_a_reset() -> None:
    state, clock, _ = manual(None, 1.0, bpm=60.0)
    state, clock, _ = manual(state, 0.5, bpm=120.0)
    assert clock.beats == 2.0
    state, clock, beat = manual(state, 0.1, reset=True)
    assert (clock.beats, beat) == (0.0, True)
    state, clock, beat = manual(state, 0.1)
    assert (clock.beats, beat) == (pytest.approx(0.2), False)


@pytest.mark.parametrize("rate", TICKS)
@pytest.mark.parametrize(
    ("every", "offset", "first", "apart"),
    [("1", 0, 0, 1), ("1/4", 0, 0, 0.25), ("4", 0, 0, 4), ("2", 1, 1, 2), ("1", 0.5, 0.5, 1)],
)
def test_divide_strikes_on_the_grid(
    rate: float, every: str, offset: float, first: float, apart: float
) -> None:
    struck = ticks(clocks(rate, 100.0, 12.01), rate, every, offset)
    expected = np.arange(first, 20.0, apart)
    late = np.array(struck[: len(expected)]) - expected
    assert len(struck) in (len(expected), len(expected) + 1)
    assert (late >= -1e-9).all()
    assert (late <= 100 / 60 / rate + 1e-9).all()


def test_divide_stands_without_a_tempo() -> None:
    assert ticks([Clock(0.0, 3.0)] * 100, 90.0, "1/4") == []


def test_a_clock_that_gives_way_does_not_strike_twice() -> None:
    beats = [0.9, 0.98, 1.02, 0.99, 1.01, 1.3, 1.2, 1.9, 2.05, 1.95, 2.1]
    assert ticks([Clock(120.0, x) for x in beats], 50.0, "1") == [1.02, 2.05]


def test_a_clock_that_starts_again_strikes() -> None:
    beats = [6.9, 6.95, 0.0, 0.05, 0.1]
    assert ticks([Clock(120.0, x) for x in beats], 50.0, "4") == [0.0]
    beats = [6.9, 6.95, 3.5, 3.55, 4.01]
    assert ticks([Clock(120.0, x) for x in beats], 50.0, "1") == [4.01]


@given(
    beats=st.floats(0, 1e4),
    unit=st.sampled_from(["1/4 beat", "1/2 beat", "1 beat", "2 beats", "1 bar", "16 bars"]),
    meter=st.integers(0, 16),
)
def test_phase_is_a_saw(beats: float, unit: str, meter: int) -> None:
    number, _, word = unit.partition(" ")
    length = eval(number) * (max(1, meter) if word.startswith("bar") else 1)
    _, saw, index, _ = phase(None, 0.01, Clock(120.0, beats, meter), unit=unit)
    assert 0.0 <= saw < 1.0
    assert (index + saw) * length == pytest.approx(beats, abs=1e-6)


@pytest.mark.parametrize("rate", TICKS)
def test_phase_wraps_once_a_bar(rate: float) -> None:
    state, wraps = None, []
    for clock in clocks(rate, 120.0, 9.1, meter=3):
        state, _, index, wrap = phase(state, 1 / rate, clock, unit="1 bar")
        if wrap:
            wraps.append(index)
    assert wraps == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


@pytest.mark.parametrize("rate", TICKS)
def test_tap_finds_the_tempo_and_runs_on(rate: float) -> None:
    state, clock, times = Taps(), Clock(), [0.5, 1.0, 1.5, 2.0]
    for tick in range(round(rate * 6)):
        now = (tick + 1) / rate
        pressed = any(tick / rate < time <= now for time in times)
        state, clock, bpm = tap(state, 1 / rate, tap=pressed)
    assert bpm == pytest.approx(120.0, rel=1.5 / rate)
    assert clock.confidence == 1.0
    assert clock.beats == pytest.approx(3 + 4 * bpm / 60, abs=2 * bpm / 60 / rate)


def test_tap_forgets_after_a_pause_and_obeys_a_resync() -> None:
    state, clock, bpm = tap(Taps(), 0.5, tap=True)
    assert bpm == 0.0
    state, clock, bpm = tap(state, 5.0, tap=True)
    assert bpm == 0.0
    state, clock, bpm = tap(state, 0.6, tap=True)
    assert bpm == pytest.approx(100.0)
    state, clock, bpm = tap(state, 0.3, resync=True)
    assert clock == Clock(bpm, 0.0, 4, 1.0)
    assert tap(Taps(), 0.0, tap=True)[2] == 0.0
