"""What can be chosen from a server's lists, and small pictures of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nodegraph.editor.choices import wanted
from nodegraph.editor.panels.picker import listed
from nodegraph.editor.panels.thumbnail import SIDE, read

STORED = [
    {"name": "fox", "path": "/assets/red fox.png", "size_mb": 0.25},
    {"name": "", "path": "/assets/Sea.png", "size_mb": None},
]


def test_what_is_stored_is_found_by_words_of_its_path() -> None:
    every = listed(STORED, "", uploads=True)
    assert [entry.label for entry in every] == ["fox", "Sea.png", "Upload a picture…"]
    assert [entry.remark for entry in every[:2]] == ["0.2 MB", "0.0 MB"]
    assert [entry.id for entry in listed(STORED, "SEA", uploads=False)] == [
        "/assets/Sea.png",
        "SEA",
    ]


def test_a_path_that_is_typed_can_be_taken() -> None:
    (typed,) = listed([], "/assets/later.png", uploads=False)
    assert (typed.id, typed.remark) == ("/assets/later.png", "as it is typed")
    assert len(listed(STORED, "/assets/Sea.png", uploads=False)) == 1


@pytest.mark.parametrize(
    ("name", "what"),
    [("path", "sound"), ("image", "image"), ("lora", "lora"), ("my_lora", "lora"), ("text", None)],
)
def test_names_of_params_tell_what_they_are_paths_of(name: str, what: str | None) -> None:
    assert wanted(name) == what


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp"])
def test_a_picture_is_made_small_and_keeps_its_shape(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"red.{suffix}"
    Image.new("RGB", (800, 400), (255, 0, 0)).save(file)
    small = read(file)
    assert isinstance(small, np.ndarray)
    assert small.shape == (SIDE // 2, SIDE, 3)
    np.testing.assert_allclose(small[40, 40], (1.0, 0.0, 0.0), atol=0.03)


def test_what_is_turned_by_its_camera_stands_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3, Orientation: the top is at the right
    picture.save(tmp_path / "turned.jpg", exif=exif)
    small = read(tmp_path / "turned.jpg")
    assert isinstance(small, np.ndarray)
    assert small.shape == (SIDE, SIDE // 2, 3)


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    for name in ("broken.png", "gone.png"):
        told = read(tmp_path / name)
        assert isinstance(told, str)
        assert told.startswith(f"{name} cannot be shown: ")
