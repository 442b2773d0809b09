"""How sound and music go on, for the transport: sources, places in them, tempo and beat. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from nodegraph.editor.watching import Watching

_AHEAD: Final = 1.0  # seconds for which a place is guessed when the show says nothing


@dataclass(frozen=True)
class Sound:
    """A source of the deck that is looked at. `at` and `duration` are seconds, None if unknown.

    `gaps` counts how often sound of an input was lost; `replaced` says that something else is heard
    in its place, which the show was started with.
    """

    node: str
    kind: str
    title: str
    path: str
    at: float | None
    duration: float | None
    ended: bool
    paused: bool
    loop: bool
    replaced: bool
    gaps: int = 0

    @property
    def is_file(self) -> bool:
        return self.kind == "file"

    @property
    def state(self) -> str:
        """In a word or two."""
        word = "paused" if self.paused else "ended" if self.ended else "playing"
        return f"{word}, gaps: {self.gaps}" if self.gaps else word


def sounds(status: Mapping[str, Any], deck: str) -> tuple[Sound, ...]:
    """The sources of a deck, as the show tells of them."""
    told = (status.get("sources") or {}).get(deck) or {}
    return tuple(
        Sound(
            node=node,
            kind=str(one.get("kind", "")),
            title=_title(one),
            path=str(one.get("path", "")),
            at=one.get("at"),
            duration=one.get("duration"),
            ended=bool(one.get("ended")),
            paused=bool(one.get("paused")),
            loop=bool(one.get("loop")),
            replaced=bool(one.get("replaced")),
            gaps=int(one.get("gaps") or 0),
        )
        for node, one in told.items()
    )


def _title(one: Mapping[str, Any]) -> str:
    match one.get("kind"):
        case "file":
            return PurePath(str(one.get("path", ""))).name or "Demo track"
        case "device":
            return str(one.get("device", "")) or "Default input"
        case kind:
            return str(kind)


class Playhead:
    """Where a source is between two words of the show, which come five times a second."""

    def __init__(self) -> None:
        self._known: Sound | None = None
        self._when = 0.0

    def place(self, sound: Sound, now: float) -> float | None:
        """Seconds in what it plays, at a time in seconds of some clock."""
        if sound != self._known:
            self._known, self._when = sound, now
        if sound.at is None:
            return None
        moved = 0.0 if sound.paused or sound.ended else min(now - self._when, _AHEAD)
        at = max(sound.at + moved, 0.0)
        if not sound.duration:
            return at
        return at % sound.duration if sound.loop else min(at, sound.duration)


class Ports:
    """Finds ports of a running patch by what they carry; it looks again when there are others."""

    def __init__(self) -> None:
        self._columns: Mapping[str, object] = {}
        self._levels: dict[str, str] = {}
        self.clock = ""
        """The address of the first clock; empty if there is none."""

    def of(self, columns: Mapping[str, object]) -> Ports:
        """Know the columns of the patch that runs now."""
        if columns is not self._columns:
            self._columns, self._levels = columns, {}
            self.clock = clock_of(columns)
        return self

    def level(self, node: str) -> str:
        """The address of the sound that a node brings; empty if there is none."""
        if node not in self._levels:
            begins = (name for name in self._columns if name.startswith(f"{node}."))
            found = next((name for name in begins if name.endswith(".rms")), "")
            self._levels[node] = found.removesuffix(".rms")
        return self._levels[node]


class Music(NamedTuple):
    """What the first clock of a patch says. `beat` counts from 0 in a bar of `meter` beats."""

    bpm: float
    meter: int
    bar: int
    beat: int
    phase: float
    confidence: float


def clock_of(columns: Mapping[str, object]) -> str:
    """The address of the first clock of a patch; empty if it has none."""
    stems = (name.removesuffix(".bpm") for name in columns if name.endswith(".bpm"))
    return next((stem for stem in stems if f"{stem}.meter" in columns), "")


def music(watching: Watching, clock: str) -> Music | None:
    """What a clock says now; None if there is none, or it knows no tempo."""
    parts = ("bpm", "beats", "meter", "confidence")
    bpm, beats, meter, confidence = (watching.newest(f"{clock}.{part}") for part in parts)
    if not clock or isnan(bpm + beats + meter) or bpm <= 0 or meter < 1:
        return None
    whole, in_bar = int(beats // 1), int(meter)
    sure = 0.0 if isnan(confidence) else confidence
    return Music(bpm, in_bar, whole // in_bar, whole % in_bar, beats % 1.0, sure)


def clock_text(seconds: float | None) -> str:
    """`1:23`, `1:02:03`; dashes for what is not known."""
    if seconds is None or isnan(seconds):
        return "–:––"
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
