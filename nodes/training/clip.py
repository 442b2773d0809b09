"""One clip to learn from, by its number: sound, true beats and where they mean nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodes.training.beatless import BEATLESS
from nodes.training.compose import Composer
from nodes.training.drums import RATE, Sound
from nodes.training.studio import master, mix, perform
from nodes.training.styles import STYLES, Style
from nodes.training.tempo import Curve, TempoMap, drifting, leaping, ramped, rubato, steady

SECONDS = 40.0
_BEATLESS_SHARE, _PARTLY_SHARE = 0.12, 0.08


@dataclass(frozen=True)
class Clip:
    """Times are in seconds; `unclear` are spans (from, to) that nothing is to be learnt from."""

    name: str
    sound: Sound
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]
    onsets: NDArray[np.float64]
    unclear: NDArray[np.float64]


_LONGEST_REST = 5.0
_NONE = np.zeros(0)


def make_clip(number: int, seed: int) -> Clip:
    """The same clip for the same number and seed, on any machine with the same soundfonts."""
    rng = np.random.default_rng([seed, number])
    if rng.random() < _BEATLESS_SHARE:
        name, sound = _beatless(rng)
        return Clip(name, master(sound, rng), _NONE, _NONE, _NONE, np.zeros((0, 2)))
    clip = _song(rng)
    kind = rng.random()
    if kind < _PARTLY_SHARE:
        return _partly(clip, rng)
    if kind < _PARTLY_SHARE + 0.1:
        return _interrupted(clip, rng)
    return clip


def _beatless(rng: np.random.Generator) -> tuple[str, Sound]:
    make = BEATLESS[int(rng.integers(len(BEATLESS)))]
    sound = make(SECONDS, rng)
    if rng.random() < 0.25:
        other = BEATLESS[int(rng.integers(len(BEATLESS)))](SECONDS, rng)
        sound = sound / (np.std(sound) + 1e-9)
        sound += rng.uniform(0.1, 1.0) * other / (np.std(other) + 1e-9)
    return make.__name__, sound


def _tempo(style: Style, rng: np.random.Generator) -> Curve:
    bpm = float(rng.uniform(*style.tempo) * rng.uniform(0.96, 1.04))
    if style.rubato and rng.random() < 0.8:
        phrase = style.meter * int(rng.choice([1, 2, 4, 4]))
        return rubato(bpm, style.rubato * rng.uniform(0.3, 1.6), phrase, rng)
    kind = rng.random()
    if kind < 0.07:
        begin = rng.uniform(4.0, 16.0) * bpm / 60.0
        end = begin + rng.uniform(6.0, 24.0) * bpm / 60.0
        return ramped(bpm, bpm * np.exp(rng.uniform(-0.35, 0.35)), begin, end)
    if kind < 0.14:
        bars = max(1, round(rng.uniform(8.0, 18.0) * bpm / 60.0 / style.meter))
        others = np.clip(bpm * np.exp(rng.uniform(-0.5, 0.5, 4)), 55.0, 200.0)
        return leaping([bpm, *others.tolist()], bars * style.meter)
    if style.drift and rng.random() < 0.75:
        return drifting(bpm, style.drift * rng.uniform(0.3, 1.8), rng)
    return steady(bpm)


def _song(rng: np.random.Generator) -> Clip:
    weights = np.array([style.weight for style in STYLES])
    style = STYLES[int(rng.choice(len(STYLES), p=weights / weights.sum()))]
    start = rng.uniform(0.05, 2.5) if rng.random() < 0.6 else -rng.uniform(0.0, 25.0)
    time = TempoMap(_tempo(style, rng), start, SECONDS - start + 1.0)
    count = int(np.floor(time.beats(SECONDS))) + 1
    take = perform(Composer(style, count, rng).write(), time, SECONDS, rng)
    sound = master(mix(take, int(SECONDS * RATE), rng), rng)
    beats = time.seconds(np.arange(count).astype(float))
    first = np.arange(count) % style.meter == 0
    inside = (beats >= 0.0) & (beats < SECONDS)
    onsets = take.onsets()
    return Clip(style.name, sound, beats[inside], beats[inside & first], onsets, _unheard(onsets))


def _unheard(onsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spans in which nothing new sounds for so long that nobody could count along."""
    edges = np.concatenate(([0.0], onsets, [SECONDS]))
    long = np.nonzero(np.diff(edges) > _LONGEST_REST)[0]
    return np.array([(edges[i] + 1.0, edges[i + 1] + 1.5) for i in long]).reshape(-1, 2)


def _without(times: NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
    return times[(times < begin) | (times >= end)]


def _partly(clip: Clip, rng: np.random.Generator) -> Clip:
    """The song gives way to something without a beat, or begins after it."""
    cut = float(rng.uniform(8.0, 28.0))
    at = int(cut * RATE)
    begin, end = (cut, SECONDS) if rng.random() < 0.5 else (0.0, cut)
    other = master(_beatless(rng)[1], rng)
    here = slice(at, None) if end == SECONDS else slice(0, at)
    sound = clip.sound.copy()
    sound[here] = other[here]
    after = (begin, min(begin + 4.0, SECONDS)) if begin else (end, min(end + 2.0, SECONDS))
    return replace(
        clip,
        sound=sound,
        beats=_without(clip.beats, begin, end),
        downbeats=_without(clip.downbeats, begin, end),
        onsets=_without(clip.onsets, begin, end),
        unclear=np.concatenate((clip.unclear, [after])),
    )


def _interrupted(clip: Clip, rng: np.random.Generator) -> Clip:
    """The song fades in, begins late, or stops for a while."""
    sound, time = clip.sound.copy(), np.arange(clip.sound.size) / RATE
    hiss = 10.0 ** rng.uniform(-6.0, -3.5) * rng.standard_normal(sound.size)
    if rng.random() < 0.3:
        length = rng.uniform(5.0, 20.0)
        sound *= 10.0 ** (np.interp(time, (0.0, length), (-rng.uniform(25.0, 55.0), 0.0)) / 20.0)
        return replace(clip, sound=sound + hiss)
    begin = 0.0 if rng.random() < 0.4 else float(rng.uniform(8.0, 22.0))
    end = begin + float(rng.uniform(2.0, 8.0))
    sound[(time >= begin) & (time < end)] = 0.0
    return replace(
        clip,
        sound=sound + hiss,
        onsets=_without(clip.onsets, begin, end),
        unclear=np.concatenate((clip.unclear, [(begin, end + 2.0)])),
    )
