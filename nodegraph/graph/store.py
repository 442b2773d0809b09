"""Patches on disk: a load tells all that is wrong, a save never leaves half a file.

Where old versions go: the file that a save replaces is kept in the folder `.generations` beside it,
as `pulse.json~1~` (the newest) to `pulse.json~5~`. That folder has a `.gitignore` of its own, so
a patch kept in git shows no strays, and a folder of patches lists patches only. To go back, copy a
generation over the patch. Saving what is on disk already writes nothing and uses up no generation.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from nodegraph.errors import PatchError, Problem
from nodegraph.graph.model import Patch
from nodegraph.graph.patchfile import dump, parse

MAX_BYTES = 16_000_000  # a patch of a thousand nodes is 0.2 million
GENERATIONS = 5
FOLDER = ".generations"


def load(path: str | os.PathLike[str]) -> Patch:
    """Read a patch file; raise PatchError with every problem if there is any."""
    file = os.fspath(path)
    reading = parse(content(file), file)
    if reading.problems:
        raise PatchError(reading.problems)
    return reading.patch


def save(patch: Patch, path: str | os.PathLike[str]) -> None:
    """Write a patch file, whole or not at all, and keep the one it replaces as a generation.

    Raises PatchError if it cannot be written; then the file is as it was. A link is followed.
    """
    write(os.fspath(path), dump(patch).encode())


def write(file: str, data: bytes) -> None:
    """Write a file as `save` does."""
    if len(data) > MAX_BYTES:
        _refuse(file, f"it would be larger than {MAX_BYTES:,} bytes and not load again")
    try:
        target = Path(os.path.realpath(file))
        mode = _mode(target)
        if mode is not None and target.read_bytes() == data:
            return
        _replace(target, data, mode)
    except (OSError, ValueError) as error:
        _refuse(file, f"cannot be saved, and is as it was: {reason(error)}")


def content(file: str) -> bytes:
    """What a file holds; PatchError says why it cannot be read."""
    try:
        status = os.stat(file)
        if stat.S_ISDIR(status.st_mode):
            _refuse(file, "is a folder: name a file in it")
        if not stat.S_ISREG(status.st_mode):
            _refuse(file, "is not a file that can be read to its end")
        with open(file, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        _refuse(file, "is not there: check the name and the folder")
    except (OSError, ValueError) as error:
        _refuse(file, f"cannot be read: {reason(error)}")
    if len(data) > MAX_BYTES:
        _refuse(file, f"is larger than {MAX_BYTES:,} bytes: this can hardly be meant")
    return data


def _mode(target: Path) -> int | None:
    """Return the permissions of the file to be replaced, if there is one and it may be."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError("this is a folder or a device, not a file")
    if not os.access(target, os.W_OK):
        raise OSError("the file is read-only")
    return stat.S_IMODE(mode)


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    fresh = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(fresh, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            fresh.chmod(mode)
            _keep_generation(target)
        os.replace(fresh, target)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
    _sync_folder(target.parent)


def remove(path: Path) -> None:
    """Remove a file that `write` wrote; its last generation stays. Raises OSError."""
    _keep_generation(path)
    path.unlink()


def _keep_generation(target: Path) -> None:
    """Copy the file that is about to go, unless the newest generation is the same."""
    folder = target.parent / FOLDER
    if not folder.is_dir():
        folder.mkdir()
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    kept = [folder / f"{target.name}~{number}~" for number in range(1, GENERATIONS + 1)]
    if kept[0].exists() and kept[0].read_bytes() == target.read_bytes():
        return
    fresh = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        shutil.copy2(target, fresh)
        for newer, older in reversed(list(pairwise(kept))):
            if newer.exists():
                os.replace(newer, older)
        os.replace(fresh, kept[0])
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can do that."""
    if hasattr(os, "O_DIRECTORY"):
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def reason(error: Exception) -> str:
    """Why a file cannot be had, in the words of the system."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _refuse(file: str, fault: str) -> NoReturn:
    raise PatchError([Problem(fault, file=file)]) from None
