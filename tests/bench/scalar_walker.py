"""The baseline: a plain walker over node objects in a cached order, with port values in a dict.

Each node has its wires, params and state in attributes of its own, reads what it needs from the
dict and writes what it makes into it, as node editors in Python do; and as leanly as that goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from scalars import Box, Graph

Values = dict[str, float]


class Walked:
    """A node. `inlets` has the address of the port that each inlet reads from."""

    def __init__(self, box: Box) -> None:
        self.inlets = {inlet: f"{source}.out" for inlet, source in box.wires.items()}
        self.outlets = {"out": f"{box.id}.out"}
        self.params = dict(box.params)
        self.state = 0.0

    def process(self, values: Values, dt: float) -> None:
        """Read the inlets, write the outlets."""
        raise NotImplementedError


class Wave(Walked):
    def process(self, values: Values, dt: float) -> None:
        self.state = (self.state + self.params["rate"] * dt) % 1.0
        values[self.outlets["out"]] = self.state


class Scale(Walked):
    def process(self, values: Values, dt: float) -> None:
        values[self.outlets["out"]] = values[self.inlets["value"]] * self.params["factor"]


class Gain(Walked):
    def process(self, values: Values, dt: float) -> None:
        value, params = values[self.inlets["value"]], self.params
        values[self.outlets["out"]] = value * params["factor"] + params["offset"]


class Blend(Walked):
    def process(self, values: Values, dt: float) -> None:
        a, b = values[self.inlets["a"]], values[self.inlets["b"]]
        values[self.outlets["out"]] = a + (b - a) * self.params["x"]


class Product(Walked):
    def process(self, values: Values, dt: float) -> None:
        a, b = values[self.inlets["a"]], values[self.inlets["b"]]
        values[self.outlets["out"]] = a * b * self.params["factor"]


class Limit(Walked):
    def process(self, values: Values, dt: float) -> None:
        value, low, high = values[self.inlets["value"]], self.params["low"], self.params["high"]
        values[self.outlets["out"]] = low if value < low else high if value > high else value


class Smooth(Walked):
    def process(self, values: Values, dt: float) -> None:
        value = values[self.inlets["value"]]
        self.state = value + (self.state - value) * exp(-dt / self.params["time"])
        values[self.outlets["out"]] = self.state


class Follow(Walked):
    def process(self, values: Values, dt: float) -> None:
        value = values[self.inlets["value"]]
        time = self.params["rise" if value > self.state else "fall"]
        self.state = value + (self.state - value) * exp(-dt / time)
        values[self.outlets["out"]] = self.state


class Peak(Walked):
    def process(self, values: Values, dt: float) -> None:
        value = values[self.inlets["value"]]
        self.state = value if value > self.state else self.state - self.params["speed"] * dt
        values[self.outlets["out"]] = self.state


class Mean(Walked):
    def process(self, values: Values, dt: float) -> None:
        value = values[self.inlets["value"]]
        self.state += (value - self.state) * self.params["share"]
        values[self.outlets["out"]] = self.state


CLASSES: dict[str, type[Walked]] = {
    "wave": Wave,
    "scale": Scale,
    "gain": Gain,
    "blend": Blend,
    "product": Product,
    "limit": Limit,
    "smooth": Smooth,
    "follow": Follow,
    "peak": Peak,
    "mean": Mean,
}


class Walker:
    """Runs a graph. It checks nothing, and publishes nothing."""

    def __init__(self, graph: Graph, dt: float) -> None:
        self.order: Sequence[Walked] = [CLASSES[box.kind](box) for box in graph]
        self.values: Values = {f"{box.id}.out": 0.0 for box in graph}
        self._dt = dt

    def run(self, ticks: int) -> None:
        """So many ticks."""
        values, dt = self.values, self._dt
        for _ in range(ticks):
            for node in self.order:
                node.process(values, dt)
