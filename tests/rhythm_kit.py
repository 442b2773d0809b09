"""Drum tracks and melodies whose strokes are known, the same everywhere, and how to score what was
found in them. The drums are no relatives of those that the detector has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
_Wave = NDArray[np.float64]

DRUMS = ("kick", "snare", "hat")


class Played(NamedTuple):
    """A sound, float32[samples], and the seconds at which each instrument strikes."""

    sound: Sound
    strokes: dict[str, list[float]]

    @property
    def onsets(self) -> list[float]:
        """All strokes; what is closer than 30 ms is one."""
        times = sorted(at for each in self.strokes.values() for at in each)
        return [at for n, at in enumerate(times) if not n or at - times[n - 1] > 0.03]


class Score(NamedTuple):
    """Of what was found: the share that is right; of what is there: the share that was found."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        """The harmonic mean of both; 1 if there is nothing and nothing was found."""
        both = self.precision + self.recall
        return 2.0 * self.precision * self.recall / both if both else 0.0


def score(found: Sequence[float], true: Sequence[float], late: float, within: float) -> Score:
    """How well times fit those that are true plus `late`, each to at most one other, `within` s."""
    left, right = sorted(found), 0
    for at in sorted(true):
        near = [time for time in left if abs(time - late - at) <= within]
        if near:
            left.remove(near[0])
            right += 1
    return Score(right / len(found) if len(found) else 1.0, right / len(true) if len(true) else 1.0)


def _ring(time: _Wave, seconds: float) -> _Wave:
    return np.exp(-time / seconds)


def _sweep(time: _Wave, low: float, above: float, fall: float) -> _Wave:
    """A sine that falls by `above` Hz to `low` Hz."""
    return np.sin(2 * np.pi * (low * time + above * fall * (1.0 - np.exp(-time / fall))))


def _highs(noise: _Wave, times: int) -> _Wave:
    """What is left when the lows are taken away, by so many differences at 48 kHz."""
    for _ in range(times):
        noise = np.diff(noise, prepend=0.0) * 0.7
    return noise


def _lows(noise: _Wave, length: int) -> _Wave:
    return np.convolve(noise, np.hanning(length) / np.sqrt(length), "same")


def kits() -> dict[str, dict[str, _Wave]]:
    """Three sets of drums, at 48 kHz: of a machine, of wood and skin, of a dance floor."""
    rng = np.random.default_rng(11)
    time = np.arange(24_000) / 48_000
    noise = rng.standard_normal((8, time.size))
    metal = sum(
        np.sign(np.sin(2 * np.pi * f * time)) for f in (2044.0, 3175.0, 3892.0, 4513.0, 5420.0)
    )
    skin = sum(
        np.sin(2 * np.pi * 186.0 * ratio * time) * _ring(time, 0.09 / ratio)
        for ratio in (1.0, 1.59, 2.14, 2.65)
    )
    made = {
        "machine": {
            "kick": _sweep(time, 49.0, 60.0, 0.015) * _ring(time, 0.16),
            "snare": 0.7 * np.sin(2 * np.pi * 178.0 * time) * _ring(time, 0.05)
            + 0.35 * _highs(noise[0], 1) * _ring(time, 0.06),
            "hat": _highs(metal, 2) * _ring(time, 0.025),
        },
        "wood": {
            "kick": _sweep(time, 62.0, 45.0, 0.02) * _ring(time, 0.1)
            + 0.25 * _lows(noise[1], 14) * _ring(time, 0.006),
            "snare": 0.4 * skin + 0.3 * _lows(noise[2], 6) * _ring(time, 0.09),
            "hat": 0.5 * _highs(noise[3], 2) * _ring(time, 0.04),
        },
        "floor": {
            "kick": np.tanh(3.0 * _sweep(time, 52.0, 230.0, 0.012) * _ring(time, 0.13)),
            "snare": _lows(noise[4], 9)
            * sum(
                np.where(time >= at, np.exp(-(time - at) / 0.012), 0) for at in (0, 0.009, 0.018)
            ),
            "hat": 0.5 * _highs(noise[5], 3) * _ring(time, 0.02),
        },
    }
    return {
        kit: {name: sound / np.abs(sound).max() for name, sound in drums.items()}
        for kit, drums in made.items()
    }


_PATTERNS = (
    {"kick": "x...x...x...x...", "snare": "....x.......x...", "hat": "..x...x...x...x."},
    {"kick": "x.....x.x.x.....", "snare": "....x.......x..x", "hat": "x.x.x.x.x.x.x.x."},
    {"kick": "x..x......x..x..", "snare": "....x..x.x..x...", "hat": "x.xxx.x.x.xxx.x."},
    {"kick": "x.........x.....", "snare": "........x.......", "hat": "xxx.x.x.x.xxx.x."},
)
_LOUD = {"kick": 0.8, "snare": 0.6, "hat": 0.22}


def drum_track(kit: str, pattern: int, music: float = 0.0, seconds: float = 12.0) -> Played:
    """A drum pattern at 48 kHz, each stroke its own loudness; with basses and chords if wanted."""
    rng, drums = np.random.default_rng(100 + pattern), kits()[kit]
    out, step = np.zeros(round(seconds * 48_000)), 60.0 / (92.0 + 12.0 * pattern) / 4.0
    strokes: dict[str, list[float]] = {name: [] for name in DRUMS}
    for number in range(int((seconds - 0.7) / step)):
        at = 0.5 + number * step
        for name, marks in _PATTERNS[pattern].items():
            if marks[number % 16] == "x":
                strokes[name].append(at)
                start = round(at * 48_000)
                part = out[start : start + 24_000]
                part += _LOUD[name] * rng.uniform(0.7, 1.0) * drums[name][: part.size]
    if music:
        out += music * _music(out.size, step, rng)
    return Played((0.7 * out / np.abs(out).max()).astype(np.float32), strokes)


def _music(samples: int, step: float, rng: np.random.Generator) -> _Wave:
    """A bass on each eighth, and a chord on each half of a bar."""
    out = np.zeros(samples)
    for number in range(int(samples / 48_000 / step)):
        root = (43.65, 49.0, 55.0, 41.2)[number // 16 % 4]
        notes = [(2.0 * root, 2, 0.5)] if number % 2 == 0 else []
        if number % 8 == 0:
            notes += [(4.0 * root * ratio, 8, 0.22) for ratio in (1.0, 1.2, 1.5)]
        for frequency, length, loud in notes:
            start = round((0.5 + number * step) * 48_000)
            part = out[start : start + round(length * step * 48_000)]
            time = np.arange(part.size) / 48_000
            edge = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
            tone = sum(np.sin(2 * np.pi * frequency * k * time) / k for k in range(1, 9))
            part += loud * edge * tone
    return out


def melody(kind: str, rate: int, seconds: float = 8.0) -> Played:
    """Notes at known times: "plucked" ones that fade, "slurred" ones that only change their pitch,
    or "trembling" ones, slurred and with a vibrato of a quarter tone."""
    rng = np.random.default_rng(5)
    times, at = [], 0.4
    while at < seconds - 0.5:
        times.append(at)
        at += float(rng.choice([0.2, 0.3, 0.45]))
    edges = [*(round(each * rate) for each in times), round(seconds * rate)]
    keys = 60 + np.cumsum(rng.choice([-5, -3, -2, 2, 4, 7], len(times))) % 19
    out, phase = np.zeros(edges[-1]), 0.0
    for key, begin, end in zip(keys, edges, edges[1:], strict=False):
        time = np.arange(end - begin) / rate
        bend = 0.014 * np.sin(2 * np.pi * 6.0 * time) if kind == "trembling" else 0.0
        pitch = 440.0 * 2.0 ** ((key - 69) / 12.0) * (1.0 + bend * np.ones(time.size))
        turned = phase + 2 * np.pi * np.cumsum(pitch) / rate
        tone = sum(np.sin(k * turned) / k for k in range(1, 7))
        phase = 0.0 if kind == "plucked" else float(turned[-1])
        out[begin:end] = tone * _ring(time, 0.15) if kind == "plucked" else tone
    out += 1e-4 * rng.standard_normal(out.size)
    return Played((0.3 * out).astype(np.float32), {"note": times})


def strikes(columns: dict[str, list[Any]], port: str, rate: int, block: int) -> list[float]:
    """The ends of the ticks in which a trigger struck, in seconds."""
    return [(n + 1) * block / rate for n, struck in enumerate(columns[port]) if struck]
