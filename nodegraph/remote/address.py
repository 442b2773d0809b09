"""Where a show can be reached: a private Unix socket, or TCP with a token, and a note for clients.

A running show keeps files with one stem, of its process id and chance, in the runtime folder: the
socket `.sock` or the token `.token`, and last the note `.json`. A stem is never used twice, so what
nobody answers for is dead, and whoever comes across it may clear it away.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from nodegraph.remote.errors import NoShow, RemoteError
from nodegraph.remote.folder import runtime_folder, write_private

PROTOCOL = 1
"""Of the messages between a show and its clients."""

_LONGEST_PATH = 103
"""Bytes in the path of a Unix socket: 107 on Linux, 103 on macOS."""

_LONE = 60.0
"""Seconds after which a socket or token without a note was left behind, not just made."""

_PATIENCE = 2.0
_BACKLOG = 128


@dataclass(frozen=True, slots=True)
class RunningShow:
    """What a show tells of itself.

    `address` is `unix:PATH` or `tcp:HOST:PORT`, `since` is in seconds of Unix time.
    """

    name: str
    pid: int
    address: str
    patch: str
    since: float
    note: Path

    @property
    def token(self) -> str | None:
        """The secret that a TCP address asks for, 256 bits in hexadecimal."""
        with suppress(OSError, ValueError):
            return self.note.with_suffix(".token").read_text("ascii")
        return None

    def dial(self) -> socket.socket:
        """A connected socket, which blocks; raises `NoShow` if nobody answers."""
        try:
            return _dial(self.address, _PATIENCE)
        except (OSError, ValueError) as error:
            raise NoShow(f"the show {self.name!r} does not answer: {error}") from error

    def write(self) -> None:
        """Leave the note for clients; raises `RemoteError` if it cannot be written."""
        told = {name: getattr(self, name) for name in ("name", "pid", "address", "patch", "since")}
        try:
            write_private(self.note, json.dumps(told))
        except OSError as error:
            raise RemoteError(f"clients cannot find this show: {error}") from error


class Door:
    """The listening socket of this process's show, and the note that leads to it.

    `token` must be said by whoever enters; it is empty where the socket is for this user alone.
    """

    def __init__(self, name: str, patch: str = "", *, tcp: bool = False) -> None:
        """Open it; raises `RemoteError` if that cannot be done, or not in private.

        `tcp` uses TCP even where there are Unix sockets.
        """
        folder = runtime_folder()
        clear_away(folder)
        note = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        place = note.with_suffix(".sock")
        tcp = tcp or not hasattr(socket, "AF_UNIX") or len(os.fsencode(place)) > _LONGEST_PATH
        self.sock = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
        self.token = secrets.token_hex(32) if tcp else ""
        self._files = (note, note.with_suffix(".token"), place)
        try:
            if tcp:
                write_private(note.with_suffix(".token"), self.token)
                self.sock.bind(("127.0.0.1", 0))
                address = f"tcp:127.0.0.1:{self.sock.getsockname()[1]}"
            else:
                self.sock.bind(str(place))
                place.chmod(0o600)
                address = f"unix:{place}"
            self.sock.listen(_BACKLOG)
            self.show = RunningShow(name, os.getpid(), address, patch, time.time(), note)
            self.show.write()
        except OSError as error:
            self.close()
            raise RemoteError(f"no control socket can be opened: {error}") from error
        except BaseException:
            self.close()
            raise

    def rename(self, name: str, patch: str) -> None:
        """Tell clients to come that another patch is played."""
        self.show = replace(self.show, name=name, patch=patch)
        self.show.write()

    def close(self) -> None:
        """Close the socket and take the note away."""
        _remove(*self._files)
        self.sock.close()


def shows() -> list[RunningShow]:
    """The shows of this user that are running, the oldest first; what is left of others goes."""
    folder = runtime_folder()
    clear_away(folder)
    return sorted(_noted(folder), key=lambda show: (show.since, show.pid))


def find_show(name: str | None = None) -> RunningShow:
    """The show of this name or process id, or the only one; raises `NoShow` with what to do."""
    running = shows()
    found = [show for show in running if name in (None, show.name, str(show.pid))]
    if len(found) == 1:
        return found[0]
    told = ", ".join(f"{show.name!r} (process {show.pid})" for show in found or running)
    if found:
        raise NoShow(f"several shows are running: {told}; say which one by --show PROCESS")
    if running:
        raise NoShow(f"no show called {name!r} is running; there are: {told}")
    raise NoShow("no show is running; start one with: nodegraph run PATCH")


def clear_away(folder: Path) -> None:
    """Remove what shows left behind whose processes have died. A show that answers is kept."""
    alive = set()
    for show in _noted(folder):
        if _answers(show.address):
            alive.add(show.note.stem)
        else:
            _remove(*folder.glob(f"{show.note.stem}.*"))
    for path in folder.iterdir():
        lone = path.stem not in alive and path.suffix in (".sock", ".token", ".json", ".new")
        with suppress(OSError):
            if not lone or time.time() - path.lstat().st_mtime < _LONE:
                continue
            if path.suffix != ".sock" or not _answers(f"unix:{path}"):
                path.unlink()


def _noted(folder: Path) -> Iterator[RunningShow]:
    for note in folder.glob("*.json"):
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            told = json.loads(note.read_text("utf-8"))
            yield RunningShow(
                name=str(told["name"]),
                pid=int(told["pid"]),
                address=str(told["address"]),
                patch=str(told["patch"]),
                since=float(told["since"]),
                note=note,
            )


def _remove(*paths: Path) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _answers(address: str) -> bool:
    """Whether somebody listens there; one who is too busy to answer does."""
    try:
        _dial(address, 0.5).close()
    except (TimeoutError, BlockingIOError):
        return True
    except (OSError, ValueError):
        return False
    return True


def _dial(address: str, patience: float) -> socket.socket:
    kind, _, place = address.partition(":")
    host, _, port = place.rpartition(":")
    if kind not in ("unix", "tcp"):
        raise ValueError(f"{address!r} is no address")
    sock = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
    try:
        sock.settimeout(patience)
        sock.connect(place if kind == "unix" else (host, int(port)))
        sock.settimeout(None)
    except BaseException:
        sock.close()
        raise
    return sock
