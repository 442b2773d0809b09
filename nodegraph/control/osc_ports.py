"""OSC over UDP: ports that are heard, and messages out."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from math import inf
from time import monotonic
from typing import cast

from nodegraph.control.hub import Hubs, ThreadedHub
from nodegraph.control.osc import Arg, read, write
from nodegraph.errors import ControlError

_LARGEST = 1 << 16
FORGOTTEN = 5.0
"""Seconds after the last datagram that was no OSC, until which it is told."""

_AGAIN = 5.0
"""Seconds until a host that was not found is looked for again; to look may take as long."""

_LOOK = 0.25
"""Seconds between two looks whether somebody still listens."""


def port_of(params: Mapping[str, object]) -> int:
    """The UDP port that a node's params name."""
    return int(cast(float, params.get("port", 9000)))


class OscHub(ThreadedHub):
    """A UDP port, on every network that this machine is in: a tablet sends from another."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def __str__(self) -> str:
        return f"OSC on UDP port {self.port}"

    def listen(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
            try:
                heard.bind(("", self.port))
            except OSError as error:
                raise ControlError(
                    f"UDP port {self.port} cannot be heard ({error.strerror or error}): close the "
                    "program that has it, or choose another port"
                ) from error
            heard.settimeout(_LOOK)
            refused = -FORGOTTEN
            while not self.closing.is_set():
                calm = monotonic() - refused >= FORGOTTEN
                self.complaint = "" if calm else f"what arrives at UDP port {self.port} is no OSC"
                try:
                    events = read(heard.recv(_LARGEST))
                except (TimeoutError, ConnectionError):
                    continue
                except ValueError:
                    refused = monotonic()
                    continue
                for event in events:
                    self.tell(event)


PORTS: Hubs[int] = Hubs(OscHub)


class OscSink:
    """Sends bodies of `host`, `port`, `address` and `args` as one datagram each."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._known: dict[str, tuple[str | OSError | UnicodeError, float]] = {}

    def send(self, body: Mapping[str, object]) -> None:
        host, port, address = str(body["host"]), int(cast(int, body["port"])), str(body["address"])
        try:
            datagram = write(address, cast(Sequence[Arg], body["args"]))
            self._socket.sendto(datagram, (self._find(host), port))
        except (OSError, OverflowError, ValueError) as error:
            raise ControlError(f"{address} cannot be sent to {host}:{port}: {error}") from error

    def _find(self, host: str) -> str:
        """The address of a host. It is not asked for each time, so that no other waits for it."""
        found, until = self._known.get(host, ("", 0.0))
        if monotonic() >= until:
            try:
                found, until = socket.gethostbyname(host), inf
            except (OSError, UnicodeError) as error:
                found, until = error, monotonic() + _AGAIN
            self._known[host] = found, until
        if not isinstance(found, str):
            raise found
        return found

    def close(self) -> None:
        self._socket.close()
