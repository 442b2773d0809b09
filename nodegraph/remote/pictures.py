"""The newest pictures that came back, in shared memory: one process writes, any number look.

    header   8 words of 8 bytes: magic, version, slots, bytes of a slot, begun, whole, followed, 0
    slots    each: width, height, time of arrival (float64), 0; then uint8[height, width, 3], RGB

Picture n, from 1 on, lies in slot (n - 1) % slots. The writer says in `begun` which picture it
begins, writes it, then says in `whole` that it is there; a reader looks at `whole`, copies, and
then looks at `begun`: a slot that may have been written to meanwhile is not given to anybody. That
is the sequence lock of `nodegraph.runtime.publish`, and it holds for the same reasons.

A memory is a file in the show's folder. When pictures become too large for it, another one takes
its place, and `followed` tells readers to look for it.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""uint8[height, width, 3], RGB."""

SLOTS = 3
"""A reader has the time of two pictures to copy one."""

_MAGIC = int.from_bytes(b"ngframes", "little")
_VERSION = 1
_HEADER = 8
_SLOT_HEADER = 4
_WORD = 8
_SIZE, _BEGUN, _WHOLE, _FOLLOWED = 3, 4, 5, 6
_PATTERN = "pictures-*.rgb"


class Picture(NamedTuple):
    """One picture. `number` counts from 1, `arrived` is in seconds of `time.monotonic()`, which
    is one clock for all processes of a machine. The pixels are the caller's own."""

    number: int
    arrived: float
    pixels: Pixels


class PictureWriter:
    """The writer's side; it belongs to one thread. Raises `OSError` where there is no room."""

    def __init__(self, folder: Path) -> None:
        self.written = 0
        self._folder = folder
        self._file: Path | None = None
        self._words = np.zeros(_HEADER, np.uint64)
        self._room: memoryview | None = None
        self._memories = 0

    def write(self, pixels: Pixels, arrived: float) -> None:
        """Show a picture: this is the only copy that is made of it. Its rows may lie apart."""
        height, width, _ = pixels.shape
        if self._room is None or int(self._words[_SIZE]) < height * width * 3:
            self._grow(height * width * 3)
        assert self._room is not None  # it has just been made
        number = self.written + 1
        self._words[_BEGUN] = number
        words, place = _slot(self._room, number, int(self._words[_SIZE]))
        words[:2] = width, height
        words[2:3].view(np.float64)[0] = arrived
        place[: height * width * 3].reshape(height, width, 3)[:] = pixels
        self._words[_WHOLE] = self.written = number

    def close(self) -> None:
        """Take the memory away; who looks at it keeps what is there."""
        if self._file is not None:
            with suppress(OSError):  # Windows keeps what somebody looks at; the folder goes later
                self._file.unlink()
        self._file = self._room = None

    def _grow(self, size: int) -> None:
        before, old = self._words, self._file
        self._memories += 1
        path = self._folder / f"pictures-{self._memories}.rgb"
        try:
            with path.open("x+b") as file:
                file.write(bytes(_begin(SLOTS, size)))  # room that is not there is told of here
                file.flush()
                memory = memoryview(mmap.mmap(file.fileno(), 0))
        except OSError:
            path.unlink(missing_ok=True)  # what there is of it is room that others need
            raise
        self._room, self._file = memory, path
        self._words = np.frombuffer(memory, np.uint64, _HEADER)
        self._words[:] = 0, _VERSION, SLOTS, size, self.written, self.written, 0, 0
        self._words[0] = _MAGIC
        before[_FOLLOWED] = 1
        if old is not None:
            with suppress(OSError):
                old.unlink()


class PictureReader:
    """The reader's side: looks at the newest picture in a show's folder, whatever happens there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._room: memoryview | None = None
        self._words = np.zeros(_HEADER, np.uint64)

    def newest(self, after: int = 0) -> Picture | None:
        """The newest picture; None if there is none that came after the one of that number."""
        if self._room is None or self._words[_FOLLOWED]:
            self._open()
        number, size = int(self._words[_WHOLE]), int(self._words[_SIZE])
        if self._room is None or number <= after:
            return None
        words, place = _slot(self._room, number, size)
        width, height = int(words[0]), int(words[1])
        arrived = float(words[2:3].view(np.float64)[0])
        if not 0 < width * height * 3 <= size:
            return None
        pixels = place[: height * width * 3].reshape(height, width, 3).copy()
        if int(self._words[_BEGUN]) >= number + SLOTS:
            return None  # it was written over meanwhile: the next look finds a newer one
        return Picture(number, arrived, pixels)

    def _open(self) -> None:
        """Look for the newest memory; where there is none, the one before stays."""
        for path in sorted(self._folder.glob(_PATTERN), key=_count, reverse=True):
            with suppress(OSError, ValueError), path.open("rb") as file:
                memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                words = np.frombuffer(memory, np.uint64, _HEADER)
                needed = _begin(SLOTS, int(words[_SIZE]))
                if words[0] == _MAGIC and words[1] == _VERSION and len(memory) >= needed:
                    self._room, self._words = memory, words
                    return


def _slot(room: memoryview, number: int, size: int) -> tuple[NDArray[np.uint64], Pixels]:
    """The words and the pixels of the slot for a picture."""
    begin = _begin((number - 1) % SLOTS, size)
    words = np.frombuffer(room, np.uint64, _SLOT_HEADER, begin)
    return words, np.frombuffer(room, np.uint8, size, begin + _SLOT_HEADER * _WORD)


def _begin(slot: int, size: int) -> int:
    """Where a slot of so many bytes begins; the one after the last is where the memory ends."""
    pixels = -(-size // _WORD) * _WORD
    return _HEADER * _WORD + slot * (_SLOT_HEADER * _WORD + pixels)


def _count(path: Path) -> int:
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
