"""Files in a folder, some kinds of them, and a way to each that leads nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from starlette.exceptions import HTTPException

from nodegraph.scope.rest.files import write_whole

LARGEST = 4 << 30  # bytes of one file


class Shelf:
    """The files below `root` with one of these suffixes; the folder is made when it is needed."""

    def __init__(self, root: Path, suffixes: frozenset[str]) -> None:
        self.root = root.resolve()
        self.suffixes = suffixes

    def __iter__(self) -> Iterator[Path]:
        for path in sorted(self.root.rglob("*")):
            if path.suffix.lower() in self.suffixes and path.is_file():
                yield path

    def place(self, name: str) -> Path | None:
        """Return where a name within the folder leads, None if that is elsewhere."""
        try:
            path = (self.root / name).resolve()
        except (ValueError, OSError):
            return None
        return path if path != self.root and path.is_relative_to(self.root) else None

    def folder(self, path: Path) -> str | None:
        """Return the folder of a file, seen from the root; None for the root itself."""
        within = path.relative_to(self.root).parent.as_posix()
        return None if within == "." else within

    async def store(self, path: Path, content: AsyncIterator[bytes]) -> None:
        """Write a file whole or not at all.

        Raises:
            HTTPException: 413 if it does not end, 500 if it cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            await write_whole(path, content, LARGEST)
        except OverflowError:
            raise HTTPException(413, "File too large") from None
        except OSError as error:
            raise HTTPException(500, str(error)) from error


def megabytes(path: Path) -> float:
    """Return a file's size in MB, as the server tells it."""
    return round(path.stat().st_size / (1 << 20), 2)
