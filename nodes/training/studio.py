"""A song becomes sound: played by imperfect people, mixed, mastered, and sometimes spoilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path

import numpy as np
from scipy import signal

from nodes.training.compose import Song
from nodes.training.drums import GENERAL_MIDI, RATE, Sound, filtered, make_kit, play
from nodes.training.tempo import TempoMap
from nodes.training.voices import Sounding, midi_file, oscillators, through_soundfont

_SOUNDFONTS = Path("/usr/share/sounds/sf2")
_KITS = (0, 0, 8, 16, 24, 25, 32, 40, 48)
_OWN = ("saw", "square", "bass")


@dataclass(frozen=True)
class Take:
    """A song as it was played: hits (s, drum, loudness) and notes in seconds."""

    hits: list[tuple[float, str, float]]
    notes: list[Sounding]

    def onsets(self) -> Sound:
        """When something begins, s; what is closer than 30 ms is one."""
        times = sorted([at for at, *_ in self.hits] + [note.begin for note in self.notes])
        found: list[float] = []
        for time in times:
            if not found or time - found[-1] > 0.03:
                found.append(time)
        return np.array(found)


def swung(at: float, pair: float, ratio: float) -> float:
    """Where a beat is played if the first of each two steps takes `ratio` of both."""
    index = floor(at / pair + 1e-9)
    place = at / pair - index
    place = place * 2.0 * ratio if place <= 0.5 else ratio + (place - 0.5) * 2.0 * (1.0 - ratio)
    return (index + place) * pair


def perform(song: Song, time: TempoMap, seconds: float, rng: np.random.Generator) -> Take:
    """When everything sounds. Each player is a little early or late in a way of their own."""
    style = song.style
    ratio = rng.uniform(*style.swing)
    loose = style.jitter * rng.uniform(0.3, 1.4)
    lags: dict[int | str, float] = {}

    def when(at: float, who: int | str) -> float:
        lag = lags.setdefault(who, float(rng.normal(0.0, loose * 0.7)))
        miss = float(np.clip(rng.normal(0.0, loose), -2.5 * loose, 2.5 * loose))
        return float(time.seconds(swung(at, style.pair, ratio))) + lag + miss

    hits = [(when(hit.at, hit.drum), hit.drum, hit.loud) for hit in song.hits]
    notes = []
    for note in song.notes:
        begin = when(note.at, note.voice)
        length = float(time.seconds(note.at + note.length) - time.seconds(note.at))
        notes.append(Sounding(begin, begin + length, note.voice, note.key, note.loud))
    return Take(
        [hit for hit in hits if 0.0 <= hit[0] < seconds],
        [note for note in notes if 0.0 <= note.begin < seconds],
    )


def _level(sound: Sound) -> Sound:
    """As loud as anything else: by its mean power, but never far over the top."""
    power = float(np.sqrt(np.mean(sound**2)))
    return sound / max(4.0 * power, 0.6 * float(np.abs(sound).max()), 1e-9)


def _ducked(sound: Sound, kicks: Sequence[float], rng: np.random.Generator) -> Sound:
    """Everything gives way to the kick drum, as in dance music."""
    gain, depth = np.ones(sound.size), rng.uniform(0.3, 0.9)
    length = int(rng.uniform(0.1, 0.35) * RATE)
    dip = 1.0 - depth * (1.0 - np.arange(length) / length) ** 1.5
    for kick in kicks:
        part = gain[round(kick * RATE) :][:length]
        np.minimum(part, dip[: part.size], out=part)
    return sound * gain


def mix(take: Take, samples: int, rng: np.random.Generator) -> Sound:
    """All players together, in a balance of the day."""
    sampled = rng.random() < 0.5
    font = _SOUNDFONTS / ("FluidR3_GM.sf2" if rng.random() < 0.7 else "TimGM6mb.sf2")
    notes = [note for note in take.notes if note.voice not in _OWN]
    if sampled:
        notes += [
            Sounding(at, at + 0.2, "drums", GENERAL_MIDI[drum], loud * 0.9)
            for at, drum, loud in take.hits
        ]
    out = np.zeros(samples)
    if notes:
        voices = sorted({note.voice for note in notes}, key=str)
        volume = {voice: float(rng.uniform(0.45, 1.0)) for voice in voices}
        midi = midi_file(notes, int(rng.choice(_KITS)), volume)
        out += _level(through_soundfont(midi, samples, font, bool(rng.random() < 0.6)))
    for voice in _OWN:
        own = [note for note in take.notes if note.voice == voice]
        if own:
            out += rng.uniform(0.3, 1.0) * _level(oscillators(own, samples, rng))
    if rng.random() < 0.25 and not sampled:
        out = _ducked(out, [at for at, drum, _ in take.hits if drum == "kick"], rng)
    if take.hits and not sampled:
        out += rng.uniform(0.5, 1.5) * _level(play(make_kit(rng), take.hits, samples))
    return out


def _coloured_noise(samples: int, slope: float, rng: np.random.Generator) -> Sound:
    """Noise whose amplitude falls with frequency to the power of `slope`."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.maximum(np.fft.rfftfreq(samples, 1.0 / RATE), 20.0) ** slope
    return np.fft.irfft(spectrum, samples)


def master(sound: Sound, rng: np.random.Generator) -> Sound:
    """Compressed, coloured, in a room, through a bad line, in a noisy place: each now and then."""
    out = sound / max(float(np.abs(sound).max()), 1e-9)
    if rng.random() < 0.6:
        drive = rng.uniform(0.5, 4.0)
        out = np.tanh(drive * out) / np.tanh(drive)
    if rng.random() < 0.2:
        length = int(rng.uniform(0.3, 2.5) * RATE)
        room = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
        wet = signal.fftconvolve(out, room)[: out.size]
        out = out + rng.uniform(0.1, 1.0) * wet * np.std(out) / max(float(np.std(wet)), 1e-9)
    if rng.random() < 0.12:
        corner = np.exp(rng.uniform(np.log(500.0), np.log(8000.0)))
        out = filtered(out, "lowpass", corner)
    if rng.random() < 0.08:
        corner = np.exp(rng.uniform(np.log(80.0), np.log(500.0)))
        out = filtered(out, "highpass", corner)
    if rng.random() < 0.25:
        noise = _coloured_noise(out.size, rng.uniform(0.0, 1.0), rng)
        time = np.arange(out.size) / RATE
        swell = np.interp(time, np.arange(0.0, 200.0, 0.8), rng.uniform(0.4, 1.0, 250))
        ratio = 10.0 ** (-rng.uniform(0.0, 35.0) / 20.0)
        out = out + noise * swell * ratio * np.std(out) / max(float(np.std(noise)), 1e-9)
    peak = max(float(np.abs(out).max()), 1e-9)
    return np.asarray(out / peak * 10.0 ** (-rng.uniform(0.0, 26.0) / 20.0))
