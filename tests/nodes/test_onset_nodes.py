"""Onsets: beside true strokes and beside what librosa and aubio find (golden/onsets.json; how it is
made: onset_golden.py), closed forms, any tick rate, silence.

The tolerances are those that the documentation promises.
"""

from __future__ import annotations

import json
from math import log10
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from feature_kit import blocks
from kit import catalogue, patch, run, tone
from rhythm_kit import Played, Sound, drum_track, melody, score, strikes

from nodes import audio, spectrum
from nodes.onset import NODES, Heard, onset

GOLDEN = json.loads((Path(__file__).parent / "golden" / "onsets.json").read_text("utf-8"))
RATE = 48_000
TYPES = catalogue(audio.play_file, *spectrum.NODES, *NODES)
LATE, WITHIN = 0.015, 0.035
"""Seconds: onsets are told so much after they begin, give or take."""

THEIRS = {"superflux": "librosa", "energy": "energy", "high": "hfc", "complex": "complex"}
"""Who else has such a method: librosa, or aubio under that name."""


def heard(
    sound: Sound, method: str, rate: int = RATE, block: int = 512, **params: object
) -> dict[str, list[Any]]:
    """What an onset node says of a sound; the method "complex" is the node by phase."""
    nodes: dict[str, Any] = {"song": "audio.file", "onset": ("audio.phase_onset", params)}
    wires = ["song.audio -> onset.audio"]
    if method != "complex":
        nodes |= {
            "spectrum": "audio.spectrum",
            "onset": ("audio.onset", {"method": method, **params}),
        }
        wires = ["song.audio -> spectrum.audio", "spectrum.magnitude -> onset.magnitude"]
    parts = [*blocks(sound[:, None], block)]
    made = patch(nodes, wires)
    return run(made, TYPES, len(parts), lambda n: {"song": parts[n]}, rate=rate, block=block)


def found(sound: Sound, method: str, rate: int = RATE, block: int = 512, **params: object) -> Any:
    """When it strikes, in seconds."""
    return strikes(heard(sound, method, rate, block, **params), "onset.onset", rate, block)


def song(name: str) -> Played:
    kind, _, number = name.partition(" ")
    if not number:
        return melody(kind, RATE)
    return drum_track(kind, int(number), 0.4 if number == "2" else 0.0)


CASES = [name for name in GOLDEN if name != "made by"]


@pytest.mark.slow
@pytest.mark.parametrize("method", THEIRS)
def test_on_the_whole_onsets_are_as_true_as_those_of_other_libraries(method: str) -> None:
    ours, theirs = [], []
    for name in CASES:
        if method in ("energy", "high") and name in ("slurred", "trembling"):
            continue  # nothing gets louder there
        true = song(name).onsets
        ours.append(score(found(song(name).sound, method), true, LATE, WITHIN).f)
        theirs.append(score(GOLDEN[name][THEIRS[method]], true, 0.0, 0.05).f)
    assert min(ours) > 0.7
    # librosa looks ahead and scales by the loudest of the whole song; aubio does not.
    assert np.mean(ours) > np.mean(theirs) - (0.06 if method == "superflux" else 0.02)


@pytest.mark.parametrize("name", ["machine 1", "wood 1", "plucked"])
@pytest.mark.parametrize("method", ["energy", "high", "complex"])
def test_a_method_finds_what_aubio_finds_by_the_same(method: str, name: str) -> None:
    theirs = GOLDEN[name][THEIRS[method]]
    assert score(found(song(name).sound, method), theirs, 0.01, 0.05).f > 0.75


@pytest.mark.parametrize("kind", ["slurred", "trembling"])
def test_a_note_without_a_stroke_is_heard_by_what_is_new_and_not_by_loudness(kind: str) -> None:
    notes = melody(kind, RATE)
    for method in ("superflux", "flux", "complex"):
        assert score(found(notes.sound, method), notes.onsets, LATE, WITHIN).f > 0.95, method
    assert score(found(notes.sound, "energy"), notes.onsets, LATE, WITHIN).recall < 0.2


@pytest.mark.parametrize("method", ["superflux", "flux", "energy", "high", "complex"])
@pytest.mark.parametrize(
    ("rate", "block"), [(22_050, 256), (44_100, 512), (48_000, 128), (96_000, 1024)]
)
def test_notes_are_found_at_any_rate_and_block(method: str, rate: int, block: int) -> None:
    notes = melody("plucked", rate, 4.0)
    times = [at for at in found(notes.sound, method, rate, block) if at > 0.2]  # the hiss begins
    assert score(times, notes.onsets, 0.02, 0.04).f > 0.95


