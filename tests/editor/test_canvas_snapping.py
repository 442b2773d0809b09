"""Where moved boxes come to lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.snapping import GRID, Line, snap

HELD = Rect(0.0, 0.0, 100.0, 60.0)
numbers = st.floats(-1000, 1000)


@given(numbers, numbers, st.floats(0.1, 4))
def test_with_nothing_near_it_is_the_grid(dx: float, dy: float, zoom: float) -> None:
    found = snap(HELD.moved(3.0, 4.0), dx, dy, [], zoom)
    for end, start, way in ((found.dx + 3.0, 3.0, dx), (found.dy + 4.0, 4.0, dy)):
        assert end % GRID == pytest.approx(0.0, abs=1e-6) or end % GRID == pytest.approx(GRID)
        assert abs(end - (start + way)) <= GRID / 2 + 1e-6
    assert found.lines == ()


def test_left_meets_left_and_a_line_says_so() -> None:
    other = Rect(303.0, 200.0, 500.0, 300.0)
    found = snap(HELD, 300.0, 20.0, [other], 1.0)
    assert found.dx == 303.0
    assert found.lines == (Line(True, 303.0, 20.0, 300.0),)


def test_middle_meets_middle_and_tops_meet() -> None:
    found = snap(HELD, 299.0, 2.0, [Rect(250.0, 0.0, 450.0, 40.0)], 1.0)
    assert (found.dx, found.dy) == (300.0, 0.0)
    assert {line.upright for line in found.lines} == {True, False}


def test_nearness_is_of_the_screen() -> None:
    other = Rect(304.0, 200.0, 500.0, 300.0)
    assert snap(HELD, 300.0, 0.0, [other], 1.0).dx == 304.0
    assert snap(HELD, 300.0, 0.0, [other], 4.0).dx == 300.0


@given(numbers, numbers)
def test_free_is_free(dx: float, dy: float) -> None:
    assert snap(HELD, dx, dy, [HELD], 1.0, free=True) == (dx, dy, ())
