"""The patch's one clock: what it promises whatever its inlets say, and what it does with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from math import ceil, floor, isfinite
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Clock
from nodes.beat import divide
from nodes.clock import Master, ahead, clock

RATE = 93.75


class Tick(NamedTuple):
    """What came out in one tick."""

    dt: float
    clock: Clock
    beat: bool
    bar: bool
    bpm: float
    phase: float
    confidence: float
    source: int


def play(ticks: Iterable[tuple[float, Mapping[str, Any]]], **params: Any) -> list[Tick]:
    state, found = Master(), []
    for dt, given_ in ticks:
        state, *out = clock(state, dt, **given_, **params)
        *shown, source = out
        found.append(Tick(dt, *shown, int(source)))
    return found


def steady(bpm: float, start: float = 0.0, confidence: float = 1.0, meter: int = 4) -> Any:
    """A clock that counts from `start`, as a function of seconds."""
    return lambda t: Clock(bpm, start + bpm / 60.0 * t, meter, confidence)


def over(seconds: float, rate: float = RATE, **inlets: Callable[[float], Any]) -> list[Any]:
    """Ticks whose inlets are what these functions give at the end of each."""
    times = [(n + 1) / rate for n in range(round(seconds * rate))]
    return [(1 / rate, {name: at(t) for name, at in inlets.items()}) for t in times]


def within(start: float, end: float, then: Any) -> Any:
    """A clock that is there only for a while."""
    return lambda t: then(t) if start <= t < end else Clock()


def pressed(*times: float, rate: float = RATE) -> Callable[[float], bool]:
    at = {ceil(time * rate - 1e-6) for time in times}
    return lambda t: round(t * rate) in at


def times_of(found: list[Tick], what: str) -> list[float]:
    at, struck = 0.0, []
    for tick in found:
        at += tick.dt
        if getattr(tick, what):
            struck.append(at)
    return struck


# ---- what holds whatever comes in ---------------------------------------------------------------

anything = st.builds(
    Clock,
    st.one_of(st.just(0.0), st.floats(10.0, 500.0)),
    st.floats(-100.0, 1000.0),
    st.integers(1, 7),
    st.floats(0.0, 1.0),
)


def jittered(
    seed: int, bpms: list[float], shake: float, meter: int, length: int
) -> list[tuple[float, dict[str, Any]]]:
    """Clocks that run, shake, stop, and leap, and hands on the buttons."""
    chance, found = Random(seed), []
    beats = [chance.uniform(-5.0, 50.0) for _ in bpms]
    bpms = [*bpms]
    for _ in range(length):
        dt = chance.choice([1 / 200, 1 / 94, 1 / 86, 1 / 24]) * chance.uniform(0.5, 1.5)
        inlets: dict[str, Any] = {}
        for n, name in enumerate(("first", "second", "third")[: len(bpms)]):
            beats[n] += bpms[n] / 60.0 * dt
            if chance.random() < 0.02:
                bpms[n] = min(400.0, max(20.0, bpms[n] * chance.choice([0.5, 2.0, 1.1, 0.9])))
            if chance.random() < 0.02:
                beats[n] += chance.uniform(-9.0, 9.0)
            inlets[name] = Clock(
                bpms[n] * chance.uniform(1.0 - shake, 1.0 + shake) * (chance.random() > 0.05),
                beats[n] + chance.uniform(-shake, shake),
                meter,
                chance.random() ** 0.5,
            )
        inlets |= {name: chance.random() < 0.02 for name in ("earlier", "later", "silent")}
        found.append((dt, inlets))
    return found


params = st.fixed_dictionaries(
    {
        "octave": st.sampled_from(["x1/2", "x1", "x2"]),
        "hold": st.floats(0.0, 2.0),
        "slowest": st.floats(20.0, 200.0),
        "fastest": st.floats(60.0, 400.0),
        "nudge": st.floats(0.001, 0.1),
    }
)


def check(found: list[Tick]) -> None:
    """What every run keeps to."""
    before, running, leader = Clock(), False, 0
    mark: float | None = None
    room = 0.0  # beats that must have gone by, at the quickest, before the next strikes
    for tick in found:
        now, step = tick.clock, tick.bpm / 60.0 * tick.dt
        assert now.beats >= before.beats, "the count never goes back"
        assert 0.0 <= tick.confidence <= 1.0
        assert 0.0 <= tick.phase < 1.0
        assert tick.beat or not tick.bar
        assert tick.bpm or not (tick.beat or tick.confidence or tick.source)
        room = room - 1.5 * step if tick.bpm else 0.0
        mark, struck = divide(mark, tick.dt, now, every="1")
        if running and tick.bpm:
            assert tick.beat == (floor(now.beats) > floor(before.beats))
            assert struck == tick.beat, "who reads the clock strikes when it does"
            assert room < 1e-6 or not tick.beat, "no beat strikes twice"
            assert tick.bar or tick.source in (0, leader), "it goes over at a bar"
        if tick.beat:
            room = 1.0 - tick.phase
        before, running, leader = now, bool(tick.bpm), tick.source or leader


@given(
    st.tuples(
        st.integers(0, 2**32),
        st.lists(st.floats(30.0, 300.0), min_size=1, max_size=3),
        st.floats(0.0, 0.6),
        st.integers(1, 7),
        st.integers(1, 400),
    ),
    params,
)
def test_no_jitter_of_its_clocks_makes_it_strike_twice_or_go_back(
    how: tuple[int, list[float], float, int, int], params: dict[str, Any]
) -> None:
    check(play(jittered(*how), **params))


@given(
    st.lists(
        st.tuples(
            st.floats(1e-4, 2.0), st.fixed_dictionaries({"first": anything, "second": anything})
        ),
        max_size=60,
    ),
    params,
)
def test_nor_does_anything_that_may_come_at_any_tick(
    ticks: list[tuple[float, dict[str, Any]]], params: dict[str, Any]
) -> None:
    before = Clock()
    for tick in play(ticks, **params):
        assert tick.clock.beats >= before.beats
        assert 0.0 <= tick.confidence <= 1.0
        before = tick.clock


# ---- following ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [24.0, 86.1328125, 93.75, 240.0])
def test_it_beats_with_its_clock_at_any_tick_rate(rate: float) -> None:
    found = play(over(10.0, rate, first=steady(120.0, start=3.9)))
    beats = times_of(found, "beat")
    wanted = [0.05 + 0.5 * n for n in range(len(beats))]
    assert len(beats) == 20
    assert beats == pytest.approx(wanted, abs=1 / rate + 1e-9)
    assert times_of(found, "bar") == beats[::4]
    assert found[-1].clock.beats == pytest.approx(3.9 + 2.0 * len(found) / rate)
    assert found[-1].confidence == pytest.approx(1.0)


def test_an_error_of_phase_is_made_up_for_without_a_jump() -> None:
    def source(t: float) -> Clock:
        return Clock(120.0, 2.0 * t + (0.4 if t > 5.0 else 0.0), 4, 1.0)

    found = play(over(8.0, first=source))
    steps = [b.clock.beats - a.clock.beats for a, b in pairwise(found)]
    assert max(steps) < 1.51 * 2.0 / RATE
    assert min(steps) > 0.0
    assert min(tick.confidence for tick in found if tick.bpm) < 0.3
    assert found[-1].clock.phase == pytest.approx((2.0 * 8.0 + 0.4) % 1.0, abs=0.01)


def test_the_bar_is_counted_as_the_leader_counts_it_from_the_next_beat_on() -> None:
    def source(t: float) -> Clock:
        return Clock(120.0, 2.0 * t - (2.0 if t > 5.1 else 0.0), 4, 1.0)

    found = play(over(12.0, first=source))
    bars = times_of(found, "bar")
    assert [time for time in bars if time < 5.1] == pytest.approx([2.0, 4.0], abs=0.02)
    assert [time for time in bars if time > 5.1] == pytest.approx([7.0, 9.0, 11.0], abs=0.02)
    check(found)


def test_a_tempo_out_of_the_range_is_counted_in_octaves_and_the_choice_does_not_flicker() -> None:
    def source(t: float) -> Clock:  # a tracker that doubles for a while
        return Clock(140.0 if 4.0 < t < 8.0 else 70.0, 0.0, 4, 1.0)

    found = play(over(10.0, first=source), slowest=60.0, fastest=119.0)
    assert {tick.bpm for tick in found} == {70.0}
    edge = play(over(4.0, first=lambda t: Clock(119.5 + t % 0.1 * 20, 2 * t, 4, 1.0)), fastest=120)
    assert all(tick.bpm > 119.0 for tick in edge)


@pytest.mark.parametrize(("octave", "bpm"), [("x1/2", 60.0), ("x1", 120.0), ("x2", 240.0)])
def test_octaves_by_hand(octave: str, bpm: float) -> None:
    found = play(over(9.0, first=steady(120.0)), octave=octave)
    assert {tick.bpm for tick in found} == {bpm}
    assert len(times_of(found, "beat")) == pytest.approx(9.0 * bpm / 60.0, abs=1.0)
    assert found[-1].clock.beats % 4.0 == pytest.approx(len(found) / RATE * bpm / 60.0 % 4.0)


# ---- who leads ----------------------------------------------------------------------------------


def test_it_goes_over_to_a_better_clock_at_a_bar() -> None:
    better = within(3.3, 99.0, steady(125.0, start=0.3))
    found = play(over(12.0, first=better, second=steady(120.0)))
    changed = next(n for n, tick in enumerate(found) if tick.source == 1)
    assert found[changed].bar
    assert times_of(found, "bar")[2] == pytest.approx(6.0, abs=0.02)
    assert sum(t.dt for t in found[: changed + 1]) == pytest.approx(6.0, abs=0.02)
    assert found[-1].clock.beats % 1.0 == pytest.approx((0.3 + 125 / 60 * 12.0) % 1.0, abs=0.01)
    check(found)


def test_one_that_is_good_for_a_moment_only_does_not_lead() -> None:
    blink = within(3.5, 4.2, steady(90.0))
    found = play(over(8.0, first=blink, second=steady(120.0)))
    assert {tick.source for tick in found} == {2}


def test_it_holds_on_through_a_breakdown_and_takes_up_the_lead_again_in_phase() -> None:
    def source(t: float) -> Clock:
        return Clock(0.0, 8.0) if 4.0 < t < 10.0 else Clock(120.0, 2.0 * t, 4, 0.9)

    found = play(over(14.0, first=source), hold=8.0)
    beats = times_of(found, "beat")
    assert beats == pytest.approx([0.5 * n for n in range(1, len(beats) + 1)], abs=0.02)
    assert len(beats) in (27, 28)
    lonely = found[round(9.9 * RATE)]
    assert lonely.source == 0
    assert lonely.confidence == pytest.approx(0.9 * (1 - 5.9 / 8.0), abs=0.02)
    assert found[-1].confidence == pytest.approx(0.9, abs=0.01)


def test_then_the_next_leads_or_it_stands() -> None:
    gone = within(0.0, 4.1, steady(120.0))
    found = play(over(12.0, first=gone, second=steady(100.0)), hold=2.0)
    assert found[round(7.9 * RATE)].bpm == 120.0
    assert found[round(8.1 * RATE)].bpm == 100.0
    check(found)
    found = play(over(12.0, first=gone), hold=2.0)
    assert times_of(found, "beat")[-1] == pytest.approx(6.0, abs=0.02)
    assert found[-1].clock.bpm == found[-1].confidence == 0.0
    found = play(over(12.0, first=gone, silent=lambda t: t > 4.2), hold=8.0)
    assert times_of(found, "beat")[-1] == pytest.approx(4.0, abs=0.02)


def test_it_stands_while_nobody_knows_and_begins_with_the_first_who_does() -> None:
    unsure = steady(120.0, confidence=0.2)
    assert all(tick.bpm == 0.0 for tick in play(over(3.0, first=unsure)))
    found = play(over(6.0, first=unsure, second=within(3.0, 9.0, steady(100.0))))
    assert times_of(found, "beat")[0] == pytest.approx(3.0, abs=0.02)
    assert found[-1].source == 2
    again = play(over(30.0, first=lambda t: steady(120.0)(t) if t % 10 < 5 else Clock()), hold=1.0)
    check(again)


# ---- hands --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("press", "first"), [(5.1, 5.0), (4.9, 5.0), (5.4, 5.5), (5.0, 5.0)])
def test_this_is_the_one(press: float, first: float) -> None:
    found = play(over(16.0, first=steady(120.0), one=pressed(press)))
    bars = [time for time in times_of(found, "bar") if time > press + 0.3]
    assert bars == pytest.approx([first + 2.0 * n for n in range(1, len(bars) + 1)], abs=0.02)
    assert any(abs(time - max(press, first)) < 0.02 for time in times_of(found, "bar"))
    beats = times_of(found, "beat")
    assert beats == pytest.approx([0.5 * n for n in range(1, len(beats) + 1)], abs=0.02)
    index = round((first + 2.0) * RATE)
    assert found[index].clock.beats % 64 == pytest.approx(4.0, abs=0.05)


def test_nudges_move_the_beats_and_stay() -> None:
    late = (3.0, 3.1, 3.2, 3.3, 3.4)
    found = play(over(10.0, first=steady(120.0), later=pressed(*late)), nudge=0.02)
    assert found[-1].clock.beats == pytest.approx(2.0 * len(found) / RATE - 0.2, abs=1e-3)
    held = within(0.0, 2.9, steady(120.0))
    found = play(over(10.0, first=held, earlier=pressed(*late)), nudge=0.02, hold=60.0)
    assert found[-1].clock.beats == pytest.approx(2.0 * len(found) / RATE + 0.2, abs=1e-3)


ANY = st.floats(allow_nan=True) | st.sampled_from([0.0, 120.0, 5e-324, 2.0**53, 10.0**300])
WILD = st.builds(Clock, ANY, ANY, st.integers() | st.just(10**400), ANY)


@given(st.lists(st.tuples(WILD, st.booleans()), max_size=20))
def test_a_clock_beyond_all_sense_is_none(wild: list[tuple[Clock, bool]]) -> None:
    state, then = Master(), steady(120.0)
    for number, (first, once) in enumerate(wild):
        second = then(number / RATE) if once else first
        state, shown, _, _, *numbers = clock(state, 1 / RATE, first, second, one=once)
        assert all(map(isfinite, (shown.bpm, shown.beats, *numbers)))
        assert 0.0 <= shown.bpm <= 400.0
        assert 1 <= shown.meter <= 1000
        assert 0.0 <= shown.confidence <= 1.0


@given(st.floats(20.0, 300.0), st.floats(-50.0, 1e4), st.floats(-2.0, 2.0))
def test_ahead_is_arithmetic(bpm: float, beats: float, time: float) -> None:
    given_ = Clock(bpm, beats, 3, 0.7)
    assert ahead(given_, time) == Clock(bpm, beats + bpm / 60.0 * time, 3, 0.7)
    assert ahead(Clock(0.0, beats), time) == Clock(0.0, beats)


def test_a_beat_that_is_announced_ahead_strikes_once_and_in_time() -> None:
    found = play(over(10.0, first=steady(120.0)))
    mark, struck = None, []
    for n, tick in enumerate(found, 1):
        mark, hit = divide(mark, tick.dt, ahead(tick.clock, 0.2), every="1")
        if hit:
            struck.append(n / RATE)
    assert struck == pytest.approx([0.3 + 0.5 * n for n in range(len(struck))], abs=0.02)
    assert len(struck) in (19, 20)
