"""Recordings of sessions: files that last as long as the session does."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.stores.coding import Encoder, Newest, arriving


class Recorder:
    """One recording under way; what is written becomes a file when it is finished.

    Several may want that at once, each gets what came since the one before.
    """

    def __init__(self, newest: Newest, folder: Path) -> None:
        self._newest, self._folder = newest, folder
        self._ending = asyncio.Lock()
        self._over = False
        self._begin()

    async def finish(self) -> Path | None:
        """End it; return the file, None if there was no picture."""
        async with self._ending:
            self._over = True
            return await self._end()

    async def segment(self) -> Path | None:
        """Return what there is as a file, and go on with another."""
        async with self._ending:
            file = await self._end()
            if not self._over:
                self._begin()
            return file

    async def _end(self) -> Path | None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if self._encoder is None:
            return None
        await asyncio.to_thread(self._encoder.close)
        return self._file if self._encoder.pictures else None

    def _begin(self) -> None:
        self._encoder: Encoder | None = None
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".mp4", delete=False) as file:
            self._file = Path(file.name)
        self._task = asyncio.get_running_loop().create_task(self._record(), name="record")

    async def _record(self) -> None:
        async for seconds, picture in arriving(self._newest):
            if self._encoder is None:
                self._encoder = Encoder(self._file, "mp4", picture)
            await asyncio.to_thread(self._encoder.add, picture, seconds)


class Recordings:
    """Those of one session: of all of it, or of each record node that its graph has.

    A session's recording is lost when it is stopped: only while it runs can it be fetched, and what
    is fetched is what came since the last time. A node's can be fetched once after it was stopped.
    """

    def __init__(self, newest: Newest, params: Mapping[str, Any], folder: Path) -> None:
        self._newest = newest
        self._folder = folder
        graph = params.get("graph") or {}
        self._nodes = [one["id"] for one in graph.get("nodes", ()) if one["type"] == "record"]
        self._running: dict[str | None, Recorder] = {}
        self._stopped: dict[str, Path] = {}
        self._known = False
        if params.get("recording"):
            self.start(None if not self._nodes else self._nodes[0])

    def start(self, node: str | None) -> str:
        """Begin, unless it is under way."""
        self._check(node)
        if node in self._running:
            return "already_recording"
        self._known = True
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running[node] = Recorder(self._newest, self._folder)
        return "started"

    async def stop(self, node: str | None) -> str:
        """End it.

        Raises:
            HTTPException: 404 if there never was one.
        """
        self._check(node)
        if not self._known and node is None:
            raise HTTPException(404, "Recording not available")
        recorder = self._running.pop(node, None)
        if recorder is None:
            return "not_recording"
        file = await recorder.finish()
        if node is not None and file is not None:
            self._stopped[node] = file
        return "stopped"

    async def fetch(self, node: str | None) -> tuple[Path, str]:
        """Return a file and the name to give it.

        Raises:
            HTTPException: 404 if there is nothing to fetch.
        """
        self._check(node)
        if node is None:
            running = self._running.get(None)
            file = await running.segment() if running else None
        elif (recorder := self._running.pop(node, None)) is not None:
            file = await recorder.finish()
        else:
            file = self._stopped.pop(node, None)
        if file is None:
            raise HTTPException(404, "Recording file not available")
        mark = f"{node}-" if node else ""
        return file, f"recording-{mark}{datetime.now():%Y%m%d_%H%M%S}.mp4"

    async def close(self) -> None:
        """Delete everything."""
        for recorder in self._running.values():
            await recorder.finish()
        self._running.clear()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def _check(self, node: str | None) -> None:
        if node is None and self._nodes:
            detail = "This session uses graph record nodes; pass node_id=<record node id>."
        elif node is not None and not self._nodes:
            detail = "This session has no graph record nodes; omit node_id."
        elif node is not None and node not in self._nodes:
            detail = f"Unknown record node {node!r}"
        else:
            return
        raise HTTPException(400, detail)
