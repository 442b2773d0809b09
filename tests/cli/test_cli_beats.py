"""`nodegraph beats`: the beats of the demo track, which are known, as text, JSON and clicks."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph.audio.demo import demo_beats
from nodegraph.cli.beats import beats_in, listen
from nodegraph.errors import AudioError

SECONDS = 45.0


@pytest.fixture(scope="module")
def heard() -> Any:
    return listen("demo", duration=SECONDS)


def test_the_beats_of_the_demo_track_are_found(heard: Any) -> None:
    found = np.array([beat.time for beat in beats_in(heard)])
    true = np.asarray(demo_beats())
    true = true[(true > 8.0) & (true < SECONDS - 0.5)]
    near = [np.abs(found - beat).min() < 0.07 for beat in true]
    assert np.mean(near) > 0.9
    assert len(found[found > 8.0]) == pytest.approx(len(true), abs=3)


def test_each_beat_is_told_within_a_tick_and_counted_in_its_bar(heard: Any) -> None:
    found = beats_in(heard)
    for beat in found:
        assert 0.0 <= beat.announced - beat.time <= 512 / 44_100 + 1e-6
        assert beat.position in (1, 2, 3, 4)
        assert 54.0 < beat.bpm < 216.0
        assert 0.0 <= beat.confidence <= 1.0
    true = np.asarray(demo_beats())  # which begins with a bar
    settled = [beat for beat in found if beat.time > 8.0]
    places = [int(np.abs(true - beat.time).argmin()) % 4 + 1 for beat in settled]
    assert np.mean([beat.position for beat in settled] == np.array(places)) > 0.95


def test_beats_told_ahead_are_the_same_beats(heard: Any) -> None:
    plain = np.array([beat.time for beat in beats_in(heard)][-10:])
    early = beats_in(listen("demo", ahead=0.1, duration=SECONDS), ahead=0.1)[-11:]
    for time in plain[:-1]:
        beat = min(early, key=lambda each, time=time: abs(each.time - time))
        assert beat.time == pytest.approx(time, abs=0.03)
        assert 0.085 < beat.time - beat.announced <= 0.1 + 1e-6


def test_as_json(cli: Any) -> None:
    done = cli("beats", "demo", "--json", "--duration", "12")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found
    assert set(found[0]) == {"time", "announced", "position", "bpm", "confidence"}
    assert [beat["time"] for beat in found] == sorted(beat["time"] for beat in found)


def test_as_a_table_with_clicks(cli: Any, tmp_path: Path) -> None:
    out = tmp_path / "clicks.wav"
    done = cli("beats", "demo", "--click", out, "--duration", "12")
    assert done.exit_code == 0, done.stderr
    rows = [row.split() for row in done.stdout.splitlines()[1:]]
    assert all(len(row) == 5 for row in rows)
    with wave.open(str(out)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(
            -1, file.getnchannels()
        )
    assert len(sound) / rate == pytest.approx(12.0, abs=0.02)
    time = np.arange(400) / rate
    click = np.sin(2 * np.pi * 1500.0 * time) * np.exp(-time / 0.008)

    def likeness(at: float) -> float:
        part = sound[round(at * rate) :][:400, 0] / 32768.0
        return float(part @ click / (click @ click))

    times = [beat.time for beat in beats_in(listen("demo", duration=12.0))][:-1]
    assert [f"{time:.3f}" for time in times] == [row[0] for row in rows[:-1]]
    there = [likeness(time) for time in times]
    between = [likeness(time + 0.15) for time in times]
    assert np.median(there) > 0.2
    assert abs(np.median(between)) < 0.1


def test_where_there_is_no_beat_it_says_so(cli: Any, sound: Path) -> None:
    done = cli("beats", sound)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "no beat was found" in done.stderr
    assert json.loads(cli("beats", sound, "--json").stdout) == []


def test_what_cannot_be_heard_or_written_is_said_in_a_sentence(
    cli: Any, sound: Path, tmp_path: Path
) -> None:
    missing = cli("beats", tmp_path / "nothing.wav")
    assert missing.exit_code != 0
    assert "nothing.wav does not exist" in missing.stderr
    nowhere = cli("beats", sound, "--click", tmp_path / "no" / "out.wav")
    assert nowhere.exit_code != 0
    assert "is not a folder" in nowhere.stderr
    (tmp_path / "text.wav").write_text("not a sound")
    with pytest.raises(AudioError):
        listen(str(tmp_path / "text.wav"))
