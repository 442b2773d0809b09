"""Twenty deaths of a server, with slack for a busy machine."""

from __future__ import annotations

import asyncio

import pytest
from bench_reconnect import cycles

pytestmark = pytest.mark.bench


def test_deaths_of_the_server_lose_nothing_and_leak_nothing() -> None:
    outcome = asyncio.run(cycles(20))
    told = str(outcome)
    assert outcome.lost == 0, told
    assert outcome.slowest < 10, told  # 1 s on a quiet machine
    assert outcome.after.tasks <= outcome.before.tasks, told
    assert outcome.after.threads <= outcome.before.threads + 1, told
    assert outcome.after.sockets <= outcome.before.sockets + 1, told
    assert outcome.after.megabytes < outcome.before.megabytes + 20, told
