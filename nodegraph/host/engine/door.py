"""How a new engine and its host find each other: an inherited socket, or TCP with a token."""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import sys

TOKEN = "NODEGRAPH_ENGINE_TOKEN"
"""The environment variable in which the host hands over the token."""

_PATIENCE = 10.0
INHERITS = sys.platform != "win32"
"""Whether a process can be given an open socket, which nobody else can reach."""


class Door:
    """The host's side. Give `address`, `descriptors` and `environment` to the new process."""

    def __init__(self, inherit: bool = INHERITS) -> None:
        self.descriptors: tuple[int, ...] = ()
        self.environment: dict[str, str] = {}
        self._ours: socket.socket | None = None
        self._closed = False
        if inherit:
            self._ours, self._outside = socket.socketpair()
            self.descriptors = (self._outside.fileno(),)
            self.address = f"fd:{self._outside.fileno()}"
        else:
            self._outside = socket.create_server(("127.0.0.1", 0))
            self._token = secrets.token_hex(32)
            self.environment = {TOKEN: self._token}
            self.address = f"tcp:{self._outside.getsockname()[1]}"

    def open(self) -> None:
        """Wait for the engine, in a thread. Raises `TimeoutError`."""
        with self._outside:
            self._outside.settimeout(_PATIENCE)
            while self._ours is None:
                caller, _ = self._outside.accept()
                caller.settimeout(1.0)
                if hmac.compare_digest(_read(caller, len(self._token)), self._token.encode()):
                    self._ours = caller
                else:
                    caller.close()
        if self._closed:  # who waited for it does no more
            self.close()

    def take(self) -> socket.socket:
        """The connected socket of the engine that has come. It is the caller's from now on."""
        ours, self._ours = self._ours, None
        assert ours is not None
        return ours

    def close(self) -> None:
        """Nobody will come any more, or somebody has."""
        self._closed = True
        self._outside.close()
        if self._ours is not None:
            self._ours.close()


def call(address: str) -> socket.socket:
    """The engine's side: a connected socket."""
    kind, _, place = address.partition(":")
    if kind == "fd":
        sock = socket.socket(fileno=int(place))
        sock.set_inheritable(False)
        return sock
    sock = socket.create_connection(("127.0.0.1", int(place)), _PATIENCE)
    sock.sendall(os.environ.pop(TOKEN).encode())
    return sock


def _read(sock: socket.socket, size: int) -> bytes:
    """So many bytes; fewer if they do not come."""
    data = b""
    try:
        while len(data) < size and (more := sock.recv(size - len(data))):
            data += more
    except OSError:
        pass
    return data
