"""A real show with an editor's model at it, both in the test's process, and no window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from show_kit import playing

from nodegraph.editor.editing import Editing
from nodegraph.editor.link import Link
from nodegraph.graph import Patch
from nodegraph.host.desk import Desk
from nodegraph.host.show import Show
from nodegraph.remote.address import find_show


@asynccontextmanager
async def edited(
    made: Patch, tmp_path: Path, **options: Any
) -> AsyncIterator[tuple[Show, Editing]]:
    """A show that plays a patch, and an editor that has attached to it."""
    async with playing(made, tmp_path, **options) as show, Desk(show, "test"):
        editing = Editing(Link(find_show))
        try:
            await pumped(editing, lambda: editing.mirror.attached)
            yield show, editing
        finally:
            await asyncio.to_thread(editing.link.close)


async def pumped(editing: Editing, holds: Callable[[], object], within: float = 30.0) -> None:
    """Pump as a window would, until something holds."""
    end = time.monotonic() + within
    while not holds():
        told = [note.text for note in editing.notes]
        assert time.monotonic() < end, f"it did not come to be so; notes: {told}"
        await asyncio.sleep(1 / 60)
        editing.pump()
