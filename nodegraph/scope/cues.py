"""Changes that are to be seen on the beat: each leaves so far ahead as it takes to be seen. Pure.

Whoever asks for one says where the beats are, and which values wait for one. The first beat that
can still be met is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

MOST = 64
"""Changes that wait at most; of more, the last ones wait no longer."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the beats are, and what is to land on one.

    A beat is `ahead` seconds from now, and others `every` seconds from it; `names` are those of
    the values that come with this.
    """

    ahead: float
    every: float
    names: tuple[str, ...]

    def first(self, now: float, earliest: float) -> float:
        """When the first beat is that is not before `earliest`, in seconds."""
        beat = now + self.ahead
        return beat + max(0, ceil((earliest - beat) / self.every)) * self.every


class Cues:
    """What waits for its beat, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, dict[str, object]]] = []

    def __len__(self) -> int:
        return sum(len(values) for _, values in self._waiting)

    @property
    def next(self) -> float | None:
        """When the next beat is that something waits for."""
        return min((beat for beat, _ in self._waiting), default=None)

    def add(self, values: Mapping[str, object], beat: float) -> None:
        """Let these values wait for a beat."""
        if values:
            self._waiting.append((beat, dict(values)))

    def due(self, seen: float) -> dict[str, object]:
        """What has to leave now, as it would be seen at `seen`; of equal names the last counts."""
        late = len(self._waiting) - MOST
        gone = [n for n, (beat, _) in enumerate(self._waiting) if beat <= seen or n < late]
        leaving: dict[str, object] = {}
        for n in gone:
            leaving |= self._waiting[n][1]
        self._waiting = [each for n, each in enumerate(self._waiting) if n not in gone]
        return leaving

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()
