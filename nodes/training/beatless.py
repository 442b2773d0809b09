"""Sounds that have no beat: weather, machines, voices, animals, chords that come when they like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import signal

from nodes.training.drums import RATE, Sound, filtered


def _wander(
    seconds: float, every: float, low: float, high: float, rng: np.random.Generator
) -> Sound:
    """A control that moves between random values."""
    knots = np.arange(0.0, seconds + 2.0 * every, every) + rng.uniform(-0.3, 0.3) * every
    time = np.arange(int(seconds * RATE)) / RATE
    return np.interp(time, knots, rng.uniform(low, high, knots.size))


def _noise(seconds: float, slope: float, rng: np.random.Generator) -> Sound:
    samples = int(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.maximum(np.fft.rfftfreq(samples, 1.0 / RATE), 25.0) ** slope
    sound = np.fft.irfft(spectrum, samples)
    return sound / np.std(sound)


def _moments(seconds: float, mean: float, rng: np.random.Generator) -> Sound:
    """Times with gaps as unlike each other as chance makes them."""
    gaps = rng.gamma(rng.uniform(1.0, 3.0), 1.0, int(4 * seconds / mean) + 8)
    times = np.cumsum(gaps / gaps.mean() * mean)
    return times[times < seconds - 0.05]


def _add(out: Sound, at: float, sound: Sound) -> None:
    part = out[round(at * RATE) :][: sound.size]
    part += sound[: part.size]


def wind(seconds: float, rng: np.random.Generator) -> Sound:
    """Noise that swells slowly: wind, sea, traffic, hiss."""
    swell = _wander(seconds, rng.uniform(0.7, 4.0), rng.uniform(0.1, 0.9), 1.0, rng)
    return _noise(seconds, rng.uniform(0.0, 1.2), rng) * swell


def rain(seconds: float, rng: np.random.Generator) -> Sound:
    """Many short bursts: rain, fire, applause, gravel."""
    out = rng.uniform(0.0, 0.1) * rng.standard_normal(int(seconds * RATE))
    ring = np.exp(rng.uniform(np.log(0.0008), np.log(0.015)))
    time = np.arange(int(6 * ring * RATE)) / RATE
    for at in _moments(seconds, 1.0 / np.exp(rng.uniform(np.log(3.0), np.log(80.0))), rng):
        burst = rng.standard_normal(time.size) * np.exp(-time / ring)
        _add(out, float(at), rng.exponential(0.3) * burst)
    return filtered(out, "bandpass", rng.uniform(100, 1000), rng.uniform(3000, 12000), order=1)


def drone(seconds: float, rng: np.random.Generator) -> Sound:
    """Steady tones that come and go: organs, hum, machines."""
    time = np.arange(int(seconds * RATE)) / RATE
    base, out = rng.uniform(40.0, 200.0), np.zeros(int(seconds * RATE))
    for _ in range(int(rng.integers(2, 9))):
        pitch = base * rng.choice([1, 1.5, 2, 2.5, 3, 4, 6, 8]) * rng.uniform(0.995, 1.005)
        swell = _wander(seconds, rng.uniform(1.5, 8.0), 0.0, 1.0, rng)
        tone = np.sin(2.0 * np.pi * pitch * time + rng.uniform(0, 6))
        out += tone * swell * (base / pitch) ** 0.5
    return out + rng.uniform(0.0, 0.1) * _noise(seconds, 0.5, rng)


def chords(seconds: float, rng: np.random.Generator) -> Sound:
    """Notes or chords at any time, soft or struck, with long tails."""
    out, struck = np.zeros(int(seconds * RATE)), rng.random() < 0.5
    scale = np.array([0, 2, 3, 5, 7, 9, 10, 12, 14, 15, 19, 24])
    for at in _moments(seconds, rng.uniform(0.5, 5.0), rng):
        length = rng.uniform(1.0, 7.0)
        time = np.arange(int(length * RATE)) / RATE
        attack = rng.uniform(0.003, 0.02) if struck else rng.uniform(0.2, 1.5)
        fall = np.exp(-3.0 * time / length) if struck else np.clip(length - time, 0.0, 1.0)
        shape = np.minimum(1.0, time / attack) * fall
        for key in rng.choice(scale, int(rng.integers(1, 4)), replace=False):
            pitch = 130.0 * 2.0 ** (key / 12.0)
            tone = np.zeros(time.size)
            for n in range(1, 6):
                tone += np.sin(2.0 * np.pi * n * pitch * time) / n ** rng.uniform(1.2, 2.5)
            _add(out, float(at), tone * shape * rng.uniform(0.2, 1.0))
    return out


def speech(seconds: float, rng: np.random.Generator) -> Sound:
    """Somebody talks: a buzzing voice through changing formants, hisses, pauses, no words."""
    out, at = np.zeros(int(seconds * RATE)), float(rng.uniform(0.0, 1.0))
    pitch, pace = rng.uniform(85.0, 240.0), rng.uniform(0.75, 1.35)
    while at < seconds - 0.6:
        for _ in range(int(rng.integers(2, 14))):
            length = float(np.clip(rng.lognormal(np.log(0.17 * pace), 0.4), 0.06, 0.5))
            _add(out, at, _syllable(length, pitch * rng.lognormal(0.0, 0.12), rng))
            at += length * rng.uniform(0.8, 1.3)
        at += float(rng.gamma(1.5, 0.35))
    return out


def _syllable(length: float, pitch: float, rng: np.random.Generator) -> Sound:
    """Perhaps a consonant, then a vowel whose pitch glides."""
    time = np.arange(int(length * RATE)) / RATE
    glide = pitch * (1.0 + rng.uniform(-0.15, 0.1) * time / length)
    turns = np.cumsum(glide) / RATE
    source = 2.0 * (turns % 1.0) - 1.0 + 0.1 * rng.standard_normal(time.size)
    formants = rng.uniform(250, 850), rng.uniform(850, 2400), rng.uniform(2200, 3200)
    vowel = np.zeros(time.size)
    for index, formant in enumerate(formants):
        top = signal.iirpeak(formant, rng.uniform(4.0, 10.0), fs=RATE)
        vowel += signal.lfilter(*top, source) / (1.0 + index)
    vowel *= np.sin(np.pi * np.clip(time / length, 0.0, 1.0)) ** rng.uniform(0.4, 1.2)
    if rng.random() < 0.5:
        corner = rng.uniform(1500, 5000)
        hiss = filtered(rng.standard_normal(time.size), "highpass", corner, order=1)
        vowel += rng.uniform(0.02, 0.25) * hiss * np.exp(-time / rng.uniform(0.01, 0.06))
    return vowel * rng.uniform(0.4, 1.0)


def crowd(seconds: float, rng: np.random.Generator) -> Sound:
    """Several people talking at once."""
    out = np.zeros(int(seconds * RATE))
    for _ in range(int(rng.integers(2, 5))):
        out += rng.uniform(0.3, 1.0) * speech(seconds, rng)
    return out


def animals(seconds: float, rng: np.random.Generator) -> Sound:
    """Calls that glide: whales when low and long, birds when high and short."""
    out = 0.02 * _noise(seconds, 0.5, rng)
    low = rng.random() < 0.5
    for at in _moments(seconds, rng.uniform(0.3, 3.0), rng):
        length = rng.uniform(0.5, 4.0) if low else rng.uniform(0.04, 0.4)
        time = np.arange(int(length * RATE)) / RATE
        pitch = rng.uniform(60, 700) if low else rng.uniform(1500, 6500)
        glide = rng.normal(0, 0.5) * time / length
        bend = pitch * np.exp(glide + 0.05 * np.sin(2 * np.pi * rng.uniform(2, 25) * time))
        call = np.sin(2.0 * np.pi * np.cumsum(bend) / RATE) * np.sin(np.pi * time / length)
        _add(out, float(at), call * rng.uniform(0.1, 1.0))
    return out


def knocks(seconds: float, rng: np.random.Generator) -> Sound:
    """Things fall, doors shut, somebody works: bangs of all kinds, none when expected."""
    out = rng.uniform(0.0, 0.03) * _noise(seconds, 0.7, rng)
    for at in _moments(seconds, rng.uniform(0.25, 2.0), rng):
        ring = np.exp(rng.uniform(np.log(0.01), np.log(0.3)))
        time = np.arange(int(6 * ring * RATE)) / RATE
        tone = np.sin(2.0 * np.pi * rng.uniform(60, 2500) * time)
        bang = tone + rng.uniform(0.0, 1.0) * rng.standard_normal(time.size)
        _add(out, float(at), bang * np.exp(-time / ring) * rng.uniform(0.1, 1.0))
    return out


def silence(seconds: float, rng: np.random.Generator) -> Sound:
    """Nothing, or next to nothing."""
    loudness = 10.0 ** float(rng.uniform(-6.0, -3.0))
    return np.asarray(loudness * rng.standard_normal(int(seconds * RATE)))


BEATLESS: tuple[Callable[[float, np.random.Generator], Sound], ...] = (
    wind, rain, drone, chords, chords, speech, speech, crowd, animals, knocks, silence,
)  # fmt: skip
