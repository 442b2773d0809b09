"""Quick: the benchmark of beat trackers scores what it should, and its table adds up."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import bench_beats
import numpy as np
import pytest
from bench_beats import Score

pytest.importorskip("mir_eval", reason="mir_eval scores the beats; pip install mir_eval")

TRUE = np.arange(0.5, 30.0, 0.5)


def test_beats_told_in_time_are_right_and_late_ones_are_not() -> None:
    told = [(t, t - 0.03) for t in TRUE]
    assert bench_beats.score(TRUE, told, 30.0) == Score(1.0, 1.0, 1.0, lock=0.0)
    late = bench_beats.score(TRUE, [(t, t + 0.2) for t in TRUE], 30.0)
    assert (late.f, late.lock) == (0.0, np.inf)


def test_a_tracker_is_locked_from_the_first_of_six_beats_that_it_met() -> None:
    after = TRUE[TRUE >= 8.0]
    assert bench_beats.seconds_to_lock(TRUE, after) == 7.5
    twice = np.sort(np.append(after, 9.1))  # once more beside the third
    assert bench_beats.seconds_to_lock(TRUE, twice) == 9.0
    assert bench_beats.seconds_to_lock(TRUE, TRUE[4:9]) == np.inf


def test_half_the_beats_are_right_at_another_level() -> None:
    half = bench_beats.score(TRUE, [(t, t) for t in TRUE[::2]], 30.0)
    assert half.f == pytest.approx(2 / 3, abs=0.02)
    assert (half.cmlt, half.amlt) == (0.0, pytest.approx(1.0))


def test_beats_where_there_is_none_are_counted() -> None:
    none = np.zeros(0)
    assert bench_beats.score(none, [(1.0, 1.0), (2.0, 2.0)], 60.0) == Score(false_per_minute=2.0)
    assert bench_beats.score(none, [], 60.0) == Score(false_per_minute=0.0)


def test_means_leave_out_what_does_not_apply() -> None:
    right, half = Score(1.0, 0.5, 1.0, lock=2.0), Score(0.5, 0.5, 0.0, lock=np.inf)
    found = bench_beats.mean([right, half, Score(None, None, None, 3), Score(lock=3.0)])
    assert found == Score(0.75, 0.5, 0.5, 3.0, lock=3.0)


def test_clips_are_read_and_heard(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "audio").mkdir()
    (tmp_path / "ann" / "a.json").write_text(json.dumps({"group": "pop", "beats": list(TRUE)}))
    with wave.open(str(tmp_path / "audio" / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.full(88_200, 8192, "<i2").tobytes())
    (clip,) = bench_beats.clips_in(tmp_path)
    assert (clip.name, clip.group, len(clip.beats)) == ("a", "pop", len(TRUE))
    sound = bench_beats.decoded(clip)
    assert sound.shape == (44_100,)
    assert sound[100] == pytest.approx(0.25)
    assert bench_beats.our_beats([clip]) == {"a": []}


def test_what_a_peer_has_told_is_kept_and_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nshift 2\nfor f; do echo x >>{asked}; echo "[[1.0, 1.5]]"; done\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(bench_beats, "decoded", lambda _: np.zeros(10, np.float32))
    clips = [bench_beats.Clip(name, "pop", tmp_path, TRUE) for name in "abc"]
    for some in (clips[:2], clips, clips):
        told = bench_beats.peer_beats("one", str(python), some, tmp_path / "kept")
        assert told == {clip.name: [[1.0, 1.5]] for clip in some}
    assert len(asked.read_text().splitlines()) == 3


def test_a_peer_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_beats, "decoded", lambda _: np.zeros(10, np.float32))
    clip = bench_beats.Clip("a", "pop", tmp_path, TRUE)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        bench_beats.peer_beats("nobody", sys.executable, [clip], tmp_path / "kept")
    assert "nobody" in failed.value.stderr


def test_the_table_has_a_row_a_group(tmp_path: Path) -> None:
    scores = {"all": Score(0.5, 0.25, 1.0, 2.0, 3.5), "pop": Score(0.5, 0.25, 1.0, lock=np.inf)}
    text = bench_beats.table({"ours": scores, "theirs": scores}, {"all": 3, "pop": 2})
    rows = text.splitlines()
    assert rows[2].split() == ["all", "3", *("0.500", "0.250", "1.000", "2.0", "3.5") * 2]
    assert rows[3].split() == ["pop", "2", *("0.500", "0.250", "1.000", "-", "inf") * 2]
    assert len({len(row) for row in rows[2:]}) == 1


def test_a_folder_without_truth_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no folder `ann`"):
        bench_beats.main([str(tmp_path)])
