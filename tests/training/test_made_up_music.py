"""The music to learn from: its beats are where it says, and it is the same each time."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.training import tempo
from nodes.training.beatless import BEATLESS
from nodes.training.clip import SECONDS, make_clip
from nodes.training.compose import Composer
from nodes.training.drums import GENERAL_MIDI, RATE, make_kit
from nodes.training.drums import play as play_drums
from nodes.training.hearing import LATE, STEPS, bands, moments, targets
from nodes.training.studio import perform, swung
from nodes.training.styles import STYLES
from nodes.training.voices import Sounding, midi_file

needs_fluidsynth = pytest.mark.skipif(
    shutil.which("fluidsynth") is None, reason="FluidSynth renders the songs; it is not installed"
)


@given(st.floats(40.0, 200.0), st.floats(-20.0, 3.0), st.integers(0, 200))
def test_a_steady_tempo_is_a_straight_line(bpm: float, start: float, beat: int) -> None:
    time = tempo.TempoMap(tempo.steady(bpm), start, 120.0)
    assert float(time.seconds(beat)) == pytest.approx(start + beat * 60.0 / bpm)
    assert time.beats(start + beat * 60.0 / bpm) == pytest.approx(beat, abs=1e-6)


def test_a_ramp_takes_the_time_of_its_mean_pace() -> None:
    time = tempo.TempoMap(tempo.ramped(60.0, 120.0, 0.0, 60.0), 0.0, 120.0)
    # ∫ 60 / (60 + b) db over 0..60 = 60 ln 2
    assert float(time.seconds(60.0)) == pytest.approx(60.0 * np.log(2.0), rel=3e-4)


@pytest.mark.parametrize("seed", range(5))
def test_people_keep_the_tempo_on_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for curve in (tempo.drifting(100.0, 0.02, rng), tempo.rubato(100.0, 0.1, 8, rng)):
        beats = np.diff(tempo.TempoMap(curve, 0.0, 300.0).seconds(np.arange(400.0)))
        assert np.median(beats) == pytest.approx(0.6, rel=0.08)
        assert beats.std() > 0.002


@given(st.floats(0.0, 100.0), st.sampled_from([0.25, 0.5, 1.0]), st.floats(0.5, 0.75))
def test_swing_moves_only_what_lies_inside_a_pair(beat: float, pair: float, ratio: float) -> None:
    assert swung(np.floor(beat / pair) * pair, pair, ratio) == pytest.approx(
        np.floor(beat / pair) * pair, abs=1e-9
    )
    assert 0.0 <= swung(beat, pair, ratio) - beat <= (ratio - 0.5) * pair + 1e-9
    assert swung(beat, pair, 0.5) == pytest.approx(beat, abs=1e-6)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_song_of_each_style_lies_on_its_grid(style: object) -> None:
    assert isinstance(style, type(STYLES[0]))
    song = Composer(style, 64, np.random.default_rng(3)).write()
    assert song.hits or song.notes
    for hit in song.hits:
        assert hit.drum in GENERAL_MIDI
    fine = 48 * np.array([each.at for each in (*song.hits, *song.notes)])
    np.testing.assert_allclose(fine, np.round(fine), atol=1e-6)
    time = tempo.TempoMap(tempo.steady(120.0), 0.5, 40.0)
    take = perform(song, time, 30.0, np.random.default_rng(4))
    assert len(take.onsets()) > 5
    assert np.diff(take.onsets()).min() > 0.03


def test_drums_sound_when_they_are_hit() -> None:
    kit = make_kit(np.random.default_rng(1))
    assert set(kit) == set(GENERAL_MIDI)
    sound = play_drums(kit, [(0.5, "kick", 1.0)], RATE)
    assert not sound[: RATE // 2].any()
    assert np.abs(sound[RATE // 2 :]).max() == pytest.approx(1.0)


def test_a_midi_file_says_what_was_played() -> None:
    notes = [Sounding(0.5, 1.0, 33, 40, 0.8), Sounding(0.25, 0.3, "drums", 36, 1.0)]
    data = midi_file(notes, 16, {33: 0.5})
    assert data[:14] == b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x27\x10"
    assert int.from_bytes(data[18:22], "big") == len(data) - 22
    assert bytes([0xC9, 16]) in data
    assert bytes([0xC0, 33]) in data
    strike, note = data.index(bytes([0x99, 36])), data.index(bytes([0x90, 40]))
    assert data[strike - 2 : strike] == b"\x93\x44"  # 2,500 ticks: a quarter of a second
    assert strike < note
    assert data.endswith(b"\xff\x2f\x00")


@pytest.mark.parametrize("make", sorted(set(BEATLESS), key=lambda make: make.__name__))
def test_what_has_no_beat_is_sound_all_the_same(make: object) -> None:
    assert callable(make)
    sound = make(5.0, np.random.default_rng(2))
    assert sound.shape == (5 * RATE,)
    assert np.isfinite(sound).all()
    assert np.std(sound) > 0.0


@pytest.mark.slow
@needs_fluidsynth
def test_a_clip_is_the_same_each_time_and_full_of_what_it_says() -> None:
    clip, again = make_clip(2, 7), make_clip(2, 7)
    assert clip.name == "piano pop"
    np.testing.assert_array_equal(clip.sound, again.sound)
    assert clip.sound.shape == (int(SECONDS * RATE),)
    assert np.abs(clip.sound).max() <= 1.0
    assert len(clip.beats) > 30
    assert set(clip.downbeats) <= set(clip.beats)


def test_bands_rise_when_the_sound_does_and_targets_say_so_then() -> None:
    sound = np.zeros(2 * RATE)
    sound[RATE:] = np.random.default_rng(0).standard_normal(RATE)
    loud = bands(sound).mean(axis=1)
    begun = int(np.argmax(loud > 0.5 * loud[-20:].mean()))
    (step,) = moments(np.array([1.0]), len(loud))
    assert step == pytest.approx((1.0 + LATE) * STEPS - 1.0, abs=0.5)
    assert begun == pytest.approx(step, abs=1)
    wanted = targets([np.array([5, 9, 0])], 10)
    np.testing.assert_array_equal(wanted[:, 0], [1, 0.5, 0, 0, 0.5, 1, 0.5, 0, 0.5, 1])
