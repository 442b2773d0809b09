"""What many tests need: patches and node types in a few words, and an engine to run them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nodegraph.compiler import Plan, compile_patch
from nodegraph.graph import Node, Patch, Port, Wire
from nodegraph.host.engine.machine import queued
from nodegraph.nodetype import NodeType
from nodegraph.runtime import Engine
from nodegraph.spec import type_of

RATE = 48_000
BLOCK = 512

LONG = "NODEGRAPH_LONG_TESTS" in os.environ
"""Whether `make test-long` runs, which has hours where `make test` has minutes."""


def many(quick: int, long: int) -> int:
    """How often something is tried, of which once more is never too much."""
    return long if LONG else quick


class Stopwatch:
    """Seconds since it was made, less those in which this thread was ready to run and had no core:
    how long something takes on a machine that is not busy with something else."""

    def __init__(self) -> None:
        self._began = self._now()

    @property
    def seconds(self) -> float:
        return self._now() - self._began

    @staticmethod
    def _now() -> float:
        return time.monotonic() - queued(threading.get_native_id())


def catalogue(*functions: Callable[..., Any]) -> dict[str, NodeType]:
    """Node types by id."""
    return {type_of(function).id: type_of(function) for function in functions}


def wire(text: str) -> Wire:
    """`a.out -> b.in` as a wire."""
    source, target = (Port(*end.split(".")) for end in text.split(" -> "))
    return Wire(source, target)


def patch(
    nodes: Mapping[str, str | tuple[str, Mapping[str, Any]]], wires: Iterable[str] = ()
) -> Patch:
    """A patch from node ids with their types (and params), and wires as text."""
    made = {}
    for id, given in nodes.items():
        type_, params = (given, {}) if isinstance(given, str) else given
        made[id] = Node(type_, params=params)
    return Patch(nodes=made, wires=tuple(sorted(map(wire, wires), key=str)))


def engine(plan: Plan, **options: Any) -> Engine:
    """An engine at the usual rate and block."""
    return Engine(plan, **{"rate": RATE, "block": BLOCK, "strict": True, **options})


def run(
    patch: Patch,
    types: Mapping[str, NodeType],
    ticks: int,
    brought: Callable[[int], Mapping[str, Any]] = lambda n: {},
    **options: Any,
) -> dict[str, list[Any]]:
    """Every outlet's value on every tick."""
    made = engine(compile_patch(patch, types), **options)
    columns: dict[str, list[Any]] = {port: [] for port in made.plan.slots}
    for n in range(ticks):
        made.tick(brought(n))
        for port, column in columns.items():
            column.append(made.value(port))
    return columns


def tone(frequency: float, seconds: float, rate: int = RATE, level: float = 0.5) -> np.ndarray:
    """A sine, float32[samples, 1]."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)[:, None]
