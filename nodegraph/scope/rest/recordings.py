"""Recordings of a session, which last only as long as it does: fetch them before it ends."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from nodegraph.scope.answers import Recording
from nodegraph.scope.rest.files import Progress, save
from nodegraph.scope.rest.transport import MOVE, Query, Transport


class RecordingsRest(Transport):
    """Endpoints about recordings; `node` is a record node of the session's graph, if it has any.

    `headless` is the id of the session without a client.
    """

    async def start_recording(self, session_id: str, node: str | None = None) -> Recording:
        """Record from now on, the picture only (since 0.2.0)."""
        path = f"{_recording(session_id)}/start"
        return Recording.from_json(await self._object("POST", path, params=_of(node)))

    async def stop_recording(self, session_id: str, node: str | None = None) -> Recording:
        """Record no more. Without a node what was recorded is lost by that: fetch it instead."""
        path = f"{_recording(session_id)}/stop"
        return Recording.from_json(await self._object("POST", path, params=_of(node)))

    async def fetch_recording(
        self,
        session_id: str,
        target: Path,
        *,
        node: str | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """What was recorded since the last fetch as MP4, into a file or a folder.

        Recording goes on, from here. Returns the file's path.
        """
        path, query = _recording(session_id), _of(node)
        async with self._opened("GET", path, params=query, timeout=MOVE) as response:
            return await save(response, target, progress)


def _recording(session_id: str) -> str:
    return f"/api/v1/recordings/{quote(session_id, safe='')}"


def _of(node: str | None) -> Query:
    return {} if node is None else {"node_id": node}
