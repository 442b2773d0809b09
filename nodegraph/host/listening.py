"""The event sources of a plan: opened together, read together once per tick."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, TypeVar

from nodegraph.compiler.plan import SourceNeed
from nodegraph.errors import ControlError, Problem
from nodegraph.events import Event
from nodegraph.hookspecs import EventSource
from nodegraph.host.keeper import close_all, close_aside

log = logging.getLogger(__name__)

T = TypeVar("T")

Open = Callable[[SourceNeed], EventSource]
"""Opens an event source, or raises `ControlError`."""

NO_OPENERS: Mapping[str, object] = {}

_LEAN = 0.05
"""How much of a tick's lateness is believed to be there to stay."""

_GAP = 0.25
"""Seconds off after which the ticks are taken to have begun anew."""


class Pace:
    """When ticks should have come, so that when they really did does not shake the times of events.

    Each is `dt` seconds after the one before, and leans a little towards the moment at which it
    comes (F. Adriaensen, "Using a DLL to filter time", 2005, with the rate known).
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._due: float | None = None

    def __call__(self, dt: float) -> float:
        """The moment at which the block of this tick ends, on the clock of `perf_counter`."""
        now = self._clock()
        due = now if self._due is None else self._due + dt
        late = now - due
        self._due = now if abs(late) > _GAP else due + _LEAN * late
        return self._due


class Steady:
    """A `Pace` that knows no clock but the ticks."""

    def __init__(self) -> None:
        self._ticks = 0

    def __call__(self, dt: float) -> float:
        """Seconds from the beginning to the end of this tick."""
        self._ticks += 1
        return self._ticks * dt


class Written:
    """An event source that plays what was written down: when, in seconds, and what."""

    complaint = ""

    def __init__(self, events: Iterable[tuple[float, Event]]) -> None:
        self._left = deque(sorted(events, key=lambda timed: timed[0]))

    def read(self, now: float) -> tuple[Event, ...]:
        found = []
        while self._left and self._left[0][0] <= now:
            time, event = self._left.popleft()
            found.append(event._replace(ago=now - time))
        return tuple(found)

    def update(self, params: Mapping[str, object]) -> None:
        """Nothing that a node's params say changes what was written."""

    def close(self) -> None:
        """Nothing to let go of."""


class Silent:
    """Stands for an event source that cannot be had as its node's params are."""

    def __init__(self, complaint: str) -> None:
        self.complaint = complaint

    def read(self, now: float) -> tuple[Any, ...]:
        return ()

    def update(self, params: Mapping[str, object]) -> None:
        """Nothing to follow."""

    def close(self) -> None:
        """Nothing to let go of."""


class Listening:
    """Everything but sound that reaches a plan. What a guest's source does wrong is a problem.

    `pace` is told the seconds of each tick and gives the moment at which it ends. A source whose
    kind has another of the `openers` since does not stand in the next plan.
    """

    def __init__(
        self, open: Open, pace: Callable[[float], float], openers: Mapping[str, object] = NO_OPENERS
    ) -> None:
        self._open_one, self._pace, self._openers = open, pace, openers
        self._opened_by: dict[str, object] = {}
        self._needs: dict[str, SourceNeed] = {}
        self._sources: dict[str, EventSource] = {}

    def prepare(self, needs: Sequence[SourceNeed]) -> dict[str, EventSource]:
        """Open what another plan needs and this one does not have. Any thread may."""
        return {need.node: self._open(need) for need in needs if not self._stands(need)}

    def take(self, needs: Sequence[SourceNeed], opened: Mapping[str, EventSource]) -> None:
        """Hear what was prepared from now on, and let go of the rest. Between two ticks."""
        before, sources = self._sources, dict[str, EventSource]()
        for need in needs:
            source = opened.get(need.node)
            if source is None and self._stands(need):
                if self._needs[need.node].params != need.params:
                    self.update(need.node, need.params)
                source = before.pop(need.node)
            sources[need.node] = source or self._open(need)
        self._needs, self._sources = {need.node: need for need in needs}, sources
        self._opened_by = {need.node: self._openers.get(need.kind) for need in needs}
        if before:
            close_aside(before.values())

    def update(self, node: str, params: Mapping[str, object]) -> None:
        """Tell a node's source which of its params changed."""
        if node not in self._sources:
            return
        need = self._needs[node]
        need = self._needs[node] = replace(need, params={**need.params, **params})
        if isinstance(self._sources[node], Silent):
            self._sources[node] = self._open(need)
        else:
            self._ask(node, lambda source: source.update(need.params))

    def read(self, dt: float) -> dict[str, tuple[Any, ...]]:
        """The events of each node's source since the tick before, which is `dt` seconds ago."""
        now = self._pace(dt)
        return {node: self._ask(node, lambda it: _events(it, now)) for node in [*self._sources]}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with them right now, each on its node."""
        told = [(node, self._ask(node, _complaint)) for node in [*self._sources]]
        return tuple(Problem(text, node=node) for node, text in told if text)

    def close(self) -> None:
        """Let go of everything."""
        sources, self._sources, self._needs = self._sources, {}, {}
        close_all(sources.values())

    def _stands(self, need: SourceNeed) -> bool:
        known = self._needs.get(need.node)
        same = self._opened_by.get(need.node) is self._openers.get(need.kind)
        return known is not None and known.kind == need.kind and same

    def _open(self, need: SourceNeed) -> EventSource:
        try:
            return self._open_one(need)
        except ControlError as error:
            return Silent(str(error))

    def _ask(self, node: str, do: Callable[[EventSource], T]) -> T:
        """What a source answers; one that fails is listened to no more until its node is edited."""
        try:
            return do(self._sources[node])
        except Exception as error:  # a guest's code may fail in any way there is
            log.warning("the event source of %s failed", node, exc_info=True)
            close_aside([self._sources[node]])
            silent = Silent(f"its source failed: {type(error).__name__}: {error}")
            self._sources[node] = silent
            return do(silent)


def _complaint(source: EventSource) -> str:
    return str(source.complaint or "")


def _events(source: EventSource, now: float) -> tuple[Any, ...]:
    events = source.read(now)
    if not isinstance(events, tuple):
        raise TypeError(f"read gave {type(events).__name__}, not a tuple of events")
    return events
