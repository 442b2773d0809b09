"""Pictures to send: films, cameras, the test picture; what is wrong with them; their size."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from PIL import Image

from nodegraph.scope.feed import CLOCK, Feed, FeedTrack
from nodegraph.scope.footage import Bars, Fit, Reel, open_footage, resolved
from nodegraph.scope.video import Video

SIZE = (128, 80)


def film(path: Path, levels: int, fps: int = 25) -> Path:
    """A film in which each picture is a little brighter, by six levels."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for level in range(levels):
            picture = np.full((120, 160, 3), level * 6, np.uint8)
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def until(condition: Callable[[], object], within: float = 5.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def level(frame: VideoFrame | None) -> float:
    assert frame is not None
    return float(frame.to_ndarray(format="gray").mean())


@pytest.mark.slow
def test_a_film_plays_at_its_own_pace_and_again(tmp_path: Path) -> None:
    reel = open_footage(Video("file", str(film(tmp_path / "rise.mp4", 40))), SIZE)
    try:
        seen: list[tuple[float, float]] = []
        begun = time.monotonic()
        last = None
        while time.monotonic() - begun < 3.6:
            if (newest := reel.newest()) is not None and newest is not last:
                last = newest
                seen.append((time.monotonic() - begun, level(newest)))
                assert (newest.width, newest.height) == SIZE
            time.sleep(0.003)
        again = next(n for n, (_, light) in enumerate(seen) if n and light < seen[n - 1][1] - 100)
        assert seen[again][0] == pytest.approx(1.6, abs=0.5)
        assert len(seen) > 60
        assert reel.problem == ""
    finally:
        reel.close()


def test_a_picture_stands(tmp_path: Path) -> None:
    Image.new("RGB", (300, 100), (200, 40, 40)).save(tmp_path / "red.png")
    reel = open_footage(Video("file", str(tmp_path / "red.png")), SIZE)
    until(lambda: reel.newest() is not None)
    newest = reel.newest()
    assert newest is not None
    mean = newest.to_ndarray(format="rgb24").mean(axis=(0, 1))
    assert np.abs(mean - (200, 40, 40)).max() < 6
    begun = time.monotonic()
    reel.close()
    assert time.monotonic() - begun < 1.0


def test_a_device_brings_pictures_as_they_come() -> None:
    """What a camera does, done by a device that every machine has."""
    reel = Reel("bars", lambda: av.open("testsrc=size=320x240:rate=30", format="lavfi"), SIZE)
    try:
        until(lambda: reel.newest() is not None)
        first = reel.newest()
        until(lambda: reel.newest() is not first)
        assert reel.problem == ""
    finally:
        reel.close()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("gone.mp4", None, "No such file"),
        ("text.mp4", b"no film", "Invalid data"),
        ("empty.mp4", b"", "Invalid data"),
    ],
)
def test_what_is_no_film_is_told(
    name: str, content: bytes | None, why: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    reel = open_footage(Video("file", str(tmp_path / name)), SIZE)
    until(lambda: reel.problem)
    assert f"{name} cannot be sent as video: " in reel.problem
    assert why in reel.problem
    reel.close()


def test_a_film_that_comes_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.scope.footage.AGAIN", 0.05)
    reel = open_footage(Video("file", str(tmp_path / "late.mp4")), SIZE)
    until(lambda: reel.problem)
    film(tmp_path / "made.mp4", 20).rename(tmp_path / "late.mp4")
    until(lambda: reel.newest() is not None)
    until(lambda: not reel.problem)
    reel.close()


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 480), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
    reel = open_footage(Video("file", str(path)), SIZE)
    until(lambda: reel.problem)
    assert "it holds no pictures" in reel.problem
    reel.close()


def test_pictures_keep_their_shape_and_lose_their_edges() -> None:
    """A circle stays one: of a wide picture the sides are cut off."""
    wide = np.zeros((100, 400, 3), np.uint8)
    rows, columns = np.mgrid[:100, :400]
    wide[(rows - 50) ** 2 + (columns - 200) ** 2 < 40**2] = 255
    fitted = Fit((200, 200))(VideoFrame.from_ndarray(wide, format="rgb24"))
    light = fitted.to_ndarray(format="gray") > 128
    assert light.any(axis=1).sum() == pytest.approx(160, abs=4)
    assert light.any(axis=0).sum() == pytest.approx(160, abs=4)


def test_a_camera_is_one_of_the_system() -> None:
    reel = open_footage(Video("camera", "/dev/no-such-camera"), SIZE)
    until(lambda: reel.problem)
    assert "camera /dev/no-such-camera cannot be sent as video" in reel.problem
    reel.close()


def test_the_test_picture_moves() -> None:
    picture = Bars(SIZE)
    first = picture.newest().to_ndarray(format="rgb24")
    assert first.shape == (80, 128, 3)
    until(lambda: (first != picture.newest().to_ndarray(format="rgb24")).any())
    assert len({tuple(first[2, x]) for x in range(8, 128, 16)}) == 8


def test_films_are_looked_for_beside_the_patch(tmp_path: Path) -> None:
    (tmp_path / "rain.mp4").write_bytes(b"")
    found = resolved(Video("file", "rain.mp4"), (tmp_path / "other", tmp_path))
    assert found == Video("file", str(tmp_path / "rain.mp4"))
    lost = Video("file", "snow.mp4")
    assert resolved(lost, (tmp_path,)) == lost
    assert resolved(Video("camera", "0"), (tmp_path,)) == Video("camera", "0")


def test_a_track_is_sent_in_real_time_black_while_there_is_nothing() -> None:
    async def main() -> None:
        feed = Feed()
        track = FeedTrack(feed)
        black = await track.recv()
        assert level(black) < 20
        feed.show(Video("test", ""), SIZE)
        stamps = []
        begun = time.monotonic()
        for _ in range(20):
            frame = await track.recv()
            assert frame.pts is not None
            stamps.append(frame.pts / CLOCK)
        took = time.monotonic() - begun
        assert all(gap > 0.0 for gap in np.diff(stamps))
        assert stamps[-1] - stamps[0] == pytest.approx(took, abs=0.3)
        assert took > 0.5
        assert level(frame) > 40
        assert (frame.width, frame.height) == SIZE
        assert feed.sent == 21
        feed.show(None, SIZE)
        assert level(await track.recv()) < 20
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()
        feed.close()

    asyncio.run(main())
