"""Presence, energy, builds, drops and sections: closed forms, and the demo track, whose score says
where each of its parts begins."""

from __future__ import annotations

from functools import cache
from math import exp, log10, tanh
from typing import Any

import numpy as np
import pytest
from feature_kit import blocks
from kit import RATE, catalogue, patch, run, tone
from rhythm_kit import Sound

from nodegraph.audio.demo import score
from nodegraph.audio.demo.song import render
from nodes import audio, beat, presence, spectrum, structure

TYPES = catalogue(audio.play_file, *spectrum.NODES, *presence.NODES, *structure.NODES, *beat.NODES)


def heard(
    sound: Sound,
    rate: int = RATE,
    block: int = 512,
    bpm: float = 0.0,
    **params: dict[str, object],
) -> dict[str, list[Any]]:
    """What each of the nodes says of a sound; bars are those of a clock if there is a tempo."""
    nodes: dict[str, Any] = {"song": "audio.file", "spectrum": "audio.spectrum"}
    wires = ["song.audio -> spectrum.audio", "song.audio -> energy.audio"]
    for name in ("presence", "energy", "build", "section"):
        nodes[name] = (f"audio.{name}", params.get(name, {}))
        if name != "energy":
            wires.append(f"spectrum.magnitude -> {name}.magnitude")
    if bpm:
        nodes["clock"] = ("beat.manual", {"bpm": bpm})
        wires.append("clock.clock -> section.clock")
    whole = sound if sound.ndim == 2 else sound[:, None]
    parts = [*blocks(whole, block)]
    made = patch(nodes, wires)
    return run(made, TYPES, len(parts), lambda n: {"song": parts[n]}, rate=rate, block=block)


@cache
def demo(rate: int, block: int) -> dict[str, list[Any]]:
    return heard(render(rate), rate, block, score.DEMO_BPM)


def bars(column: list[Any], rate: int, block: int) -> list[float]:
    """Where a trigger struck, in bars of the demo track."""
    return [(n + 1) * block / rate / score.BAR for n, struck in enumerate(column) if struck]


SPEEDS = pytest.mark.parametrize(
    ("rate", "block"), [(44_100, 512), pytest.param(22_050, 128, marks=pytest.mark.slow)]
)


@SPEEDS
def test_the_demo_track_drops_once_and_where_its_score_says(rate: int, block: int) -> None:
    (drop,) = bars(demo(rate, block)["build.drop"], rate, block)
    late = (drop - score.BARS["drop"][0]) * score.BAR
    assert 0.0 < late < 0.15


@SPEEDS
def test_it_is_a_breakdown_from_the_end_of_the_bass_to_the_drop(rate: int, block: int) -> None:
    broken = np.array(demo(rate, block)["build.breakdown"], float)
    first, last = np.flatnonzero(np.diff(broken)) * block / rate
    assert first == pytest.approx(score.BARS["breakdown"][0] * score.BAR + 3.0, abs=1.5)
    assert last == pytest.approx(score.BARS["drop"][0] * score.BAR, abs=0.15)


@SPEEDS
def test_the_build_climbs_in_the_build_and_nowhere_else(rate: int, block: int) -> None:
    tension = np.array(demo(rate, block)["build.build"])
    bar = (np.arange(tension.size) + 1) * block / rate / score.BAR
    assert tension[(bar > 25.5) & (bar < 27.4)].mean() > 0.6
    assert tension[bar < 20].max() == 0.0
    assert tension[bar > 28.1].max() == 0.0


@SPEEDS
def test_sections_of_the_demo_track_change_where_its_score_says(rate: int, block: int) -> None:
    made = demo(rate, block)
    ticks = np.flatnonzero(made["section.change"])
    told = (ticks + 1) * block / rate
    begun = (told - np.array(made["section.ago"])[ticks]) / score.BAR
    true = [score.BARS[name][0] for name in ("groove", "breakdown", "drop")]
    for bar in true:  # half of the bar before the drop is silence
        within = 1.05 if bar == score.BARS["drop"][0] else 0.1
        assert np.abs(begun - bar).min() < within, bar
    assert len(begun) <= len(true) + 2  # the build comes by degrees, the outro fades
    assert made["section.section"][-1] == len(begun)
    np.testing.assert_allclose(told / score.BAR - begun, 2.0, atol=0.02)  # two bars late


def test_sections_without_a_clock_are_found_by_the_second() -> None:
    low, high = tone(110.0, 12.0), tone(3000.0, 12.0)
    made = heard(np.concatenate((low, high, low))[:, 0])
    ticks = np.flatnonzero(made["section.change"])
    begun = (ticks + 1) * 512 / RATE - np.array(made["section.ago"])[ticks]
    np.testing.assert_allclose(begun, (12.0, 24.0), atol=2.0)


