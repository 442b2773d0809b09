"""The tempo that a server follows: a clock of its own, as Ableton Link is without any peer, or
that of a client which says where the beat is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.answers import number
from nodegraph.scope.simulator.beats import Beat

Notify = Callable[[Mapping[str, Any]], None]

_RATE = 15.0  # messages a second to clients
_STALE = 2.0  # seconds after which what a client said counts no more
_NEEDS = {"link": "aalink", "midi_clock": "mido"}


class Tempo:
    """Off until it is enabled, which takes a package that a server has only if `installed`."""

    def __init__(self, notify: Notify, *, installed: bool) -> None:
        self._notify = notify
        self._installed = installed
        self._bpm = 120.0
        self._beats_per_bar = 4
        self._origin = 0.0
        self._telling: asyncio.Task[None] | None = None
        self._client: tuple[float, Beat] | None = None

    @property
    def enabled(self) -> bool:
        """Whether it runs."""
        return self._telling is not None

    def status(self) -> dict[str, Any]:
        """Return what is followed, and where the beat is."""
        beat = self.beat()
        return {
            "enabled": self.enabled,
            "source": {"type": "link", "num_peers": 0} if self.enabled else None,
            "beats_per_bar": self._beats_per_bar,
            "beat_state": beat and {**beat.told(), "source": beat.source},
        }

    def sources(self) -> dict[str, Any]:
        """Return the clocks there could be."""
        link: dict[str, Any] = {"available": self._installed, "name": "Ableton Link"}
        midi: dict[str, Any] = {"available": False, "name": "MIDI Clock"}
        if self._installed:
            midi["devices"] = []
        else:
            link["install_hint"] = "Needs the package aalink"
        midi["install_hint"] = "Needs the package mido"
        return {"sources": {"link": link, "midi_clock": midi}}

    def enable(self, source: str, bpm: float, beats_per_bar: int) -> None:
        """Begin to count.

        Raises:
            HTTPException: 400 where the package is missing.
        """
        if not self._installed or source != "link":
            package = _NEEDS[source]
            raise HTTPException(400, f"Required dependency not installed: {package}")
        self.disable()
        self._bpm, self._beats_per_bar = bpm, beats_per_bar
        self._origin = time.monotonic()
        self._telling = asyncio.get_running_loop().create_task(self._tell())

    def disable(self) -> None:
        """Count no more."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def change(self, bpm: float) -> None:
        """Go on at another tempo, from the beat that it is at.

        Raises:
            HTTPException: 400 while it is off.
        """
        if not self.enabled:
            raise HTTPException(400, "Tempo sync is not enabled")
        now = time.monotonic()
        beats = (now - self._origin) * self._bpm / 60
        self._bpm, self._origin = bpm, now - beats * 60 / bpm

    def follow(self, message: Mapping[str, Any]) -> None:
        """Take the beat from a client's message, if it tells tempo and phase; it counts for more
        than the own for a while. Nothing is heard while the tempo is off."""
        bpm, phase = number(message, "bpm"), number(message, "beat_phase")
        if bpm is None or phase is None or bpm <= 0:
            return
        bar, count = number(message, "bar_position"), number(message, "beat_count")
        playing = bool(message.get("is_playing", True))
        place = phase, phase if bar is None else bar, int(count or 0)
        beat = Beat(bpm, *place, playing, "client", self._beats_per_bar)
        self._client = time.monotonic(), beat

    def beat(self) -> Beat | None:
        """Where the beat is now; None while the tempo is off."""
        if not self.enabled:
            return None
        now = time.monotonic()
        if self._client is not None and now - self._client[0] < _STALE:
            return self._client[1]
        beats = (now - self._origin) * self._bpm / 60
        bar = beats % self._beats_per_bar
        return Beat(self._bpm, beats % 1.0, bar, int(beats), beats_per_bar=self._beats_per_bar)

    async def _tell(self) -> None:
        while True:
            if (beat := self.beat()) is not None:
                self._notify({"type": "tempo_update", **beat.told()})
            await asyncio.sleep(1 / _RATE)
