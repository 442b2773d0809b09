"""Waits for what happens on other threads."""

from __future__ import annotations

import time
from collections.abc import Callable


def soon(holds: Callable[[], object], within: float = 5.0) -> None:
    """Wait until something holds; fails if it does not in so many seconds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.01)
