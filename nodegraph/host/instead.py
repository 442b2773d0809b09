"""What can be heard in the place of a patch's own sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodegraph.hookspecs import Source
from nodegraph.plugins import Catalogue

Sound = str | Path | NDArray[np.float32]
"""What can stand in for a patch's own sources: a file, "demo", or float32[samples, channels]."""


class ArraySource:
    """Sound that is already in memory: float32[samples, channels] or float32[samples]."""

    def __init__(self, samples: NDArray[np.float32], rate: int) -> None:
        columns = samples if samples.ndim == 2 else samples[:, None]
        self._samples = np.nan_to_num(np.asarray(columns, np.float32))
        self._rate = rate
        self._at = 0

    @property
    def channels(self) -> int:
        """Columns of the array."""
        return int(self._samples.shape[1])

    @property
    def duration(self) -> float | None:
        """Seconds."""
        return len(self._samples) / self._rate

    @property
    def ended(self) -> bool:
        """Whether all of it was read."""
        return self._at >= len(self._samples)

    def read(self, samples: int) -> NDArray[np.float32]:
        """The next samples; silence after the end."""
        piece = self._samples[self._at : self._at + samples]
        self._at += samples
        missing = samples - len(piece)
        return np.pad(piece, ((0, missing), (0, 0))) if missing else piece

    def update(self, params: Mapping[str, object]) -> None:
        """Nothing that a node's params say concerns an array."""

    def close(self) -> None:
        """Nothing to let go of."""


def params_of(sound: Sound) -> dict[str, object]:
    """The params of a file source that plays it once."""
    if isinstance(sound, np.ndarray):
        return {}
    return {"path": "" if sound == "demo" else str(sound), "loop": False, "position": 0.0}


def open_sound(sound: Sound, catalogue: Catalogue, rate: int, folder: Path) -> Source:
    """Open what stands in for a patch's own sources; it plays once."""
    if isinstance(sound, np.ndarray):
        return ArraySource(sound, rate)
    return catalogue.open_source("file", params_of(sound), rate, folder)
