"""`python -m nodes.training.fit_hits FOLDER`: makes lessons about drums, fits the network to them,
and puts its weights beside the nodes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.training.hits import DRUMS, write_lessons

Floats = NDArray[np.float32]
Weights = dict[str, Floats]

LESSONS, EPOCHS = 585, 20
_SEED = 7
_WEIGHTS = Path(__file__).parents[1] / "drum_net.npz"

_HIDDEN = (48, 24)
_BATCH = 1024
_RATE, _DECAY = 2e-3, 1e-4
_RARE = np.float32(2.5)
"""How much heavier a stroke weighs than none."""
_FIRST, _SECOND, _TINY = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
"""How long Adam remembers slopes and their squares (Kingma and Ba, ICLR 2015)."""


def load(folder: Path, count: int) -> tuple[Floats, Floats, Floats]:
    """What is heard, wanted, and counts, of all ticks of the first lessons."""
    heard, wanted, counts = [], [], []
    for path in sorted(folder.glob("*[0-9].npz"))[:count]:
        with np.load(path) as file:
            heard.append(file["heard"])
            wanted.append(file["wanted"])
            counts.append(file["counts"])
    return (
        np.concatenate(heard).astype(np.float32),
        np.concatenate(wanted).astype(np.float32),
        np.concatenate(counts).astype(np.float32),
    )


def fit(folder: Path, count: int, epochs: int, seed: int) -> Weights:
    """Two layers of tanh and one of sigmoids, by Adam on the cross-entropy."""
    heard, wanted, counts = load(folder, count)
    rng = np.random.default_rng(seed)
    mean, deviation = heard.mean(axis=0), heard.std(axis=0) + np.float32(1e-3)
    weights = _initial((heard.shape[1], *_HIDDEN, len(DRUMS)), rng)
    memory = {name: (np.zeros_like(it), np.zeros_like(it)) for name, it in weights.items()}
    steps, step = epochs * (len(heard) // _BATCH), 0
    for epoch in range(epochs):
        order, losses = rng.permutation(len(heard)), []
        for at in range(0, len(order) - _BATCH + 1, _BATCH):
            some = order[at : at + _BATCH]
            given = (heard[some] - mean) / deviation
            loss, slopes = _slopes(weights, given, wanted[some], counts[some])
            step += 1
            pace = np.float32(_RATE * 0.5 * (1.0 + np.cos(np.pi * step / steps)))
            _move(weights, slopes, memory, pace, step)
            losses.append(loss)
        sys.stdout.write(f"epoch {epoch + 1}/{epochs}  loss {np.mean(losses):.4f}\n")
        sys.stdout.flush()
    weights["first"] /= deviation[:, None]
    weights["first_bias"] -= mean @ weights["first"]
    return weights


def _initial(sizes: tuple[int, ...], rng: np.random.Generator) -> Weights:
    weights = {}
    for name, rows, columns in zip(("first", "second", "out"), sizes, sizes[1:], strict=False):
        matrix = rng.standard_normal((rows, columns)) / np.sqrt(rows)
        weights[name] = matrix.astype(np.float32)
        weights[f"{name}_bias"] = np.zeros(columns, np.float32)
    weights["out_bias"] -= np.float32(2.5)  # strokes are rare
    return weights


def _slopes(
    weights: Weights, given: Floats, wanted: Floats, counts: Floats
) -> tuple[float, Weights]:
    """The loss, and how it changes with each weight."""
    first = np.tanh(given @ weights["first"] + weights["first_bias"])
    second = np.tanh(first @ weights["second"] + weights["second_bias"])
    sums = second @ weights["out"] + weights["out_bias"]
    counts = counts * (1.0 + (_RARE - 1.0) * wanted)
    each = np.logaddexp(np.float32(0.0), sums) - wanted * sums
    loss = float((each * counts).mean())
    out = (1.0 / (1.0 + np.exp(-sums)) - wanted) * counts / np.float32(counts.size)
    into_second = (out @ weights["out"].T) * (1.0 - second * second)
    into_first = (into_second @ weights["second"].T) * (1.0 - first * first)
    return loss, {
        "first": given.T @ into_first,
        "first_bias": into_first.sum(axis=0),
        "second": first.T @ into_second,
        "second_bias": into_second.sum(axis=0),
        "out": second.T @ out,
        "out_bias": out.sum(axis=0),
    }


def _move(
    weights: Weights,
    slopes: Weights,
    memory: dict[str, tuple[Floats, Floats]],
    pace: np.float32,
    step: int,
) -> None:
    for name, slope in slopes.items():
        mean, square = memory[name]
        mean += (1 - _FIRST) * (slope - mean)
        square += (1 - _SECOND) * (slope * slope - square)
        ahead = mean / (1 - _FIRST**step)
        ahead /= np.sqrt(square / (1 - _SECOND**step)) + _TINY
        weights[name] -= pace * (ahead + np.float32(_DECAY) * weights[name])


def export(weights: Weights, path: Path) -> None:
    """For the node, as float16."""
    stored: dict[str, Any] = {name: it.astype(np.float16) for name, it in weights.items()}
    np.savez_compressed(path, **stored)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what is missing of all this in a folder; it may be interrupted and called again."""
    parser = argparse.ArgumentParser("python -m nodes.training.fit_hits", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where lessons are kept: half a gigabyte")
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="the weights, for the node")
    chosen = parser.parse_args(arguments)
    write_lessons(chosen.folder, range(LESSONS), _SEED)
    export(fit(chosen.folder, LESSONS, EPOCHS, 1), chosen.out)


if __name__ == "__main__":
    main()
