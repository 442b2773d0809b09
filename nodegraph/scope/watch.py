"""Looks after one session: how fast its frames come, whether they do, and if not, why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from nodegraph.scope.company import Company
from nodegraph.scope.errors import ScopeError
from nodegraph.scope.faults import Lost
from nodegraph.scope.link_stats import LinkState, Patience
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender
from nodegraph.scope.session import Session
from nodegraph.scope.symptoms import has_stopped

LOOK = 0.1
"""Seconds between two looks at the frames."""
MEASURE = 1.0
"""Seconds between two readings of counters, and two questions about sessions."""

Tell = Callable[[LinkState, str], None]


class Watch:
    """Watches by frames, not by sockets, which tell of a death only half a minute later.

    `started` is when the server had started; `live` is the sentence for a session that is well.
    """

    def __init__(
        self,
        rest: ScopeRest,
        session: Session,
        sender: Sender,
        company: Company,
        patience: Patience,
        started: float | None,
        live: str,
        tell: Tell,
    ) -> None:
        self._rest, self._session, self._sender = rest, session, sender
        self._company = company
        self._patience, self._started = patience, started
        self._live, self._tell = live, tell
        self._stalled = False
        self._moved = time.monotonic()  # when frames came last, or were not to come

    async def run(self) -> NoReturn:
        """Watch until the session is lost: raises `Lost`, or what the server's death looks like."""
        measured = asked = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            now = time.monotonic()
            if now - measured >= MEASURE:
                measured = now
                await self._session.measure()
                await self._ask_metrics()
            still = self._stillness(now)
            if still < self._patience.stall:
                if self._stalled:
                    self._stalled = False
                    self._tell("live", self._live)
            elif now - asked >= self._patience.stall:
                asked = now
                await self._ask(still)

    def _stillness(self, now: float) -> float:
        """Seconds for which frames should have come and did not."""
        age = self._session.intake.age(now)
        came = now if self._sender.paused or age is None else now - age
        self._moved = max(self._moved, came)
        return now - self._moved

    async def _ask_metrics(self) -> None:
        """Ask for the rate, as long as the frames have not taught it, and whose session is the
        first there: the server tells of no other."""
        pace, id = self._sender.pace, self._session.id or ""
        with suppress(ScopeError):
            sessions = await self._rest.sessions()
            ours = sessions.get(id)
            if sessions and ours is None:
                self._company.share(time.monotonic())
            if ours and ours.frames_out and ours.pipeline_fps and not pace.knows:
                pace.told(pace.chunk_frames / ours.pipeline_fps)

    async def _ask(self, still: float) -> None:
        told = await has_stopped(self._rest, self._session.log_mark, self._started)
        if still >= self._patience.give_up:
            why = f"its log says: {told}" if told else "although it is there"
            raise Lost(
                "failing" if told else "silent", f"Scope sent no frame for {still:.0f} s; {why}."
            )
        self._stalled = True
        why = f"Its log says: {told}" if told else "Waiting for Scope."
        self._tell("stalled", f"No frame for {still:.0f} s. {why}")
