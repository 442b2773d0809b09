"""Rhythms that no table has: drawn by how strong each place of the bar is, or changed a little."""

from __future__ import annotations

import numpy as np

from nodes.training.styles import Style


def _weight(place: int, steps: int, grid: int) -> int:
    """How strong a step is: the first of the bar 3, of two beats 2, of a beat 1, between -1."""
    for weight, every in ((3, steps), (2, 2 * grid), (1, grid), (0, max(1, grid // 2))):
        if place % every == 0:
            return weight
    return -1


def random_pattern(style: Style, part: str, rng: np.random.Generator) -> str:
    """A bar or two in which strong places are hit more often than weak ones."""
    steps = style.meter * style.grid
    dense = rng.uniform(0.1, 0.6)
    strength = rng.uniform(0.5, 2.5)
    shift = steps // 4 if part in ("snare", "clap") and style.meter == 4 else 0
    bars = []
    for _ in range(int(rng.choice([1, 1, 2]))):
        bar = ""
        for step in range(steps):
            weight = _weight((step - shift) % steps, steps, style.grid)
            chance = 1.0 / (1.0 + np.exp(-(strength * (weight - 0.5) + 4.0 * (dense - 0.35))))
            bar += str(rng.choice(["X", "x"], p=[0.65, 0.35])) if rng.random() < chance else "."
        bars.append(bar)
    return "".join(bars)


def mutated(pattern: str, rng: np.random.Generator) -> str:
    """Now and then a pattern of one's own: hits left out, others added softly."""
    if rng.random() < 0.5 or len(pattern) < 4:
        return pattern
    steps = list(pattern * 2 if rng.random() < 0.5 else pattern)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(steps)))
        if steps[at] == ".":
            steps[at] = str(rng.choice(["x", "g", "g"]))
        elif rng.random() < 0.5 and at % 4:
            steps[at] = "."
    return "".join(steps)
