"""Messages on their way out of the engine itself: a thread for each sink, so that no tick waits."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic

from nodegraph.errors import NodegraphError, Problem
from nodegraph.hookspecs import OpenSink, Sink

log = logging.getLogger(__name__)

Body = Mapping[str, object]

_MOST = 1000
"""Messages that wait for one sink at most; then the oldest are dropped."""

_CALM = 1.0
"""Seconds without a failure after which the next success says that all is well: one lamp that works
does not hide another that does not."""

_TO_CLOSE = 0.5
"""Seconds that sinks have to deliver what waits, and to let go, when the engine ends."""


class Sinks:
    """Every sink that a plugin brings, opened when the first message is there for it. If its opener
    is another one since, the next message opens another sink."""

    def __init__(self, openers: Mapping[str, OpenSink]) -> None:
        self._openers = openers
        self._lanes: dict[str, _Lane] = {}

    def put(self, name: str, body: Body) -> bool:
        """Have a message delivered; False if there is no such sink. Never waits."""
        open, lane = self._openers.get(name), self._lanes.get(name)
        if lane is not None and lane.open is not open:
            self._lanes.pop(name).close()
        if open is None:
            return False
        if name not in self._lanes:
            self._lanes[name] = _Lane(name, open)
        self._lanes[name].put(body)
        return True

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be delivered last."""
        return tuple(Problem(lane.problem) for lane in [*self._lanes.values()] if lane.problem)

    def close(self) -> None:
        """Have what waits delivered, and let go of all of them. Waits, but not for ever."""
        lanes = [*self._lanes.values()]
        for lane in lanes:
            lane.close()
        end = monotonic() + _TO_CLOSE
        for lane in lanes:
            lane.join(end - monotonic())


class _Lane:
    def __init__(self, name: str, open: OpenSink) -> None:
        self.problem = ""
        self._name, self.open = name, open
        self._waiting: deque[Body] = deque(maxlen=_MOST)
        self._news = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._failed = 0.0  # when it last did

    def put(self, body: Body) -> None:
        if len(self._waiting) == _MOST:
            self._fail(f"the sink {self._name} does not keep up: messages are lost")
        self._waiting.append(body)
        self._news.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._news.set()

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        sink: Sink | None = None
        while True:
            self._news.wait()
            self._news.clear()
            while self._waiting:
                body = self._waiting.popleft()
                try:
                    if sink is None:
                        sink = self.open()
                    sink.send(body)
                    if monotonic() - self._failed > _CALM:
                        self.problem = ""
                except NodegraphError as error:
                    self._fail(str(error))
                except Exception as error:  # a guest's code may fail in any way there is
                    log.warning("the sink %s failed", self._name, exc_info=not self.problem)
                    self._fail(f"the sink {self._name} failed: {type(error).__name__}: {error}")
            if self._closing:
                break
        if sink is not None:
            with suppress(Exception):  # again a guest's code
                sink.close()

    def _fail(self, problem: str) -> None:
        self.problem, self._failed = problem, monotonic()
