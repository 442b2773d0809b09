"""The demo track is rendered once for a user, whatever happens to the folder where it is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nodegraph.audio.demo import DemoTrack, kept, render, score

RATE = 22_050
Song = NDArray[np.float32]


class Singer:
    """In place of the true one, for it is quicker; counts how often it has to sing."""

    def __init__(self) -> None:
        self.sang = 0
        self.song = np.random.default_rng(7).random((round(score.DURATION * RATE), 2), np.float32)

    def __call__(self, rate: int) -> Song:
        assert rate == RATE
        self.sang += 1
        return self.song


@pytest.fixture
def singer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Singer:
    monkeypatch.setenv(kept.PLACE, str(tmp_path / "cache"))
    made = Singer()
    monkeypatch.setattr(kept, "render", made)
    return made


def song() -> Song:
    """As another process would have it."""
    return kept.song.__wrapped__(RATE)


@pytest.mark.slow
def test_the_song_itself_is_kept_to_the_bit(tmp_path: Path) -> None:
    script = f"from nodegraph.audio.demo import DemoTrack; DemoTrack({RATE})"
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, kept.PLACE: str(tmp_path)},
    )
    (path,) = tmp_path.iterdir()
    found = kept._read(path, round(score.DURATION * RATE))
    assert found is not None
    assert not found.flags.writeable
    np.testing.assert_array_equal(found, render(RATE))


def test_it_is_sung_once(singer: Singer, tmp_path: Path) -> None:
    np.testing.assert_array_equal(song(), singer.song)
    again = song()
    np.testing.assert_array_equal(again, singer.song)
    assert again.dtype == np.float32
    assert singer.sang == 1
    kept.song.cache_clear()
    try:
        (piece,) = DemoTrack(RATE).pieces(1_000)
    finally:
        kept.song.cache_clear()
    np.testing.assert_array_equal(piece, singer.song[1_000:])
    assert singer.sang == 1


def test_another_version_of_it_takes_the_place_of_the_old(
    singer: Singer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song()
    other = tmp_path / "cache" / "demo-48000-0123.f32"
    other.write_bytes(b"of another rate")
    monkeypatch.setattr(kept, "_digest", lambda: "fedcba9876543210")
    song()
    assert singer.sang == 2
    names = {path.name for path in (tmp_path / "cache").iterdir()}
    assert names == {other.name, f"demo-{RATE}-fedcba9876543210.f32"}


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 16]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [flip, lambda data: data[:-1], lambda data: b"", lambda data: bytes(len(data) - 4)]
)
def test_a_damaged_file_is_not_played_but_replaced(
    damage: Callable[[bytes], bytes], singer: Singer, tmp_path: Path
) -> None:
    song()
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(song(), singer.song)
    assert singer.sang == 2
    song()
    assert singer.sang == 2


def test_a_folder_that_cannot_be_written_or_read_is_done_without(
    singer: Singer, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert song() is singer.song
    (tmp_path / "cache").unlink()
    song()
    (path,) = (tmp_path / "cache").iterdir()
    path.unlink()
    path.mkdir()  # where the file should be
    assert song() is singer.song
    assert [it.name for it in (tmp_path / "cache").iterdir()] == [path.name]