@pytest.mark.parametrize("method", ["superflux", "flux", "energy", "high", "complex"])
def test_the_stroke_of_a_drum_is_told_as_soon_as_the_documentation_says(method: str) -> None:
    for music, most in ((0.0, 0.015), (0.4, 0.033)):
        played = drum_track("wood", 1 if not music else 2, music)
        times = np.array(found(played.sound, method))
        lags = [min(times[times > at] - at, default=1.0) for at in played.onsets]
        assert np.median([lag for lag in lags if lag < 0.08]) < most


def test_the_strength_of_energy_is_how_many_tens_louder_it_became() -> None:
    sound = tone(1000.0, 1.0)[:, 0]
    sound[: RATE // 2] *= 0.1
    strength = heard(sound, "energy")["onset.strength"]
    # A Hann window of a sine of amplitude a has √Σ m² = a √1.5; within the lag of two blocks the
    # level has not risen all the way, and in the mean over the way it has.
    rise = log10(1.0 + 1000.0 * 0.5 * 1.5**0.5) - log10(1.0 + 100.0 * 0.5 * 1.5**0.5)
    assert sum(strength[40:60]) == pytest.approx(2.0 * rise, rel=1e-3)
    assert max(strength[10:40]) < 1e-3


def test_a_tone_that_lasts_surprises_nobody_and_noise_does_always() -> None:
    noise = 0.3 * np.random.default_rng(1).standard_normal(RATE).astype(np.float32)
    assert max(heard(tone(441.3, 1.0)[:, 0], "complex")["onset.strength"][10:]) < 0.005
    assert np.median(heard(noise, "complex")["onset.strength"][10:]) == pytest.approx(
        0.25, abs=0.02
    )
    assert found(noise, "complex")[1:] == []


def test_onsets_are_no_closer_than_the_gap() -> None:
    played = drum_track("floor", 3)
    for method in ("high", "complex"):
        assert min(np.diff(found(played.sound, method, gap=0.4))) >= 0.4


@pytest.mark.parametrize("method", ["superflux", "flux", "energy", "high", "complex"])
def test_sensitivity_finds_more(method: str) -> None:
    quiet = 0.01 * drum_track("wood", 1).sound
    counts = [len(found(quiet, method, sensitivity=each)) for each in (0.0, 0.5, 1.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2] or method not in ("superflux", "flux")


@pytest.mark.parametrize("method", ["superflux", "flux", "energy", "high", "complex"])
def test_in_silence_nothing_begins(method: str) -> None:
    for sound in (np.zeros(RATE), np.full(RATE, 1e-30)):
        assert max(heard(sound.astype(np.float32), method)["onset.strength"]) < 1e-20


def test_the_method_may_be_changed_while_it_plays() -> None:
    state, magnitude = Heard(), np.full(513, 0.1, np.float32)
    product = np.full(48, 0.1, np.float32)
    for method in ("superflux", "energy", "flux", "high"):
        for _ in range(5):
            state, _, strength = onset(state, 0.01, 48_000.0, product, magnitude, method=method)
            assert 0.0 <= strength <= 1.0
    assert len(state.past) <= 4


def clicks(rate: float, amplitude: float, seconds: float) -> list[float]:
    """When onsets are found in bursts of noise every half second over a soft tone."""
    rng = np.random.default_rng(7)
    sound = 0.01 * np.sin(2 * np.pi * 330 * np.arange(round(seconds * RATE)) / RATE)
    for start in np.arange(0.5, seconds, 0.5):
        at = round(start * RATE)
        burst = rng.standard_normal(4800) * np.exp(-np.arange(4800) / 1200.0)
        sound[at : at + 4800] += amplitude * burst[: len(sound[at : at + 4800])]
    times = found(sound.astype(np.float32), "superflux", RATE, round(RATE / rate))
    return [time for time in times if time > 0.3]


@pytest.mark.parametrize("rate", [24, 48, 86.1328125, 93.75, 240])
@pytest.mark.parametrize("amplitude", [0.3, 0.02])
def test_onsets_are_found_at_any_tick_rate(rate: float, amplitude: float) -> None:
    times = clicks(rate, amplitude, 4.0)
    np.testing.assert_allclose(times, np.arange(0.5, 4.0, 0.5), atol=0.025 + 1 / rate)


def test_no_onset_in_silence_or_nothing() -> None:
    for size in (0, 513):
        state, magnitude, product = Heard(), np.zeros(size, np.float32), np.zeros(48, np.float32)
        for dt in (0.01, 0.01, 0.01, 1e6, 0.01):
            state, struck, strength = onset(state, dt, 48_000.0, product, magnitude)
            assert (struck, strength) == (False, 0.0)
        assert len(state.past) <= 4
