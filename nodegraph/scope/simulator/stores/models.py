"""The pipelines' model files: which are there, and how far a download is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.pipelines import Pipelines

_ARTIFACTS = ("diffusion_pytorch_model.safetensors", "text_encoder.safetensors", "vae.pth")
_STEPS = 10


class Models:
    """A mark per pipeline in a folder; without `fresh` nothing needs to be downloaded."""

    def __init__(
        self, root: Path, pipelines: Pipelines, log: Log, *, fresh: bool, seconds: float
    ) -> None:
        self._root, self._pipelines, self._log = root, pipelines, log
        self._seconds = seconds
        self._progress: dict[str, dict[str, Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        if fresh:
            needy = (id for id, one in pipelines.registered().items() if one["requires_models"])
            pipelines.without_models = {id for id in needy if not self._mark(id).exists()}

    def status(self, id: str) -> dict[str, Any]:
        """Return whether they are there; of a pipeline that is not known they are, too."""
        missing = id in self._pipelines.without_models
        return {"downloaded": not missing, "progress": self._progress.get(id)}

    def download(self, id: str) -> None:
        """Begin to fetch them.

        Raises:
            HTTPException: 409 while that is under way.
        """
        if id in self._progress:
            raise HTTPException(409, f"Download already in progress for {id}")
        self._log.info("download_models", f"Downloading models for pipeline: {id}")
        if id not in self._pipelines.without_models:
            known = self._pipelines.registered().get(id, {}).get("requires_models")
            if not known:
                text = f"No artifacts defined for pipeline: {id}"
                self._log.warning("download_models", text)
            return
        task = asyncio.get_running_loop().create_task(self._fetch(id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is being fetched."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _fetch(self, id: str) -> None:
        progress = self._progress[id] = {"is_downloading": True, "percentage": 0.0}
        try:
            for artifact in _ARTIFACTS:
                progress["current_artifact"] = artifact
                for step in range(_STEPS):
                    progress["percentage"] = 100.0 * step / _STEPS
                    await asyncio.sleep(self._seconds / _STEPS / len(_ARTIFACTS))
            self._root.mkdir(parents=True, exist_ok=True)
            self._mark(id).touch()
            self._pipelines.without_models.discard(id)
            self._log.info("download_models", f"Downloaded models for pipeline: {id}")
        finally:
            del self._progress[id]

    def _mark(self, id: str) -> Path:
        return self._root / id
