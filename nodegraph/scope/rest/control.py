"""Steering from elsewhere: the tempo the server follows, its OSC inlet and its DMX inlet."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx

from nodegraph.scope.answers import (
    Command,
    ControlPaths,
    Dmx,
    DmxConfig,
    DmxMapping,
    Json,
    Osc,
    Tempo,
    TempoSource,
    mapping,
)
from nodegraph.scope.errors import NotScope
from nodegraph.scope.rest.transport import EVENTS, Transport

LONGEST_EVENT = 64 << 10  # bytes


class ControlRest(Transport):
    """Endpoints about tempo, OSC and DMX (since 0.1.8; OSC since 0.1.6)."""

    async def tempo(self) -> Tempo:
        """What the server follows, and where the beat is."""
        return Tempo.from_json(await self._object("GET", "/api/v1/tempo/status"))

    async def tempo_sources(self) -> dict[str, TempoSource]:
        """The clocks that the server could follow, by id (`link`, `midi_clock`)."""
        told = mapping(await self._object("GET", "/api/v1/tempo/sources"), "sources")
        return {id: TempoSource.from_json(one) for id, one in told.items() if isinstance(one, dict)}

    async def enable_tempo(
        self,
        source: str = "link",
        *,
        bpm: float = 120.0,
        beats_per_bar: int = 4,
        midi_device: str | None = None,
    ) -> Tempo:
        """Follow a clock. Raises ScopeRefused (400) where the server lacks what that needs.

        `bpm` is 20 to 300, `beats_per_bar` 1 to 16.
        """
        asked = {
            "source": source,
            "bpm": bpm,
            "beats_per_bar": beats_per_bar,
            "midi_device": midi_device,
        }
        return Tempo.from_json(await self._object("POST", "/api/v1/tempo/enable", json=asked))

    async def disable_tempo(self) -> Tempo:
        """Follow no clock."""
        return Tempo.from_json(await self._object("POST", "/api/v1/tempo/disable"))

    async def set_tempo(self, bpm: float) -> Tempo:
        """Change the tempo of the session that is followed; of Link only."""
        path = "/api/v1/tempo/set_tempo"
        return Tempo.from_json(await self._object("POST", path, json={"bpm": bpm}))

    async def osc(self) -> Osc:
        """Where the server listens for OSC."""
        return Osc.from_json(await self._object("GET", "/api/v1/osc/status"))

    async def osc_paths(self) -> ControlPaths:
        """What OSC can set."""
        return ControlPaths.from_json(await self._object("GET", "/api/v1/osc/paths"))

    async def set_osc_logging(self, everything: bool) -> Osc:
        """Have every message logged, or only those that are refused."""
        body = {"log_all_messages": everything}
        return Osc.from_json(await self._object("PUT", "/api/v1/osc/settings", json=body))

    async def set_osc_inventory(self, paths: Sequence[Json]) -> None:
        """Replace the addresses of a graph's nodes; those of an open web page, too."""
        await self._object("POST", "/api/v1/osc/inventory", json={"paths": list(paths)})

    async def osc_page(self) -> str:
        """The server's own page on its OSC addresses, as HTML."""
        reply = await self._reply("GET", "/api/v1/osc/docs")
        return reply.content.decode("utf-8", "replace")

    async def dmx(self) -> Dmx:
        """Whether the server listens for Art-Net, and where."""
        return Dmx.from_json(await self._object("GET", "/api/v1/dmx/status"))

    async def dmx_paths(self) -> ControlPaths:
        """What a DMX channel can set."""
        return ControlPaths.from_json(await self._object("GET", "/api/v1/dmx/paths"))

    async def dmx_config(self) -> DmxConfig:
        """What the server keeps: which channel sets what."""
        return DmxConfig.from_json(await self._object("GET", "/api/v1/dmx/config"))

    async def set_dmx(self, *, enabled: bool | None = None, log_all: bool | None = None) -> Dmx:
        """Begin or end to listen."""
        asked = {"enabled": enabled, "log_all_messages": log_all}
        return Dmx.from_json(await self._object("PUT", "/api/v1/dmx/settings", json=asked))

    async def map_dmx(self, mappings: Sequence[DmxMapping]) -> DmxConfig:
        """Replace what the channels set; what comes back holds the mappings that are possible."""
        asked = [
            {"universe": one.universe, "channel": one.channel, "key": one.key} for one in mappings
        ]
        path = "/api/v1/dmx/config"
        return DmxConfig.from_json(await self._object("PUT", path, json={"mappings": asked}))

    async def restart_dmx(self, port: int | None = None) -> Dmx:
        """Listen anew, on another port (1024 to 65535) if one is given."""
        body: Mapping[str, object] = {"preferred_port": port}
        return Dmx.from_json(await self._object("POST", "/api/v1/dmx/restart", json=body))

    @asynccontextmanager
    async def osc_commands(self) -> AsyncIterator[AsyncIterator[Command]]:
        """What is set by OSC, as it happens; the data channel does not tell of it."""
        async with self._opened("GET", "/api/v1/osc/stream", timeout=EVENTS) as response:
            yield _commands(response)

    @asynccontextmanager
    async def dmx_commands(self) -> AsyncIterator[AsyncIterator[Command]]:
        """What is set by DMX, as it happens."""
        async with self._opened("GET", "/api/v1/dmx/stream", timeout=EVENTS) as response:
            yield _commands(response)


async def _commands(response: httpx.Response) -> AsyncIterator[Command]:
    """The events of a stream (Server-Sent Events, WHATWG HTML 9.2) that are commands."""
    waiting = b""
    async for piece in response.aiter_bytes():
        *lines, waiting = (waiting + piece).split(b"\n")
        if len(waiting) > LONGEST_EVENT:
            raise NotScope("An event of the server has no end.")
        for line in lines:
            if (command := _command(line)) is not None:
                yield command


def _command(line: bytes) -> Command | None:
    if not line.startswith(b"data:"):
        return None
    try:
        body = json.loads(line.removeprefix(b"data:"))
    except (ValueError, RecursionError):
        return None
    return Command.from_json(body) if isinstance(body, dict) else None
