"""What each tick of a plan costs, node by node: measured by running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nodegraph.runtime.engine import Engine

WARM = 32
"""Ticks before any counts: the first ones fill caches, and allocate what later ones use again."""


@dataclass(frozen=True, slots=True)
class NodeCost:
    """What a node takes of a measured tick, in seconds: on average and at worst.

    `runs` is how often it runs in a tick, on average: less than 1 if it rests now and then.
    """

    node: str
    type: str
    family: str
    mean: float
    worst: float
    runs: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of a tick goes. Times are in seconds.

    `measured` ticks took `mean` on average and `worst` at worst, with the clock asked after each
    node; `undisturbed` is the average of those in between, which ran as in a show (None if there
    was none). `nodes` begins with the most expensive. What they leave of `mean` is `rest`: what
    the engine does around them.
    """

    ticks: int
    measured: int
    dt: float
    mean: float
    worst: float
    undisturbed: float | None
    nodes: tuple[NodeCost, ...]

    @property
    def rest(self) -> float:
        """What a tick costs beside its nodes: with them, it makes `mean`."""
        return self.mean - sum(node.mean for node in self.nodes)

    @property
    def families(self) -> dict[str, float]:
        """What the nodes of each family take of a tick, the most expensive first."""
        sums: dict[str, float] = {}
        for node in self.nodes:
            sums[node.family] = sums.get(node.family, 0.0) + node.mean
        return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def measure(
    engine: Engine, blocks: Iterable[Mapping[str, Any]], clock: Callable[[], float]
) -> Profile:
    """Run an engine on blocks until there are no more, and measure every second tick.

    `clock` tells seconds. What is slow outside of the tick (reading `blocks`) does not count. The
    engine should have no clock of its own, which would take time for what it learns.
    """
    ready = engine.prepare(engine.plan)
    ready.cells["clock"].cell_contents = clock
    engine.swap(ready)
    steps, spent = engine.plan.all_steps, ready.spent
    sums, worst, runs = ([0.0] * len(steps) for _ in range(3))
    measured: list[float] = []
    undisturbed: list[float] = []
    nothing = [0.0] * len(steps)
    for number, brought in enumerate(blocks):
        engine.wary = number % 2 == 0  # so each node says where it is, and when
        begun = clock()
        engine.tick(brought)
        took = clock() - begun
        if not any(spent):
            undisturbed += [took] if number >= WARM else []
            continue
        if number >= WARM:
            measured.append(took)
            for i, seconds in enumerate(spent):
                if seconds:
                    sums[i] += seconds
                    runs[i] += 1
                    worst[i] = max(worst[i], seconds)
        spent[:] = nothing
    engine.wary = False
    count = max(1, len(measured))
    costs = [
        NodeCost(
            step.id, step.type.id, step.type.family, sums[i] / count, worst[i], runs[i] / count
        )
        for i, step in enumerate(steps)
        if runs[i]
    ]
    return Profile(
        ticks=engine.ticks,
        measured=len(measured),
        dt=engine.dt,
        mean=sum(measured) / count,
        worst=max(measured, default=0.0),
        undisturbed=sum(undisturbed) / len(undisturbed) if undisturbed else None,
        nodes=tuple(sorted(costs, key=lambda cost: (-cost.mean, cost.node))),
    )
