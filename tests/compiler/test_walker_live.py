"""Shows as they are played against a plain interpreter of patches, tick by tick.

Each edit goes the way that it goes in a show: compiled against declarations, packed with what the
receiver knows, unpacked, made ready some ticks before it is swapped in.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import BLOCK, RATE, many
from walker import SEED, Walker, compare
from walker_nodes import TYPES
from walker_shows import random_edit, random_show

from nodegraph.compiler import Plan, compile_patch
from nodegraph.declaration import declare, declared
from nodegraph.graph import Patch
from nodegraph.runtime import Engine
from nodegraph.runtime.shipping import Packer, Unpacker
from nodegraph.runtime.snapshot import Snapshot

pytestmark = pytest.mark.slow

DECLARED = {id: declared(declare(type_)) for id, type_ in TYPES.items()}


class Stage:
    """An engine and the host that feeds it, with the walker beside them."""

    def __init__(self, patch: Patch, rng: Random, *, wary: bool, timed: bool) -> None:
        self.rng, self.wary, self.timed = rng, wary, timed
        self.packer, self.unpacker = Packer(), Unpacker(TYPES)
        self.plan = compile_patch(patch, DECLARED)
        assert self.plan.problems == (), self.plan.problems
        self.engine = self.new_engine(self.shipped())
        self.walker = Walker(patch)

    def new_engine(self, plan: Plan) -> Engine:
        steps = count()
        clock = (lambda: next(steps) * 1e-9) if self.timed else None
        engine = Engine(plan, rate=RATE, block=BLOCK, seed=SEED, clock=clock)
        engine.wary = self.wary
        return engine

    def shipped(self) -> Plan:
        return self.unpacker.unpack(self.packer.pack(self.plan))

    def play(self, ticks: int) -> None:
        compare(self.engine, self.walker, ticks, self.rng)

    def edit(self, patch: Patch, fresh: Collection[str]) -> None:
        self.plan = compile_patch(patch, DECLARED, before=self.plan, fresh=fresh)
        assert self.plan.problems == (), self.plan.problems
        ready = self.engine.prepare(self.shipped())
        self.play(self.rng.randint(0, 2))
        self.engine.swap(ready, fresh)
        self.walker.edit(patch, fresh)

    def restart(self) -> None:
        """The engine is gone; another one goes on from its last snapshot."""
        data = self.engine.snapshot().pack()
        self.packer, self.unpacker = Packer(), Unpacker(TYPES)
        self.engine = self.new_engine(self.shipped())
        self.engine.restore(Snapshot.unpack(data))
        self.walker.restart()


@pytest.mark.parametrize(("wary", "timed"), [(False, False), (True, True), (False, True)])
@settings(max_examples=many(4, 300))
@given(seed=st.integers(0, 10**9))
def test_a_show_does_what_a_walker_does(wary: bool, timed: bool, seed: int) -> None:
    rng = Random(seed)
    shows = [random_show(rng)]
    stage = Stage(shows[0].patch, rng, wary=wary, timed=timed)
    for _ in range(7):
        stage.play(rng.choice((2, 5)))
        if rng.random() < 0.15:
            stage.restart()
            continue
        undo = len(shows) > 1 and rng.random() < 0.3
        show = rng.choice(shows) if undo else random_edit(rng, shows[-1])
        ids = sorted(Walker(show.patch).kinds)
        fresh = frozenset(rng.sample(ids, 2)) if rng.random() < 0.2 else frozenset()
        stage.edit(show.patch, fresh)
        shows.append(show)
    stage.play(3)
