"""What a simulated server keeps beside its sessions, on disk where a real one has it on disk.

shelf        files in a folder; `assets`, `loras`
models       model files and their download
keys         which services have a key
plugins      the one that can be installed
osc, artnet  the inlets, `paths` what they set, `audience` who hears
recordings   of sessions, coded by `coding`
headless     the session without a client
workflow     whether a workflow could be played
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.session import Session
from nodegraph.scope.simulator.stores.artnet import ArtNet
from nodegraph.scope.simulator.stores.assets import Assets
from nodegraph.scope.simulator.stores.coding import Newest
from nodegraph.scope.simulator.stores.headless import ID, Headless
from nodegraph.scope.simulator.stores.keys import Keys
from nodegraph.scope.simulator.stores.loras import Loras
from nodegraph.scope.simulator.stores.models import Models
from nodegraph.scope.simulator.stores.osc import Osc
from nodegraph.scope.simulator.stores.paths import dmx_paths, osc_paths
from nodegraph.scope.simulator.stores.plugins import Plugins
from nodegraph.scope.simulator.stores.recordings import Recordings


class Stores:
    """All of it, in the folder that is configured or in one that goes with the server."""

    def __init__(self, desk: Desk) -> None:
        config = desk.config
        temporary = Path(tempfile.gettempdir(), f"scope-simulator-{token_hex(8)}")
        root = Path(config.folder) if config.folder else temporary
        self._clear = weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True)
        models = root / "models"
        self.desk = desk
        self.plugins = Plugins(desk.pipelines, config.plugins)
        self.models = Models(
            models / "ready",
            desk.pipelines,
            desk.log,
            fresh=config.fresh,
            seconds=config.download_seconds,
        )
        self.assets = Assets(root / "assets")
        self.loras = Loras(models / "lora", models / "lora-shared", config.download_seconds)
        self.keys = Keys()
        self.onboarding: dict[str, Any] = {}
        self.osc = Osc(self._set, self.osc_paths, desk.log)
        self.dmx = ArtNet(root / "dmx-config.json", self._set, self.dmx_paths, desk.log)
        self.headless: Headless | None = None
        self._films = temporary / "recordings"
        self._recordings: dict[str, Recordings] = {}

    def osc_paths(self) -> dict[str, Any]:
        """Return what OSC can set now."""
        return osc_paths(self.desk.pipelines.registered(), self._loaded(), self.osc.inventory)

    def dmx_paths(self) -> dict[str, Any]:
        """Return what DMX can set now."""
        return dmx_paths(self.desk.pipelines.registered(), self._loaded())

    async def began(self, session: Session, params: Mapping[str, Any]) -> None:
        """Keep a new session's recordings."""
        await self._forget()
        self._keep(session.id, lambda: session.track.last, params)

    async def recordings(self, id: str) -> Recordings | None:
        """Return those of a session that is still there."""
        await self._forget()
        return self._recordings.get(id)

    def _keep(self, id: str, newest: Newest, params: Mapping[str, Any]) -> None:
        self._recordings[id] = Recordings(newest, params, self._films / id)

    async def _forget(self) -> None:
        """Delete what was recorded of sessions that are over."""
        for gone in self._recordings.keys() - self.desk.sessions.keys() - {ID}:
            await self._recordings.pop(gone).close()

    async def end_headless(self) -> bool:
        """End the session without a client; return whether there was one."""
        session, self.headless = self.headless, None
        if session is None:
            return False
        await self._recordings.pop(ID).close()
        await session.close()
        return True

    def begun_headless(self, session: Headless, params: Mapping[str, Any]) -> None:
        """Keep the session without a client."""
        self.headless = session
        self._keep(ID, lambda: session.newest, params)

    async def restart(self) -> None:
        """Lose what does not outlive the process."""
        self.osc.inventory = []
        await self.end_headless()

    async def close(self) -> None:
        """Stop everything that runs, and take the temporary folder away."""
        self.osc.close()
        self.dmx.close()
        await self.restart()
        await self.models.close()
        for recordings in self._recordings.values():
            await recordings.close()
        self._clear()

    def _loaded(self) -> list[str]:
        return [one.pipeline_id for one in self.desk.pipelines.loaded.values()]

    def _set(self, params: Mapping[str, Any]) -> None:
        """Set params of every session, of which no data channel tells."""
        stages = [session.stage for session in self.desk.sessions.values()]
        for stage in [*stages, *([self.headless.stage] if self.headless else [])]:
            try:
                stage.update(params)
            except TypeError as error:
                self.desk.log.error("frame_processor", str(error))
