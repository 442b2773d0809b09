"""Makes an installation of what the host sent: all of it that takes time, beside the ticks."""

from __future__ import annotations

import json
import mmap
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from pathlib import Path

from nodegraph.compiler import Plan, compile_patch
from nodegraph.compiler.params import fit
from nodegraph.compiler.plan import Step
from nodegraph.errors import UpgradeError
from nodegraph.graph import Patch
from nodegraph.host.engine.deck import Begun, Deck, Installation
from nodegraph.host.engine.inquiry import OldNode
from nodegraph.host.engine.outbox import SCOPE
from nodegraph.host.engine.protocol import Begin, Install, Installed, Param
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.sources import Sources, unpack
from nodegraph.nodetype import NodeType
from nodegraph.plugins import Catalogue
from nodegraph.runtime import Engine
from nodegraph.runtime.columns import Column, Columns, names_of
from nodegraph.runtime.publish import ROWS, Ring
from nodegraph.runtime.shipping import Unpacker
from nodegraph.runtime.snapshot import Snapshot

_HISTORY = 5.0
"""Seconds that a ring holds at least."""

_UNBORN = 1 << 62
"""The tick since when an outlet lives whose plan does not run yet."""


class Preparer:
    """Makes one deck and what comes on it. It belongs to the second thread.

    The names of its rings begin with `rings`, which no other engine's do.
    """

    def __init__(
        self,
        name: str,
        begin: Begin,
        catalogue: Catalogue,
        unpacker: Unpacker,
        rings: Path,
        pulse: Pulse,
    ) -> None:
        self._name = name
        self._begin = begin
        self._catalogue = catalogue
        self._unpacker = unpacker
        self._rings = rings
        self._here = pulse.here(name)
        self._rows = max(ROWS, ceil(_HISTORY * begin.rate / begin.block) + 2)
        self._columns = Columns()
        self._born: dict[int, tuple[list[str], str]] = {}
        self._ring, self._width = "", 0
        self._had: dict[str, NodeType] = {}
        self._sources, self._place = self._hear(""), ""
        self._engine = self._new_engine()
        self.deck = Deck(name, self._engine, self._sources, partial(pulse.runs, name))

    @property
    def waiting(self) -> bool:
        """Whether something was prepared of which it is not known that it runs."""
        return bool(self._born)

    def prepare(self, word: Install) -> Installation:
        """What was sent, to be offered to the deck between two ticks.

        It opens sources and reads what guests have saved, so that anything may go wrong.
        """
        plan = _with_params(self._unpacker.unpack(word.plan), word.params)
        if word.anew:
            self._engine, self._had = self._new_engine(), {}
        if word.anew or word.folder != self._place:
            self._sources, self._place = self._hear(word.folder), word.folder
        names = [name for port in plan.slots for name in names_of(port, plan.kinds[port])]
        self._columns.assign(names, _UNBORN)
        ring = self._widened(word.serial)
        made = Installation(
            word=word,
            engine=self._engine,
            ready=self._engine.prepare(plan),
            sources=self._sources,
            prepared=self._sources.prepare(plan.sources, unpack(word.sounds)),
            ring=ring,
            row=self._columns.gather(plan.slots, plan.kinds),
            state=None if word.state is None else Snapshot.unpack(word.state),
            renewed=self._renewed(plan),
        )
        self._born[word.serial] = (names, self._ring)
        return made

    def _renewed(self, plan: Plan) -> dict[str, NodeType]:
        """The nodes with a state that have been of a type whose code is another one now, also long
        ago: an undo brings states back."""
        types = {id: plan.by_id[id].type for id in plan.state_slots}
        before = {id: self._had.get(id, type_) for id, type_ in types.items()}
        self._had |= types
        return {id: before[id] for id, type_ in types.items() if before[id] is not type_}

    def rehearse(self, plan: bytes) -> dict[str, object]:
        """What a plan sends to Scope in its first tick, in silence, by an engine of its own."""
        engine = Engine(
            self._unpacker.unpack(plan),
            rate=self._begin.rate,
            block=self._begin.block,
            seed=self._begin.seed,
        )
        body: dict[str, object] = {}
        for message in engine.tick({}):
            if message.sink == SCOPE:
                body |= message.body
        return body

    def upgrade(self, nodes: Sequence[OldNode]) -> list[tuple[str, str]]:
        """The params of each as its node type's version of today has them, and what went wrong."""
        made = []
        for id, version, params in nodes:
            type_ = self._catalogue.types[id]
            try:
                made.append((json.dumps(type_.carry_over(json.loads(params), version)), ""))
            except UpgradeError as error:
                made.append(("", str(error)))
            except Exception as error:  # a guest's values may be no JSON, and refuse in any way
                made.append(("", f"{type(error).__name__}: {error} ({type_.place(error)})"))
        return made

    def installed(self, begun: Begun) -> Installed:
        """What the host is told of a plan that runs."""
        serial, tick = begun.word.serial, begun.tick
        names, ring = self._born.pop(serial)
        table = self._columns.table
        for name in names:
            if name in table and table[name].since == _UNBORN:
                table[name] = Column(table[name].number, tick)
        columns = {name: table[name] for name in names if name in table}
        return Installed(self._name, serial, columns, ring, begun.faults)

    def _new_engine(self) -> Engine:
        engine = Engine(
            compile_patch(Patch(), {}),
            rate=self._begin.rate,
            block=self._begin.block,
            seed=self._begin.seed,
            clock=time.perf_counter,
            here=self._here,
        )
        engine.wary = self._begin.wary
        engine.budget.policy = self._begin.slow
        return engine

    def _hear(self, folder: str) -> Sources:
        begin = self._begin
        return Sources(
            (), self._catalogue, rate=begin.rate, folder=Path(folder), instead=begin.instead
        )

    def _widened(self, serial: int) -> Callable[[Ring | None], Ring]:
        """What gives the ring to go on with: the one before, or a wider one with its past."""
        if self._columns.capacity <= self._width:
            return _same
        self._width = self._columns.capacity
        path = self._rings.with_name(f"{self._rings.name}-{self._name}-{serial}.ring")
        self._ring = path.name
        size = Ring.size(self._rows, self._width)
        with path.open("w+b") as file:
            file.write(bytes(size))  # all of it, so that the tick thread never waits for a page
            file.flush()
            room = mmap.mmap(file.fileno(), size)
        return partial(_wider, room, self._rows, self._width)


def _with_params(plan: Plan, params: Sequence[Param]) -> Plan:
    """The plan with params as they were set since; what is set is not an edit of now."""
    given: dict[object, dict[str, object]] = {}
    for node, param, value in params:
        given.setdefault(node, {})[str(param)] = value

    def with_own(step: Step) -> Step:
        known = step.type.params
        own = {
            name: fit(known[name], it, plan.themes)[0]
            for name, it in given[step.id].items()
            if name in known
        }
        return replace(step, params={**step.params, **own})

    def all_with_own(steps: Sequence[Step]) -> tuple[Step, ...]:
        return tuple(with_own(step) if step.id in given else step for step in steps)

    if not given:
        return plan
    return replace(plan, constants=all_with_own(plan.constants), steps=all_with_own(plan.steps))


def _same(before: Ring | None) -> Ring:
    assert before is not None  # the first installation makes room
    return before


def _wider(room: mmap.mmap, rows: int, columns: int, before: Ring | None) -> Ring:
    return Ring.create(room, rows, columns, before)
