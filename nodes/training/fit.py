"""Fits the network to generated clips and writes its weights."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from nodes.training.hearing import OUTPUTS, features, targets
from nodes.training.network import Weights, initial, loss

Floats = NDArray[np.float32]

_BATCH = 32
_DENSE, _HIDDEN = 40, 64
_DECAY, _CLIP = 1e-4, 0.5
_STRETCH = 0.13
"""By how much a cut may be faster or slower, as a logarithm."""
_FADE = 130
"""Steps at the beginning of a cut from the middle of a clip, over which it comes to count."""


@dataclass(frozen=True)
class Heard:
    """A clip as it was written by `generate`."""

    bands: Floats
    clear: NDArray[np.bool_]
    moments: tuple[NDArray[np.int64], ...]
    """Of beats, downbeats, onsets: in which step."""


@dataclass(frozen=True)
class Stage:
    """One round: of how many clips, cut to how many steps, how often, how fast at most."""

    clips: int
    length: int
    epochs: int
    rate: float
    spoilt: bool = False
    """Whether cuts are heard through bad lines and in noisy places, too."""


def load(folder: Path, most: int) -> list[Heard]:
    """The first clips of a folder."""
    clips = []
    for path in sorted(folder.glob("*[0-9].npz"))[:most]:
        with np.load(path) as file:
            found = tuple(file[name] for name in OUTPUTS)
            clips.append(Heard(file["bands"], file["clear"], found))
    return clips


def _coloured(bands: Floats, rng: np.random.Generator) -> Floats:
    """The same through another loudspeaker: some bands up, some down, a little noise below all."""
    count = bands.shape[1]
    knots = rng.normal(0.0, rng.uniform(0.0, 5.0), 6)
    decibels = np.interp(np.linspace(0.0, 5.0, count), np.arange(6), knots)
    out = bands * (10.0 ** (decibels / 20.0)).astype(np.float32)
    if rng.random() < 0.3:
        floor = np.float32(float(bands.mean()) * 10.0 ** rng.uniform(-2.5, -0.5))
        out += floor * np.abs(rng.standard_normal(bands.shape, np.float32))
    return out


def _transposed(bands: Floats, rng: np.random.Generator) -> Floats:
    """Everything a third or so higher or lower."""
    by = int(rng.integers(-2, 3))
    at = np.clip(np.arange(bands.shape[1]) - by, 0, bands.shape[1] - 1)
    return bands[:, at]


def _narrow(bands: Floats, rng: np.random.Generator) -> Floats:
    """Through a line that lets neither the lowest nor the highest bands pass."""
    place = np.arange(bands.shape[1]) / bands.shape[1]
    low, high = rng.uniform((-0.2, 0.4), (0.4, 1.1))
    slope = rng.uniform(10.0, 50.0)
    through = 1.0 / (1.0 + np.exp(slope * (low - place)) + np.exp(slope * (place - high)))
    return np.asarray(bands * through, np.float32)


def _beside(bands: Floats, noise: Floats, rng: np.random.Generator) -> Floats:
    """In a place where something else sounds, whose power adds to its own."""
    at = (np.arange(len(bands)) + rng.integers(len(noise))) % len(noise)
    ratio = 10.0 ** (-rng.uniform(-3.0, 30.0) / 20.0) * bands.mean() / max(noise.mean(), 1e-9)
    return np.asarray(np.hypot(bands, ratio * noise[at]), np.float32)


def _cut(clip: Heard, longest: int, rng: np.random.Generator) -> tuple[Heard, bool]:
    """A part of a clip, a little faster or slower, and whether it begins in the middle."""
    speed = float(np.exp(rng.uniform(-_STRETCH, _STRETCH))) if rng.random() < 0.6 else 1.0
    steps = len(clip.bands)
    length = min(longest, int((steps - 2) / speed))
    spare = steps - 2 - int(length * speed)
    first = int(rng.integers(0, spare + 1)) if rng.random() < 0.7 else 0
    at = first + np.arange(length) * speed
    below = at.astype(int)
    share = (at - below).astype(np.float32)[:, None]
    bands = clip.bands[below] * (1.0 - share) + clip.bands[below + 1] * share
    moved = (np.round((found - first) / speed).astype(np.int64) for found in clip.moments)
    inside = tuple(found[(found >= 0) & (found < length)] for found in moved)
    return Heard(bands, clip.clear[below], inside), first > 0


def _spoilt(bands: Floats, noises: list[Heard], rng: np.random.Generator) -> Floats:
    """Now and then through a bad line, now and then in a noisy place."""
    if rng.random() < 0.2:
        bands = _narrow(bands, rng)
    if noises and rng.random() < 0.3:
        bands = _beside(bands, noises[int(rng.integers(len(noises)))].bands, rng)
    return bands


def _batch(
    clips: list[Heard], steps: int, noises: list[Heard] | None, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Cuts of some clips: features, what is wanted, what each step is worth."""
    heard = np.zeros((len(clips), steps, 2 * clips[0].bands.shape[1]), np.float32)
    wanted = np.zeros((len(clips), steps, len(OUTPUTS)), np.float32)
    worth = np.zeros((len(clips), steps), np.float32)
    for row, clip in enumerate(clips):
        cut, inside = _cut(clip, steps, rng)
        length = len(cut.bands)
        bands = cut.bands if noises is None else _spoilt(cut.bands, noises, rng)
        heard[row, :length] = features(_coloured(_transposed(bands, rng), rng))
        wanted[row, :length] = targets(cut.moments, length)
        worth[row, :length] = cut.clear
        if inside:
            worth[row, :_FADE] *= np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    return heard, wanted, worth


