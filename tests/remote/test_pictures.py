"""Pictures in shared memory: the newest whole one, of any size, whatever becomes of the writer."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nodegraph.remote.pictures import SLOTS, PictureReader, PictureWriter, Pixels


def painted(value: int, width: int = 8, height: int = 4) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


def test_a_reader_sees_the_newest_picture_once(tmp_path: Path) -> None:
    writer, reader = PictureWriter(tmp_path), PictureReader(tmp_path)
    assert reader.newest() is None
    for number in range(1, 3 * SLOTS):
        writer.write(painted(number), arrived=number / 10)
        found = reader.newest(number - 1)
        assert found is not None
        assert (found.number, found.arrived) == (number, number / 10)
        assert (found.pixels == number).all()
        assert reader.newest(number) is None


def test_a_picture_is_the_readers_own(tmp_path: Path) -> None:
    writer, reader = PictureWriter(tmp_path), PictureReader(tmp_path)
    writer.write(painted(1), 0.0)
    found = reader.newest()
    for value in range(2, 9):
        writer.write(painted(value), 0.0)
    assert found is not None
    assert (found.pixels == 1).all()


def test_sizes_change(tmp_path: Path) -> None:
    """What fits stays in the memory that is there; what does not gets another."""
    writer, reader = PictureWriter(tmp_path), PictureReader(tmp_path)
    rng = np.random.default_rng(1)
    seen = 0
    for width, height in ((8, 4), (5, 3), (64, 36), (7, 1), (1, 7), (512, 320), (8, 4)):
        picture = rng.integers(0, 256, (height, width, 3), np.uint8)
        writer.write(picture, 0.0)
        found = reader.newest(seen)
        assert found is not None
        assert (found.pixels == picture).all()
        seen = found.number
        assert len(list(tmp_path.glob("pictures-*.rgb"))) == 1
    assert seen == 7


def test_rows_that_lie_apart(tmp_path: Path) -> None:
    """A decoder's rows are often longer than the picture is wide."""
    rows = np.arange(4 * 32, dtype=np.uint8).reshape(4, 32)
    writer, reader = PictureWriter(tmp_path), PictureReader(tmp_path)
    writer.write(rows[:, :30].reshape(4, 10, 3), 0.0)
    found = reader.newest()
    assert found is not None
    assert (found.pixels.reshape(4, 30) == rows[:, :30]).all()


def test_what_is_no_memory_of_pictures_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pictures-3.rgb").write_bytes(b"")
    (tmp_path / "pictures-4.rgb").write_bytes(b"no pictures at all" * 100)
    (tmp_path / "pictures-x.rgb").write_bytes(bytes(64))
    reader = PictureReader(tmp_path)
    assert reader.newest() is None
    PictureWriter(tmp_path).write(painted(7), 0.0)
    found = reader.newest()
    assert found is not None
    assert (found.pixels == 7).all()


def test_a_folder_that_is_not_there_has_no_pictures(tmp_path: Path) -> None:
    assert PictureReader(tmp_path / "gone").newest() is None
    with pytest.raises(OSError, match="gone"):
        PictureWriter(tmp_path / "gone").write(painted(1), 0.0)


def test_where_there_is_no_room_none_is_taken(tmp_path: Path) -> None:
    """Half a memory, one for each picture, would soon fill what the engine needs."""
    resource = pytest.importorskip("resource")
    writer = PictureWriter(tmp_path)
    writer.write(painted(1), 0.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        for _ in range(3):
            with pytest.raises(OSError, match="too large"):
                writer.write(painted(2, 640, 480), 0.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["pictures-1.rgb"]
    found = PictureReader(tmp_path).newest()
    assert found is not None
    assert (found.pixels == 1).all()
    writer.write(painted(3, 640, 480), 0.0)
    assert (found := PictureReader(tmp_path).newest()) is not None
    assert found.pixels.shape == (480, 640, 3)


WRITER = """
import sys
import numpy as np
from pathlib import Path
from nodegraph.remote.pictures import PictureWriter
writer = PictureWriter(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    grown = number // 2000 * 8
    writer.write(np.full((72, 128 + grown, 3), number % 251, np.uint8), float(number))
    if number == 1:
        print("begun", flush=True)
"""


@pytest.mark.slow
def test_another_process_at_full_speed_never_shows_a_torn_picture(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"begun\n"
            reader, seen, count = PictureReader(tmp_path), 0, 0
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                found = reader.newest(seen)
                if found is None:
                    continue
                assert found.number > seen
                assert found.arrived == found.number
                assert (found.pixels == found.number % 251).all()
                seen, count = found.number, count + 1
            assert count > 50
        finally:
            process.send_signal(signal.SIGKILL)
    left = reader.newest()
    assert left is None or (left.pixels == left.number % 251).all()  # it may have died in the midst
    for path in tmp_path.glob("*.rgb"):
        path.unlink()
    assert reader.newest(seen + (1 << 40)) is None
