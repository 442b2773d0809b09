"""The sources of a plan: opened together, read together once per tick, closed together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler import Plan
from nodegraph.errors import AudioError
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


def _block(source: Source, samples: int) -> NDArray[np.float32]:
    try:
        block = source.read(samples)
        if block.dtype != np.float32 or block.ndim != 2 or len(block) != samples:
            raise ValueError(f"it gave {block.dtype}{list(block.shape)}, not [{samples}, channels]")
    except AudioError:
        raise
    except Exception as error:  # a guest's code may fail in any way there is
        text = f"a source ({type(source).__name__}) failed: {type(error).__name__}: {error}"
        raise AudioError(text) from error
    return block


def open_sound(sound: Sound, catalogue: Catalogue, rate: int, folder: Path) -> Source:
    """Open what stands in for a patch's own sources; it plays once."""
    if isinstance(sound, np.ndarray):
        return ArraySource(sound, rate)
    path = "" if sound == "demo" else str(sound)
    params = {"path": path, "loop": False, "position": 0.0}
    return catalogue.open_source("file", params, rate, folder)


class Sources:
    """Everything a plan hears. `instead` replaces the sound of every one of its sources.

    Raises `AudioError` if one cannot be opened; then none stays open.
    """

    def __init__(
        self,
        plan: Plan,
        catalogue: Catalogue,
        *,
        rate: int,
        folder: Path,
        instead: Sound | None = None,
    ) -> None:
        self._by_node: dict[str, Source] = {}
        with ExitStack() as stack:
            if instead is not None:
                shared = open_sound(instead, catalogue, rate, Path())
                stack.callback(shared.close)
                self._by_node = {need.node: shared for need in plan.sources}
                self._opened = [shared]
            else:
                for need in plan.sources:
                    source = catalogue.open_source(need.kind, need.params, rate, folder)
                    stack.callback(source.close)
                    self._by_node[need.node] = source
                self._opened = list(self._by_node.values())
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come from any of them."""
        return bool(self._opened) and all(source.ended for source in self._opened)

    @property
    def duration(self) -> float | None:
        """Seconds of the longest; None where one is endless or does not know."""
        found = [source.duration for source in self._opened]
        known = [seconds for seconds in found if seconds is not None]
        return max(known, default=None) if len(known) == len(found) else None

    def read(self, samples: int) -> dict[str, Any]:
        """One block for each source node: float32[samples, channels].

        Raises `AudioError` if a source fails.
        """
        blocks = {id(source): _block(source, samples) for source in self._opened}
        return {node: blocks[id(source)] for node, source in self._by_node.items()}

    def update(self, node: str, params: Mapping[str, object]) -> None:
        """Tell a node's source that its params changed."""
        if node in self._by_node:
            self._by_node[node].update(params)
