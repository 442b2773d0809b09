"""Ways for video to reach the server without this client: NDI, Spout, Syphon, files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from nodegraph.scope.answers import InputSource, Resolution, VideoSource, mappings
from nodegraph.scope.rest.transport import EVENTS, Transport

SEARCH = 5.0
"""Seconds for which a server looks around its network, unless told otherwise."""


class InputsRest(Transport):
    """Endpoints about input sources."""

    async def input_sources(self) -> list[InputSource]:
        """What kinds there are, and which the server's machine can use."""
        body = await self._object("GET", "/api/v1/input-sources")
        return [InputSource.from_json(one) for one in mappings(body, "input_sources")]

    async def video_sources(self, kind: str, within: float = SEARCH) -> list[VideoSource]:
        """The senders of a kind that the server sees. Raises ScopeRefused where it cannot look."""
        body = await self._object(
            "GET",
            f"{_kind(kind)}/sources",
            params={"timeout_ms": round(within * 1000)},
            timeout=within + self._timeout,
        )
        return [VideoSource.from_json(one) for one in mappings(body, "sources")]

    async def video_resolution(
        self, kind: str, identifier: str, within: float = SEARCH
    ) -> Resolution:
        """How large a sender's picture is. Raises ScopeRefused (408) when none came in time."""
        body = await self._object(
            "GET",
            f"{_sender(kind, identifier)}/resolution",
            params={"timeout_ms": round(within * 1000)},
            timeout=within + self._timeout,
        )
        return Resolution.from_json(body)

    @asynccontextmanager
    async def video_preview(
        self, kind: str, identifier: str, fps: int = 2, *, flip: bool = False
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A sender's picture as MJPEG (boundary `frame`), in pieces, while it is read."""
        query: dict[str, str | int] = {"fps": fps, "flip_vertical": "true" if flip else "false"}
        path = f"{_sender(kind, identifier)}/stream"
        async with self._opened("GET", path, params=query, timeout=EVENTS) as response:
            yield response.aiter_bytes()


def _kind(kind: str) -> str:
    return f"/api/v1/input-sources/{quote(kind, safe='')}"


def _sender(kind: str, identifier: str) -> str:
    return f"{_kind(kind)}/sources/{quote(identifier, safe='')}"
