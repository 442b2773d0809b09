"""The tick thread: waits for sound, or for the time, and runs every deck once per block."""

from __future__ import annotations

import gc
import pickle
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nodegraph.errors import Problem
from nodegraph.host.engine.deck import Begun, Deck
from nodegraph.host.engine.outbox import SCOPE, Outbox
from nodegraph.host.engine.protocol import DECKS, Problems, Word
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.engine.tally import Tally
from nodegraph.host.engine.transport import Playing
from nodegraph.host.keeper import Bookmark
from nodegraph.runtime.budget import Times
from nodegraph.runtime.crossfade import Mixer
from nodegraph.runtime.snapshot import Snapshot

_LOST = 0.5
"""Seconds behind after which the time is given up instead of caught up with."""

_DRAIN = 0.0002
"""Seconds of a tick in which what came from the host is taken in; the rest waits."""

_GARBAGE = 20_000
"""Objects since the last collection after which it is time for another."""

_LOOK = 8
"""Ticks between two looks at what is wrong."""

Task = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What the tick thread has to tell once a second; all but the tally by deck."""

    tally: Tally
    serials: Mapping[str, int]
    snapshots: Mapping[str, Snapshot]
    times: Mapping[str, Times]
    faults: Mapping[str, Mapping[str, int]]
    heard: Mapping[str, tuple[float, float | None, bool]]
    bookmarks: Mapping[str, Mapping[str, Bookmark]]
    sources: Mapping[str, Mapping[str, Playing]]
    fade: float
    mixer: bytes


News = Begun | Report | Word


class Loop:
    """Ticks for ever, `dt` seconds apart.

    `inbox` takes what is to be done between two ticks. `news` is for the other thread to tell the
    host, in the order in which it happened.
    """

    def __init__(self, decks: Sequence[Deck], outbox: Outbox, pulse: Pulse, dt: float) -> None:
        self.dt: Final = dt
        self.mixer: Final = Mixer(dt, DECKS)
        self.inbox: deque[Task] = deque()
        self.news: deque[News] = deque()
        self._decks = decks
        self._outbox = outbox
        self._pulse = pulse
        self._tally = Tally()
        self._sweep = 0.001
        self._told: dict[str, Sequence[Problem]] = {}
        self._over: list[str] = []

    def run(self) -> None:
        """One tick per block, each at its time."""
        self._pulse.tick()
        due = time.perf_counter()
        while True:
            due = self._wait(due + self.dt)
            started = time.perf_counter()
            self._take_in(started + _DRAIN)
            self._tick()
            self._pulse.tick()
            self._tally.note(due, started, time.perf_counter(), self.dt)
            if self._tally.ticks % _LOOK == 0:
                self._look()
            if self._tally.ticks * self.dt >= 1.0:
                self._report()
                self._collect(due + self.dt)

    def _wait(self, due: float) -> float:
        """Until the next tick may begin; gives the time at which it should have."""
        leader: Deck | None = None
        for deck in self._decks:
            deck.sources.follows = leader is not None
            if leader is None and deck.sources.live:
                leader = deck
        if leader is not None:
            leader.sources.wait(2 * self.dt)
            return time.perf_counter()
        rest = due - time.perf_counter()
        if rest > 0:
            time.sleep(rest)
        return due - rest if rest < -_LOST else due

    def _take_in(self, until: float) -> None:
        while self.inbox and time.perf_counter() < until:
            self.inbox.popleft()()
        for deck in self._decks:
            for begun in deck.settle():
                if begun.word.anew:
                    self.mixer.forget(deck.name)
                self.mixer.slew(begun.word.slew)
                self.news.append(begun)

    def _tick(self) -> None:
        said: dict[str, dict[str, object]] = {}
        for deck in self._decks:
            if deck.serial:
                for message, node in zip(deck.tick(), deck.senders, strict=True):
                    if message.sink == SCOPE:
                        said.setdefault(deck.name, {}).update(message.body)
                        self._outbox.name(message.body, deck.name, node)
                    elif deck.name == self.mixer.leader:  # the others wait for their fade-in
                        self._outbox.put(message.sink, message.body)
        self._outbox.put(SCOPE, self.mixer.mix(said))
        self._outbox.flush()

    def _look(self) -> None:
        over = [deck.name for deck in self._decks if deck.serial and deck.heard[2]]
        if over != self._over:  # a sound has ended: whoever waits for that should not wait on
            self._over = over
            self._report()
        self._tell_problems()

    def _tell_problems(self) -> None:
        for deck in self._decks:
            problems = deck.problems
            if deck.name == self.mixer.leader:
                problems += self._outbox.problems
            if problems != self._told.get(deck.name, ()):
                self._told[deck.name] = problems
                self.news.append(Problems(deck.name, problems))

    def _report(self) -> None:
        self._tell_problems()  # before the report that counts them
        decks = {deck.name: deck for deck in self._decks if deck.serial}
        tally, self._tally = self._tally, Tally()
        self.news.append(
            Report(
                tally=tally,
                serials={name: deck.serial for name, deck in decks.items()},
                snapshots={name: deck.engine.snapshot() for name, deck in decks.items()},
                times={name: deck.engine.budget.times.copied() for name, deck in decks.items()},
                faults={name: deck.engine.rest.faults for name, deck in decks.items()},
                heard={name: deck.heard for name, deck in decks.items()},
                bookmarks={name: deck.sources.bookmarks for name, deck in decks.items()},
                sources={name: deck.sources.playing for name, deck in decks.items()},
                fade=self.mixer.position,
                mixer=pickle.dumps(self.mixer.state()),
            )
        )

    def _collect(self, due: float) -> None:
        """Collect garbage if there is much of it, and time for that before the next tick.

        What plans leave behind has cycles; a patch at rest leaves nothing.
        """
        count = gc.get_count()[0]
        if count < _GARBAGE:
            return
        started = time.perf_counter()
        if due - started > 1.5 * self._sweep or count > 10 * _GARBAGE:
            gc.collect()
            self._sweep = time.perf_counter() - started
