"""What a show says to Scope while it plays, and when: kept as a trace, which can be exported."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from nodegraph.host.engine.outbox import SCOPE
from nodegraph.runtime.trace import Trace
from nodegraph.values import Message

RATE, BLOCK = 48_000, 12_000
"""Samples of a second, and of a tick: what is said within a quarter of a second becomes one
message, because Scope takes no more, and so that a long night has room."""


class Transcript:
    """Begins with the first word. Events, such as a reset, are kept each time, all else if it is
    news."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._known: dict[str, object] = {}
        self._said: dict[int, dict[str, object]] = {}

    def hear(self, body: Mapping[str, object], lasting: Mapping[str, object]) -> None:
        """Something is said now; what of it is `lasting` holds until something else is said."""
        now = time.monotonic()
        self._begun = now if self._begun is None else self._begun
        news = {
            name: value
            for name, value in body.items()
            if name not in lasting or self._known.get(name) != value
        }
        if news:
            self._known |= news
            self._said.setdefault(self._tick(now), {}).update(news)

    def trace(self, title: str) -> Trace:
        """All of it, up to now."""
        ticks = self._tick(time.monotonic()) + 1
        return Trace(
            rate=RATE,
            block=BLOCK,
            times=np.arange(1, ticks + 1, dtype=np.float64) * BLOCK / RATE,
            columns={},
            kinds={},
            messages=tuple((tick, Message(SCOPE, body)) for tick, body in self._said.items()),
            title=title,
        )

    def _tick(self, now: float) -> int:
        return int((now - self._begun) * RATE / BLOCK) if self._begun is not None else 0
