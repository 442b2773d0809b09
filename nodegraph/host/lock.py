"""Says whether the process that made a folder its own still lives; the system lets go when it dies.

A process id in a file is for people: it may belong to somebody else by the time it is read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

LOCK = "lock"
PID = "pid"


class Lock:
    """A folder as one's own, until `release` or the end of the process, however it comes.

    Raises BlockingIOError if another lock is on it, OSError if there can be none.
    """

    def __init__(self, folder: Path) -> None:
        self._handle = _open(folder / LOCK)
        try:
            _lock(self._handle)
        except BaseException:
            os.close(self._handle)
            raise

    @property
    def stands(self) -> bool:
        """Whether it still keeps others out: not if somebody deleted the file."""
        return os.fstat(self._handle).st_nlink > 0

    def release(self) -> None:
        """Let others have the folder."""
        os.close(self._handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return os.open(path, os.O_RDONLY)  # on a disk that is read-only


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from None
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(folder: Path) -> bool:
    """Whether a living process has the folder; also if that cannot be found out."""
    try:
        Lock(folder).release()
    except OSError:
        return True
    return False
