"""What the demo leaves behind: a video with every frame at its time, and a strip of pictures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nodegraph.cli.film import Film, Strip


def frame(shade: int, width: int = 64, height: int = 48) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((height, width, 3), shade, np.uint8), "rgb24")


def test_the_video_has_every_frame_at_its_time(tmp_path: Path) -> None:
    times = [100.0 + n * 0.05 + 0.01 * (n % 3) for n in range(60)]
    with Film(tmp_path, "demo") as film:
        for n, moment in enumerate(times):
            film.add(frame(4 * n), moment)
    assert [path.name for path in film.files] == ["demo-strip.png", "demo.mp4"]
    with av.open(film.files[1]) as video:
        decoded = list(video.decode(video=0))
    assert [shown.time for shown in decoded] == pytest.approx([t - 100.0 for t in times], abs=2e-3)
    assert (decoded[0].width, decoded[0].height) == (64, 48)
    shades = [float(shown.to_ndarray(format="rgb24").mean()) for shown in decoded]
    assert shades == pytest.approx([4 * n for n in range(60)], abs=6)


def test_frames_that_change_size_and_come_at_once_are_kept(tmp_path: Path) -> None:
    with Film(tmp_path, "demo") as film:
        for n in range(20):
            film.add(frame(100, *((65, 49) if n < 10 else (128, 96))), 5.0)
    with av.open(film.files[1]) as video:
        decoded = list(video.decode(video=0))
    assert len(decoded) == 20
    assert {(shown.width, shown.height) for shown in decoded} == {(64, 48)}


def test_without_a_frame_nothing_is_written(tmp_path: Path) -> None:
    with Film(tmp_path, "demo") as film:
        pass
    assert film.files == list(tmp_path.iterdir()) == []


def test_a_film_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "demo.mp4").mkdir()
    with Film(tmp_path, "demo") as film:
        for n in range(300):
            film.add(frame(0), float(n))
    assert film.files == []
    assert film.problem is not None
    assert film.problem.startswith(f"{tmp_path / 'demo.mp4'} cannot be written")


def test_the_strip_is_a_sheet_of_pictures_with_times(tmp_path: Path) -> None:
    strip = Strip()
    for n in range(240):
        strip.add(frame(n), n * 0.1)
    sheet = strip.image(across=4, rows=3)
    assert sheet.size == (4 * 328 + 8, 3 * 262 + 8)
    shades = [sheet.getpixel((8 + i * 328 + 100, 8 + 100)) for i in range(4)]
    assert all(isinstance(shade, tuple) for shade in shades)
    assert [shade[0] for shade in shades] == sorted(shade[0] for shade in shades)
    foot = sheet.crop((8, 8 + 240, 8 + 320, 8 + 262))
    assert foot.getextrema() != Image.new("RGB", (1, 1), "#101010").getextrema()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 300))
def test_the_strip_stays_even_and_short(count: int) -> None:
    strip = Strip(most=8)
    for n in range(count):
        strip.add(frame(0, 16, 16), float(n))
    moments = [moment for moment, _ in strip.moments]
    gaps = {after - before for before, after in pairwise(moments)}
    assert len(moments) <= 8
    assert len(gaps) <= 1
    assert moments[0] == 0.0
    assert count - 1 - moments[-1] < max(gaps, default=1.0)
