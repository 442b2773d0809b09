"""The beat tracker on drums made here: it finds the beat, keeps it, and stops without one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph import Clock
from nodes import _bar_pointer
from nodes.tracker import Tracker, tracker

RATE = 44100


def drums(beats: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    """A kick on every beat, a snare on every second, hats twice a beat."""
    rng, time = np.random.default_rng(1), np.arange(RATE // 5) / RATE
    kick = np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time / 0.02)))) * np.exp(-time / 0.08)
    snare = 0.4 * rng.standard_normal(time.size) * np.exp(-time / 0.05)
    hat = 0.2 * np.diff(rng.standard_normal(time.size + 1)) * np.exp(-time / 0.02)
    sound = np.zeros(round(seconds * RATE) + 2 * time.size)
    for index, beat in enumerate(beats):
        half = (beats[index + 1] - beat) / 2 if index + 1 < len(beats) else 0.0
        events = [(beat, kick), (beat, hat), (beat + half, hat)]
        for start, drum in [*events, (beat, snare)] if index % 2 else events:
            sound[round(start * RATE) :][: drum.size] += 0.3 * drum
    return sound[: round(seconds * RATE), None].astype(np.float32)


class Run:
    """What the tracker said about a sound, tick by tick."""

    def __init__(self, sound: NDArray[np.float32], block: int = 512, **params: float) -> None:
        self.state, self.dt = Tracker(), block / RATE
        self.clocks: list[Clock] = []
        self.beats: list[float] = []
        self.bars: list[float] = []
        for start in range(0, len(sound) - block + 1, block):
            self.state, clock, beat, bar, bpm, phase, confidence = tracker(
                self.state, RATE, sound[start : start + block], **params
            )
            assert np.isfinite(clock[:2]).all()
            assert (clock.bpm, clock.phase, clock.confidence) == (bpm, phase, confidence)
            assert 0.0 <= confidence <= 1.0
            self.clocks.append(clock)
            if beat:
                self.beats.append((start + block) / RATE)
            if bar:
                self.bars.append((start + block) / RATE)

    def at(self, time: float) -> Clock:
        return self.clocks[round(time / self.dt) - 1]


@lru_cache
def steady(bpm: float, block: int = 512) -> Run:
    beats = np.arange(0.3, 20.0, 60 / bpm)
    return Run(drums(beats, 20.0), block)


def near(found: list[float], true: NDArray[np.float64], after: float) -> float:
    """The share of the true beats later than `after` that have exactly one within 70 ms."""
    got = np.array(found)
    true = true[(true > after) & (true < true[-1])]
    return float(np.mean([np.sum(np.abs(got - beat) < 0.07) == 1 for beat in true]))


@pytest.mark.parametrize("bpm", [70.0, 80.0, 100.0, 126.0, 140.0])
def test_it_finds_a_steady_beat(bpm: float) -> None:
    """From the third on, and from the second if it is slow. Beyond some 140 BPM such drums may be
    counted by halves, as people may, too."""
    run = steady(bpm)
    assert near(run.beats, np.arange(0.3, 20.0, 60 / bpm), after=0.3 if bpm <= 100 else 0.8) == 1.0
    assert run.clocks[-1].bpm == pytest.approx(bpm, rel=0.02)
    assert run.clocks[-1].confidence > 0.5
    assert len(run.bars) == pytest.approx(len(run.beats) / 4, abs=2)


@pytest.mark.parametrize("block", [128, 184, 1024, 1838])
def test_in_blocks_of_any_size_it_hears_the_same(block: int) -> None:
    run, usual = steady(126.0, block), steady(126.0)
    assert np.subtract(run.bars, usual.bars) == pytest.approx(0.0, abs=max(block, 512) / RATE)
    if block == 1024:
        assert run.clocks == usual.clocks[1::2]
    if block == 128:
        assert run.clocks[3::4] == usual.clocks


def test_beats_are_never_doubled_and_the_count_steps_back_for_a_new_bar_only() -> None:
    for run in (steady(80.0), steady(150.0)):
        assert np.diff(run.beats).min() > 0.5 * 60 / 160
        steps = np.diff([clock.beats for clock in run.clocks if clock.bpm > 0])
        back = steps[steps < 0.0]
        assert (back < -0.9).all()
        assert len(back) <= 2


def test_it_follows_a_leap_of_the_tempo() -> None:
    beats = np.concatenate((np.arange(0.3, 12.0, 0.6), np.arange(12.3, 24.0, 0.45)))
    run = Run(drums(beats, 24.0))
    assert run.at(11.5).bpm == pytest.approx(100.0, rel=0.03)
    assert run.at(23.5).bpm == pytest.approx(60 / 0.45, rel=0.03)
    assert near(run.beats, beats, after=14.0) == 1.0


def test_silence_ends_it_and_music_starts_it_again() -> None:
    beats = np.concatenate((np.arange(0.3, 10.0, 0.5), np.arange(16.2, 30.0, 0.5)))
    run = Run(drums(beats, 30.0))
    assert not [beat for beat in run.beats if 12.0 < beat < 16.2]
    assert run.at(15.0)[::3] == (0.0, 0.0)
    assert near(run.beats, beats, after=16.2) == 1.0


def test_until_the_first_sound_it_knows_nothing() -> None:
    run = Run(np.zeros((2 * RATE, 1), np.float32))
    assert run.state.belief is _bar_pointer.BEGINNING
    assert run.state.gate.silent


def test_it_beats_on_through_a_breakdown_and_loses_confidence() -> None:
    beats = np.arange(0.3, 12.0, 0.5)
    sound = drums(beats, 27.0)
    rng = np.random.default_rng(3)
    sound += 0.02 * rng.standard_normal(sound.shape).astype(np.float32)
    run = Run(sound, hold=4.0)
    assert near(run.beats, np.arange(12.3, 16.0, 0.5), after=12.0) == 1.0
    assert run.at(11.5).confidence > run.at(14.5).confidence
    assert run.clocks[-1].bpm == 0.0
    assert not [beat for beat in run.beats if beat > 24.5]


@pytest.mark.parametrize("amplitude", [0.0, 0.1])
def test_no_beat_in_silence_or_noise(amplitude: float) -> None:
    rng = np.random.default_rng(4)
    sound = amplitude * rng.standard_normal((RATE * 12, 1)).astype(np.float32)
    assert Run(sound).beats == []


def test_bars_begin_with_a_beat_that_the_clock_counts_as_their_first() -> None:
    run = steady(126.0)
    assert set(run.bars) <= set(run.beats)
    for time in run.bars:
        clock = run.at(time)
        assert np.floor(clock.beats) % clock.meter == 0
        assert clock.bar_phase < 0.1


def test_ahead_moves_every_beat() -> None:
    beats = np.arange(0.3, 12.0, 0.5)
    sound = drums(beats, 12.0)
    plain, early = Run(sound), Run(sound, ahead=0.2)
    moved = np.array(plain.beats[-6:-1]) - np.array(
        [
            min(early.beats, key=lambda x, beat=beat: abs(x - beat + 0.2))
            for beat in plain.beats[-6:-1]
        ]
    )
    np.testing.assert_allclose(moved, 0.2, atol=0.013)


def test_the_same_again_and_nothing_changed() -> None:
    first, again = steady(126.0), Run(drums(np.arange(0.3, 20.0, 60 / 126.0), 20.0))
    assert first.clocks == again.clocks
    assert not first.state.belief.flags.writeable
    assert not first.state.bars.heard.flags.writeable
    assert not any(loud.flags.writeable for loud in first.state.ear.past)


def test_the_filter_is_a_probability() -> None:
    rng, belief = np.random.default_rng(5), _bar_pointer.UNKNOWN
    for _ in range(200):
        belief, _ = _bar_pointer.forward(belief, _bar_pointer.likelihood(rng.random()))
        assert belief.min() > 0.0
        assert belief.sum() == pytest.approx(1.0)
    assert belief[_bar_pointer.UNKNOWN.size - 1] < 1.0


def test_out_of_silence_two_beats_make_a_tempo() -> None:
    belief = _bar_pointer.BEGINNING
    for step in range(1, 49):
        belief, _ = _bar_pointer.forward(
            belief, _bar_pointer.likelihood(0.9 if step in (4, 47) else 0.01)
        )
        if step == 4:
            phase = _bar_pointer.read(belief).phase
            assert min(phase, 1.0 - phase) < 0.03
    assert _bar_pointer.read(belief).period == pytest.approx(43.0, rel=0.05)


@pytest.mark.parametrize("period", [30, 43, 70])
def test_the_filter_finds_a_period_and_its_phase(period: int) -> None:
    belief = _bar_pointer.UNKNOWN
    for step in range(period * 12 + 1):
        beat = {0: 0.9, 1: 0.5, period - 1: 0.5}.get(step % period, 0.005)
        belief, _ = _bar_pointer.forward(belief, _bar_pointer.likelihood(beat))
    phase, found, sureness = _bar_pointer.read(belief)
    assert found == pytest.approx(period, abs=0.5)
    assert min(phase, 1 - phase) < 0.05
    assert sureness > 0.8
