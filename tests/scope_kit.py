"""Waiting for what a Scope link should come to, in tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(holds: Callable[[], object], what: str, within: float = 20.0) -> None:
    """Wait until it holds; fail with what was waited for."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < within, f"{what}: not within {within:g} s"
        await asyncio.sleep(0.02)