def _batches(clips: list[Heard], rng: np.random.Generator) -> Iterator[list[Heard]]:
    order = rng.permutation(len(clips))
    for at in range(0, len(order) - _BATCH + 1, _BATCH):
        yield [clips[i] for i in order[at : at + _BATCH]]


@dataclass(frozen=True)
class Fitted:
    """Weights, and what the features are standardised by before they meet them."""

    weights: Weights
    mean: Floats
    deviation: Floats

    def store(self, path: Path) -> None:
        """To go on from."""
        np.savez(path, mean=self.mean, deviation=self.deviation, **self.weights)

    @classmethod
    def restore(cls, path: Path) -> Fitted:
        """What `store` wrote."""
        with np.load(path) as file:
            parts = {name: file[name] for name in file.files}
        mean, deviation = parts.pop("mean"), parts.pop("deviation")
        return cls({name: jnp.asarray(part) for name, part in parts.items()}, mean, deviation)

    def towards(self, other: Fitted, share: float) -> Fitted:
        """Between this fit and one that went on from it, so that less of what was known is lost
        (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022)."""
        weights = {
            name: (1.0 - share) * part + share * other.weights[name]
            for name, part in self.weights.items()
        }
        return Fitted(weights, self.mean, self.deviation)

    def export(self, path: Path) -> None:
        """For the node: as float16, with the standardising put into the first layer."""
        out: dict[str, Any] = {  # for numpy's stubs take keywords for switches
            name: np.asarray(part, np.float64) for name, part in self.weights.items()
        }
        out["dense"] = out["dense"] / self.deviation[:, None]
        out["dense_bias"] = out["dense_bias"] - self.mean @ out["dense"]
        np.savez_compressed(path, **{name: part.astype(np.float16) for name, part in out.items()})


def begin(clips: list[Heard], seed: int) -> Fitted:
    """Random weights."""
    some = np.concatenate([features(clip.bands) for clip in clips[:: max(1, len(clips) // 200)]])
    weights = initial(some.shape[1], _DENSE, _HIDDEN, len(OUTPUTS), seed)
    return Fitted(weights, some.mean(axis=0), some.std(axis=0) + 1e-3)


def fit(clips: list[Heard], start: Fitted, stage: Stage, seed: int, path: Path) -> None:
    """Fit by AdamW (Loshchilov and Hutter, ICLR 2019), and store what each epoch brings."""
    weights, rng = start.weights, np.random.default_rng(seed)
    steps = stage.epochs * (len(clips) // _BATCH)
    pace = optax.warmup_cosine_decay_schedule(1e-4, stage.rate, min(100, steps // 4), steps, 1e-5)
    rule = optax.chain(optax.clip_by_global_norm(_CLIP), optax.adamw(pace, weight_decay=_DECAY))
    memory = rule.init(weights)

    def step(
        weights: Weights, memory: optax.OptState, heard: Floats, wanted: Floats, worth: Floats
    ) -> tuple[Weights, optax.OptState, jax.Array]:
        value, slope = jax.value_and_grad(loss)(weights, heard, wanted, worth)
        change, memory = rule.update(slope, memory, weights)
        return optax.apply_updates(weights, change), memory, value

    update = jax.jit(step)
    noises = [clip for clip in clips if not clip.moments[0].size] if stage.spoilt else None
    begun = time.perf_counter()
    for epoch in range(stage.epochs):
        losses = []
        for some in _batches(clips, rng):
            heard, wanted, worth = _batch(some, stage.length, noises, rng)
            heard = (heard - start.mean) / start.deviation
            weights, memory, value = update(weights, memory, heard, wanted, worth)
            losses.append(float(value))
        spent = time.perf_counter() - begun
        told = f"epoch {epoch + 1}/{stage.epochs}  loss {np.mean(losses):.4f}  {spent:.0f} s\n"
        sys.stdout.write(told)
        sys.stdout.flush()
        Fitted(weights, start.mean, start.deviation).store(path)
