"""What clients may ask about sound: how sources play, to move in them, their waveforms, devices."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nodegraph.audio.overview import MOMENTS
from nodegraph.compiler.flatten import flatten
from nodegraph.errors import AudioError, EditError
from nodegraph.graph import Patch
from nodegraph.graph.store import reason
from nodegraph.host.aside import run_aside
from nodegraph.host.control import Client
from nodegraph.host.instead import params_of
from nodegraph.host.requests import Answer, asked, deck_name, number
from nodegraph.host.show import Show
from nodegraph.remote.errors import Fields

_LONGEST = 1e6
"""Seconds of sound."""

_MOST_PEAKS = 1 << 16
_KEPT = 16
"""Waveforms."""

_MOST_TIME = 900.0
"""Seconds that the waveform of a very long file may take."""


class SoundDesk:
    """Belongs to the desk of a show."""

    slow = ("waveform", "devices")
    """Verbs that wait for a program of their own."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._peaks: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._looking = asyncio.Lock()  # at one file at a time, which costs a whole core
        self._params: dict[str, tuple[Patch, Mapping[str, Fields]]] = {}

    def facts(self) -> Fields:
        """How each source plays, by deck and node."""
        return {
            name: {node: self._fact(name, node, it) for node, it in self._sources(name).items()}
            for name in self._show.decks
        }

    async def _do_transport(self, client: Client, message: Fields) -> Answer:
        deck, node = deck_name(message), asked(message, "node", str)
        self._source(deck, node)
        at = None
        if message.get("at") is not None:
            at = number(message, "at", 0.0, _LONGEST)
        paused = None if message.get("paused") is None else asked(message, "paused", bool)
        self._show.engine.transport(deck, node, at, paused)
        self._show.tally.expect(deck, node, at, paused)
        return {}

    async def _do_waveform(self, client: Client, message: Fields) -> Answer:
        deck, node = deck_name(message), asked(message, "node", str)
        found = self._source(deck, node)
        if found["kind"] != "file":
            raise AudioError(f"{node} plays no file: only a file has a waveform")
        count = round(number(message, "count", 1, _MOST_PEAKS, 1000))
        folder = self._show.deck(deck).folder.absolute()
        async with self._looking:
            peaks = np.frombuffer(await self._waveform(folder, str(found["path"])), np.uint8)
        edges = np.linspace(0, len(peaks), count, endpoint=False).astype(np.intp)
        reduced = np.maximum.reduceat(peaks, edges) if len(peaks) else peaks
        return {"peaks": reduced.tobytes(), "seconds": len(peaks) / MOMENTS}

    async def _do_devices(self, client: Client, message: Fields) -> Answer:
        return {"devices": json.loads(await run_aside("nodegraph", "devices", "--json"))}

    async def _waveform(self, folder: Path, path: str) -> bytes:
        """The peaks of a file, or of the demo track, from what was found out before if it is the
        same."""
        key: tuple[object, ...] = (path,)
        if path:
            try:
                place = folder / Path(path).expanduser()
                stat = await asyncio.to_thread(place.stat)
            except (OSError, ValueError, RuntimeError) as error:  # all are ways to be no path
                raise AudioError(f"{path} cannot be read: {reason(error)}") from error
            path = str(place)
            key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._peaks:
            self._peaks[key] = await run_aside("nodegraph.audio.overview", path, within=_MOST_TIME)
            while len(self._peaks) > _KEPT:
                self._peaks.popitem(last=False)
        return self._peaks[key]

    def _source(self, deck: str, node: str) -> Fields:
        found = self._sources(self._show.deck(deck).name)
        if node not in found:
            known = ", ".join(found) or "none"
            raise EditError(f"{node!r:.40} brings no sound on deck {deck}; there is: {known}")
        return found[node]

    def _fact(self, deck: str, node: str, source: Fields) -> Fields:
        return source | self._show.tally.playing(deck, node)._asdict()

    def _sources(self, deck: str) -> Mapping[str, Fields]:
        """What each source of a deck is, by node: its kind, and which file or device."""
        document = self._show.decks[deck].document
        if document is None:
            return {}
        known, found = self._params.get(deck, (None, {}))
        if known is not document.patch:
            found = self._read(document.patch)
            self._params[deck] = document.patch, found
        return found

    def _read(self, patch: Patch) -> Mapping[str, Fields]:
        sound = self._show.begin.instead
        instead = params_of(sound if sound == "demo" else Path(sound).absolute()) if sound else None
        found: dict[str, Fields] = {}
        for id, node in flatten(patch).patch.nodes.items():
            type_ = self._show.types.get(node.type)
            if type_ is None or "audio" not in type_.context:
                continue
            own = {name: param.default for name, param in type_.params.items()} | {**node.params}
            params = own if instead is None else instead
            found[id] = {
                "kind": type_.source if instead is None else "file",
                "path": str(params.get("path", "")),
                "device": str(params.get("device", "")),
                "loop": bool(params.get("loop")),
                "replaced": instead is not None,
            }
        return found
