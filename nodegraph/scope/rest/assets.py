"""Assets: images, videos and sounds on the server, for reference pictures and as inputs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from nodegraph.scope.answers import Asset, mappings
from nodegraph.scope.rest.files import Progress, pieces, save, size_of
from nodegraph.scope.rest.transport import MOVE, Transport


class AssetsRest(Transport):
    """Endpoints about assets. None can be deleted."""

    async def assets(self, type: str | None = None) -> list[Asset]:
        """Files on the server, newest first; `type` is image, video or audio."""
        body = await self._object("GET", "/api/v1/assets", params={"type": type} if type else {})
        return [Asset.from_json(one) for one in mappings(body, "assets")]

    async def upload_asset(
        self, filename: str, content: bytes | Path, progress: Progress | None = None
    ) -> Asset:
        """Store a file on the server, `filename` with folders if wanted; an equal name is replaced.

        What is in a file is sent piece by piece. Raises FileError when it cannot be read.
        """
        headers = {"content-type": "application/octet-stream"}
        if isinstance(content, Path):
            size = size_of(content)
            headers["content-length"] = str(size)
        sent = content if isinstance(content, bytes) else pieces(content, size, progress)
        body = await self._object(
            "POST",
            "/api/v1/assets",
            params={"filename": filename},
            content=sent,
            headers=headers,
            timeout=MOVE,
            moves=True,
        )
        return Asset.from_json(body)

    async def fetch_asset(self, path: str, target: Path, progress: Progress | None = None) -> Path:
        """An asset, by its path within the server's folder, into a file or a folder."""
        address = f"/api/v1/assets/{quote(path)}"
        async with self._opened("GET", address, timeout=MOVE) as response:
            return await save(response, target, progress)
