"""Values that move with the beat: what a server makes of its modulations for each chunk. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, exp, inf, pi, sin

from nodegraph.scope.answers import items, number
from nodegraph.scope.simulator.beats import RATES, Beat
from nodegraph.scope.simulator.models import MOVED_NOISE, MOVED_STEPS

SHAPES: Mapping[str, Callable[[float], float]] = {
    "sine": lambda turn: sin(2 * pi * turn),
    "cosine": lambda turn: cos(2 * pi * turn),
    "triangle": lambda turn: 1 - 4 * abs(turn - 0.5),
    "saw": lambda turn: 2 * turn - 1,
    "square": lambda turn: 1.0 if turn < 0.5 else -1.0,
    "exp_decay": lambda turn: exp(-turn / 0.15),
}
"""From 0..1 of a turn to -1..1, or to 0..1 for the last."""

STEPS = "denoising_steps"
"""The name by which all of the `denoising_step_list` is moved."""


@dataclass(frozen=True)
class Modulation:
    """How one value moves, and the range in which it stays."""

    shape: str
    rate: str
    depth: float
    base: float | None
    low: float
    high: float

    def moved(self, values: list[float], by: float, beat: Beat) -> list[float]:
        """The values at this beat, moved by so much times depth and wave."""
        wave = SHAPES[self.shape](beat.turns(self.rate) % 1.0)
        return [min(max(each + by * self.depth * wave, self.low), self.high) for each in values]


def read_modulations(told: Mapping[str, object]) -> dict[str, Modulation]:
    """By the param that each moves; what does not read as one is left out."""
    read = {name: _read(name, one) for name, one in told.items()}
    return {name: one for name, one in read.items() if one is not None}


def _read(name: str, told: object) -> Modulation | None:
    if not isinstance(told, Mapping) or not told.get("enabled"):
        return None
    shape, rate = str(told.get("shape", "sine")), str(told.get("rate", "bar"))
    depth = number(told, "depth")
    depth = 0.3 if depth is None else depth
    if shape not in SHAPES or rate not in RATES or not 0 <= depth <= 1:
        return None
    lowest, highest = (1.0, 1000.0) if name == STEPS else (-inf, inf)
    low, high = number(told, "min_value"), number(told, "max_value")
    return Modulation(
        shape,
        rate,
        depth,
        number(told, "base_value"),
        lowest if low is None else low,
        highest if high is None else high,
    )


def modulated(
    params: Mapping[str, object], modulations: Mapping[str, Modulation], beat: Beat
) -> dict[str, object]:
    """The params of a chunk, with what moves where it is at this beat."""
    moved = dict(params)
    for name, each in modulations.items():
        value = each.base if (now := number(params, name)) is None else now
        if name == STEPS:
            moved |= _steps(params, each, beat)
        elif value is not None:
            moved[name] = each.moved([value], 1.0, beat)[0]
            if name == "noise_scale":
                moved |= {"noise_controller": False, MOVED_NOISE: True}
    return moved


def _steps(params: Mapping[str, object], each: Modulation, beat: Beat) -> dict[str, object]:
    """All of them, moved as far as the smallest is; they stay descending."""
    steps = [step for step in items(params, "denoising_step_list") if isinstance(step, int)]
    if not steps:
        return {}
    moved = each.moved(list(map(float, steps)), min(steps), beat)
    return {"denoising_step_list": sorted(map(round, moved), reverse=True), MOVED_STEPS: True}
