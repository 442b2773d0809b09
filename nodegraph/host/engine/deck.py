"""One deck inside the engine process: a plan that runs, what it hears, and what comes next on it.

Everything here belongs to the tick thread, but for the plan and the values of what is `shown`,
which another may look at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nodegraph.errors import Problem
from nodegraph.host.engine.protocol import Install, Param
from nodegraph.host.engine.renewal import Renewal
from nodegraph.host.engine.transport import Transport
from nodegraph.host.sources import Prepared, Sources
from nodegraph.nodetype import NodeType
from nodegraph.runtime import Engine
from nodegraph.runtime.columns import Columns, Gather
from nodegraph.runtime.install import Ready
from nodegraph.runtime.publish import Ring
from nodegraph.runtime.snapshot import Snapshot
from nodegraph.values import Clock, Message

LONGEST_WAIT = 8.0
"""Seconds that an installation waits for a beat or a bar."""


@dataclass
class Installation:
    """A plan that is ready to take over, with all that belongs to it.

    `engine` and `sources` are the deck's own, or new ones where nothing is to be inherited.
    `renewed` are nodes whose code is another one, with the types that they were of. `params` are
    set while it waits, `moves` are for sources that are not there before.
    """

    word: Install
    engine: Engine
    ready: Ready
    sources: Sources
    prepared: Prepared
    ring: Callable[[Ring | None], Ring]
    row: Gather
    state: Snapshot | None
    renewed: Mapping[str, NodeType]
    params: list[Param] = field(default_factory=list)
    moves: list[Transport] = field(default_factory=list)
    since: float = 0.0
    latest: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """A plan runs since a tick of its ring; of its nodes some had failed so often before."""

    word: Install
    tick: int
    faults: Mapping[str, int]


class Deck:
    """Runs plans, one after the other. `begins` is told the serial of each before it is run."""

    def __init__(
        self, name: str, engine: Engine, sources: Sources, begins: Callable[[int], None]
    ) -> None:
        self.name = name
        self._begins = begins
        self.engine = engine
        self.sources = sources
        self.serial = 0
        self.ring: Ring | None = None
        self.shown = engine.running
        self._row = Columns().gather({}, {})
        self._next: deque[Installation] = deque()
        self._quarantined: Mapping[str, str] = {}
        self._renewal = Renewal()
        self.remarks: Sequence[Problem] = ()
        """What the other thread has found to be wrong with nodes, though they run."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with its nodes and with what they hear."""
        return (*self.engine.problems, *self.sources.problems, *self.remarks)

    @property
    def written(self) -> int:
        """How many rows its ring has had."""
        return 0 if self.ring is None else self.ring.ticks

    @property
    def heard(self) -> tuple[float, float | None, bool]:
        """Seconds played, seconds that there are to hear (None if unknown), whether all is over."""
        return self.engine.now, self.sources.duration, self.sources.ended

    def offer(self, new: Installation) -> None:
        """Take an installation over as soon as it may."""
        unit = self._unit(new.word.when)
        new.since = _count(self._clock(), unit)
        new.latest = self.engine.ticks + round(LONGEST_WAIT / self.engine.dt)
        self._next.append(new)

    def set(self, params: Sequence[Param]) -> list[Param]:
        """Set params. Gives those that only another plan can set."""
        for later in self._next:  # it was made before
            later.params += params
        return [
            (node, param, value)
            for node, param, value in params
            if not self._set(str(node), str(param), value)
        ]

    def transport(self, word: Transport) -> None:
        """Move or pause a source, between two ticks: one that comes with a plan, too."""
        there = self.sources.transport(word)
        for later in self._next:
            if not there or later.sources is not self.sources:
                later.moves.append(word)

    def settle(self) -> Sequence[Begun]:
        """Between two ticks: install what is due, and whatever came before it."""
        self._renewal.look(self.engine)
        due = [n for n, new in enumerate(self._next, 1) if self._due(new)]
        return [self._install(self._next.popleft()) for _ in range(due[-1] if due else 0)]

    def tick(self) -> tuple[Message, ...]:
        """Run the plan once on what its sources bring."""
        engine = self.engine
        messages = engine.tick(self.sources.read(engine.block))
        if self.ring is not None:
            self.ring.publish(engine.values, self._row)
        return messages

    @property
    def senders(self) -> tuple[str, ...]:
        """The nodes that made the messages of the last tick, one for each."""
        steps = self.engine.plan.all_steps
        return tuple(steps[number].id for number in self.engine.said.numbers)

    def _set(self, node: str, param: str, value: object) -> bool:
        if not self.engine.set_param(node, param, value):
            return False
        self.sources.update(node, {param: value})
        return True

    def _install(self, new: Installation) -> Begun:
        word = new.word
        self._begins(word.serial)
        if new.engine is not self.engine:
            self.engine, self._quarantined = new.engine, {}
        engine, faults = self.engine, self.engine.rest.faults
        engine.release([id for id in self._quarantined if id not in word.quarantined])
        for id, why in word.quarantined.items():
            engine.quarantine([id], why)
        engine.swap(new.ready, word.fresh)
        if new.state is not None:
            kept = {id: it for id, it in new.state.states.items() if id not in word.fresh}
            engine.restore(replace(new.state, states=kept))
        self._renewal.begin(engine, new.renewed)
        if new.sources is not self.sources:
            self.sources.close()
            self.sources = new.sources
        self.sources.take(new.prepared)
        for node, param, value in new.params:
            self._set(str(node), str(param), value)
        for move in new.moves:
            self.sources.transport(move)
        self.serial, self._quarantined = word.serial, word.quarantined
        self.shown = engine.running
        self.ring, self._row = new.ring(self.ring), new.row
        before = {id: count for id, count in faults.items() if id in engine.plan.by_id}
        return Begun(word, self.written, before)

    def _due(self, new: Installation) -> bool:
        clock = self._clock()
        if new.word.when == "now" or not clock.bpm or self.engine.ticks >= new.latest:
            return True
        ahead = clock._replace(beats=clock.beats + clock.bpm / 60.0 * self.engine.dt)
        return _count(ahead, self._unit(new.word.when)) != new.since

    def _unit(self, when: str) -> int:
        return self._clock().meter if when == "bar" else 1

    def _clock(self) -> Clock:
        """What the first clock outlet of the plan holds."""
        plan = self.engine.plan
        slots = [slot for port, slot in plan.slots.items() if plan.kinds[port] == "clock"]
        clock: Any = self.engine.values[min(slots)] if slots else Clock()
        return clock if isinstance(clock, Clock) else Clock()


def _count(clock: Clock, unit: int) -> float:
    """How many whole beats, or bars of so many beats, have passed."""
    return clock.beats // unit
