"""One simulated Scope server for all shows of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audio.conftest import pulse
from host.stage import CHUNK

from nodegraph.cli.simulator import Simulator, simulator

__all__ = ["pulse", "scope"]


@pytest.fixture(scope="session")
def scope() -> Iterator[Simulator]:
    """Nothing is wrong with it: what happens to a show is not its doing."""
    told = {"load-seconds": 0.0, "chunk-seconds": CHUNK, "chunk-frames": 6}
    with simulator(*(f"--{name}={value}" for name, value in told.items())) as server:
        yield server
