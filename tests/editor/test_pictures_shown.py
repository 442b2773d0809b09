"""The picture as the editor shows it: its place, its part of the texture, when it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editor.screen import Screen
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.mirror import Mirror
from nodegraph.editor.monitors import Monitor, around
from nodegraph.editor.pictures import SIZE, Box, Pictures, fitted
from nodegraph.remote.pictures import PictureWriter

sides = st.integers(1, 4000)


class Asked:
    """A link that notes what it is asked."""

    def __init__(self) -> None:
        self.wishes: list[dict[str, Any]] = []

    def ask(self, verb: str, then: object = None, failed: object = None, /, **fields: Any) -> None:
        assert verb == "pictures"
        self.wishes.append(fields)


def attach(mirror: Mirror, folder: Path) -> None:
    look = {"folder": str(folder), "status": {}, "decks": {}, "types": [], "plugins": {}}
    mirror.hear({"event": "attached", "look": look})


def paint(writer: PictureWriter, width: int, height: int, value: int = 255) -> None:
    writer.write(np.full((height, width, 3), value, np.uint8), 0.0)


@given(sides, sides, sides, sides)
def test_a_picture_fits_whole_in_the_middle_of_its_room(w: int, h: int, x: int, y: int) -> None:
    room = Box(10.0, 20.0, 10.0 + x, 20.0 + y)
    box = fitted((w, h), room)
    assert box.right - box.left <= x + 1e-6
    assert box.bottom - box.top <= y + 1e-6
    assert (box.right - box.left) * h == pytest.approx((box.bottom - box.top) * w)
    assert box.left + box.right == pytest.approx(room.left + room.right)
    assert box.top + box.bottom == pytest.approx(room.top + room.bottom)
    touches = (box.right - box.left == pytest.approx(x), box.bottom - box.top == pytest.approx(y))
    assert any(touches)


def test_no_picture_has_no_place() -> None:
    box = fitted((0, 0), Box(0.0, 0.0, 100.0, 100.0))
    assert box.left == box.right


def test_pictures_are_asked_for_while_they_are_wanted(tmp_path: Path) -> None:
    link, mirror = Asked(), Mirror()
    pictures = Pictures(link, mirror)  # type: ignore[arg-type]  # a link that only notes
    pictures.want(True)
    pictures.tick()
    assert not link.wishes
    attach(mirror, tmp_path)
    for _ in range(3):
        pictures.tick()
    assert [wish["want"] for wish in link.wishes] == [True]
    assert link.wishes[0]["longest"] == max(SIZE)
    pictures.want(False)
    pictures.tick()
    assert [wish["want"] for wish in link.wishes] == [True, False]
    attach(mirror, tmp_path)  # another show, which knows nothing of any wish
    pictures.tick()
    assert len(link.wishes) == 2
    pictures.want(True)
    attach(mirror, tmp_path)
    pictures.tick()
    assert [wish["want"] for wish in link.wishes] == [True, False, True]


def test_the_newest_picture_lies_in_the_corner_of_the_buffer(tmp_path: Path) -> None:
    mirror, writer = Mirror(), PictureWriter(tmp_path)
    pictures = Pictures(Asked(), mirror)  # type: ignore[arg-type]
    buffer = pictures.buffer
    attach(mirror, tmp_path)
    pictures.want(True)
    paint(writer, 576, 320, 51)
    assert pictures.tick()
    assert not pictures.tick()
    assert pictures.size == (576, 320)
    np.testing.assert_allclose(buffer[:320, :576], 0.2, rtol=1e-6)
    assert not buffer[320:].any()
    assert not buffer[:, 576:].any()
    u, v = pictures.uv
    assert (u * SIZE[0], v * SIZE[1]) == pytest.approx((575.5, 319.5))
    assert pictures.buffer is buffer  # a texture shows this memory and no other
    assert pictures.buffer.flags.c_contiguous


def test_what_is_too_large_is_asked_for_smaller(tmp_path: Path) -> None:
    link, mirror, writer = Asked(), Mirror(), PictureWriter(tmp_path)
    pictures = Pictures(link, mirror)  # type: ignore[arg-type]
    attach(mirror, tmp_path)
    pictures.want(True)
    paint(writer, 576, 1024)
    assert not pictures.tick()
    pictures.tick()
    assert [wish["longest"] for wish in link.wishes] == [832, 480]
    paint(writer, 270, 480)
    assert pictures.tick()
    assert pictures.size == (270, 480)


def test_the_monitor_that_a_window_is_on() -> None:
    left, right = Monitor(0, 0, 1920, 1080), Monitor(1920, 200, 1280, 800)
    assert around([left, right], 100.0, 100.0) == left
    assert around([left, right], 2000.0, 500.0) == right
    assert around([left, right], 5000.0, 500.0) == right
    assert around([left, right], 2000.0, 100.0) == left
    assert around([], 0.0, 0.0) is None


def test_monitors_are_asked_of_the_display(screen: Screen) -> None:
    command = "from nodegraph.editor.monitors import monitors; print(monitors())"
    environment = os.environ | {"DISPLAY": screen.display}
    shown = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, check=True, text=True
    )
    assert shown.stdout.strip() == str([Monitor(0, 0, screen.width, screen.height)])


def test_a_buffer_that_grows_takes_whatever_comes(tmp_path: Path) -> None:
    link, mirror, writer = Asked(), Mirror(), PictureWriter(tmp_path)
    pictures = Pictures(link, mirror, (576, 320), grows=True)  # type: ignore[arg-type]
    attach(mirror, tmp_path)
    pictures.want(True)
    first = pictures.buffer
    for width, height in ((576, 320), (1024, 576), (576, 1024), (832, 480)):
        paint(writer, width, height)
        assert pictures.tick()
        assert pictures.size == (width, height)
        assert (pictures.buffer[:height, :width] == 1.0).all()
    assert pictures.buffer is not first
    assert pictures.buffer.shape == (1024, 1024, 3)
    assert len(link.wishes) == 1
