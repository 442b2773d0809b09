"""Features beside librosa and pyloudnorm (golden/features.json; how it is made: feature_golden.py).

The tolerances are those that the documentation promises.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from feature_kit import everything, heard, sounds

GOLDEN = json.loads((Path(__file__).parent / "golden" / "features.json").read_text("utf-8"))
CASES = [case.split() for case in GOLDEN if case != "made by"]
FRAMES = (10, 30)
BLOCKS_A_SPECTRUM = 4

PARAMS = {
    "bands": {"count": 40, "low": 40.0, "high": 10_000.0, "scale": "mel"},
    "mfcc": {"low": 40.0, "high": 10_000.0},
    "chroma": {"memory": 0.0},
}

RELATIVE = {"centroid": 1e-3, "spread": 2e-3, "flatness": 5e-3}
"""How far from librosa's these may be, as a share."""

every_case = pytest.mark.parametrize(("name", "rate"), CASES)


def ours(name: str, rate: str) -> dict[str, list[Any]]:
    key = (name, rate)
    if key not in _heard:
        _heard[key] = heard(everything(params=PARAMS), sounds(int(rate))[name], int(rate))
    return _heard[key]


_heard: dict[tuple[str, str], dict[str, list[Any]]] = {}


@every_case
def test_the_spectrum_has_the_figures_that_librosa_finds(name: str, rate: str) -> None:
    made, bin_width = ours(name, rate), int(rate) / 2048
    for frame, theirs in zip(FRAMES, GOLDEN[f"{name} {rate}"]["frames"], strict=True):
        tick = frame + BLOCKS_A_SPECTRUM - 1
        for figure, tolerance in RELATIVE.items():
            value = made[f"shape.{figure}"][tick]
            assert value == pytest.approx(theirs[figure], rel=tolerance, abs=1e-5), figure
        assert made["shape.rolloff"][tick] == pytest.approx(theirs["rolloff"], abs=1.01 * bin_width)
        np.testing.assert_allclose(made["bands.bands"][tick], theirs["mel"], atol=2e-5)
        np.testing.assert_allclose(made["mfcc.mfcc"][tick], theirs["mfcc"], atol=0.3)
        np.testing.assert_allclose(made["chroma.chroma"][tick], theirs["chroma"], atol=1e-3)


@every_case
def test_the_sign_changes_as_often_as_librosa_counts(name: str, rate: str) -> None:
    made = ours(name, rate)["crossings.crossings"]
    counted = sum(made) * 512 / int(rate)
    assert counted == pytest.approx(GOLDEN[f"{name} {rate}"]["crossings"], abs=1.5)


@pytest.mark.parametrize("rate", ["22050", "44100", "96000"])
def test_a_tone_is_as_high_as_librosa_finds_it(rate: str) -> None:
    made = ours("tone", rate)["pitch.frequency"][-1]
    cents = 1200.0 * np.log2(made / GOLDEN[f"tone {rate}"]["pitch"])
    assert abs(cents) < 3.0
    assert abs(1200.0 * np.log2(made / 196.0)) < 0.2  # what it is; librosa's is off by half a cent


@every_case
def test_loudness_is_what_pyloudnorm_measures(name: str, rate: str) -> None:
    whole, theirs = int(rate), GOLDEN[f"{name} {rate}"]
    for seconds, outlet in ((0.4, "momentary"), (3.0, "short_term")):
        sound = sounds(whole, max(1.0, seconds))[name][: round(seconds * whole)]
        told = heard(everything("256"), sound, whole, whole // 50)[f"loudness.{outlet}"][-1]
        assert told == pytest.approx(theirs[outlet], abs=0.05)


@pytest.mark.parametrize("name", ["tone", "mix"])
def test_loudness_of_two_channels_is_that_of_their_sum(name: str) -> None:
    sound = sounds(44_100, 3.0)
    both = np.stack((sound[name], sound["hiss"]), axis=1)
    told = heard(everything("256"), both, 44_100, 882)["loudness.short_term"][-1]
    assert told == pytest.approx(GOLDEN[f"{name} 44100"]["stereo"], abs=0.05)
