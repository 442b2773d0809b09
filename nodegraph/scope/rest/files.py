"""Files on their way: sent piece by piece, received beside their place and put there whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG
from urllib.parse import unquote

import httpx

from nodegraph.graph.store import reason
from nodegraph.scope.errors import FileError, NotScope

Progress = Callable[[int, int | None], None]
"""Is told how many bytes have been moved, and of how many if that is known."""

PIECE = 256 << 10
LARGEST_FILE = 64 << 30  # bytes after which a download that does not end is given up

_NAMED = re.compile(r"filename\*?=(?:utf-8'')?\"?([^\";]+)", re.IGNORECASE)


def size_of(path: Path) -> int:
    """The bytes of a file that is to be sent."""
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not S_ISREG(status.st_mode):
        raise FileError(f"{path} is no file: it cannot be uploaded.")
    return status.st_size


async def pieces(path: Path, size: int, progress: Progress | None) -> AsyncIterator[bytes]:
    """The first `size` bytes of a file. Raises FileError if it has become shorter."""
    sent = 0
    try:
        with await asyncio.to_thread(path.open, "rb") as file:
            while sent < size:
                piece = await asyncio.to_thread(file.read, min(PIECE, size - sent))
                if not piece:
                    raise FileError(f"{path} has become shorter while it was being uploaded.")
                yield piece
                sent += len(piece)
                if progress:
                    progress(sent, size)
    except OSError as error:
        raise _unreadable(path, error) from error


async def save(response: httpx.Response, target: Path, progress: Progress | None) -> Path:
    """Write an answer to a file, which is there when all of it is. Returns where.

    A `target` that is a folder gets it under the name the server gives it; what has that name
    already is left alone. Raises FileError when it cannot be written, NotScope when it is a web
    page, which a server gives in place of what it does not have.
    """
    if response.headers.get("content-type", "").startswith("text/html"):
        raise NotScope(f"{response.url.path} is a web page there, and no file that Scope keeps.")
    place = target
    if target.is_dir():
        place = target / _name(response)
        if place.exists():
            raise FileError(f"{place} is there already; say another name for it.")
    try:
        await write_whole(place, _told(response, progress), LARGEST_FILE)
    except OverflowError:
        size = f"more than {LARGEST_FILE >> 30} GB"
        raise NotScope(f"{place}: a file of {size} has no end, it seems.") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{place} cannot be written: {reason(error)}.") from error
    return place


async def write_whole(place: Path, content: AsyncIterator[bytes], most: int) -> None:
    """Write a file beside its place, and put it there when all of it has come.

    Raises OSError where that cannot be, and OverflowError for more than `most` bytes.
    """
    fresh = place.with_name(f".{place.name[:80]}.{token_hex(4)}")
    size = 0
    try:
        with fresh.open("xb") as file:
            async for piece in content:
                size += len(piece)
                if size > most:
                    raise OverflowError(f"more than {most} bytes")
                await asyncio.to_thread(file.write, piece)
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


async def _told(response: httpx.Response, progress: Progress | None) -> AsyncIterator[bytes]:
    """The pieces of an answer; how far they are is told when they have been written."""
    told = response.headers.get("content-length", "")
    total = int(told) if told.isdecimal() and len(told) < 20 else None
    received = 0
    async for piece in response.aiter_bytes(PIECE):
        yield piece
        received += len(piece)
        if progress:
            progress(received, total)


def _name(response: httpx.Response) -> str:
    """A file name out of the answer's headers or its address, without any folder."""
    named = _NAMED.search(response.headers.get("content-disposition", ""))
    said = unquote(named[1]) if named else response.url.path
    name = "".join(letter for letter in re.split(r"[/\\:]", said)[-1] if letter.isprintable())
    return name.strip(" .")[:120] or "scope-file"


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read: {reason(error)}.")
