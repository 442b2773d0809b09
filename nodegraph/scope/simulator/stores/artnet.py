"""The server's DMX inlet: Art-Net 4 on UDP, mapped to params by what is kept in a file."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.stores.audience import Audience
from nodegraph.scope.simulator.stores.osc import Set
from nodegraph.scope.simulator.stores.paths import flat

PORT = 6454
_TRIES = 4
_HEADER = b"Art-Net\0"
_DMX = 0x5000
_BLANK: dict[str, Any] = {
    "enabled": False,
    "preferred_port": PORT,
    "log_all_messages": False,
    "mappings": [],
}


class ArtNet(asyncio.DatagramProtocol):
    """Off until it is enabled; takes one of four ports from the preferred one up."""

    def __init__(
        self, file: Path, set_: Set, paths: Callable[[], Mapping[str, Any]], log: Log
    ) -> None:
        self.audience = Audience()
        self.config = _BLANK | _read(file)
        self._preferred: int = self.config["preferred_port"]
        self._file, self._set, self._paths, self._log = file, set_, paths, log
        self._host = "127.0.0.1"
        self._port: int | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._last: dict[str, float] = {}

    def status(self) -> dict[str, Any]:
        """Return whether it listens, and where."""
        return {
            "enabled": self.config["enabled"],
            "listening": self._transport is not None,
            "port": self._port,
            "preferred_port": self._preferred,
            "host": self._host,
            "log_all_messages": self.config["log_all_messages"],
            "mapping_count": len(self.config["mappings"]),
        }

    async def change(self, changed: Mapping[str, Any]) -> None:
        """Take settings over, and begin or end to listen; another port waits for `restart`."""
        self._preferred = changed.get("preferred_port", self._preferred)
        kept = dict(changed)
        if "mappings" in kept:
            kept["mappings"] = list(_possible(kept["mappings"]))
            self._last.clear()
        self.config |= kept
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self.config), "utf-8")
        await self._follow()

    async def restart(self) -> None:
        """Listen anew, on the preferred port if that is free."""
        self.close()
        await self._follow()

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = self._port = None

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Take an ArtDMX packet; any other is none of its business."""
        if len(data) < 18 or not data.startswith(_HEADER):
            return
        (kind,) = struct.unpack_from("<H", data, 8)
        (universe,) = struct.unpack_from("<H", data, 14)
        (length,) = struct.unpack_from(">H", data, 16)
        if kind == _DMX:
            self._take(universe, data[18 : 18 + min(length, 512)])

    async def _follow(self) -> None:
        if not self.config["enabled"]:
            self.close()
        elif self._transport is None:
            await self._open()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for port in range(self._preferred, min(self._preferred + _TRIES, 65_536)):
            try:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, local_addr=(self._host, port)
                )
            except OSError:
                continue
            self._port = port
            return
        self._log.warning("dmx_server", f"no free port from {self._preferred} up")

    def _take(self, universe: int, levels: bytes) -> None:
        known = flat(self._paths())
        for mapping in self.config["mappings"]:
            key, channel = mapping["key"], mapping["channel"]
            if mapping["universe"] != universe or channel > len(levels) or key not in known:
                continue
            path = known[key]
            value = path["min"] + levels[channel - 1] / 255 * (path["max"] - path["min"])
            value = round(value) if path["type"] == "integer" else round(value, 4)
            if self._last.get(key) != value:
                self._last[key] = value
                self._set({key: value})
                self.audience.tell({"type": "dmx_command", "key": key, "value": value})


def _possible(mappings: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """The mappings that can be; the others are dropped without a word, as by the real server."""
    for each in mappings:
        if not isinstance(each, Mapping):
            continue
        universe, channel, key = (each.get(part) for part in ("universe", "channel", "key"))
        if (
            type(universe) is int
            and type(channel) is int
            and isinstance(key, str)
            and universe >= 0
            and 1 <= channel <= 512
        ):
            yield {"universe": universe, "channel": channel, "key": key}


def _read(file: Path) -> dict[str, Any]:
    """What is kept, as far as it can be: people edit files."""
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    read = {key: kept[key] for key, usual in _BLANK.items() if type(kept.get(key)) is type(usual)}
    if not 1024 <= read.get("preferred_port", PORT) <= 65_535:
        del read["preferred_port"]
    return read | {"mappings": list(_possible(read.get("mappings", ())))}
