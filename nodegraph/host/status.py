"""How a show stands, and what it came to: plain facts, for a display or a client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from nodegraph.errors import Problem
from nodegraph.host.engine.events import Died, Restarted
from nodegraph.host.engine.protocol import Stats
from nodegraph.host.engine.transport import NOT_YET, Playing
from nodegraph.host.meters import Seen
from nodegraph.scope.link_stats import LinkStats


@dataclass(frozen=True)
class Status(Seen):
    """How a show stands right now, seen from a deck.

    `load` is the share of its time that the engine is busy, `names` what lies on the decks, `fade`
    where the fader is, from 0 to 1.
    """

    names: Mapping[str, str]
    fade: float
    seconds: float
    duration: float | None
    ticks: int
    overruns: int
    load: float
    restarts: int
    sent: Mapping[str, object]
    messages: int
    link: LinkStats | None
    problems: tuple[Problem, ...]
    links: Mapping[str, LinkStats] = field(default_factory=dict)
    """Of further servers, by name."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a show came to. `restarts` counts the engines that had to be replaced."""

    seconds: float
    ticks: int
    overruns: int
    worst_ms: float
    restarts: int
    messages: int
    link: LinkStats | None
    problems: tuple[Problem, ...]


REMEMBERED = 60.0
"""Seconds for which an engine that was replaced is told of; from then on it only counts."""


class Tally:
    """Adds up what the engines of a show report, each second, and what became of them."""

    def __init__(self) -> None:
        self.ticks = self.overruns = self.restarts = 0
        self.slowest: dict[str, int] = {}
        self.worst = self.load = self.fade = 0.0
        self.times: dict[str, dict[str, float]] = {}
        """Seconds of each tick that nodes take on average lately, by deck and node."""
        self._heard: Mapping[str, tuple[float, float | None, bool]] = {}
        self.sources: dict[str, dict[str, Playing]] = {}
        """How each source plays, by deck and node, at the time `when`."""
        self.when = 0.0
        self._accident = ""
        self._forget_at = 0.0

    def add(self, stats: Stats) -> None:
        """One more second."""
        self.ticks += stats.ticks
        self.overruns += stats.overruns
        self.worst = max(self.worst, stats.worst)
        for node, count in stats.slowest.items():
            self.slowest[node] = self.slowest.get(node, 0) + count
        self.load, self.fade = stats.load, stats.fade
        self.times = {
            deck: {node: mean for node, (mean, *_) in nodes.items()}
            for deck, nodes in stats.nodes.items()
        }
        self._heard, self.when = stats.heard, time.monotonic()
        self.sources = {
            deck: {node: Playing(*each) for node, each in found.items()}
            for deck, found in stats.sources.items()
        }

    def expect(self, deck: str, node: str, at: float | None, paused: bool | None) -> None:
        """A source was asked to move or to pause: so it is until the engine tells."""
        if node not in self.sources.get(deck, {}):
            return
        known = self.playing(deck, node)
        if at is not None and known.at is not None:
            known = known._replace(at=at, ended=False)
        if paused is not None:
            known = known._replace(paused=paused)
        if known.at is not None:
            known = known._replace(at=known.at - self._since(known))
        self.sources[deck][node] = known

    def playing(self, deck: str, node: str) -> Playing:
        """How a source plays now; between two reports the time goes on, but not far."""
        known = self.sources.get(deck, {}).get(node, NOT_YET)
        if known.at is None:
            return known
        at = known.at + self._since(known)
        return known._replace(at=at if known.duration is None else min(at, known.duration))

    def _since(self, known: Playing) -> float:
        """How far a source has come since it was reported of."""
        if known.paused or known.ended:
            return 0.0
        return min(time.monotonic() - self.when, 1.0)

    def accident(self, event: Died | Restarted) -> None:
        """The engine died, or another plays on."""
        self._accident, self._forget_at = event.text, inf
        if isinstance(event, Restarted):
            self.restarts += 1
            self._forget_at = time.monotonic() + REMEMBERED

    @property
    def accidents(self) -> list[Problem]:
        """The last accident, as long as it is news."""
        return [Problem(self._accident)] if time.monotonic() < self._forget_at else []

    def heard(self, deck: str) -> tuple[float, float | None, bool]:
        """Seconds that a deck has played, those that there are to hear, and whether all is over.

        Between two reports the time goes on, but not far.
        """
        if deck not in self._heard:
            return 0.0, None, False
        seconds, duration, over = self._heard[deck]
        return seconds + min(time.monotonic() - self.when, 1.0), duration, over
