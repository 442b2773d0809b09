"""Node types that do what a compiler may get wrong, and built-in ones that go with them."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from kit import catalogue

import nodes
from nodegraph import Audio, Message, Rng, Trigger, Vector, inlet, node, outlet, param
from nodegraph.spec import type_of
from nodes import flow


@node("w.hear", outlets="audio", source="file")
def hear(audio: Audio, gain: int = param(1, "", 0, 3)) -> Audio:
    """Hear a source."""
    return audio * np.float32(gain)


@node("w.sums", outlets="sums")
def sums(audio: Audio = inlet()) -> Vector:
    """Sum the block up in eight parts."""
    return np.resize(audio[:, 0], 64).reshape(8, 8).sum(1, dtype=np.float32)


def _rows(size: int, rate: float, first: float, count: int) -> np.ndarray:
    rows = np.arange(count * size, dtype=np.float32).reshape(count, size) % np.float32(5)
    return rows + np.float32(round(first))


@node("w.weigh", outlets="all one", rows=_rows)
def weigh(
    product: Vector,
    values: Vector = inlet(),
    first: float = param(1.0, "", 0.0, 4.0),
    count: int = param(2, "", 1, 3),
) -> tuple[Vector, float]:
    """Weigh a vector by whole numbers, so that no order of adding makes a difference."""
    return product, float(product[0])


@node("w.count", outlets="out over", state=0.0)
def count(
    state: float, hit: Trigger = inlet(False), step: float = param(1.0, "", 0.0, 10.0)
) -> tuple[float, float, bool]:
    """Count on, and say whether it is over ten."""
    total = state + step + 3.0 * hit
    total = total if total < 20.0 else 0.0
    return total, total, total > 10.0


@node("w.faulty", outlets="out", state=0, output=True)
def faulty(state: int, value: float = inlet(0.0)) -> tuple[int, float]:
    """Fail now and then."""
    if state % 5 == 4 or value > 1e4:
        raise ValueError("now and then")
    return state + 1, value + state


@node("w.keyword", outlets="out")
def keyword(*, a: float = inlet(0.5), now: float, b: bool = param(True)) -> float:
    """Take arguments by name."""
    return a + now if b else -a


@node("w.draw", outlets="out twice")
def draw(rng: Rng, high: float = param(1.0, "", 0.5, 2.0)) -> tuple[float, float]:
    """Draw twice."""
    return rng.uniform(0.0, high), rng.uniform(0.0, high)


@node("w.send", outlets="one value two")
def send(value: float = inlet(0.0)) -> tuple[Message | None, float, Message]:
    """Send two messages and give a number."""
    one = Message("scope", {"one": value}) if value > 0.5 else None
    return one, value, Message("scope", {"two": value})


@node("w.latch", outlets=[outlet("out", like="value")], state=None, latch=True)
def latch(state: object, value: object = inlet(0.0)) -> object:
    """Give what came in a tick ago."""
    return value


@node("w.either", outlets=[outlet("out", like="a")])
def either(a: object = inlet(None), b: object = inlet(0.0), which: bool = inlet(False)) -> object:
    """Give the one or the other."""
    return b if which or a is None else a


OWN = (hear, sums, weigh, count, faulty, keyword, draw, send, latch, either)
BUILT_IN = [
    function
    for family in nodes.FAMILIES
    for function in import_module(f"nodes.{family}").NODES
    if not type_of(function).id.startswith(
        ("flow.send", "flow.receive", "flow.inlet", "flow.outlet")
    )
    and not {"audio", "vector"} & {each.kind for each in type_of(function).inlets.values()}
    and type_of(function).source is None
]
TYPES = catalogue(
    *OWN,
    *BUILT_IN,
    import_module("nodes.vector").reduce,
    *(flow.send, flow.receive, flow.subpatch_inlet, flow.subpatch_outlet),
)
