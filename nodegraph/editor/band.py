"""Node types that listen to a range of frequencies and strike when it gets loud. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nodegraph.editor.canvas.turning import is_slider
from nodegraph.editor.numbers import held
from nodegraph.nodetype import NodeType, Param

Grip = Literal["low", "high", "band", "threshold", "hysteresis", "cooldown"]
"""What a hand can take: a param by its name, or low and high together."""


@dataclass(frozen=True, eq=False)
class Band:
    """The params and ports of a node type that listens to a range of frequencies.

    `hysteresis` is the share of the threshold by which the level must fall below it, `hit` the
    trigger of a rise; a type may do without these and without a `cooldown`.
    """

    low: Param
    high: Param
    threshold: Param
    hysteresis: Param | None
    cooldown: Param | None
    spectrum: str
    level: str
    hit: str

    def named(self, name: str) -> Param | None:
        """One of its params, by the name that it has here and everywhere."""
        found: Param | None = getattr(self, name)
        return found


def band_of(type_: NodeType) -> Band | None:
    """What there is to drag on nodes of a type; None if it listens to no range.

    It must have params `low` and `high` in Hz, a `threshold` with a range, an inlet for a spectrum
    and an outlet for a number: the one called `level`, or else the first.
    """
    params = {name: param for name, param in type_.params.items() if is_slider(param)}
    spectra = [inlet.name for inlet in type_.inlets.values() if inlet.kind == "vector"]
    levels = [outlet.name for outlet in type_.outlets.values() if outlet.kind == "number"]
    hits = [outlet.name for outlet in type_.outlets.values() if outlet.kind == "trigger"]
    if not {"low", "high", "threshold"} <= params.keys() or not spectra or not levels:
        return None
    low, high = params["low"], params["high"]
    if not low.unit == high.unit == "Hz" or not least(low) > 0.0:
        return None
    hysteresis, cooldown = params.get("hysteresis"), params.get("cooldown")
    is_share = hysteresis and not hysteresis.unit and 0.0 <= least(hysteresis) <= most(hysteresis)
    return Band(
        low,
        high,
        params["threshold"],
        hysteresis if hysteresis and is_share and most(hysteresis) <= 1.0 else None,
        cooldown if cooldown and cooldown.unit == "s" else None,
        spectra[0],
        "level" if "level" in levels else levels[0],
        "hit" if "hit" in hits else next(iter(hits), ""),
    )


@dataclass(frozen=True)
class Setting:
    """What the params are, in Hz, in the level's unit, as a share of the threshold, in seconds."""

    low: float
    high: float
    threshold: float
    hysteresis: float = 0.0
    cooldown: float = 0.0

    @property
    def release(self) -> float:
        """The level below which it lets go."""
        return self.threshold * (1.0 - self.hysteresis)


def least(param: Param) -> float:
    """The low end of a range; 0 where there is none."""
    return param.low if param.low is not None else 0.0


def most(param: Param) -> float:
    """The high end of a range; 0 where there is none."""
    return param.high if param.high is not None else 0.0


def rounded(value: float, param: Param) -> float:
    """The nearest value that the param can take, with three digits."""
    return float(held(float(f"{value:.3g}"), param))
