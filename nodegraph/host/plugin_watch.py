"""Sees when plugins are saved in folders, and has them imported anew while the show plays."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from nodegraph.errors import NodegraphError, Problem
from nodegraph.plugins import inside, user_folder
from nodegraph.plugins.importing import root
from nodegraph.words import plural

log = logging.getLogger(__name__)

EVERY = 0.2
"""Seconds between two looks. A plugin is imported when two of them saw the same: what is being
written is left alone until it is whole."""

Stamp = tuple[tuple[str, int, int, int], ...]
"""The Python files of a plugin, each with the time it was saved at, its size and its number."""

Reload = Callable[[Collection[str]], Awaitable[Sequence[Problem]]]
"""Imports plugins anew, and gives what is wrong with them. Raises `NodegraphError`."""


class PluginWatch:
    """Watches the plugins in some folders and in the user's own, those that are yet to come among
    them."""

    def __init__(self, folders: Sequence[Path], reload: Reload) -> None:
        self._folders = [folder.absolute() for folder in (*folders, user_folder())]
        self._reload = reload
        self._known: Mapping[str, Stamp] = stamps(self._folders)
        self._tried: Mapping[str, Stamp] = self._known
        self._wrong: dict[str, Sequence[Problem]] = {}
        self._trying: asyncio.Task[None] | None = None

    def problems(self, before: Sequence[Problem]) -> list[Problem]:
        """What is wrong with plugins, given what was when the engine imported them."""
        other = [problem for problem in before if problem.file not in self._wrong]
        return [*other, *(problem for found in self._wrong.values() for problem in found)]

    async def run(self) -> None:
        """Watch, for ever."""
        seen: Mapping[str, Stamp] = self._tried
        try:
            while True:
                await asyncio.sleep(EVERY)
                before, seen = seen, await asyncio.to_thread(stamps, self._folders)
                if seen == before and seen != self._tried:
                    as_wrong = {it for it in self._wrong if self._tried.get(it) == seen.get(it)}
                    await self._begin(seen, _different(self._known, seen) - as_wrong)
        finally:
            await self._give_up()

    async def everything(self) -> Sequence[Problem]:
        """Import all plugins in the folders anew, changed or not; gives what is wrong with them."""
        now = await asyncio.to_thread(stamps, self._folders)
        trying = await self._begin(now, now.keys() | self._known.keys())
        await asyncio.wait([trying])
        return [problem for found in self._wrong.values() for problem in found]

    async def _begin(self, now: Mapping[str, Stamp], places: Collection[str]) -> asyncio.Task[None]:
        """Try what is there now: an import that hangs is given up for it."""
        await self._give_up()
        self._tried = now
        self._trying = asyncio.create_task(self._try(now, places), name="reload plugins")
        return self._trying

    async def _give_up(self) -> None:
        if self._trying is not None and not self._trying.done():
            self._trying.cancel()
            await asyncio.wait([self._trying])

    async def _try(self, now: Mapping[str, Stamp], places: Collection[str]) -> None:
        """Import plugins anew, but for those that turn out not to be sound."""
        left = {*places}
        mended = {place for place in self._wrong if self._known.get(place) == now.get(place)}
        self._wrong = {it: why for it, why in self._wrong.items() if it not in left | mended}
        while left:
            try:
                wrong = await self._reload(left)
            except NodegraphError as error:
                wrong = [Problem(str(error), file=place) for place in sorted(left)]
            except Exception as error:  # an oversight of ours must not end the watch
                log.exception("plugins could not be imported anew")
                wrong = [Problem(f"{type(error).__name__}: {error}", file=it) for it in left]
            if not wrong:
                known = {**self._known, **{it: now[it] for it in left & now.keys()}}
                self._known = {it: stamp for it, stamp in known.items() if it in now}
                names = ", ".join(sorted(root(place).name for place in left))
                log.warning("%s imported anew: %s", plural(len(left), "plugin"), names)
                return
            for problem in wrong:
                log.warning("%s; it stays as it was", problem)
                place = str(problem.file)
                self._wrong[place] = [*self._wrong.get(place, ()), problem]
            left -= self._wrong.keys()


def stamps(folders: Sequence[Path]) -> dict[str, Stamp]:
    """What the plugins in folders are made of, by their places."""
    return {plugin.place: _stamp(root(plugin.place)) for it in folders for plugin in inside(it)}


def _stamp(path: Path) -> Stamp:
    found = []
    with suppress(OSError):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            it = os.stat(file)
            found.append((str(file), it.st_mtime_ns, it.st_size, it.st_ino))
    return tuple(found)


def _different(before: Mapping[str, Stamp], now: Mapping[str, Stamp]) -> set[str]:
    return {place for place in before.keys() | now.keys() if before.get(place) != now.get(place)}
