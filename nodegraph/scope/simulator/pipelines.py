"""Load pipelines and tell how it goes: the state behind `pipeline/load` and `pipeline/status`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nodegraph.scope.simulator.building import build, load_seconds
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.models import LongLive, Model
from nodegraph.scope.simulator.schema_fields import Json
from nodegraph.scope.simulator.schemas import schemas

_STAGES = ("Loading diffusion model...", "Loading text encoder...", "Loading VAE...")


@dataclass(frozen=True)
class Wanted:
    """One pipeline of a load request."""

    node_id: str
    pipeline_id: str
    load_params: Mapping[str, Any] | None


@dataclass
class _Loaded:
    pipeline_id: str
    load_params: Mapping[str, Any] | None
    model: Model


@dataclass
class Pipelines:
    """What is loaded, by node id. All methods run on the event loop.

    As on the real server: a load is answered before anything happens, whatever is not asked for is
    unloaded, an equal instance is reused, an error is reported once and never says what it was.
    """

    config: Config
    log: Log
    loaded: dict[str, _Loaded] = field(default_factory=dict)
    plugins: set[str] = field(default_factory=set)
    """Names of the plugins whose pipelines are there."""
    without_models: set[str] = field(default_factory=set)
    """Ids of pipelines that cannot be loaded before their models are downloaded."""
    _loading: dict[str, asyncio.Event] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)
    _stage: str | None = None
    _params: Mapping[str, Any] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def load(self, wanted: Sequence[Wanted]) -> None:
        """Begin to load in the background; the status changes a moment later."""
        task = asyncio.get_running_loop().create_task(self._load(wanted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def status(self) -> dict[str, Any]:
        """Return the status and forget its error: the next to ask sees `not_loaded`."""
        state = self.state
        if state == "error":
            self._failed.clear()
        first = next(iter(self.loaded.items()), None)
        return {
            "status": state,
            "pipeline_id": first[0] if first else None,
            "load_params": self._params,
            "loaded_lora_adapters": _adapters(first[1].load_params) if first else None,
            "error": None,
            "loading_stage": self._stage if state == "loading" else None,
            "produces_video": True,
            "produces_audio": self.makes_sound,
        }

    @property
    def state(self) -> str:
        """`not_loaded`, `loading`, `loaded` or `error`."""
        if self._loading:
            return "loading"
        if self._failed:
            return "error"
        return "loaded" if self.loaded else "not_loaded"

    @property
    def makes_sound(self) -> bool:
        """Whether something is loaded that makes sound."""
        return self.config.sound and any(
            isinstance(entry.model, LongLive) for entry in self.loaded.values()
        )

    def model(self, node_id: str, pipeline_id: str) -> Model | None:
        """Return the instance under a node id, else the one loaded as that pipeline."""
        if node_id in self.loaded:
            return self.loaded[node_id].model
        return next((e.model for e in self.loaded.values() if e.pipeline_id == pipeline_id), None)

    def set_chunk(self, frames: int, seconds: float) -> None:
        """Change what longlive makes in one go and how long it takes, now and for later loads."""
        self.config = replace(self.config, chunk_frames=frames, chunk_seconds=seconds)
        for entry in self.loaded.values():
            if isinstance(entry.model, LongLive):
                entry.model.chunk_frames, entry.model.chunk_seconds = frames, seconds

    def registered(self) -> dict[str, Json]:
        """Return the schemas of the pipelines that there are."""
        config = self.config
        return schemas(honest=config.honest, gpu=config.vram_gb > 0, plugins=self.plugins)

    def unload(self, pipeline_ids: Collection[str]) -> list[str]:
        """Forget what is loaded as one of these pipelines; return their ids."""
        gone = [key for key, one in self.loaded.items() if one.pipeline_id in pipeline_ids]
        return [self.loaded.pop(key).pipeline_id for key in gone]

    async def clear(self) -> None:
        """Forget everything, as a restart does."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.loaded.clear()
        self._loading.clear()
        self._failed.clear()
        self._params = self._stage = None

    async def _load(self, wanted: Sequence[Wanted]) -> None:
        await asyncio.sleep(self.config.load_race)
        self._params = wanted[0].load_params
        self._failed.clear()
        self._unload_others(wanted)
        for each in wanted:
            await self._load_one(each)

    def _unload_others(self, wanted: Sequence[Wanted]) -> None:
        """Keep equal instances, under the node id that is asked for now."""
        kept: dict[str, _Loaded] = {}
        for each in wanted:
            for node_id, entry in list(self.loaded.items()):
                if (entry.pipeline_id, entry.load_params) == (each.pipeline_id, each.load_params):
                    kept[each.node_id] = self.loaded.pop(node_id)
                    break
        self.loaded = kept

    async def _load_one(self, wanted: Wanted) -> None:
        """Load one pipeline; if the same id is loading already, that one's params win."""
        if (underway := self._loading.get(wanted.node_id)) is not None:
            await underway.wait()
        if wanted.node_id in self.loaded:
            return
        done = self._loading[wanted.node_id] = asyncio.Event()
        try:
            model = await self._build(wanted)
        except Exception as error:  # a load fails into the status, whatever the reason
            self.log.error("pipeline_manager", f"Failed to load pipeline {wanted.node_id}: {error}")
            self._failed.add(wanted.node_id)
        else:
            self.loaded[wanted.node_id] = _Loaded(wanted.pipeline_id, wanted.load_params, model)
            self.log.info("pipeline_manager", f"Pipeline {wanted.node_id} loaded successfully")
        finally:
            del self._loading[wanted.node_id]
            self._stage = None
            done.set()

    async def _build(self, wanted: Wanted) -> Model:
        self._stage = "Initializing pipeline..."
        id, params = wanted.pipeline_id, wanted.load_params or {}
        if id not in self.registered():
            raise ValueError(f"Invalid pipeline ID: {id}")
        if id in self.without_models:
            raise FileNotFoundError(f"Model files of {id} not found; download them first")
        seconds = load_seconds(id, params, self.config)
        if id != "probe":
            model = build(id, params, self.config)
            for self._stage in _STAGES if seconds else ():
                await asyncio.sleep(seconds / len(_STAGES))
            return model
        await asyncio.sleep(seconds)
        return build(id, params, self.config)


def _adapters(params: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    loras = (params or {}).get("loras")
    if not isinstance(loras, list) or not loras:
        return None
    return [{"path": str(e.get("path")), "scale": e.get("scale", 1.0)} for e in loras]
