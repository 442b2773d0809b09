"""What the second thread tells the host: values that are no numbers, problems, how it all goes."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence

import numpy as np

from nodegraph.host.engine.deck import Begun
from nodegraph.host.engine.loop import Loop, Report
from nodegraph.host.engine.machine import resident
from nodegraph.host.engine.outbox import Outbox
from nodegraph.host.engine.prepare import Preparer
from nodegraph.host.engine.protocol import Checkpoint, Stats, Values, Word
from nodegraph.host.sources import pack
from nodegraph.mistakes import state_problems
from nodegraph.runtime.install import Ready

EVERY = 1 / 30
"""Seconds between two looks at values that are no numbers."""

_ALWAYS = frozenset({"string", "prompts", "theme"})
_ASKED = frozenset({"vector"})


class Reporting:
    """Gathers what there is to tell. `watched` names the vector outlets that somebody looks at."""

    def __init__(
        self,
        loop: Loop,
        preparers: Mapping[str, Preparer],
        outbox: Outbox,
        granted: Sequence[str],
    ) -> None:
        self.watched: dict[str, frozenset[str]] = {}
        self._loop = loop
        self._outbox = outbox
        self._preparers = preparers
        self._granted = granted
        self._shown: dict[str, Ready] = {}
        self._last: dict[str, dict[str, object]] = {}
        self._looked = 0.0
        self._examined: dict[str, int] = {}
        self._collections = _collections()

    def words(self) -> list[Word]:
        """Everything that there is to tell now."""
        words: list[Word] = []
        while self._loop.news:
            match self._loop.news.popleft():
                case Begun() as begun:
                    words.append(self._preparers[begun.word.deck].installed(begun))
                case Report() as report:
                    words += self._report(report)
                case word:
                    words.append(word)
        if time.monotonic() - self._looked >= EVERY:
            self._looked = time.monotonic()
            for name, preparer in self._preparers.items():
                if changed := self._changed(name, preparer.deck.shown):
                    words.append(Values(name, changed))
        return words

    def _changed(self, name: str, shown: Ready) -> dict[str, object]:
        if self._shown.get(name) is not shown:
            self._shown[name] = shown
            self._last[name] = {}
        last, watched = self._last[name], self.watched.get(name, frozenset())
        changed: dict[str, object] = {}
        for port, slot in shown.plan.slots.items():
            kind = shown.plan.kinds[port]
            if kind in _ALWAYS or (kind in _ASKED and port in watched):
                value = shown.values[slot]
                if port not in last or not _same(last[port], value):
                    last[port] = value
                    changed[port] = value
        return changed

    def _report(self, report: Report) -> list[Word]:
        tally = report.tally
        slowest: dict[str, int] = {}
        times = {deck: taken.by_node() for deck, taken in report.times.items()}
        took = {node: time.last for taken in times.values() for node, time in taken.items()}
        if tally.over and took:
            slowest[max(took, key=took.__getitem__)] = tally.over
        collections, self._collections = self._collections, _collections()
        dt = self._loop.dt
        stats = Stats(
            ticks=tally.ticks,
            overruns=tally.overruns,
            load=tally.busy / (tally.ticks * dt),
            worst=tally.worst,
            late=tally.late,
            slowest=slowest,
            nodes={
                deck: {id: (it.mean, it.worst, it.mean / dt) for id, it in taken.items()}
                for deck, taken in times.items()
            },
            faults=report.faults,
            heard=report.heard,
            fade=report.fade,
            collections=self._collections - collections,
            dropped=self._outbox.dropped,
            memory=resident() or 0,
            granted=self._granted,
            sources=report.sources,
        )
        for deck, snapshot in report.snapshots.items():  # the first of a plan: it costs no tick
            if self._examined.get(deck) != report.serials[deck]:
                self._examined[deck] = report.serials[deck]
                running = self._preparers[deck].deck
                ids = snapshot.states.keys() & running.shown.plan.state_slots.keys()
                kept = {id: snapshot.states[id][1] for id in sorted(ids)}
                running.remarks = state_problems(kept)
        states = {deck: snapshot.pack() for deck, snapshot in report.snapshots.items()}
        sounds = {deck: pack(bookmarks) for deck, bookmarks in report.bookmarks.items()}
        return [stats, Checkpoint(report.serials, states, report.mixer, sounds)]


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one is other or np.array_equal(one, other)
    return one == other


def _collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())
