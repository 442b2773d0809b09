"""The private folder in which the sockets of running shows lie, and who may come near it."""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from platformdirs import user_runtime_path

from nodegraph.remote.errors import RemoteError

PLACE = "NODEGRAPH_RUNTIME"
"""The environment variable that names another folder."""

_SHARED = stat.S_IWGRP | stat.S_IWOTH


def runtime_folder() -> Path:
    """The folder, made if need be. It is ours alone; `RemoteError` if there can be no such folder.

    `NODEGRAPH_RUNTIME` if it is set, else where the system keeps such files, else in the folder
    for temporary files.
    """
    if place := os.environ.get(PLACE):
        folder = Path(place).absolute()
        if why := _unfit(folder):
            raise RemoteError(f"{folder}, named by {PLACE}, cannot hold a control socket: {why}")
        return folder
    reasons = []
    for folder in _usual_folders():
        why = _unfit(folder)
        if not why:
            return folder
        reasons.append(f"{folder}: {why}")
    raise RemoteError(
        f"there is no private folder for the control socket ({'; '.join(reasons)}); "
        f"name one in {PLACE}"
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read; whoever reads it finds the old text or the new one."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with open(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as f:
        f.write(text)
    os.replace(new, path)


def foreign(sock: socket.socket) -> str | None:
    """Who is at the other end of a Unix socket, if it is another user; None if we cannot tell."""
    if sys.platform == "win32" or sock.family != socket.AF_UNIX:
        return None
    if sys.platform == "linux":
        _, user, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    elif sys.platform == "darwin":  # struct xucred of sys/ucred.h, asked for with LOCAL_PEERCRED
        _, user = struct.unpack("2I", sock.getsockopt(0, 1, 76)[:8])
    else:
        return None
    return None if user == os.getuid() else f"user {user}"


def _usual_folders() -> Iterator[Path]:
    with warnings.catch_warnings(), suppress(OSError):
        warnings.simplefilter("ignore")  # a session without such a folder is nothing unusual
        yield user_runtime_path("nodegraph", appauthor=False)
    user = "" if sys.platform == "win32" else f"-{os.getuid()}"
    yield Path(tempfile.gettempdir()) / f"nodegraph{user}"


def _unfit(folder: Path) -> str | None:
    """Why nothing secret can lie there. A parent that others may write to could be swapped."""
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        here, above = folder.lstat(), folder.parent.stat()
    except OSError as error:
        return error.strerror or str(error)
    if sys.platform == "win32":  # the profile's access list keeps others out
        return None
    if not stat.S_ISDIR(here.st_mode):
        return "it is not a folder"
    if here.st_uid != os.getuid():
        return "it belongs to another user"
    if here.st_mode & 0o077:
        return f"others may enter it (mode {stat.S_IMODE(here.st_mode):o}); run: chmod 700 {folder}"
    if above.st_uid not in (0, os.getuid()):
        return "the folder above it belongs to another user"
    if above.st_mode & _SHARED and not above.st_mode & stat.S_ISVTX:
        return "others may write to the folder above it"
    return None
