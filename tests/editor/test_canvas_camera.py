"""Where one looks: zoom at the mouse, limits, fitting; and the curves of wires."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import BPoly

from nodegraph.editor.canvas.camera import (
    BESIDE,
    CLOSE,
    FAR,
    LEAST,
    LETTERS,
    MIDDLE,
    MOST,
    NEAR,
    Camera,
    letters,
    nearness,
)
from nodegraph.editor.canvas.plane import Rect, along, bounds, curve, distance

places = st.floats(-5000, 5000)
points = st.tuples(places, places)
cameras = st.builds(
    Camera,
    places,
    places,
    st.floats(LEAST, MOST),
    st.floats(0, 500),
    st.floats(0, 500),
    st.floats(200, 4000),
    st.floats(200, 3000),
)


@given(cameras, points)
def test_a_place_on_the_screen_is_found_again(camera: Camera, at: tuple[float, float]) -> None:
    assert camera.to_world(*camera.to_screen(*at)) == pytest.approx(at, abs=1e-6)


@given(cameras, st.floats(0.01, 100), points)
def test_zoom_keeps_what_is_under_the_mouse(
    camera: Camera, factor: float, mouse: tuple[float, float]
) -> None:
    before = camera.to_world(*mouse)
    after = camera.zoomed(factor, *mouse)
    assert after.to_world(*mouse) == pytest.approx(before, abs=1e-6)
    assert LEAST <= after.zoom <= MOST


@given(cameras, points, points)
def test_what_is_fitted_is_seen_unless_it_is_too_large(
    camera: Camera, a: tuple[float, float], b: tuple[float, float]
) -> None:
    area = Rect.of(a, b)
    fitted = camera.fitted(area)
    seen = fitted.seen.grown(1e-6)
    assert seen.holds(*area.middle)
    assert LEAST <= fitted.zoom <= 1.0
    if fitted.zoom > LEAST:
        assert seen.holds(area.left, area.top)
        assert seen.holds(area.right, area.bottom)


@given(cameras, points)
def test_pushing_moves_the_canvas_with_the_hand(camera: Camera, by: tuple[float, float]) -> None:
    x, y = camera.to_screen(100.0, 50.0)
    assert camera.panned(*by).to_screen(100.0, 50.0) == pytest.approx(
        (x + by[0], y + by[1]), abs=1e-6
    )


@given(points, points)
def test_a_wire_is_the_bezier_curve_of_its_four_points(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    of = curve(start, end)
    exact = BPoly(np.array(of)[:, None, :], [0.0, 1.0])(np.linspace(0, 1, 33))
    assert np.allclose(along(of), exact)
    around = bounds(of).grown(1e-6)
    assert all(around.holds(x, y) for x, y in along(of).tolist())


@given(points, points, points)
def test_distance_to_a_wire_is_that_to_the_nearest_of_many_points(
    start: tuple[float, float], end: tuple[float, float], at: tuple[float, float]
) -> None:
    of = curve(start, end)
    fine = BPoly(np.array(of)[:, None, :], [0.0, 1.0])(np.linspace(0, 1, 20_001))
    exact = float(np.hypot(*(fine - at).T).min())
    length = float(np.hypot(*np.diff(along(of), axis=0).T).sum())
    assert distance(of, *at) == pytest.approx(exact, abs=0.5 + length / 300)


def test_boxes_show_as_much_as_can_be_read_and_paid() -> None:
    assert [nearness(zoom, 10) for zoom in (0.1, 0.4, 0.5, 1.0)] == [FAR, CLOSE, NEAR, BESIDE]
    assert [nearness(zoom, 500) for zoom in (0.1, 0.25, 0.5, 0.6)] == [FAR, MIDDLE, MIDDLE, NEAR]


def test_titles_can_be_read_wherever_boxes_have_any() -> None:
    for zoom in np.geomspace(LEAST, MOST, 50):
        if nearness(zoom, 10) > FAR:
            assert letters(zoom) * zoom > 10.0
    assert letters(1.0) == LETTERS[0]
