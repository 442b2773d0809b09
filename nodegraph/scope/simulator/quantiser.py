"""Changes of one session that wait for a beat, as a server has them wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from nodegraph.scope.simulator.beats import GRIDS
from nodegraph.scope.simulator.tempo import Notify, Tempo


class Quantiser:
    """What waits is one change: a later value of a param replaces an earlier, and the first says
    when. Belongs to one event loop."""

    def __init__(
        self, tempo: Tempo, apply: Callable[[Mapping[str, Any]], None], notify: Notify
    ) -> None:
        self._tempo, self._apply, self._notify = tempo, apply, notify
        self._grid = "none"
        self._lookahead = 0.0
        self._waiting: dict[str, Any] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether anything waits."""
        return self._timer is not None

    def take(self, message: Mapping[str, Any]) -> None:
        """Read for what to wait, and how far ahead of it to be; either drops what waits."""
        if (grid := message.get("quantize_mode")) in (*GRIDS, "none"):
            self._grid = grid
            self.cancel()
        ahead = message.get("lookahead_ms")
        if isinstance(ahead, int | float) and isfinite(ahead) and ahead >= 0:
            self._lookahead = ahead / 1000
            self.cancel()

    def put(self, params: Mapping[str, Any]) -> None:
        """Apply this on the beat; at once if there is none to wait for."""
        beat = self._tempo.beat()
        if self._grid == "none" or beat is None:
            self._apply(params)
            return
        self._waiting |= params
        if not self.waits:
            seconds = beat.until(self._grid, self._lookahead)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._land)
            self._notify({"type": "change_scheduled", "delay_ms": round(seconds * 1000)})

    def cancel(self) -> None:
        """Let nothing wait any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._waiting = None, {}

    def _land(self) -> None:
        params, self._timer, self._waiting = self._waiting, None, {}
        self._apply(params)
        self._notify({"type": "change_applied"})
