"""Clocks that drift apart, in simulated time: measured truly, bridged without loss or a click."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import BLOCK, RATE, many
from numpy.typing import NDArray

from nodegraph.audio.device import CUSHION
from nodegraph.audio.drift import DriftMeter, Servo, Steady
from nodegraph.audio.ring import Ring

pytestmark = pytest.mark.slow

DRIFTS = pytest.mark.parametrize("ppm", [-200.0, 200.0])


@DRIFTS
def test_drift_is_measured_though_blocks_come_early_and_late(ppm: float) -> None:
    rng = np.random.default_rng(1)
    meter = DriftMeter(RATE)
    told = []
    for n in range(1, 12_000):  # two minutes
        at = n * BLOCK / (RATE * (1 + ppm * 1e-6))
        meter.add(BLOCK, at + rng.uniform(0.0, 0.02))
        told.append(meter.ppm)
    assert told[100] is None, "a second tells nothing yet"
    assert told[-1] == pytest.approx(ppm, abs=15.0)


def test_a_gap_does_not_count_as_drift() -> None:
    meter = DriftMeter(RATE)
    for n in range(3_000):
        if n == 1_500:
            meter.reset()
        meter.add(BLOCK, (n + 200 * (n >= 1_500)) * BLOCK / RATE)
    assert meter.ppm == pytest.approx(0.0, abs=1.0)


@DRIFTS
def test_hours_leave_the_ring_as_full_as_they_found_it(ppm: float) -> None:
    """The device delivers lumps of a block, up to 5 ms late; the engine reads by another clock."""
    lateness = np.random.default_rng(2).uniform(0.0, 0.005, 4096)
    servo, cushion = Servo(), CUSHION * RATE
    period = BLOCK / (RATE * (1 + ppm * 1e-6))
    delivered, taken, lumps = cushion, 0.0, 0
    lowest, highest, ratio = np.inf, 0.0, 1.0
    for n in range(round(many(1, 24) * 3600 * RATE / BLOCK)):
        while (lumps + 1) * period + lateness[lumps % 4096] <= n * BLOCK / RATE:
            lumps += 1
            delivered += BLOCK
        fill = delivered - taken
        lowest, highest = min(lowest, fill), max(highest, fill)
        ratio = servo.ratio((fill - cushion) / RATE, BLOCK / RATE)
        assert abs(ratio - 1) < 1e-3
        taken += ratio * BLOCK
    assert lowest > BLOCK + 4, "silence would have been put in"
    assert highest < cushion + RATE // 5, "sound would have been dropped"
    assert (ratio - 1) * 1e6 == pytest.approx(ppm, abs=120.0)


@DRIFTS
def test_a_tone_comes_through_whole(ppm: float) -> None:
    """Minutes, each sample checked against the one tone that fits the ratio."""
    ring = Ring(RATE, 2)
    steady = Steady(ring, RATE, round(CUSHION * RATE))
    turn = 2 * np.pi * 1_000 / RATE
    delivered, due = 0, 0.0
    worst = 0.0
    last: NDArray[np.float32] | None = None
    silent = 0
    for _ in range(round(many(1, 30) * 60 * RATE / BLOCK)):
        due += BLOCK * (1 + ppm * 1e-6)
        while delivered + BLOCK <= due:
            tone = np.sin(turn * np.arange(delivered, delivered + BLOCK)).astype(np.float32)
            ring.write(np.stack([tone, -tone], 1))
            delivered += BLOCK
        block = steady.read(BLOCK)
        if block is None:
            silent += 1
            assert last is None, "a gap"
            continue
        whole = block[:, 0] if last is None else np.concatenate([last[-2:, 0], block[:, 0]])
        # x[n-1] + x[n+1] = 2 cos(turn) x[n] for a sine, whatever its phase
        wrong = whole[:-2] + whole[2:] - 2 * np.cos(turn) * whole[1:-1]
        worst = max(worst, float(np.abs(wrong).max()))
        np.testing.assert_array_equal(block[:, 0], -block[:, 1])
        last = block
    assert silent <= 4
    assert worst < 2e-3
    assert ring.overflows == 0


def test_a_reader_that_was_away_hears_what_is_played_now() -> None:
    ring = Ring(RATE, 1)
    steady = Steady(ring, RATE, 1440)
    ring.write(np.zeros((RATE - 2000, 1), np.float32))
    ring.write(np.ones((2000, 1), np.float32))
    block = steady.read(BLOCK)
    assert block is not None
    np.testing.assert_array_equal(block, 1.0)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=40))
@settings(deadline=None)
def test_a_ring_gives_what_was_written_in_order(steps: list[tuple[int, int]]) -> None:
    ring = Ring(64, 1)
    written, kept = 0, np.empty(0, np.float32)
    overflows = 0
    for write, read in steps:
        piece = np.arange(written, written + write, dtype=np.float32)
        written += write
        ring.write(piece[:, None])
        kept = np.concatenate([kept, piece])
        overflows += len(kept) > 64
        kept = kept[-64:]
        assert ring.fill == len(kept)
        some = min(read, len(kept))
        np.testing.assert_array_equal(ring.peek(some)[:, 0], kept[:some])
        ring.skip(some)
        kept = kept[some:]
    assert ring.overflows == overflows
