"""What the drum detector learns from: made-up music in which every stroke is known."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodes._drum_ear import HEARD, Ear, band_rows, hear
from nodes.spectrum import spectrum
from nodes.training.beatless import BEATLESS
from nodes.training.compose import Composer
from nodes.training.drums import GENERAL_MIDI, RATE, Sound, make_kit, play
from nodes.training.studio import Take, master, mix, perform
from nodes.training.styles import STYLES
from nodes.training.tempo import TempoMap, steady

Floats = NDArray[np.float32]

SECONDS = 20.0
PRODUCED = 400
"""So many songs are whole productions."""
_CHANGE = 10.0
Stroke = tuple[float, str, float]
"""Seconds, drum, loudness 0..1."""
DRUMS = {
    "kick": ("kick",),
    "snare": ("snare", "clap"),
    "hat": ("hat", "pedal", "open", "ride", "bell", "crash", "shaker", "tambourine"),
}
"""What counts as what; toms, congas, sticks and bells count as nothing."""

_BEATLESS_SHARE = 0.1
_GHOST = 0.2
"""A stroke softer than this share of a loud one is neither wanted nor wrong."""
_SPECTRA = (("2048", "hann"), ("1024", "hann"), ("1024", "late"), ("2048", "late"))
_SPAN, _OVER = 0.02, 0.045
"""Seconds for which a stroke is to be told once it can be heard, and after which it is past."""


class Lesson(NamedTuple):
    """Of each tick: what is heard, what is to be said of each drum, and whether that counts."""

    heard: NDArray[np.float16]
    wanted: NDArray[np.bool_]
    counts: NDArray[np.bool_]


def make_song(number: int, seed: int) -> tuple[Sound, list[Stroke]]:
    """Sound and its strokes: the same for the same number and seed.

    The first are whole productions, as for the beat; the others are about drums, of more kinds.
    """
    rng = np.random.default_rng([seed, number])
    if rng.random() < _BEATLESS_SHARE:
        return master(BEATLESS[int(rng.integers(len(BEATLESS)))](SECONDS, rng), rng), []
    weights = np.array([style.weight * bool(style.drums) for style in STYLES])
    style = STYLES[int(rng.choice(len(STYLES), p=weights / weights.sum()))]
    start = -rng.uniform(0.0, 25.0)
    time = TempoMap(steady(float(rng.uniform(*style.tempo))), start, SECONDS - start + 1.0)
    song = Composer(style, int(np.floor(time.beats(SECONDS))) + 1, rng).write()
    take = perform(song, time, SECONDS, rng)
    samples = int(SECONDS * RATE)
    if number < PRODUCED:
        return master(mix(take, samples, rng), rng), take.hits
    often = {drum: rng.uniform(0.3, 1.0) for drum in GENERAL_MIDI}
    hits = [hit for hit in take.hits if rng.random() < often[hit[1]]]
    sound = _many_drums(hits, samples, rng)
    if rng.random() < 0.7:
        others = mix(Take([], take.notes), samples, rng)
        loud = 10.0 ** (rng.uniform(-20.0, 6.0) / 20.0)
        sound += loud * np.std(sound) / max(float(np.std(others)), 1e-9) * others
    return master(sound, rng), hits


def _many_drums(hits: list[Stroke], samples: int, rng: np.random.Generator) -> Sound:
    """Strokes on a new kit every few seconds, each a blend of two, and as loud as may be."""
    sound = np.zeros(samples)
    for begin in np.arange(0.0, SECONDS, _CHANGE):
        one, other = _tuned(make_kit(rng), rng), _tuned(make_kit(rng), rng)
        share = rng.choice([0.0, 0.3, 0.7], p=(0.5, 0.3, 0.2))
        kit = {}
        for drum, heard in one.items():
            size = max(heard.size, other[drum].size)
            blend = np.zeros(size)
            blend[: heard.size] += (1.0 - share) * heard
            blend[: other[drum].size] += share * other[drum]
            kit[drum] = 10.0 ** (rng.uniform(-9.0, 6.0) / 20.0) * blend
        here = [hit for hit in hits if begin <= hit[0] < begin + _CHANGE]
        sound += play(kit, here, samples)
    return sound


def _tuned(kit: dict[str, Sound], rng: np.random.Generator) -> dict[str, Sound]:
    """The same drums, each smaller or larger, brighter, and snares with more tone and hiss."""
    out = {}
    for drum, heard in kit.items():
        at = np.arange(0.0, heard.size - 1, np.exp(rng.uniform(-0.25, 0.25)))
        tuned = np.interp(at[: 2 * RATE], np.arange(heard.size), heard)
        if drum == "snare":
            time = np.arange(tuned.size) / RATE
            tone = np.sin(2.0 * np.pi * rng.uniform(150.0, 250.0) * time)
            tuned += rng.uniform(0.0, 1.0) * tone * np.exp(-time / rng.uniform(0.03, 0.09))
            hiss = np.diff(rng.standard_normal(tuned.size), append=0.0)
            tuned += rng.uniform(0.0, 0.6) * hiss * np.exp(-time / rng.uniform(0.03, 0.12))
        if drum != "kick":
            tuned += rng.uniform(0.0, 2.0) * np.diff(tuned, append=0.0)
        out[drum] = tuned / max(float(np.abs(tuned).max()), 1e-9)
    return out


def make_lesson(number: int, seed: int) -> Lesson:
    """A song as a patch hears it, by a spectrum of some size and in blocks of some length."""
    sound, hits = make_song(number, seed)
    rng = np.random.default_rng([seed, number, 1])
    size, window = _SPECTRA[int(rng.choice(len(_SPECTRA), p=(0.4, 0.25, 0.25, 0.1)))]
    block = int(rng.choice([512, 512, 512, 256]))
    first = int(rng.integers(block))
    heard = listen(sound[first:], size, window, block)
    ends = (first + block * np.arange(1, len(heard) + 1)) / RATE
    late = int(size) / RATE * (0.3 if window == "hann" else 0.15)
    wanted, counts = _marked(hits, ends, late)
    return Lesson(heard.astype(np.float16), wanted, counts)


def listen(sound: Sound, size: str, window: str, block: int) -> Floats:
    """float32[ticks, heard]: what the node hears, by its own code."""
    rows, samples = band_rows(int(size) // 2 + 1, RATE), sound.astype(np.float32)[:, None]
    ear, before = Ear(), np.zeros(0, np.float32)
    told = np.zeros((len(samples) // block, HEARD), np.float32)
    for tick in range(len(told)):
        part = samples[tick * block : (tick + 1) * block]
        before, magnitude = spectrum(before, part, size, window)
        ear, told[tick] = hear(ear, block / RATE, rows @ magnitude)
    return told


def _marked(
    hits: list[Stroke], ends: NDArray[np.float64], late: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """What is to be said at the end of each tick, where a stroke is heard `late` seconds late."""
    wanted = np.zeros((len(ends), len(DRUMS)), bool)
    unclear = np.zeros_like(wanted)
    for column, names in enumerate(DRUMS.values()):
        for at, drum, loud in hits:
            if drum not in names:
                continue
            begin, hear, past, over = np.searchsorted(
                ends, (at, at + late, at + late + _SPAN, at + late + _OVER)
            )
            unclear[begin:over, column] = True
            if loud >= _GHOST:
                wanted[hear:past, column] = True
    return wanted, wanted | ~unclear


def write_lessons(folder: Path, numbers: range, seed: int) -> None:
    """The lessons of these numbers, those that are missing, as `folder/00042.npz`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = folder / f"{number:05}.npz"
        if not path.exists():
            half = path.with_suffix(".part.npz")
            np.savez(half, **make_lesson(number, seed)._asdict())
            half.replace(path)