def test_one_bar_that_is_different_is_no_section() -> None:
    sound = np.concatenate((tone(110.0, 16.0), tone(3000.0, 2.0), tone(110.0, 16.0)))[:, 0]
    sound += 0.02 * np.random.default_rng(4).standard_normal(sound.size).astype(np.float32)
    assert not any(heard(sound, bpm=120.0)["section.change"])
    assert not any(heard(np.zeros_like(sound), bpm=120.0)["section.change"])


def test_novelty_is_how_many_decibels_the_bands_changed() -> None:
    sound = 0.1 * np.random.default_rng(3).standard_normal(RATE * 24).astype(np.float32)
    sound[RATE * 12 :] *= 0.25
    made = heard(sound, bpm=120.0)
    assert max(made["section.novelty"]) == pytest.approx(20.0 * log10(4.0), abs=1.0)
    assert sum(made["section.change"]) == 1


def test_trend_and_energy_are_what_their_formulas_say() -> None:
    quiet, loud, rate, block = 0.1, 0.4, 48_000, 480
    sound = np.full(30 * rate, quiet, np.float32)
    sound[20 * rate :] = loud
    made = heard(sound, rate, block)
    assert max(np.abs(made["energy.trend"][: 20 * 100])) < 1e-6
    for after in (0.5, 2.0, 8.0):
        tick = round((20.0 + after) * 100) - 1

        def level(time: float, after: float = after, tick: int = tick) -> float:
            heard_of_it = -np.expm1(-(tick + 1) * 0.01 / time)
            new = loud**2 + (quiet**2 - loud**2) * exp(-after / time)
            old = quiet**2 * (1.0 - heard_of_it)  # what was before the beginning counts as nothing
            return 10.0 * log10((new - old * exp(-0.0)) / heard_of_it)

        trend = tanh((level(1.0) - level(8.0)) / 6.0)
        assert made["energy.trend"][tick] == pytest.approx(trend, abs=2e-3)
    assert made["energy.energy"][-1] == pytest.approx(1.0, abs=0.01)
    assert made["energy.energy"][5 * 100] < 1.0


@pytest.mark.parametrize(("frequency", "name"), [(80.0, "low"), (700.0, "mid"), (6000.0, "high")])
def test_a_part_is_present_in_its_range_and_fades_when_it_stops(
    frequency: float, name: str
) -> None:
    sound = np.concatenate((tone(frequency, 6.0), np.zeros((RATE * 6, 1), np.float32)))[:, 0]
    made = heard(sound)
    there = np.array(made[f"presence.{name}"])
    seconds = (np.arange(there.size) + 1) * 512 / RATE
    assert there[(seconds > 3.0) & (seconds < 6.0)].min() > 0.99
    gone = 6.0 + 0.2 * 30.0 / 20.0 * np.log(10.0)  # when the eased level is 30 dB down
    first, later = (there[np.searchsorted(seconds, at)] for at in (gone + 0.1, gone + 1.6))
    assert later / first == pytest.approx(exp(-1.0), rel=0.01)  # one time constant


def test_presence_is_the_same_however_loud_the_music() -> None:
    sound = render(22_050)[: 22_050 * 20].mean(axis=1).astype(np.float32)
    loud, soft = (heard(level * sound, 22_050, 256) for level in (np.float32(1), np.float32(0.1)))
    for name in ("low", "mid"):
        np.testing.assert_allclose(
            loud[f"presence.{name}"][200:], soft[f"presence.{name}"][200:], atol=0.05
        )


def test_silence_has_no_part_no_energy_and_no_drop() -> None:
    made = heard(np.zeros(RATE * 4, np.float32))
    for port in ("presence.low", "energy.energy", "energy.trend", "build.build", "build.drop"):
        assert not any(made[port]), port


def test_kicks_that_are_softer_for_a_while_are_no_breakdown() -> None:
    """Far apart, as those of a break beat: between them the bass is gone, but never for long."""
    kick = tone(60.0, 0.15)
    rest = np.zeros((round(0.85 * RATE), 1), np.float32)
    loud, soft = (
        np.concatenate((level * kick, rest)) for level in (np.float32(1), np.float32(0.4))
    )
    steady = tone(60.0, 5.0)
    bars = np.concatenate((steady, *[loud] * 4, *[soft] * 6, *[loud] * 4))[:, 0]
    assert not any(heard(bars)["build.drop"])
    gone = np.concatenate((steady, *[loud] * 4, *[np.float32(0.1) * loud] * 6, *[loud] * 4))[:, 0]
    assert sum(heard(gone)["build.drop"]) == 1


def test_a_pause_shorter_than_a_breakdown_is_none() -> None:
    bass = tone(70.0, 10.0)
    gap = np.zeros((RATE * 2, 1), np.float32)
    assert not any(heard(np.concatenate((bass, gap, bass))[:, 0])["build.drop"])
    longer = np.concatenate((bass, gap, gap, bass))[:, 0]
    assert sum(heard(longer)["build.drop"]) == 1
    assert sum(heard(longer, build={"least": 5.0})["build.drop"]) == 0
