"""The demo track's instruments: each renders one note, the same at every sample rate.

Tones are summed from partials and noises from spectra that stop at fixed frequencies, so that a
higher sample rate adds samples, not sound.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
"""float32[n] or, left and right, float32[2, n]."""

CEILING = 10_000.0
"""Hz; no partial of a tone lies above, so that 22050 Hz can carry them all."""
TABLE = 4096
LOOP = 2.0
"""Seconds after which a texture repeats; whole samples at any rate in Hz."""
GRID = np.arange(1, 36_000) / LOOP
"""The frequencies of a texture in Hz."""


def hertz(note: float) -> float:
    """The frequency of a MIDI note."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def cutoff(brightness: float) -> float:
    """The filter's corner in Hz for a brightness of 0..1: 250 Hz to 8 kHz."""
    return float(250.0 * 2.0 ** (5.0 * brightness))


def seconds(length: float, rate: int) -> NDArray[np.float64]:
    """The times of the samples of a note."""
    return np.arange(round(length * rate)) / rate


def decay(t: NDArray[np.float64], time: float, attack: float = 0.002) -> NDArray[np.float64]:
    """An envelope: up in `attack` seconds, down by 1/e every `time`, to nothing at the end."""
    release = np.minimum(1.0, (t[-1] - t) / 0.008)
    return np.asarray(np.minimum(1.0, t / attack) * np.exp(-t / time) * release)


@lru_cache(maxsize=512)
def saw_table(frequency: float, corner: float) -> Sound:
    """One turn of a sawtooth behind a two-pole low-pass filter that rings a little."""
    partials = np.arange(1, max(2, int(CEILING / frequency) + 1))
    ratio = partials * frequency / corner
    gain = (1 + 0.8 * np.exp(-((ratio - 1) ** 2) / 0.08)) / (1 + ratio**4) ** 0.5
    spectrum = np.zeros(TABLE // 2 + 1, np.complex128)
    spectrum[partials] = -0.5j * TABLE * gain / partials
    return np.fft.irfft(spectrum).astype(np.float32)


def turn(table: Sound, phase: NDArray[np.float64]) -> Sound:
    """A table read at `phase`, counted in turns."""
    return table.take((phase * TABLE).astype(np.int64) & (TABLE - 1))


def saws(
    note: float, t: NDArray[np.float64], corner: float, sweep: NDArray[np.float64], detune: float
) -> Sound:
    """A filtered sawtooth whose corner falls from four times `corner` as `sweep` goes 1 to 0."""
    frequency = hertz(note)
    phase = t * frequency * (1 + detune) + (note * 0.37 + detune * 91) % 1
    dark, bright = saw_table(frequency, corner), saw_table(frequency, 4 * corner)
    return turn(dark, phase) + sweep.astype(np.float32) * turn(bright - dark, phase)


@lru_cache(maxsize=64)
def phasors(seed: int) -> NDArray[np.complex64]:
    """A random phase for every frequency of `GRID`."""
    turns = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(GRID))
    return (np.cos(turns) + 1j * np.sin(turns)).astype(np.complex64)


