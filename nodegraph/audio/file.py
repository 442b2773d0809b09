"""The source behind `audio.file`: plays a sound file or the demo track, loops it, moves in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.demo import DemoTrack
from nodegraph.audio.track import FileTrack


class Track(Protocol):
    """Recorded sound at the engine's rate."""

    channels: int
    duration: float | None
    skipped: int

    def pieces(self, start: int) -> Iterator[NDArray[np.float32]]:
        """From sample `start` to the end, float32[n, channels] each; ends earlier iterators."""

    def close(self) -> None: ...


class FileSource:
    """A `Source` (see `nodegraph.hookspecs`) over a track, or `AudioError`.

    Params: `path`, relative to `folder`, empty for the demo track; `loop`, without a gap, from the
    end to the very beginning; `position` in seconds, where it starts, and a change goes there.
    Samples are those of the file: a float file that goes beyond ±1 is not clipped.
    """

    reopens = frozenset({"path", "position"})
    """Params of which a show follows a change with another source: to seek may take a while."""

    _pieces: Iterator[NDArray[np.float32]]
    _piece: NDArray[np.float32]
    """What of the track was fetched and not yet read."""
    _fetched: int
    """The sample of the track that comes after it."""
    _ended: bool
    _rewound: bool

    def __init__(self, params: Mapping[str, object], rate: int, folder: Path) -> None:
        self._rate, self._folder = rate, folder
        self._path = _path(params)
        self.track = self._open(self._path)
        self._loop = bool(params.get("loop", False))
        self._position = _position(params)
        self._play_from(self._position)

    @property
    def channels(self) -> int:
        return self.track.channels

    @property
    def duration(self) -> float | None:
        return self.track.duration

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def skipped(self) -> int:
        """Packets that could not be decoded and were left out so far."""
        return self.track.skipped

    @property
    def at(self) -> int:
        """The sample of the track that is read next."""
        return self._fetched - len(self._piece)

    @property
    def bookmark(self) -> dict[str, object]:
        """Where it is, in seconds of the track, and the params that it is there by."""
        return {"path": self._path, "position": self._position, "at": self.at / self._rate}

    def resume(self, bookmark: Mapping[str, object]) -> None:
        """Go on from there; not if `path` or `position` lead elsewhere by now."""
        at = bookmark.get("at")
        if isinstance(at, int | float) and {**self.bookmark, "at": at} == bookmark:
            self._play_from(at)

    def read(self, samples: int) -> NDArray[np.float32]:
        if len(self._piece) > samples:  # most often: all of it lies in one piece
            block, self._piece = self._piece[:samples], self._piece[samples:]
            return block
        block = np.zeros((samples, self.channels), np.float32)
        filled = 0
        while filled < samples and not self._ended:
            taken = self._piece[: samples - filled]
            block[filled : filled + len(taken)] = taken
            filled += len(taken)
            self._piece = self._piece[len(taken) :]
            self._fetch()
        return block

    def update(self, params: Mapping[str, object]) -> None:
        """Another `path` is opened before the old one is let go: if that raises, it plays on."""
        self._loop = bool(params.get("loop", False))
        path, position = _path(params), _position(params)
        if path != self._path:
            track = self._open(path)
            self.track.close()
            self.track, self._path = track, path
        elif position == self._position:
            if self._loop and self._ended:
                self._ended = False
                self._fetch()
            return
        self._position = position
        self._play_from(position)

    def close(self) -> None:
        self._ended = True
        self._loop = False
        self._piece = self._piece[:0]
        self.track.close()

    def _open(self, path: str) -> Track:
        if not path:
            return DemoTrack(self._rate)
        return FileTrack(self._folder / Path(path).expanduser(), self._rate)

    def _play_from(self, seconds: float) -> None:
        self._fetched = round(seconds * self._rate)
        self._pieces = self.track.pieces(self._fetched)
        self._piece = np.empty((0, self.channels), np.float32)
        self._ended = self._rewound = False
        self._fetch()

    def _fetch(self) -> None:
        """Have the next sample at hand, or know that there is none."""
        while not len(self._piece) and not self._ended:
            piece = next(self._pieces, None)
            if piece is not None:
                self._piece, self._rewound = piece, False
                self._fetched += len(piece)
            elif self._loop and not self._rewound:
                self._pieces, self._rewound = self.track.pieces(0), True
                self._fetched = 0
            else:  # also when a whole pass brought nothing: it would not the next time either
                self._ended = True


def _path(params: Mapping[str, object]) -> str:
    return str(params.get("path", ""))


def _position(params: Mapping[str, object]) -> float:
    seconds = params.get("position", 0.0)
    if isinstance(seconds, int | float) and isfinite(seconds):
        return max(0.0, float(seconds))
    return 0.0
