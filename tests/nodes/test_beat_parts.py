"""The parts of the beat tracker one by one: ear, network, gate, clock, bars."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.signal import lfilter

from nodes import _beat_ear, _beat_net
from nodes._bar_pointer import STEP, Reading
from nodes._beat_bars import Bars, attend, begin, count, forget, notice
from nodes._beat_change import Colour
from nodes._beat_clock import Gate, Heard, Pace, decide, follow
from nodes._beat_frames import Frames, lens, look
from nodes.spectrum import spectrum


def heard(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    ear, found = _beat_ear.Ear(), []
    for each in bands:
        ear, one = _beat_ear.hear(ear, each)
        found.append(one)
    return np.array(found)


def looked_at(sound: NDArray[np.float32], rate: float, ends: list[int]) -> NDArray[np.float32]:
    """The bands of all steps in blocks that end there."""
    frames, found = Frames(), [np.zeros((0, _beat_ear.BANDS), np.float32)]
    for block in np.split(sound, ends):
        frames, bands = look(frames, block, rate)
        found += [np.stack(bands)] if bands else []
    return np.concatenate(found)


def test_a_step_of_512_samples_is_a_spectrum() -> None:
    sound = np.random.default_rng(6).standard_normal(20 * 512).astype(np.float32)
    rows, heard, expected = _beat_ear.band_rows(1025, 44100), np.zeros(0, np.float32), []
    for block in np.split(sound, 20):
        heard, magnitude = spectrum(heard, block[:, None])
        expected.append(rows @ magnitude)
    found = looked_at(sound, 44100, [*range(512, sound.size, 512)])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@given(st.lists(st.integers(0, 9000), max_size=8), st.sampled_from([44100, 48000, 96000, 22050]))
def test_steps_are_the_same_however_the_sound_is_cut(ends: list[int], rate: int) -> None:
    sound = np.random.default_rng(7).standard_normal(9000).astype(np.float32)
    whole = looked_at(sound, rate, [])
    assert len(whole) == 9000 * 44100 // (512 * rate)
    np.testing.assert_array_equal(looked_at(sound, rate, sorted(ends)), whole)


@pytest.mark.parametrize("rate", [32000, 48000, 88200, 96000, 192000])
def test_steps_are_the_same_at_any_rate(rate: int) -> None:
    """Of tones from 40 Hz to 13 kHz, one of which is struck again and again."""

    def sound(rate: int) -> NDArray[np.float32]:
        time = np.arange(rate) / rate
        tones = sum(np.sin(2 * np.pi * f * time) for f in (40.0, 61.0, 170.0, 1000.0, 13000.0))
        return (0.1 * tones * np.exp(-(time % 0.25) / 0.05)).astype(np.float32)

    usual, found = looked_at(sound(44100), 44100, []), looked_at(sound(rate), rate, [])
    np.testing.assert_allclose(found, usual[: len(found)], atol=0.01 * usual.max())


def test_a_window_is_as_long_at_any_rate_and_quick_to_transform() -> None:
    for rate in (8000, 22050, 48000, 192000, 768000):
        window = lens(rate).window
        assert np.count_nonzero(window) / rate == pytest.approx(2048 / 44100, abs=2 / rate)
        assert window.size == pytest.approx(2048 / 44100 * rate, rel=0.002)


def test_the_ear_is_the_formula_of_its_docstring() -> None:
    bands = np.random.default_rng(1).random((300, _beat_ear.BANDS), np.float32) ** 4
    ease = 1 - np.exp(-STEP / 3.0)
    level = lfilter([ease], [1, ease - 1], bands.mean(axis=1))
    level /= 1 - (1 - ease) ** np.arange(1, 301)
    loud = np.log10(1 + 20 * bands / level[:, None])
    rise = np.zeros_like(loud)
    rise[2:] = 3 * np.maximum(0, loud[2:] - loud[:-2])
    np.testing.assert_allclose(heard(bands), np.concatenate((loud, rise), 1), atol=1e-4)


def test_the_ear_hears_loud_and_soft_alike() -> None:
    bands = np.random.default_rng(2).random((200, _beat_ear.BANDS), np.float32) * 0.1
    np.testing.assert_allclose(heard(bands), heard(bands * np.float32(0.03)), atol=1e-3)


def test_the_network_is_the_equations_of_its_paper() -> None:
    """Against float64, with sigmoids as they are written."""
    with files("nodes").joinpath("beat_net.npz").open("rb") as file, np.load(file) as stored:
        w = {name: stored[name].astype(float) for name in stored.files}

    def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 / (1 + np.exp(-x))

    def unit(name: str, h: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        ahead, back = x @ w[f"{name}_in"] + w[f"{name}_bias"], h @ w[f"{name}_back"]
        (r1, z1, n1), (r2, z2, n2) = np.split(ahead, 3), np.split(back, 3)
        z = sigmoid(z1 + z2)
        return (1 - z) * np.tanh(n1 + sigmoid(r1 + r2) * n2) + z * h

    rng = np.random.default_rng(3)
    first = second = np.zeros(len(w["first_back"]))
    memory = _beat_net.Memory()
    for _ in range(300):
        given_ = rng.random(2 * _beat_ear.BANDS)
        dense = np.tanh(given_ @ w["dense"] + w["dense_bias"])
        first = unit("first", first, dense)
        second = unit("second", second, first)
        expected = sigmoid(np.concatenate((first, second)) @ w["out"] + w["out_bias"])
        memory, said = _beat_net.listen(memory, given_.astype(np.float32))
        np.testing.assert_allclose(said, expected, atol=2e-3)


@given(arrays.arrays(np.float32, (5, _beat_ear.BANDS), elements=st.floats(0.0, 1e6, width=32)))
def test_no_sound_makes_it_stumble(bands: NDArray[np.float32]) -> None:
    memory = _beat_net.Memory()
    for each in heard(bands):
        memory, said = _beat_net.listen(memory, each)
        assert np.isfinite(said).all()
        assert min(said) >= 0.0
        assert max(said) <= 1.0
    assert not memory.first.flags.writeable
    assert not memory.second.flags.writeable


def test_the_weights_are_few() -> None:
    data = files("nodes").joinpath("beat_net.npz").read_bytes()
    assert len(data) < 200_000


# ---- the clock ----------------------------------------------------------------------------------


def test_the_clock_leans_and_does_not_jump_at_one_contradiction() -> None:
    pace = Pace(10.0, 40.0, steady=1000)
    for _ in range(10):
        pace = follow(pace, Reading(0.9, 60.0, 1.0), locked=True)
    assert pace.period == 40.0
    assert pace.beats == pytest.approx(10.25)
    pace = follow(pace, Reading((pace.beats + 0.4) % 1.0, 60.0, 1.0), locked=True)
    assert (pace.period, pace.steady) == (60.0, 0)


def test_a_beat_that_was_only_just_found_is_soon_given_up() -> None:
    pace = Pace(10.0, 40.0, steady=100)
    for _ in range(2):
        pace = follow(pace, Reading((pace.beats + 0.4) % 1.0, 60.0, 1.0), locked=True)
        assert pace.period == 40.0
    assert follow(pace, Reading(0.4, 60.0, 1.0), locked=True).period == 60.0


@given(st.floats(0.0, 0.999), st.floats(25.0, 96.0))
def test_the_clock_comes_to_agree_with_a_steady_filter(phase: float, period: float) -> None:
    pace, true = Pace(), phase
    for _ in range(600):
        true += 1.0 / period
        pace = follow(pace, Reading(true % 1.0, period, 1.0), locked=True)
    assert pace.period == pytest.approx(period, rel=0.01)
    assert (pace.beats - true + 0.5) % 1.0 == pytest.approx(0.5, abs=0.03)


def gated(
    better: float, loudness: float, seconds: float, gate: Gate, hold: float, likely: float = 0.0
) -> Gate:
    for _ in range(round(seconds / STEP)):
        gate = decide(gate, Heard(better, likely, 1.0), loudness, hold)
    return gate


def test_evidence_opens_the_gate_and_its_lack_closes_it_after_a_while() -> None:
    gate = gated(0.2, 0.1, 4.0, Gate(), 5.0)
    assert gate.locked
    gate = gated(0.2, 0.1, 30.0, gate, 5.0)
    gate = gated(-0.1, 0.1, 5.0, gate, 5.0)
    assert gate.locked
    assert not gated(-0.1, 0.1, 7.0, gate, 5.0).locked


def test_a_beat_is_not_held_for_longer_than_it_was_there() -> None:
    gate = gated(0.2, 0.1, 4.0, Gate(), 60.0)
    assert not gated(-0.2, 0.1, 9.0, gate, 60.0).locked


def test_what_the_network_is_sure_of_opens_the_gate_sooner() -> None:
    def seconds(likely: float) -> float:
        gate, steps = Gate(), 0
        while not gate.locked:
            gate, steps = decide(gate, Heard(0.02, likely, 1.0), 0.1, 18.0), steps + 1
        return steps * STEP

    assert seconds(0.9) < 0.2 < 2.0 < seconds(0.03)


def test_silence_closes_the_gate_at_once() -> None:
    gate = gated(0.2, 0.1, 30.0, Gate(), 60.0)
    assert not gated(0.2, 0.0, 1.3, gate, 60.0).locked


def test_the_gate_knows_how_long_it_is_since_silence_if_there_was_any() -> None:
    assert gated(0.2, 0.1, 3.0, Gate(), 60.0).sounding is None
    for silence in (0.1, 2.0):
        gate = gated(0.2, 0.0, silence, Gate(), 60.0)
        assert gated(0.2, 0.1, 3.0, gate, 60.0).sounding == pytest.approx(3.0, abs=STEP)


# ---- bars ---------------------------------------------------------------------------------------


def counted(bars: Bars, strengths: list[float]) -> tuple[Bars, list[int | None]]:
    places = []
    for strength in strengths:
        bars, place = count(attend(bars, 0.9, strength))
        places.append(place)
    return bars, places


@pytest.mark.parametrize("meter", [3, 4])
def test_bars_are_found(meter: int) -> None:
    strengths = ([0.2] * 2 + ([0.7] + [0.1] * (meter - 1)) * 13)[:40]
    bars, places = counted(Bars(), strengths)
    assert bars.meter == meter
    assert places[-8:] == [(index - 2) % meter for index in range(32, 40)]


def test_one_odd_downbeat_does_not_move_the_bar() -> None:
    bars, places = counted(Bars(), [0.7, 0.1, 0.1, 0.1] * 10)
    bars, places = counted(bars, [0.7, 0.1, 0.8, 0.1, *[0.7, 0.1, 0.1, 0.1] * 2])
    assert places == [0, 1, 2, 3] * 3


def test_a_bar_that_begins_elsewhere_is_followed() -> None:
    bars, _ = counted(Bars(), [0.7, 0.1, 0.1, 0.1] * 10)
    _, places = counted(bars, [0.1, 0.7, 0.1, 0.1] * 12)
    assert places[-4:] == [3, 0, 1, 2]


def test_a_bar_of_long_standing_does_not_give_way_to_a_few_that_say_otherwise() -> None:
    bars, _ = counted(Bars(), [0.7, 0.1, 0.1, 0.1] * 12)
    _, places = counted(bars, [0.5, 0.1, 0.1, 0.8] * 5)
    assert places == [0, 1, 2, 3] * 5


def test_a_beat_that_the_clock_goes_back_before_is_counted_once() -> None:
    bars, _ = counted(Bars(), [0.7, 0.1, 0.1, 0.1] * 10)
    bars, places = counted(bars._replace(again=True), [0.1, 0.7, 0.1])
    assert places == [3, 0, 1]


def test_a_bar_begins_with_the_first_sound_unless_more_speaks_against_it() -> None:
    neutral = [0.9 * 2.5 / 3.5] * 3
    assert counted(Bars(), neutral)[1] == [None] * 3
    assert counted(begin(Bars(), 5), neutral)[1] == [2, 3, 0]
    _, places = counted(begin(Bars(), 5), [0.1, 0.7, 0.1, 0.1] * 5)
    assert places[-4:] == [3, 0, 1, 2]


def test_of_a_bar_that_was_counted_in_other_beats_nothing_is_known() -> None:
    bars, _ = counted(begin(Bars(), 5), [0.7, 0.1, 0.1, 0.1] * 5)
    assert bars.begun
    bars = forget(bars)
    assert not bars.begun
    assert counted(bars, [0.9 * 2.5 / 3.5] * 3)[1] == [None] * 3


def test_a_beat_that_the_clock_jumped_over_tells_nothing() -> None:
    bars, _ = count(Bars())
    assert bars.heard == pytest.approx(0.0, abs=1e-6)


def test_bars_that_nothing_tells_are_not_known() -> None:
    _, places = counted(Bars(), [0.6] * 30)
    assert set(places) == {None}


def test_the_bar_is_found_where_the_sound_changes_though_the_network_cannot_tell() -> None:
    rng, bars, places = np.random.default_rng(6), Bars(), []
    for beat in range(40):
        if beat % 4 == 3:
            chord = rng.random(_beat_ear.BANDS, np.float32)
        elif beat == 0:
            chord = np.zeros(_beat_ear.BANDS, np.float32)
        for step in range(10):
            loud = chord + 0.1 * rng.random(_beat_ear.BANDS, np.float32)
            bars = notice(bars, loud, begins=step == 0)
        bars, place = count(attend(bars, 0.9, 0.675))
        places.append(place)
    assert places[-8:] == [(beat - 3) % 4 for beat in range(32, 40)]


def test_a_change_is_measured_by_the_usual_one() -> None:
    colour, changes = Colour(), []
    for level in (0.0, 1.0, 2.0, 3.0, 5.0, 5.0):
        colour = colour.hear(np.full(_beat_ear.BANDS, level, np.float32))
        colour, change = colour.turn()
        changes.append(change)
    usual = np.average([1.0, 1.0, 1.0, 2.0], weights=0.94 ** np.arange(3, -1, -1))
    assert changes == pytest.approx([0.0] * 4 + [2.0 / usual - 1.0, -1.0])
    assert not colour.total.flags.writeable
