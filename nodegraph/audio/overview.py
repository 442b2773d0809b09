"""How loud a sound file is, moment by moment: `python -m nodegraph.audio.overview FILE`.

It is a program of its own, because a decoder that meets a broken file may end its process. To
stdout go bytes, one for each 10 ms: the peak of that moment, 0 for silence to 255 for full scale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.file import FileSource
from nodegraph.errors import AudioError

MOMENTS = 100
"""Of a second."""

_RATE = 48_000


def peaks(path: str) -> Iterator[NDArray[np.uint8]]:
    """The peaks of a file, or of the demo track if there is no path, a second at a time.

    Raises `AudioError`.
    """
    source = FileSource({"path": path}, _RATE, Path())
    while not source.ended:
        begun = source.at
        moments = np.abs(source.read(_RATE)).max(axis=1).reshape(MOMENTS, -1).max(axis=1)
        there = ceil((source.at - begun) / _RATE * MOMENTS)  # the last second is seldom whole
        yield np.clip(np.ceil(moments[:there] * 255.0), 0, 255).astype(np.uint8)
    source.close()


def main(path: str) -> None:
    """Print them, beside everything else that this machine does."""
    with suppress(AttributeError, OSError):
        os.nice(10)
    try:
        for second in peaks(path):
            sys.stdout.buffer.write(second.tobytes())
    except AudioError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1])
