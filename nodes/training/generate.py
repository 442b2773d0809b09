"""Makes the clips and writes what the network hears of them, one file each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nodes.training.clip import make_clip
from nodes.training.hearing import bands, clear, moments


def generate(folder: Path, count: int, seed: int) -> None:
    """The clips of the first numbers, those that are missing, as `folder/00042.npz`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number:05}.npz"
        if path.exists():
            continue
        clip = make_clip(number, seed)
        heard = bands(clip.sound)
        steps = len(heard)
        half = path.with_suffix(".part.npz")
        np.savez(
            half,
            bands=heard,
            clear=clear(clip, steps),
            beat=moments(clip.beats, steps),
            downbeat=moments(clip.downbeats, steps),
            onset=moments(clip.onsets, steps),
            name=clip.name,
        )
        half.replace(path)
