"""Drum kits made of sines and noise, each drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE = 44100
Sound = NDArray[np.float64]

GENERAL_MIDI = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "pedal": 44, "open": 46,
    "ride": 51, "bell": 53, "crash": 49, "high_tom": 50, "mid_tom": 47, "low_tom": 43,
    "cowbell": 56, "shaker": 70, "tambourine": 54, "conga": 63, "low_conga": 64, "clave": 75,
    "block": 76,
}  # fmt: skip
"""The keys of channel 10, as far as they are used here."""

_LOUDNESS = {
    "kick": 1.0, "snare": 0.8, "rim": 0.5, "clap": 0.6, "hat": 0.3, "pedal": 0.25, "open": 0.35,
    "ride": 0.35, "bell": 0.35, "crash": 0.4, "high_tom": 0.6, "mid_tom": 0.6, "low_tom": 0.7,
    "cowbell": 0.3, "shaker": 0.25, "tambourine": 0.3, "conga": 0.5, "low_conga": 0.5,
    "clave": 0.35, "block": 0.3,
}  # fmt: skip


def _decay(seconds: float, time: Sound) -> Sound:
    return np.asarray(np.exp(-time / seconds))


def _time(seconds: float) -> Sound:
    return np.arange(int(seconds * RATE)) / RATE


def filtered(sound: Sound, kind: str, *corners: float, order: int = 2) -> Sound:
    """Through a Butterworth filter: "lowpass", "highpass", "bandpass", corners in Hz."""
    at = corners if len(corners) > 1 else corners[0]
    return np.asarray(signal.sosfilt(signal.butter(order, at, kind, fs=RATE, output="sos"), sound))


def _kick(rng: np.random.Generator) -> Sound:
    """A sine that falls from hundreds of Hz to some 50, with a click or without."""
    time = _time(0.9)
    bottom, top = rng.uniform(40.0, 65.0), rng.uniform(70.0, 350.0)
    fall, ring = rng.uniform(0.008, 0.03), np.exp(rng.uniform(np.log(0.06), np.log(0.4)))
    sweep = bottom + (top - bottom) * _decay(fall, time)
    body = np.sin(2.0 * np.pi * np.cumsum(sweep) / RATE) * _decay(ring, time)
    click = filtered(rng.standard_normal(time.size), "highpass", rng.uniform(1000.0, 4000.0))
    driven = np.tanh(rng.uniform(0.8, 3.0) * body)
    return driven + rng.uniform(0.0, 0.4) * click * _decay(0.003, time)


def _snare(rng: np.random.Generator) -> Sound:
    time = _time(0.5)
    tone = np.sin(2.0 * np.pi * rng.uniform(150.0, 260.0) * time)
    tone *= _decay(rng.uniform(0.03, 0.09), time)
    band = rng.uniform(500.0, 1500.0), rng.uniform(5000.0, 12000.0)
    rattle = filtered(rng.standard_normal(time.size), "bandpass", *band)
    return rng.uniform(0.2, 0.9) * tone + rattle * _decay(rng.uniform(0.04, 0.16), time)


def _clap(rng: np.random.Generator) -> Sound:
    time = _time(0.4)
    noise = filtered(rng.standard_normal(time.size), "bandpass", 900.0, rng.uniform(3500.0, 7000.0))
    hands = np.sort(rng.uniform(0.0, 0.035, 4))
    shape = sum(np.where(time >= at, _decay(0.008, time - at), 0.0) for at in hands[:-1])
    tail = np.where(time >= hands[-1], _decay(rng.uniform(0.04, 0.1), time - hands[-1]), 0.0)
    return np.asarray(noise * (shape + tail))


def _metal(rng: np.random.Generator, ring: float, above: float, hiss: float) -> Sound:
    """Squares that fit no scale, and hiss: cymbals of all kinds."""
    time = _time(min(2.0, 7.0 * ring))
    pitches = rng.uniform(2500.0, 9500.0, 6)
    squares = np.sign(np.sin(2.0 * np.pi * pitches[:, None] * time)).sum(axis=0)
    mixed = 0.2 * squares + hiss * rng.standard_normal(time.size)
    return filtered(mixed, "highpass", above) * _decay(ring, time)


def _tuned(rng: np.random.Generator, pitch: float, ring: float, bend: float, noise: float) -> Sound:
    """A struck skin or stick: a sine that may fall, and a little noise at first."""
    time = _time(min(1.0, 7.0 * ring))
    sweep = pitch * rng.uniform(0.9, 1.1) * (1.0 + bend * _decay(0.03, time))
    tone = np.sin(2.0 * np.pi * np.cumsum(sweep) / RATE) * _decay(
        ring * rng.uniform(0.7, 1.4), time
    )
    return tone + noise * rng.standard_normal(time.size) * _decay(0.005, time)


def _shaken(rng: np.random.Generator, above: float, rise: float, ring: float) -> Sound:
    time = _time(0.25)
    swell = np.minimum(1.0, time / rise) * _decay(ring, time)
    return filtered(rng.standard_normal(time.size), "highpass", above) * swell


def make_kit(rng: np.random.Generator) -> dict[str, Sound]:
    """A sound for each drum, peaking at 1."""
    kit = {
        "kick": _kick(rng),
        "snare": _snare(rng),
        "clap": _clap(rng),
        "rim": _tuned(rng, 1700.0, 0.012, 0.0, 0.5),
        "hat": _metal(rng, rng.uniform(0.015, 0.045), rng.uniform(5000.0, 8500.0), 1.0),
        "pedal": _metal(rng, rng.uniform(0.015, 0.04), 6000.0, 1.0),
        "open": _metal(rng, rng.uniform(0.1, 0.3), rng.uniform(5000.0, 8000.0), 1.0),
        "ride": _metal(rng, rng.uniform(0.2, 0.4), 4500.0, 0.5),
        "bell": _metal(rng, 0.3, 3000.0, 0.2),
        "crash": _metal(rng, rng.uniform(0.3, 0.6), 3000.0, 1.5),
        "high_tom": _tuned(rng, 210.0, 0.12, 0.4, 0.1),
        "mid_tom": _tuned(rng, 150.0, 0.13, 0.4, 0.1),
        "low_tom": _tuned(rng, 100.0, 0.15, 0.4, 0.1),
        "cowbell": _tuned(rng, 560.0, 0.06, 0.0, 0.1),
        "shaker": _shaken(rng, 5000.0, rng.uniform(0.005, 0.03), 0.03),
        "tambourine": _shaken(rng, 7000.0, 0.002, 0.06),
        "conga": _tuned(rng, 270.0, 0.09, 0.05, 0.2),
        "low_conga": _tuned(rng, 185.0, 0.12, 0.05, 0.2),
        "clave": _tuned(rng, 2400.0, 0.02, 0.0, 0.0),
        "block": _tuned(rng, 800.0, 0.03, 0.0, 0.1),
    }
    return {name: sound / np.abs(sound).max() for name, sound in kit.items()}


def play(kit: dict[str, Sound], times: list[tuple[float, str, float]], samples: int) -> Sound:
    """The sound of hits (seconds, drum, loudness 0..1)."""
    out = np.zeros(samples + 2 * RATE)
    for at, drum, loud in times:
        start = round(at * RATE)
        if 0 <= start < samples:
            sound = kit[drum]
            out[start : start + sound.size] += _LOUDNESS[drum] * loud * sound
    return out[:samples]
