"""Makes up a song of a style: who plays what on which beat, and when the drums are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nodes.training.patterns import mutated, random_pattern
from nodes.training.styles import Patterns, Style

_HEX = "0123456789abc"
_LOUD = {"X": 1.0, "x": 0.62, "g": 0.3}
_MINOR, _MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
_FILLS = ("snare", "high_tom", "mid_tom", "low_tom", "snare")
_RANDOM_DRUMS = (
    "kick", "snare", "hat", "open", "clap", "shaker", "low_tom", "conga", "block", "rim",
)  # fmt: skip


class Hit(NamedTuple):
    """A drum at a beat, 0..1 loud."""

    at: float
    drum: str
    loud: float


class Note(NamedTuple):
    """A note: where and how long in beats, which General MIDI program or own voice, which key."""

    at: float
    length: float
    voice: int | str
    key: int
    loud: float


@dataclass
class Song:
    """Everything that is played, in beats."""

    style: Style
    beats: int
    hits: list[Hit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    drumless: list[tuple[int, int]] = field(default_factory=list)
    """Beats from and to which no drum plays."""


class Composer:
    """Writes one song, part by part. All choices come from `rng`."""

    def __init__(self, style: Style, beats: int, rng: np.random.Generator) -> None:
        self.style, self.rng = style, rng
        self.song = Song(style, beats)
        self.bars = -(-beats // style.meter)
        self.minor = bool(rng.random() < 0.5)
        self.roots = self._progression()
        self.sections = list(self._sections())
        self.synthetic = bool(rng.random() < style.synthetic)

    def write(self) -> Song:
        """All the parts."""
        style, rng = self.style, self.rng
        alone = bool(rng.random() < style.drums_only)
        if alone:
            self.sections = [(0, self.bars, frozenset[str]())]
        self._drums(self._drum_patterns())
        if not alone:
            if style.bass or style.random:
                self._bass(self._own(style.bass_programs, "bass"))
            if style.comp or style.random:
                self._comp(self._own(style.comp_programs, "saw"))
            if rng.random() < style.pad:
                self._pad(self._own((48, 50, 89, 91, 95, 52, 19), "saw"))
            if rng.random() < style.arp:
                self._arp(self._own((0, 11, 24, 46, 81, 88, 98, 4), "square"))
            if rng.random() < style.lead:
                self._lead(self._own(style.lead_programs, "square"))
        return self.song

    # ---- what holds for all parts

    def _choice(self, patterns: Patterns) -> str:
        return str(self.rng.choice(patterns))

    def _own(self, programs: tuple[int, ...], voice: str) -> int | str:
        """Which instrument: one of our oscillators in a synthetic song, most of the time."""
        if self.synthetic and self.rng.random() < 0.7:
            return voice
        return int(self.rng.choice(programs))

    def _progression(self) -> list[int]:
        """The root of each bar, as a key near the middle of the piano."""
        rng = self.rng
        scale = _MINOR if self.minor else _MAJOR
        length = int(rng.choice([1, 2, 4, 4, 4, 8]))
        degrees = [0, *(int(d) for d in rng.choice([0, 1, 2, 3, 3, 4, 4, 5, 5, 6], length - 1))]
        key, every = 55 + int(rng.integers(-5, 7)), int(rng.choice(self.style.chord_bars))
        return [key + scale[degrees[bar // every % length]] for bar in range(self.bars + 1)]

    def _sections(self) -> Iterator[tuple[int, int, frozenset[str]]]:
        """From bar, to bar, and who is silent."""
        rng, style = self.rng, self.style
        eventful = rng.random() < 0.75
        bar, last = 0, ""
        while bar < self.bars:
            length = int(rng.choice([2, 4, 4, 8, 8]) * (1 if style.meter > 2 else 2))
            kind = "all"
            if eventful and rng.random() < style.breakdowns and last != "break":
                kind = "break"
                length = max(length, int(rng.choice([2, 4, 8])))
            elif eventful and rng.random() < 0.35:
                kind = str(rng.choice(["drums", "no bass", "no comp", "no kick", "sparse"]))
            no_bass = ("bass",) if rng.random() < 0.7 else ()
            no_comp = ("comp",) if rng.random() < 0.4 else ()
            silent = {
                "all": (),
                "break": ("drums", *no_bass, *no_comp),
                "drums": ("bass", "comp", "lead", "arp", "pad"),
                "no bass": ("bass",),
                "no comp": ("comp",),
                "no kick": ("kick", "bass"),
                "sparse": ("kick", "snare", "clap", "bass"),
            }[kind]
            yield bar, bar + length, frozenset(silent)
            bar, last = bar + length, kind

    def _silent(self, at: float, *names: str) -> bool:
        bar = at / self.style.meter
        for first, end, silent in self.sections:
            if first <= bar < end:
                return any(name in silent for name in names)
        return False

    # ---- drums

    def _drum_patterns(self) -> dict[str, str]:
        style, rng = self.style, self.rng
        if style.random:
            count = int(rng.integers(1, 6))
            names = rng.choice(_RANDOM_DRUMS, count, replace=False)
            return {str(name): random_pattern(style, str(name), rng) for name in names}
        if not style.drums:
            return {}
        kit = style.drums[int(rng.integers(len(style.drums)))]
        return {drum: mutated(self._choice(each), rng) for drum, each in kit.items()}

    def _drums(self, patterns: dict[str, str]) -> None:
        style, rng = self.style, self.rng
        step, busy = 1.0 / style.grid, rng.uniform(0.0, 0.12)
        for drum, pattern in patterns.items():
            level = rng.uniform(0.6, 1.15)
            for index in range(int((self.song.beats + 1) / step)):
                mark, at = pattern[index % len(pattern)], index * step
                if mark == "." or self._silent(at, "drums", drum) or rng.random() < busy / 3:
                    continue
                self.song.hits.append(Hit(at, drum, level * _LOUD[mark] * rng.uniform(0.8, 1.05)))
        for first, end, silent in self.sections:
            if "drums" in silent:
                self.song.drumless.append((first * style.meter, end * style.meter))
            elif patterns and rng.random() < 0.4:
                self._fill(end * style.meter)
                self.song.hits.append(Hit(float(end * style.meter), "crash", rng.uniform(0.4, 0.9)))

    def _fill(self, end: float) -> None:
        """A run over the toms up to a beat, instead of what was to be played there."""
        rng = self.rng
        length = min(float(rng.choice([0.5, 1.0, 2.0, 4.0])), float(self.style.meter))
        start, step = end - length, float(rng.choice([0.25, 0.25, 0.5, 1 / 3]))
        keep = {"hat", "ride"} if rng.random() < 0.5 else set()
        self.song.hits = [h for h in self.song.hits if not start <= h.at < end or h.drum in keep]
        for index in range(int(length / step)):
            if rng.random() < 0.8:
                drum = _FILLS[min(len(_FILLS) - 1, int(index * step / length * len(_FILLS)))]
                self.song.hits.append(Hit(start + index * step, drum, rng.uniform(0.5, 1.0)))

    # ---- pitched parts

    def _steps(self, pattern: str, name: str) -> Iterator[tuple[float, str, int]]:
        """Where, which mark, and the root there, for each mark of a repeated pattern."""
        step = 1.0 / self.style.grid
        for index in range(int((self.song.beats + 1) / step)):
            mark, at = pattern[index % len(pattern)], index * step
            if mark != "." and not self._silent(at, name) and self.rng.random() > 0.02:
                yield at, mark, self.roots[int(at // self.style.meter)]

    def _add(self, at: float, length: float, voice: int | str, key: int, loud: float) -> None:
        loud *= float(self.rng.uniform(0.85, 1.1))
        self.song.notes.append(Note(at, length, voice, int(np.clip(key, 24, 105)), loud))

    def _bass(self, voice: int | str) -> None:
        style, rng = self.style, self.rng
        if style.random or rng.random() < 0.2:
            marks = random_pattern(style, "bass", rng)
            pattern = "".join("." if m == "." else str(rng.choice(list("0007c5"))) for m in marks)
        else:
            pattern = self._choice(style.bass)
        length, loud = rng.choice([0.5, 0.9, 1.5]) / style.grid, rng.uniform(0.6, 1.0)
        for at, mark, root in self._steps(pattern, "bass"):
            self._add(at, length, voice, root - 24 + _HEX.index(mark), loud)

    def _comp(self, voice: int | str) -> None:
        style, rng = self.style, self.rng
        drawn = style.random or rng.random() < 0.2
        pattern = (
            random_pattern(style, "comp", rng) if drawn else mutated(self._choice(style.comp), rng)
        )
        length, loud = float(rng.choice([0.2, 0.4, 0.9])), rng.uniform(0.45, 0.9)
        chord = (0, 7) if voice in (29, 30) else (0, 3 if self.minor else 4, 7)
        octave = -12 if voice in (29, 30) else int(rng.choice([0, 0, 12]))
        for at, mark, root in self._steps(pattern, "comp"):
            for interval in chord:
                self._add(at, length, voice, root + octave + interval, loud * _LOUD[mark])

    def _pad(self, voice: int | str) -> None:
        loud = self.rng.uniform(0.3, 0.7)
        for bar in range(self.bars):
            at = float(bar * self.style.meter)
            if not self._silent(at, "pad"):
                for interval in (0, 3 if self.minor else 4, 7):
                    self._add(at, self.style.meter * 0.98, voice, self.roots[bar] + interval, loud)

    def _arp(self, voice: int | str) -> None:
        style, rng = self.style, self.rng
        triplets = style.grid == 3
        step = float(rng.choice([1 / 3, 1.0] if triplets else [0.25, 0.5, 0.5, 1.0, 2.0]))
        order = rng.choice([0, 1, 2, 3], int(rng.choice([3, 4, 4, 6, 8])))
        order[0] = 0
        chord = (0, 3 if self.minor else 4, 7, 12)
        octave, accent = int(rng.choice([0, 12, 12])), rng.uniform(0.5, 1.0)
        loud = rng.uniform(0.3, 0.8)
        for index in range(int((self.song.beats + 1) / step)):
            at = index * step
            if self._silent(at, "arp"):
                continue
            root = self.roots[int(at // style.meter)]
            key = root + octave + chord[int(order[index % len(order)])]
            self._add(at, step * 0.9, voice, key, loud * (1.0 if at % 1 == 0 else accent))

    def _lead(self, voice: int | str) -> None:
        """A tune: two motifs in a rhythm of their own, varied, with rests."""
        style, rng = self.style, self.rng
        lengths = [1 / 3, 2 / 3, 1.0] if style.grid == 3 else [0.25, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0]
        motifs = [self._rhythm(lengths) for _ in range(2)]
        scale, degree = (_MINOR if self.minor else _MAJOR), int(rng.integers(0, 7))
        key, loud = self.roots[0], rng.uniform(0.5, 1.0)
        for bar in range(self.bars):
            rests = rng.random() < 0.15
            for offset, length in motifs[int(rng.random() < 0.3)]:
                at = bar * style.meter + offset
                degree = int(np.clip(degree + rng.integers(-2, 3), -4, 11))
                if not rests and rng.random() < 0.88 and not self._silent(at, "lead"):
                    pitch = key + 12 + scale[degree % 7] + 12 * (degree // 7)
                    self._add(at, length * 0.95, voice, pitch, loud)

    def _rhythm(self, lengths: list[float]) -> list[tuple[float, float]]:
        """Offsets and lengths that fill a bar."""
        offset, found = 0.0, []
        while offset < self.style.meter - 1e-6:
            length = min(float(self.rng.choice(lengths)), self.style.meter - offset)
            found.append((offset, length))
            offset += length
        return found
