"""Keep the running server's state: its log, pipelines and sessions, and what it has counted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.pipelines import Pipelines
from nodegraph.scope.simulator.session import Session

_COUNTS = ("received", "applied", "dropped", "chunks", "frames_generated", "frames_sent")


class Desk:
    """Everything the routes share."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.log = Log()
        self.pipelines = Pipelines(config, self.log)
        self.sessions: dict[str, Session] = {}
        self.start_time = time.time()
        self._past: Counter[str] = Counter()
        self._restarts: set[asyncio.Task[None]] = set()
        self.log.info("app", "Application startup complete.")

    @property
    def first(self) -> Session | None:
        """The session that `session/parameters` and `session/metrics` speak of."""
        return next(iter(self.sessions.values()), None)

    async def offer(self, sdp: str, kind: str, params: Mapping[str, Any]) -> dict[str, str]:
        """Open a session and return the answer; whatever fails closes it again."""
        session = Session(params, self.pipelines, self.config, self.log, self._forget)
        self.sessions[session.id] = session
        try:
            answer = await session.answer(sdp, kind)
        except BaseException:
            await session.close()
            raise
        return {"sdp": answer.sdp, "type": answer.type, "sessionId": session.id}

    def update_all(self, params: Mapping[str, Any]) -> None:
        """Apply validated params to every session and tell their clients."""
        for session in self.sessions.values():
            session.stage.update(params)
            session.notify({"type": "parameters_updated", "parameters": params})

    async def close(self) -> None:
        """Close every session and forget the pipelines."""
        await asyncio.gather(*(session.close() for session in list(self.sessions.values())))
        await self.pipelines.clear()

    def restart(self) -> None:
        """Half a second from now, lose everything and begin anew, as a restarted process would."""
        task = asyncio.get_running_loop().create_task(self._restart())
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def _restart(self) -> None:
        await asyncio.sleep(0.5)
        await self.close()
        self.start_time = time.time()

    def state(self) -> dict[str, Any]:
        """Return what has been counted since the start, and each open session's own counts."""
        sessions = {each.id: _counted(each) for each in self.sessions.values()}
        totals = Counter(self._past)
        for counts in sessions.values():
            totals.update(counts)
        return {
            "totals": {key: totals[key] for key in _COUNTS},
            "sessions": {
                each.id: {
                    **sessions[each.id],
                    "applied_number": each.stage.applied_number,
                    "paused": each.stage.paused,
                    "parameters": dict(each.stage.applied),
                    "settled": each.stage.settled,
                }
                for each in self.sessions.values()
            },
        }

    def _forget(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        self._past.update(_counted(session))


def _counted(session: Session) -> Counter[str]:
    stage = session.stage
    counts: Counter[str] = Counter(frames_generated=stage.generated, frames_sent=stage.sent)
    for processor in stage.processors[-1:]:
        counts.update(
            received=processor.received,
            applied=processor.applied,
            dropped=processor.dropped,
            chunks=processor.chunks,
        )
    return counts
