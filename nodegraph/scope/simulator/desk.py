"""Keep the running server's state: its log, pipelines and sessions, and what it has counted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.faults import Faults, parse_faults
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.pipelines import Pipelines
from nodegraph.scope.simulator.session import Session
from nodegraph.scope.simulator.tempo import Tempo

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
        self._tasks: set[asyncio.Task[None]] = set()
        self.faults = Faults(self.log)
        self.tempo = Tempo(self.notify, installed=config.tempo)
        self.faults.acts |= {
            "memory": self._run_out_of_memory,
            "steal": self._steal,
            "unload": self._unload,
            "restart": self.restart,
        }
        self.log.info("app", "Application startup complete.")

    @property
    def first(self) -> Session | None:
        """The session that `session/parameters` and `session/metrics` speak of."""
        return next(iter(self.sessions.values()), None)

    async def offer(self, sdp: str, kind: str, params: Mapping[str, Any]) -> dict[str, str]:
        """Open a session and return the answer; whatever fails closes it again."""
        await self.faults.before_answer()
        session = Session(
            params, self.pipelines, self.config, self.log, self.faults, self.tempo, self._forget
        )
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
            session.update(params)
        self.notify({"type": "parameters_updated", "parameters": params})

    def notify(self, message: Mapping[str, Any]) -> None:
        """Tell the clients of all sessions."""
        for session in self.sessions.values():
            session.notify(message)

    async def close(self) -> None:
        """Close every session, and forget the pipelines and the tempo."""
        self.tempo.disable()
        await asyncio.gather(*(session.close() for session in list(self.sessions.values())))
        await self.pipelines.clear()

    def restart(self) -> None:
        """Half a second from now, lose everything and begin anew, as a restarted process would."""
        self._spawn(self._restart())

    def plan_faults(self) -> None:
        """Let what the configuration plans go wrong at its time."""
        loop = asyncio.get_running_loop()
        for fault in parse_faults(self.config.fault):
            loop.call_later(fault.at, self.faults.happen, fault.name, fault.seconds)

    def _run_out_of_memory(self) -> None:
        for session in self.sessions.values():
            session.stage.die()

    def _steal(self) -> None:
        for session in list(self.sessions.values()):
            self._spawn(session.close())

    def _unload(self) -> None:
        self.pipelines.loaded.clear()
        self._steal()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
    if (processor := stage.shown) is not None:
        counts.update(
            received=processor.received,
            applied=processor.applied,
            dropped=processor.dropped,
            chunks=processor.chunks,
        )
    return counts
