"""Curves: few points that show what many ticks did, and that move on without a flicker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.canvas.pasts import POINTS, farthest, piece_of, points_for, pooled


@pytest.mark.parametrize("most", POINTS)
def test_a_single_tick_is_seen_wherever_it_lies(most: int) -> None:
    for at in range(0, 480, 7):
        past = np.zeros(480)
        past[at] = 1.0
        points = pooled(past, most)
        assert len(points) == most
        assert points.max() == 1.0
        assert int(points.argmax()) == at * most // 480


@pytest.mark.parametrize("most", POINTS)
@given(ticks=st.integers(600, 5000))
def test_a_piece_keeps_its_point_as_time_goes_on(most: int, ticks: int) -> None:
    """Between two ticks the same pieces are there, or all have gone on by one."""
    noise = np.sin(np.arange(6000.0) ** 1.5)
    before = pooled(noise[ticks - 510 : ticks], most, ticks)
    after = pooled(noise[ticks + 1 - 510 : ticks + 1], most, ticks + 1)
    moved = (ticks + 1) % piece_of(most) == 0
    mine, other = (before[1:], after[:-1]) if moved else (before, after)
    assert len(before) == len(after) == most
    assert mine.tolist() == other.tolist()
    last = noise[: ticks + 1 - (ticks + 1) % piece_of(most)][-piece_of(most) :]
    assert farthest(last) == after[-1]


def test_what_is_no_number_is_left_out_and_little_is_taken_as_it_is() -> None:
    past = np.array([np.nan, 1.0, np.inf, 2.0])
    assert pooled(past).tolist() == [1.0, 2.0]
    assert len(pooled(np.zeros(0))) == 0
    assert farthest(past) in (1.0, 2.0)
    assert np.isnan(farthest(past[:1]))


def test_a_small_curve_has_few_points() -> None:
    assert [points_for(width) for width in (10.0, 60.0, 100.0, 1000.0)] == [16, 24, 32, 48]
