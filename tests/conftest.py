"""Fixtures for tests of several packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def forget_plugins() -> Iterator[None]:
    """Unload the modules of plugin folders that a test loaded, so that others load them anew."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if "/plugins/" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]
