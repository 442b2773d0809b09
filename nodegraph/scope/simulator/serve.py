"""Run the simulator: in the foreground until a signal comes, or beside a test or a demo."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import uvicorn

from nodegraph.errors import ScopeError
from nodegraph.scope.simulator.app import build_app
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.faults import Faults, die


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    config: Config | None = None,
    *,
    leashed: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, then end every session and return.

    Prints `simulator listening on http://HOST:PORT` when it is ready; port 0 takes a free one.
    `leashed` ends it, too, when standard input closes: whoever started it is gone.

    Raises:
        ScopeError: the address cannot be bound.
    """
    with _bound(host, port) as sock:
        server = _Server(config, sock, f"simulator listening on {_url(sock)}")
        server.faults.acts["kill"] = die
        if leashed:
            threading.Thread(target=server.end_with_stdin, name="leash", daemon=True).start()
        server.run([sock])


@contextlib.contextmanager
def running(config: Config | None = None, *, port: int = 0) -> Iterator[str]:
    """Serve on loopback from a thread while the block runs; yields the URL.

    Raises:
        ScopeError: the port cannot be bound, or the server did not start.
    """
    with _bound("127.0.0.1", port) as sock:
        server = _Server(config, sock)
        thread = threading.Thread(target=server.run, args=([sock],), name="simulator", daemon=True)
        thread.start()
        while not server.ready.wait(0.05):
            if not thread.is_alive():
                raise ScopeError("The simulator did not start.")
        try:
            yield _url(sock)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """uvicorn, but a signal ends it as a normal return, and it says when it is ready."""

    def __init__(
        self, config: Config | None, sock: socket.socket, message: str | None = None
    ) -> None:
        app = build_app(config, sock.getsockname()[:2])
        self.faults: Faults = app.state.desk.faults
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                lifespan="on",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        self.ready = threading.Event()
        self._message = message

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._message and self.started:
            sys.stdout.write(self._message + "\n")
            sys.stdout.flush()
        self.ready.set()

    def end_with_stdin(self) -> None:
        """Wait until standard input is at its end, then end."""
        while sys.stdin.buffer.read(4096):
            pass
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def _bound(host: str, port: int) -> socket.socket:
    try:
        sock = socket.create_server((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScopeError(
            f"{host}:{port}: the simulator cannot listen there: {reason}. Use another port."
        ) from error
    # asyncio does this only for sockets it made; without it every answer is 40 ms late.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"
