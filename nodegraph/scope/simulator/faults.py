"""What can go wrong with a server, on demand: at a time set before the start, or over HTTP."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc import RTCPeerConnection

from nodegraph.scope.simulator.log import Log

FAULTS = {
    "stall": "nothing is painted for a while, and everything else answers",
    "memory": "the GPU's memory is full: what paints is gone, and only the log tells",
    "drop": "every tenth packet of the pictures is lost for a while",
    "stun": "offers are answered 5 s late for a while, as with a STUN server out of reach",
    "ice": "WebRTC finds no way between the machines, for a while",
    "steal": "all sessions are ended, as by another client",
    "unload": "another client has other pipelines loaded, and all sessions are ended",
    "restart": "the server begins anew, with nothing loaded",
    "kill": "the process ends without a word",
}
"""By name, what happens."""

WHILE = 5.0
"""Seconds that a while lasts if it is not said."""

_LATE = 5.0  # seconds
_LOST = 0.1
_NOWHERE = "203.0.113.1"  # an address of nobody (RFC 5737)


class FaultError(ValueError):
    """There is no such fault, or it cannot happen here."""


@dataclass(frozen=True)
class Planned:
    """A fault that happens `at` seconds after the start and lasts `seconds`."""

    name: str
    at: float
    seconds: float


def parse_faults(text: str) -> list[Planned]:
    """Read faults with commas between: `stall@20`, or `stall@20+3` for one of three seconds.

    Raises:
        FaultError: the text does not read so.
    """
    planned = []
    for word in filter(None, (each.strip() for each in text.split(","))):
        name, _, times = word.partition("@")
        at, _, seconds = times.partition("+")
        try:
            found = Planned(name, float(at or 0), float(seconds or WHILE))
        except ValueError:
            raise FaultError(f"{word} does not read as a fault, such as stall@20+3") from None
        if name not in FAULTS or not (0 <= found.at < 1e6 and 0 <= found.seconds < 1e6):
            raise FaultError(f"there is no fault {word}; there are: {', '.join(FAULTS)}")
        planned.append(found)
    return planned


class Faults:
    """Whether something is wrong now. What ends sessions or the server is in `acts`, by name."""

    def __init__(self, log: Log) -> None:
        self.acts: dict[str, Callable[[], None]] = {}
        self._until: dict[str, float] = {}
        self._log = log

    def happen(self, name: str, seconds: float = WHILE) -> None:
        """Let it happen now.

        Raises:
            FaultError: there is no such fault, or it would end more than the server.
        """
        if name not in FAULTS:
            raise FaultError(f"there is no fault {name}; there are: {', '.join(FAULTS)}")
        if name == "kill" and name not in self.acts:
            raise FaultError("this server is part of a process that goes on")
        self._log.info("simulator", f"fault: {name}")
        self._until[name] = time.monotonic() + seconds
        if act := self.acts.get(name):
            act()

    def now(self, name: str) -> bool:
        """Whether this goes on."""
        return time.monotonic() < self._until.get(name, 0.0)

    async def before_answer(self) -> None:
        """Answer an offer late, if so."""
        if self.now("stun"):
            await asyncio.sleep(_LATE)

    def spoil(self, sdp: str) -> str:
        """An offer or an answer whose addresses lead nowhere, if so."""
        if not self.now("ice"):
            return sdp
        lines = sdp.splitlines(keepends=True)
        return "".join(_astray(line) if "a=candidate:" in line else line for line in lines)

    def lose_packets(self, pc: RTCPeerConnection) -> None:
        """Let pictures of this connection lose packets when it is so."""
        for sender in pc.getSenders():
            transport = sender.transport
            send = transport._send_rtp
            chance = random.Random(1)

            async def lossy(
                data: bytes,
                send: Callable[[bytes], object] = send,
                chance: random.Random = chance,
            ) -> None:
                if not (self.now("drop") and len(data) > 200 and chance.random() < _LOST):
                    await send(data)  # type: ignore[misc]  # aiortc's own has no public name

            transport._send_rtp = lossy  # type: ignore[method-assign]  # nor a way to be put before


def _astray(line: str) -> str:
    words = line.split(" ")
    words[4] = _NOWHERE
    return " ".join(words)


def die() -> None:
    """End the process as a kill would."""
    os._exit(137)
