"""The server's OSC inlet: what a datagram says (Open Sound Control 1.0), and who takes it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.stores.audience import Audience
from nodegraph.scope.simulator.stores.paths import Path, flat

Set = Callable[[Mapping[str, Any]], None]
Told = tuple[str, list[object]]

_TAGS = {"i": ">i", "f": ">f", "d": ">d", "h": ">q"}
_CONSTANTS: Mapping[str, object] = {"T": True, "F": False, "N": None}
_DEEPEST = 4  # bundles in bundles


class Osc(asyncio.DatagramProtocol):
    """Listens on the port of the server's HTTP; never answers. What it refuses is only logged."""

    def __init__(self, set_: Set, paths: Callable[[], Mapping[str, Any]], log: Log) -> None:
        self.audience = Audience()
        self.inventory: list[Path] = []
        self.log_all = False
        self._set, self._paths, self._log = set_, paths, log
        self._address: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; if the port is taken the server runs without."""
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(host, port)
            )
        except OSError as error:
            self._log.warning("osc_server", f"OSC cannot listen on {host}:{port}: {error}")
        else:
            self._transport, self._address = transport, (host, port)

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def status(self) -> dict[str, Any]:
        """Return where it listens."""
        host, port = self._address or (None, None)
        return {
            "enabled": True,
            "listening": self._transport is not None,
            "port": port,
            "host": host,
            "log_all_messages": self.log_all,
        }

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Take a datagram of anybody."""
        try:
            messages = list(parse(data))
        except (ValueError, IndexError, struct.error, RecursionError) as error:
            self._log.warning("osc_server", f"OSC INVALID datagram: {error}")
            return
        for address, values in messages:
            self._take(address, values)

    def _take(self, address: str, values: list[object]) -> None:
        value = values[0] if len(values) == 1 else values
        key = address.removeprefix("/scope/")
        named = (path for path in self.inventory if path["osc_address"] == address)
        path = next(named, None) or flat(self._paths()).get(key)
        if path is None or key == address:
            self._log.info("osc_server", f"OSC UNKNOWN {address:.200}")
        elif not fits(value, path):
            self._log.info("osc_server", f"OSC INVALID {address:.200} = {value!r:.200}")
        else:
            self._pass(path.get("param") or key, value, path)

    def _pass(self, key: str, value: object, path: Path) -> None:
        if self.log_all:
            self._log.info("osc_server", f"OSC OK {key} = {value!r:.200}")
        node = {"node_id": path["node_id"]} if path.get("node_id") else {}
        self._set({key: value, **node})
        self.audience.tell({"type": "osc_command", "key": key, "value": value, **node})


def fits(value: object, path: Path) -> bool:
    """Whether a value has the type and the range of a path; an integer will do for a float."""
    match path["type"]:
        case "string":
            return isinstance(value, str) and value in path.get("enum", (value,))
        case "bool" | "boolean":
            return isinstance(value, bool | int | float)
        case "integer_list":
            return isinstance(value, list) and all(type(each) is int for each in value)
        case "integer":
            if type(value) is not int:
                return False
        case "float" | "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
        case _:
            return True
    return bool(path.get("min", value) <= value <= path.get("max", value))


def parse(data: bytes, depth: int = 0) -> Iterator[Told]:
    """Read a message or a bundle; raises ValueError, IndexError, struct.error for what is none."""
    if not data.startswith(b"#bundle\0"):
        yield _message(data)
        return
    if depth == _DEEPEST:
        raise ValueError("too many bundles in bundles")
    place = 16
    while place < len(data):
        (size,) = struct.unpack_from(">i", data, place)
        if size < 0 or place + 4 + size > len(data):
            raise ValueError("a part of the bundle is longer than the rest of it")
        yield from parse(data[place + 4 : place + 4 + size], depth + 1)
        place += 4 + size


def _message(data: bytes) -> Told:
    address, place = _text(data, 0)
    if not address.startswith("/"):
        raise ValueError("an address begins with /")
    tags, place = _text(data, place)
    values: list[object] = []
    for tag in tags.removeprefix(","):
        if tag in _CONSTANTS:
            values.append(_CONSTANTS[tag])
        elif tag in "sS":
            text, place = _text(data, place)
            values.append(text)
        elif tag in _TAGS:
            values += struct.unpack_from(_TAGS[tag], data, place)
            place += struct.calcsize(_TAGS[tag])
        else:
            raise ValueError(f"type {tag!r} is not known")
    return address, values


def _text(data: bytes, place: int) -> tuple[str, int]:
    """The text that begins there, and where the next thing begins: at a multiple of four."""
    end = data.index(b"\0", place)
    return data[place:end].decode("utf-8"), end // 4 * 4 + 4


def checked_inventory(paths: Collection[Mapping[str, Any]]) -> list[Path]:
    """Return the paths of a graph with addresses that begin as they must."""
    return [
        {**path, "osc_address": "/scope/" + path["osc_address"].removeprefix("/scope/").lstrip("/")}
        for path in paths
    ]
