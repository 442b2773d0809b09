"""Profiles: under a clock that the test winds, every microsecond is where it was spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kit import catalogue, engine, patch

from nodegraph import inlet, node
from nodegraph.compiler import compile_patch
from nodegraph.runtime import Engine
from nodegraph.runtime.profile import WARM, Profile, measure

CHAIN = patch(
    {"a": "slow.five", "b": "slow.two", "c": "quick.one"},
    ["a.out -> b.value", "b.out -> c.value"],
)


class Clock:
    """Seconds that go by when somebody lets them."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time; that takes none."""
        return self.now


def made(clock: Clock) -> tuple[Callable[..., Any], ...]:
    """Node types that take 5, 2 or 1 units of time, and one that fails after a while."""

    @node("slow.five", outlets="out", state=0)
    def five(state: int) -> tuple[int, float]:
        """Count, slowly."""
        clock.now += 5.0 + (20.0 if state == WARM + 8 else 0.0)
        return state + 1, float(state)

    @node("slow.two", outlets="out")
    def two(value: float = inlet(0.0)) -> float:
        """Double, less slowly."""
        clock.now += 2.0
        return 2.0 * value

    @node("quick.one", outlets="out", output=True)
    def one(value: float = inlet(0.0)) -> float:
        """Halve, quickly; it does not like large numbers."""
        clock.now += 1.0
        if value > 100.0:
            raise ValueError("too large")
        return 0.5 * value

    return five, two, one


def profiled(ticks: int) -> tuple[Profile, Engine]:
    clock = Clock()
    runs = engine(compile_patch(CHAIN, catalogue(*made(clock))), strict=False)

    def blocks() -> Iterator[dict[str, Any]]:
        for _ in range(ticks):
            clock.now += 1000.0  # reading sound is not part of a tick
            yield {}

    return measure(runs, blocks(), clock), runs


def test_every_moment_is_on_its_node() -> None:
    found, _ = profiled(WARM + 8)
    assert found.ticks == WARM + 8
    assert found.measured == 4
    assert [(n.node, n.type, n.mean, n.worst, n.runs) for n in found.nodes] == [
        ("a", "slow.five", 5.0, 5.0, 1.0),
        ("b", "slow.two", 2.0, 2.0, 1.0),
        ("c", "quick.one", 1.0, 1.0, 1.0),
    ]
    assert (found.mean, found.worst, found.undisturbed, found.rest) == (8.0, 8.0, 8.0, 0.0)
    assert found.families == {"slow": 7.0, "quick": 1.0}


def test_the_worst_tick_is_told_from_the_average() -> None:
    found, _ = profiled(WARM + 16)
    assert found.measured == 8
    slowest = found.nodes[0]
    assert (slowest.worst, slowest.mean) == (25.0, 5.0 + 20.0 / 8)
    assert (found.worst, found.mean) == (28.0, 8.0 + 20.0 / 8)
    assert sum(node.mean for node in found.nodes) + found.rest == found.mean


def test_a_node_that_rests_costs_only_when_it_runs() -> None:
    found, runs = profiled(WARM + 200)
    assert runs.rest.faults["c"] > 0
    costs = {node.node: node for node in found.nodes}
    assert costs["c"].runs < 0.5 < costs["a"].runs == 1.0
    assert costs["c"].mean == pytest.approx(costs["c"].runs)
    assert found.rest == pytest.approx(0.0, abs=1e-9)


def test_measuring_changes_nothing_that_the_patch_does() -> None:
    _, measured = profiled(40)
    clock = Clock()
    plain = engine(compile_patch(CHAIN, catalogue(*made(clock))))
    for _ in range(40):
        plain.tick({})
    assert measured.values == plain.values
    assert measured.states == plain.states
    assert not measured.wary


def test_what_is_too_short_is_not_measured() -> None:
    found, _ = profiled(WARM)
    assert (found.measured, found.nodes, found.undisturbed) == (0, (), None)
