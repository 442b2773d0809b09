"""Chroma and key of notes, chords and tunes whose harmony is known."""

from __future__ import annotations

import numpy as np
import pytest
from feature_kit import Sound, everything, heard
from kit import many

from nodes._tones import NOTES, PROFILES
from nodes.tonal import Tones, key

RATE = 44_100
NONE = np.zeros(12, np.float32)


def notes(*chords: tuple[int, ...], seconds: float = 0.5, rate: int = RATE) -> Sound:
    """Chords one after the other, of notes as in MIDI, each with four partials."""
    time = np.arange(round(seconds * rate)) / rate
    fade = np.minimum(1.0, 20.0 * np.minimum(time, seconds - time))
    parts = [
        fade
        * sum(
            np.sin(2 * np.pi * number * 440.0 * 2 ** ((note - 69) / 12) * time) / number**2
            for note in chord
            for number in (1, 2, 3, 4)
        )
        for chord in chords
    ]
    return (0.1 * np.concatenate(parts)).astype(np.float32)


@pytest.mark.parametrize("note", range(60, 84))
def test_the_strongest_note_is_the_one_that_is_played(note: int) -> None:
    made = heard(everything("4096"), notes((note,)), RATE)
    assert made["chroma.note"][-1] == note % 12
    chroma = made["chroma.chroma"][-1]
    assert chroma.max() == chroma[note % 12] == 1.0
    assert made["chroma.contrast"][-1] > 0.5


@pytest.mark.parametrize("rate", [22_050, 48_000, 96_000])
def test_a_chord_has_its_notes_at_any_rate(rate: int) -> None:
    made = heard(everything("8192"), notes((60, 64, 67), rate=rate), rate)
    strongest = np.argsort(made["chroma.chroma"][-1])[-3:]
    assert {NOTES[number] for number in strongest} == {"C", "E", "G"}


def test_tuning_follows_music_that_is_not_at_440() -> None:
    flat = notes((69,)) * 0
    time = np.arange(len(flat)) / RATE
    flat = (0.3 * np.sin(2 * np.pi * 440.0 * 2 ** (-50 / 1200) * time)).astype(np.float32)
    tuned = everything("4096", params={"chroma": {"tuning": -50.0}})
    between = heard(everything("4096"), flat, RATE)["chroma.chroma"][-1]
    exact = heard(tuned, flat, RATE)["chroma.chroma"][-1]
    assert between[8] == pytest.approx(between[9], rel=0.2)  # between A flat and A
    assert exact[9] == 1.0
    assert exact[8] < 0.5


def test_silence_has_no_note_and_no_key() -> None:
    made = heard(everything(), np.zeros(20_000, np.float32), RATE)
    assert not made["chroma.chroma"][-1].any()
    assert {*made["chroma.note"], *made["chroma.contrast"], *made["key.confidence"]} == {0.0}
    assert {*made["key.key"]} == {""}


def cadence(tonic: int, minor: bool) -> tuple[tuple[int, ...], ...]:
    """Tonic, subdominant, dominant, tonic, with the third of each."""
    third = 3 if minor else 4

    def chord(root: int, third: int) -> tuple[int, ...]:
        return (root, root + third, root + 7)

    home = 60 + tonic
    return chord(home, third), chord(home + 5, third), chord(home + 7, 4), chord(home, third)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("minor", [False, True], ids=["major", "minor"])
@pytest.mark.parametrize("tonic", range(0, 12, many(5, 1)))
def test_a_cadence_is_in_its_key(tonic: int, minor: bool, profile: str) -> None:
    sound = notes(*cadence(tonic, minor))
    made = heard(everything("4096", params={"key": {"profile": profile}}), sound, RATE)
    assert made["key.key"][-1] == f"{NOTES[tonic]} {'minor' if minor else 'major'}"
    assert made["key.tonic"][-1] == tonic
    assert made["key.minor"][-1] is minor
    assert made["key.confidence"][-1] > 0.3


def test_confidence_is_low_where_no_key_is() -> None:
    every_note = np.ones(12, np.float32)
    assert key(Tones(), 10.0, every_note, every_note)[1:] == ("", 0.0, False, 0.0)
    rng = np.random.default_rng(0)
    random = rng.uniform(0.4, 1.0, (50, 12)).astype(np.float32)
    told = [key(Tones(), 10.0, notes, notes) for notes in random]
    assert np.mean([confidence for *_, confidence in told]) < 0.4


def test_a_new_key_is_believed_after_the_memory() -> None:
    major = np.array([6, 2, 3, 2, 4, 4, 2, 5, 2, 3, 2, 3], np.float32) / 6
    state, *_ = key(Tones(), 100.0, major, major, memory=4.0)
    names = []
    for _ in range(120):
        state, name, *_ = key(state, 0.1, np.roll(major, 6), major, memory=4.0)
        names.append(name)
    assert (names[0], names[-1]) == ("C major", "F# major")
    assert 1.0 < 0.1 * names.index("F# major") < 6.0