def texture(magnitudes: NDArray[np.float64], seed: int, rate: int) -> Sound:
    """A loop of `LOOP` seconds with this spectrum over `GRID`, random phases and an RMS of 1."""
    size = round(LOOP * rate)
    usable = min(len(GRID), size // 2 - 1)
    spectrum = np.zeros(size // 2 + 1, np.complex64)
    scale = size / np.sqrt(2 * np.sum(magnitudes**2))
    spectrum[1 : usable + 1] = (scale * magnitudes * phasors(seed))[:usable]
    return np.fft.irfft(spectrum, size).astype(np.float32)


@lru_cache(maxsize=64)
def noise(low: float, high: float, rate: int, seed: int = 1) -> Sound:
    """A loop of noise, mostly between two frequencies in Hz, with an RMS of 1."""
    octaves = np.log2(GRID / np.sqrt(low * high)) / np.log2(high / low)
    return texture(np.exp(-3 * octaves**2) / np.sqrt(GRID), seed, rate)


def pad(chord: tuple[int, ...], corner: float, rate: int) -> Sound:
    """A chord held by an ensemble, in stereo: each partial a narrow band (Nasca's PADsynth)."""
    magnitudes = np.zeros(len(GRID))
    for note in chord:
        for partial in range(1, 30):
            centre = partial * hertz(note)
            if centre > CEILING:
                break
            width = centre * 0.006
            level = partial**-1.1 / (1 + (centre / corner) ** 4) ** 0.5
            near = slice(int((centre - 4 * width) * LOOP), int((centre + 4 * width) * LOOP) + 1)
            band = np.exp(-(((GRID[near] - centre) / width) ** 2))
            magnitudes[near] += level * band / np.sqrt(width)
    return np.stack([texture(magnitudes, seed, rate) for seed in (chord[0], chord[0] + 100)])


def kick(rate: int) -> Sound:
    """A sine that falls from 270 to 50 Hz, with a click."""
    t = seconds(0.4, rate)
    falling = 50 * t + 220 * 0.028 * (1 - np.exp(-t / 0.028))
    body = np.tanh(2 * np.sin(2 * np.pi * falling) * decay(t, 0.13, 0.0005))
    click = noise(1800, 7000, rate, 2)[: len(t)] * decay(t, 0.003, 0.0003)
    return (body + 0.3 * click).astype(np.float32)


def clap(rate: int) -> Sound:
    """Three short bursts of noise and their room, in stereo."""
    t = seconds(0.35, rate)
    bursts = sum(
        (np.where(t >= at, np.exp(-np.maximum(t - at, 0) / 0.005), 0) for at in (0, 0.011, 0.022)),
        np.zeros(len(t)),
    )
    shape = (0.7 * bursts + 0.6 * decay(t, 0.07, 0.02)) * decay(t, 1.0, 0.0005)
    sides = [noise(900, 5200, rate, seed)[: len(t)] for seed in (3, 4)]
    return np.stack([0.5 * shape * side for side in sides]).astype(np.float32)


def snare(rate: int, pitch: float) -> Sound:
    """A tone of `pitch` Hz and a rattle."""
    t = seconds(0.22, rate)
    tone = np.sin(2 * np.pi * (pitch * t + 0.6 * (1 - np.exp(-t / 0.012)))) * decay(t, 0.05, 0.001)
    rattle = noise(1500, 9000, rate, 5)[: len(t)] * decay(t, 0.055, 0.0005)
    return (0.6 * tone + 0.35 * rattle).astype(np.float32)


def hat(rate: int, time: float) -> Sound:
    """A hi-hat that rings for about `time` seconds."""
    t = seconds(5 * time, rate)
    return (0.4 * noise(6500, 15000, rate, 6)[: len(t)] * decay(t, time, 0.0005)).astype(np.float32)


def crash(rate: int) -> Sound:
    """A cymbal of two seconds, in stereo."""
    t = seconds(LOOP, rate)
    sides = [noise(3500, 14000, rate, seed) for seed in (7, 8)]
    return np.stack([0.3 * side * decay(t, 0.6, 0.001) * (1 - t / LOOP) for side in sides]).astype(
        np.float32
    )


def boom(rate: int) -> Sound:
    """A low impact."""
    t = seconds(1.6, rate)
    falling = 36 * t + 2.4 * (1 - np.exp(-t / 0.08))
    return np.tanh(2 * np.sin(2 * np.pi * falling) * decay(t, 0.35)).astype(np.float32)


def bass(note: int, length: float, corner: float, rate: int) -> Sound:
    """A saw with a closing filter over a sine."""
    t = seconds(length, rate)
    sweep = np.exp(-t / 0.07)
    tone = 0.6 * saws(note, t, corner, sweep, 0.0) + 0.7 * np.sin(2 * np.pi * hertz(note) * t)
    return np.tanh(1.2 * tone * decay(t, 0.6, 0.004)).astype(np.float32)


def pluck(note: int, corner: float, rate: int) -> Sound:
    """A short bright string of two saws."""
    t = seconds(0.36, rate)
    sweep = np.exp(-t / 0.05)
    pair = saws(note, t, corner, sweep, 0.002) + saws(note, t, corner, sweep, -0.002)
    return (0.3 * pair * decay(t, 0.11)).astype(np.float32)


def stab(chord: tuple[int, ...], corner: float, rate: int) -> Sound:
    """A short chord, its saws detuned against each other left and right."""
    t = seconds(0.4, rate)
    sweep = np.exp(-t / 0.06)
    sides = [
        np.sum([saws(note, t, corner, sweep, detune) for note in chord], axis=0)
        for detune in (-0.003, 0.003)
    ]
    return np.stack([0.2 * side * decay(t, 0.16, 0.003) for side in sides]).astype(np.float32)


def lead(note: int, length: float, corner: float, rate: int) -> Sound:
    """A singing voice of three saws with a slow vibrato."""
    t = seconds(length + 0.12, rate)
    held = np.minimum(1.0, t / 0.012) * np.power(np.clip((t[-1] - t) / 0.12, 0, 1), 1.5)
    wobble = 0.0007 * np.sin(2 * np.pi * 5.5 * t) * np.clip(t / 0.25, 0, 1)
    bent = t + wobble / 5.5
    sweep = 0.25 + 0.75 * np.exp(-t / 0.12)
    tone = np.zeros(len(t))
    for detune in (-0.004, 0.0, 0.004):
        tone += saws(note, bent, corner, sweep, detune)
    tone *= 0.28 * held
    return tone.astype(np.float32)
