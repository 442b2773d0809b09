"""Starts the engines of a show, without the plugins that ended one as they were imported."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from nodegraph.host.engine.worker import Stillborn, Worker

log = logging.getLogger(__name__)


class Starter:
    """One for each show. `folder` is the show's own, `plugins` are folders to look for them in."""

    def __init__(self, folder: Path, plugins: Sequence[Path]) -> None:
        self._folder = folder
        self._plugins = plugins
        self._left_out: dict[str, str] = {}
        self._number = 0

    async def start(self) -> Worker:
        """A new engine. Raises `Stillborn` if it does not start, and no plugin is to blame."""
        while True:
            self._number += 1
            try:
                return await Worker.spawn(self._number, self._folder, self._plugins, self._left_out)
            except Stillborn as error:
                if not error.plugin or error.plugin in self._left_out:
                    raise
                why = f"the engine does not start with it ({error}); it is left out of this show"
                log.warning("%s: %s", error.plugin, why)
                self._left_out[error.plugin] = why
