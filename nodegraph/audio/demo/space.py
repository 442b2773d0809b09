"""Effects on whole buses of the demo track: echo, reverb, ducking, the final limiter."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nodegraph.audio.demo.voices import LOOP, decay, noise, seconds

Bus = NDArray[np.float32]
"""Left and right: float32[2, n]."""


def echo(bus: Bus, time: float, feedback: float, rate: int) -> Bus:
    """The echoes of a bus, each on the other side than the one before; without the bus itself."""
    lag = round(time * rate)
    wet = np.zeros_like(bus)
    for start in range(lag, bus.shape[1], lag):
        here = slice(start, min(start + lag, bus.shape[1]))
        before = slice(start - lag, here.stop - lag)
        wet[:, here] = bus[::-1, before] + feedback * wet[::-1, before]
    return wet


def reverb(bus: Bus, rate: int) -> Bus:
    """A hall: the bus in mono, convolved with decaying noise left and right (overlap-add)."""
    t = seconds(1.5, rate)
    shape = decay(t, 0.32, 0.012) * 550 / rate  # a sum over samples stands for an integral
    halls = np.stack([noise(250, 7000, rate, seed)[: len(t)] * shape for seed in (9, 10)])
    size = 1 << (2 * len(t) - 1).bit_length()
    hop = size - len(t)
    responses = np.fft.rfft(halls.astype(np.float32), size)
    mono = bus.mean(axis=0)
    wet = np.zeros((2, len(mono) + size), np.float32)
    for start in range(0, len(mono), hop):
        spectrum = np.fft.rfft(mono[start : start + hop], size)
        wet[:, start : start + size] += np.fft.irfft(spectrum * responses, size)
    return wet[:, : len(mono)]


def duck(bus: Bus, beats: Iterable[float], depth: float, rate: int) -> None:
    """Push a bus down on each beat, in place: the pump of a compressor keyed by the kick."""
    t = seconds(0.36, rate)
    curve = 1 - depth * np.clip(1 - t / 0.36, 0, 1) ** 2 * np.minimum(1, t / 0.003)
    curve = curve.astype(np.float32)
    for beat in beats:
        here = bus[:, round(beat * rate) :][:, : len(t)]
        here *= curve[: here.shape[1]]


def sweep_noise(length: float, rate: int) -> Bus:
    """A riser: noise whose band climbs from 300 Hz to 9 kHz over `length` seconds, ever louder."""
    place = np.linspace(0, 1, round(length * rate), dtype=np.float32)
    repeats = int(np.ceil(length / LOOP))
    riser = np.zeros((2, len(place)), np.float32)
    bands = 9
    for band in range(bands):
        weight = np.maximum(0, 1 - np.abs(place * (bands - 1) - band))
        middle = 300 * 30 ** (band / (bands - 1))
        for side in range(2):
            strip = noise(middle * 0.7, middle * 1.4, rate, 20 + 2 * band + side)
            riser[side] += weight * np.tile(strip, repeats)[: len(place)]
    return 0.35 * place**1.7 * riser


def master(mix: Bus, drive: float, ceiling: float) -> Bus:
    """Soft clipping: loud, warm, and never above `ceiling`."""
    return np.asarray(ceiling * np.tanh(drive * mix))
