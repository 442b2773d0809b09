"""A show with a desk for tests, a client that has come to it, and what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from show_kit import playing

from nodegraph.graph import Patch
from nodegraph.host.desk import Desk
from nodegraph.host.show import Show
from nodegraph.remote.client import Client


@asynccontextmanager
async def attended(made: Patch, tmp_path: Path) -> AsyncIterator[tuple[Show, Client]]:
    """A show with a desk, and a client that has come to it."""
    async with playing(made, tmp_path) as show, Desk(show, "test"):
        client = await Client.open()
        try:
            yield show, client
        finally:
            await client.close()


async def event(client: Client, name: str, **wanted: object) -> dict[str, Any]:
    """The next event of a name in which some fields are as wanted."""
    async with asyncio.timeout(20.0):
        while True:
            found = await client.next_event()
            assert found is not None
            if found["event"] == name and wanted.items() <= found.items():
                return found
