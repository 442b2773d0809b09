"""A scalar graph in ryvencore 0.5, with its algorithm "data opt".

A node is updated once for each of its inputs that changes; one with a state keeps that of the tick
before, so that a second update in a tick does not move it on twice.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from math import exp
from typing import Any

from scalars import INLETS, Box, Graph

_STACK = 512 << 20
_DEEPEST = 200_000

Step = Callable[[dict[str, float], float, float, float, float], float]
"""Params, dt, the state and two inputs to the value; for nodes with a state it is the state."""

STEPS: dict[str, Step] = {
    "wave": lambda p, dt, s, a, b: (s + p["rate"] * dt) % 1.0,
    "scale": lambda p, dt, s, a, b: a * p["factor"],
    "gain": lambda p, dt, s, a, b: a * p["factor"] + p["offset"],
    "blend": lambda p, dt, s, a, b: a + (b - a) * p["x"],
    "product": lambda p, dt, s, a, b: a * b * p["factor"],
    "limit": lambda p, dt, s, a, b: p["low"] if a < p["low"] else p["high"] if a > p["high"] else a,
    "smooth": lambda p, dt, s, a, b: a + (s - a) * exp(-dt / p["time"]),
    "follow": lambda p, dt, s, a, b: a + (s - a) * exp(-dt / p["rise" if a > s else "fall"]),
    "peak": lambda p, dt, s, a, b: a if a > s else s - p["speed"] * dt,
    "mean": lambda p, dt, s, a, b: s + (a - s) * p["share"],
}


class Ryvencore:
    """Runs a graph. The package is imported from `sys.path`."""

    def __init__(self, graph: Graph, dt: float) -> None:
        rc = import_module("ryvencore")
        self._tick = 0
        session = rc.Session()
        classes = {kind: self._node_class(rc, kind, dt) for kind in STEPS}
        session.register_node_types(list(classes.values()))
        flow = session.create_flow("bench")
        flow.set_algorithm_mode("data opt")
        self._nodes: dict[str, Any] = {}
        for box in graph:
            node = self._nodes[box.id] = flow.create_node(classes[box.kind])
            node.numbers = dict(box.params)
            node.clock = self
            node.outputs[0].val = rc.Data(0.0)
        self._connect(flow, graph)
        self._first = self._nodes[graph[0].id]

    @property
    def values(self) -> dict[str, float]:
        """What each port holds."""
        return {f"{id}.out": node.after for id, node in self._nodes.items()}

    def run(self, ticks: int) -> None:
        """So many ticks."""
        for _ in range(ticks):
            self._tick += 1
            self._first.update()

    def _connect(self, flow: Any, graph: tuple[Box, ...]) -> None:
        for box in graph:
            for number, inlet in enumerate(INLETS[box.kind]):
                source = self._nodes[box.wires[inlet]].outputs[0]
                flow.connect_nodes(source, self._nodes[box.id].inputs[number], silent=True)

    def _node_class(self, rc: Any, kind: str, dt: float) -> type:
        step, data = STEPS[kind], rc.Data
        count = len(INLETS[kind])

        class Node(rc.Node):  # type: ignore[misc]  # a base that is known at run time
            title = kind
            init_inputs = [rc.NodeInputType() for _ in range(count)]  # noqa: RUF012 - its protocol
            init_outputs = [rc.NodeOutputType()]  # noqa: RUF012 - its protocol
            numbers: dict[str, float]
            clock: Ryvencore
            tick = 0
            before = after = 0.0

            def update_event(self, inp: int = -1) -> None:
                if self.tick != self.clock._tick:
                    self.tick, self.before = self.clock._tick, self.after
                a = self.input(0).payload if count else 0.0
                b = self.input(1).payload if count == 2 else 0.0
                self.after = step(self.numbers, dt, self.before, a, b)
                self.set_output_val(0, data(self.after))

        Node.__name__ = kind.title()
        return Node


def with_deep_stack(run: Callable[[], None]) -> None:
    """Run on a thread on which a graph as deep as ours does not overflow the stack."""
    before, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(_DEEPEST)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(before)
        threading.stack_size(size)
