"""A small picture of a file, read beside the loop so that a large one holds nothing up.

Tag: `nodegraph.files.thumbnail`.
"""

from __future__ import annotations

import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import dearpygui.dearpygui as dpg
import numpy as np
from numpy.typing import NDArray

from nodegraph.editor.look.theme import Look
from nodegraph.editor.pictures import Box, fitted

SIDE: Final = 192
"""Pixels of its longest side."""

_TAG: Final = "nodegraph.files.thumbnail"
_TEXTURE: Final = f"{_TAG}.texture"

Pixels = NDArray[np.float32]


class Thumbnail:
    """`look_at` a file; of what cannot be shown it says why. Its one texture is made when the first
    picture is there, as each costs something in every frame."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._buffer: Pixels = np.zeros((SIDE, SIDE, 3), np.float32)
        self._reader = ThreadPoolExecutor(1, "thumbnail")
        self._file: Path | None = None
        self._coming: Future[Pixels | str] | None = None

    def build(self) -> None:
        """Make room for it, in the container that is open."""
        with dpg.group(tag=_TAG, show=False):
            dpg.add_drawlist(self.look.px(SIDE), self.look.px(SIDE), tag=f"{_TAG}.picture")
            self.look.text("", "dim", "small", tag=f"{_TAG}.told", wrap=self.look.px(SIDE))

    def show(self, *, wanted: bool) -> None:
        """Have room for it, or not."""
        dpg.configure_item(_TAG, show=wanted)
        self._file = None
        dpg.delete_item(f"{_TAG}.picture", children_only=True)
        dpg.set_value(f"{_TAG}.told", "")

    def look_at(self, file: Path) -> None:
        """Show this file as soon as it is read."""
        if file != self._file:
            self._file = file
            self._coming = self._reader.submit(read, file)

    def tick(self) -> None:
        """Show what was read."""
        if self._coming is None or not self._coming.done():
            return
        picture, self._coming = self._coming.result(), None
        dpg.delete_item(f"{_TAG}.picture", children_only=True)
        if isinstance(picture, str) or self._file is None:
            dpg.set_value(f"{_TAG}.told", picture if isinstance(picture, str) else "")
            return
        height, width, _ = picture.shape
        self._buffer[:height, :width] = picture
        if not dpg.does_item_exist(_TEXTURE):
            with dpg.texture_registry():
                dpg.add_raw_texture(
                    SIDE, SIDE, self._buffer, format=dpg.mvFormat_Float_rgb, tag=_TEXTURE
                )
        side = self.look.px(SIDE)
        box = fitted((width, height), Box(0, 0, side, side))
        ends = (width / SIDE, height / SIDE)
        dpg.draw_image(_TEXTURE, box[:2], box[2:], uv_max=ends, parent=f"{_TAG}.picture")
        dpg.set_value(f"{_TAG}.told", self._file.name)


def read(file: Path) -> Pixels | str:
    """A picture as float32[height, width, 3], 0..1, no side longer than `SIDE`; else why not."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as picture:
                picture.draft("RGB", (SIDE, SIDE))
                small = ImageOps.exif_transpose(picture).convert("RGB")
                small.thumbnail((SIDE, SIDE))
    except Exception as error:  # what a broken file makes of a decoder is beyond all lists
        return f"{file.name} cannot be shown: {error}"
    return np.asarray(small, np.float32) / np.float32(255.0)
