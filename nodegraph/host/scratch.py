"""The folder for a running show's own files, and an end to those that killed shows have left."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from nodegraph.host.lock import Lock, is_held
from nodegraph.remote.folder import runtime_folder

_NAME = "show-"

_LONE = 60.0
"""Seconds after which a folder that nobody holds was left behind, not just made."""


def scratch_path() -> Path:
    """Where a new show may keep its files."""
    return runtime_folder() / f"{_NAME}{token_hex(4)}"


@contextmanager
def scratch(folder: Path) -> Iterator[None]:
    """Have the folder, for this user alone, as long as the block runs; clear away what is dead."""
    for other in folder.parent.glob(f"{_NAME}*"):
        with suppress(OSError):
            if time.time() - other.stat().st_mtime > _LONE and not is_held(other):
                shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(mode=0o700)
    lock: Lock | None = None
    with suppress(OSError):  # where nothing can be locked, nothing is cleared away either
        lock = Lock(folder)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
        shutil.rmtree(folder, ignore_errors=True)
