"""The smallest case of the benchmark, with slack for a busy machine."""

from __future__ import annotations

import asyncio

import pytest
from bench_sender import measure, table
from players import Case, simulator

pytestmark = pytest.mark.bench


def test_a_stream_of_changes_arrives_as_soon_as_a_lone_message_and_loses_nothing() -> None:
    """At 3 frames in 150 ms: the ratio is 1.1 on a quiet machine, 5 at 30 messages a second."""
    with simulator() as url:
        row = asyncio.run(measure(Case(3, 0.15, transitions=2, lone=6, settle=2.0), url))
    told = table(row)
    assert row.ours.dropped == 0, told
    assert row.ours.last_applied, told
    assert row.ours.completed == 2, told
    assert row.ratio < 1.6, told
    assert row.naive.dropped > row.naive.sent / 3, told
    assert row.naive.wait > 2 * row.ours.wait, told
