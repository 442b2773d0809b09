"""The assets: images, videos and sounds in a folder, newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.stores.shelf import Shelf, megabytes

TYPES = {
    "image": frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"}),
    "video": frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"}),
    "audio": frozenset({".wav", ".mp3", ".flac", ".ogg"}),
}
_SUFFIXES = frozenset[str]().union(*TYPES.values())


class Assets:
    """What clients have uploaded. There is no way to delete any of it, as on the real server."""

    def __init__(self, root: Path) -> None:
        self._shelf = Shelf(root, _SUFFIXES)

    def listed(self, type: str | None) -> list[dict[str, Any]]:
        """Return all, or those of a type; a type that there is not means all."""
        entries = [self._entry(path) for path in self._shelf]
        chosen = [each for each in entries if type not in TYPES or each["type"] == type]
        return sorted(chosen, key=lambda each: -each["created_at"])

    async def put(self, name: str, content: AsyncIterator[bytes]) -> dict[str, Any]:
        """Store a file, over one of the same name; what is in it is not looked at.

        Raises:
            HTTPException: 400 for another suffix, and for a name that leads out of the folder.
        """
        if PurePosixPath(name).suffix.lower() not in _SUFFIXES:
            allowed = ", ".join(sorted(_SUFFIXES))
            raise HTTPException(400, f"Invalid file type. Allowed types: {allowed}")
        if (path := self._shelf.place(name)) is None:
            raise HTTPException(400, "Invalid filename")
        await self._shelf.store(path, content)
        return self._entry(path)

    def find(self, name: str) -> Path:
        """Return a file by its path within the folder; of an absolute one only the name counts.

        Raises:
            HTTPException: 404, or 403 if it leads out of the folder.
        """
        if name.startswith(("/", "root/")):
            name = PurePosixPath(name).name
        if (path := self._shelf.place(name)) is None:
            raise HTTPException(403, "Invalid path")
        if not path.is_file():
            raise HTTPException(404, "Asset not found")
        return path

    def _entry(self, path: Path) -> dict[str, Any]:
        suffix = path.suffix.lower()
        return {
            "name": path.stem,
            "path": str(path),
            "size_mb": megabytes(path),
            "folder": self._shelf.folder(path),
            "type": next(type for type, suffixes in TYPES.items() if suffix in suffixes),
            "created_at": path.stat().st_mtime,
        }
