"""`nodegraph analyse`: what is known of the demo track, as text, JSON and a picture."""

from __future__ import annotations

import json
import sys
import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nodegraph.audio.demo import score
from nodegraph.cli.analysis import listen, read


@pytest.fixture(scope="module")
def heard() -> Any:
    return listen("demo", duration=62.0)


@pytest.mark.slow
def test_what_is_known_of_the_demo_track_is_found(heard: Any) -> None:
    found = read(heard)
    assert found.seconds == pytest.approx(62.0, abs=0.02)
    (drop,) = found.drops
    assert drop == pytest.approx(score.BARS["drop"][0] * score.BAR, abs=0.2)
    assert len(found.breakdowns) == 1
    begins = np.array([begin for begin, _ in found.sections])
    assert np.abs(begins - score.BARS["breakdown"][0] * score.BAR).min() < 4.0
    assert found.sections[0][0] == 0.0
    assert found.sections[-1][1] == found.seconds
    assert all(one[1] == next_[0] for one, next_ in pairwise(found.sections))
    assert set(found.drums) == {"kick", "snare", "hat"}
    assert len(found.onsets) > 100
    assert found.loudness is not None
    assert -20.0 < found.loudness < 0.0


def test_the_json_has_it_all_in_seconds(cli: Any) -> None:
    done = cli("analyse", "demo", "--json", "--duration", "10")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["seconds"] == pytest.approx(10.0, abs=0.02)
    assert found["drops"] == []
    assert found["sections"][0][0] == 0.0
    kicks = np.array(found["drums"]["kick"])
    assert len(kicks) > 10
    assert (np.diff(kicks) > 0).all()
    for beat in found["beats"]:
        assert beat.keys() == {"time", "announced", "position", "bpm", "confidence"}


@pytest.mark.slow
def test_the_picture_shows_the_song(cli: Any, tmp_path: Path) -> None:
    out = tmp_path / "song.png"
    done = cli("analyse", "demo", "--plot", out, "--duration", "20")
    assert done.exit_code == 0, done.stderr
    assert "0:20.0" in done.stdout
    with Image.open(out) as image:
        picture = np.asarray(image.convert("RGB"), float)
    assert picture.shape[0] > 800
    assert picture.shape[1] > 1200
    rows = picture.std(axis=(1, 2))
    assert (rows > 5.0).mean() > 0.6  # most rows of pixels show something


@pytest.mark.slow
def test_silence_and_next_to_nothing_have_a_picture_too(cli: Any, tmp_path: Path) -> None:

    for name, samples in (("silent", 48_000), ("short", 600)):
        path = tmp_path / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 48_000, samples, "NONE", ""))
            file.writeframes(bytes(2 * samples))
        done = cli("analyse", path, "--plot", path.with_suffix(".png"))
        assert done.exit_code == 0, done.stderr
        assert path.with_suffix(".png").stat().st_size > 1000
        found = json.loads(cli("analyse", path, "--json").stdout)
        assert found["bpm"] is found["loudness"] is None
        assert found["beats"] == found["onsets"] == found["drops"] == []


def test_what_cannot_be_done_is_said_in_a_sentence(
    cli: Any, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = cli("analyse", tmp_path / "nothing.wav")
    assert missing.exit_code == 2
    assert "nothing.wav" in missing.stderr
    nowhere = cli("analyse", sound, "--plot", tmp_path / "no" / "out.png")
    assert nowhere.exit_code == 2
    assert "is not a folder" in nowhere.stderr
    odd = cli("analyse", sound, "--plot", tmp_path / "out.xyz")
    assert odd.exit_code == 2
    assert "xyz" in odd.stderr
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    without = cli("analyse", sound, "--plot", tmp_path / "out.png")
    assert without.exit_code == 2
    assert "nodegraph[plot]" in without.stderr
