"""Starts the engines of a show, without the plugins that ended one as they were imported."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from nodegraph.host.engine.worker import Stillborn, Worker

log = logging.getLogger(__name__)


class Starter:
    """One for each show. `folder` is the show's own, `plugins` are folders to look for them in.
    `left_out` are those that ended one: why, by place."""

    def __init__(self, folder: Path, plugins: Sequence[Path]) -> None:
        self._folder = folder
        self._plugins = plugins
        self.left_out: dict[str, str] = {}
        self._number = 0

    def forgive(self, places: Collection[str]) -> None:
        """Plugins have changed: the next engine imports them again."""
        for place in places:
            self.left_out.pop(place, None)

    async def start(self) -> Worker:
        """A new engine. Raises `Stillborn` if it does not start, and no plugin is to blame."""
        while True:
            self._number += 1
            try:
                return await Worker.spawn(self._number, self._folder, self._plugins, self.left_out)
            except Stillborn as error:
                if not error.plugin or error.plugin in self.left_out:
                    raise
                left_out = "it is left out until it is mended"
                why = f"the engine does not start with it ({error}); {left_out}"
                log.warning("%s: %s", error.plugin, why)
                self.left_out[error.plugin] = why
