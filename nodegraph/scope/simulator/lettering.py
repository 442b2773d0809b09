"""Letter what is in effect onto a frame: a caption for people, a number for machines."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]

_BITS = 16
_CELL = 8


def letter(picture: Picture, left: str, right: str) -> Picture:
    """Darken the foot of a picture and set one line in it, ragged texts cut to fit."""
    height, width = picture.shape[:2]
    strip = max(16, height // 14)
    out = picture.copy()
    out[-strip:] = (out[-strip:] * np.float32(0.35)).astype(np.uint8)
    line = _line(left, right, width, strip)
    out[-strip:] = np.maximum(out[-strip:], line[..., None])
    return out


@lru_cache(maxsize=16)
def _line(left: str, right: str, width: int, height: int) -> NDArray[np.uint8]:
    """Set one line of grey type on black, `uint8[height, width]`."""
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=height * 0.62)
    margin = height // 2
    end = width - margin - draw.textlength(right, font=font)
    shown = left
    while shown and margin + draw.textlength(shown + "…", font=font) > end - margin:
        shown = shown[:-1]
    middle = height / 2
    text = shown if shown == left else shown.rstrip() + "…"
    draw.text((margin, middle), text, font=font, fill=240, anchor="lm")
    draw.text((end, middle), right, font=font, fill=150, anchor="lm")
    return np.asarray(image)


def mark_number(picture: Picture, number: int) -> Picture:
    """Mark a picture with a number below 65,536 as cells in its upper left corner.

    White and black cells of 8 x 8 pixels: a white one, 16 bits from the highest, their parity, and
    a black one, so that a picture that is not marked is told apart.
    """
    bits = [(number >> place) & 1 for place in range(_BITS - 1, -1, -1)]
    cells = np.array([1, *bits, sum(bits) & 1, 0], np.uint8) * 255
    out = picture.copy()
    out[:_CELL, : _CELL * len(cells)] = np.repeat(cells, _CELL)[None, :, None]
    return out


def read_number(picture: Picture) -> int | None:
    """Read the number that `mark_number` put on a picture, also after lossy coding.

    Returns None if there is none: no frame is misread unless its corner looks like a mark.
    """
    count = _BITS + 3
    if picture.shape[0] < _CELL or picture.shape[1] < _CELL * count:
        return None
    strip = picture[2 : _CELL - 2, : _CELL * count].astype(np.float32).mean(axis=(0, 2))
    cells = strip.reshape(count, _CELL)[:, 2:-2].mean(axis=1)
    if np.any(np.abs(cells - 127.5) < 50):
        return None
    first, *bits, parity, last = (cells > 127.5).astype(int).tolist()
    if not first or last or sum(bits) & 1 != parity:
        return None
    return int("".join(map(str, bits)), 2)
