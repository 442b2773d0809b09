"""From view to view: the way there, who may end it, and what is found again."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from editor.canvas_kit import Table
from kit import patch

from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.hands import Pointer
from nodegraph.editor.canvas.sights import LASTS, Sights
from nodegraph.editor.editing import View

PATCH = patch({"ease": "shape.smooth", "lfo": "generate.lfo"}, ["lfo.out -> ease.value"]).evolve(
    layout={"lfo": (0, 0), "ease": (900, 400)}
)


class Walk:
    """Someone who looks around; a frame lasts a sixtieth of a second."""

    def __init__(self) -> None:
        self.bench = Table(PATCH).bench
        self.sights = Sights(self.bench)
        self.now = 0.0

    def frame(self, **held: Any) -> Camera:
        self.now += 1 / 60
        self.sights.frame(Pointer(now=self.now, **held))
        return self.bench.camera

    def look(self, *path: str, opened: int = 1) -> Camera:
        """At an instance of a subpatch, as the canvas does when the view has changed."""
        self.sights.turn((View(path=path), opened))
        for _ in range(4):
            self.sights.settle(1.0)
        return self.bench.camera


def test_the_way_is_steady_short_and_ends_exactly_there() -> None:
    walk = Walk()
    start = walk.bench.camera
    goal = start.zoomed(0.3, 50.0, 60.0)
    walk.sights.go(goal)
    zooms = [walk.frame().zoom for _ in range(round(LASTS * 60) + 1)]
    assert zooms[0] == start.zoom, "the first frame of a way may come late"
    assert all(after < before for before, after in pairwise(zooms))
    assert walk.bench.camera == goal
    assert walk.sights.goal == goal


def test_a_second_word_on_the_way_counts_from_where_the_first_leads() -> None:
    walk = Walk()
    zoom = walk.bench.camera.zoom
    for _ in range(2):
        walk.sights.go(walk.sights.goal.zoomed(0.5, 0.0, 0.0))
        walk.frame()
    assert walk.sights.goal.zoom == pytest.approx(zoom / 4)


@pytest.mark.parametrize("hand", [{"left": True}, {"middle": True}, {"right": True}, {"wheel": -1}])
def test_a_hand_ends_it_where_it_is(hand: dict[str, float]) -> None:
    walk = Walk()
    walk.sights.go(walk.bench.camera.zoomed(0.3, 0.0, 0.0))
    walk.frame()
    half = walk.frame()
    assert walk.frame(**hand) == half
    assert walk.frame(**hand) == half == walk.sights.goal


def test_the_press_that_began_it_may_still_be_held() -> None:
    walk = Walk()
    walk.frame(left=True)
    goal = walk.bench.camera.zoomed(0.3, 0.0, 0.0)
    walk.sights.go(goal)
    for _ in range(12):
        walk.frame(left=True)
    assert walk.bench.camera == goal


def test_who_wants_no_motion_is_there_at_once() -> None:
    walk = Walk()
    walk.sights.is_calm = True
    walk.sights.go(goal := walk.bench.camera.zoomed(0.3, 0.0, 0.0))
    assert walk.bench.camera == goal


def test_a_window_that_changes_on_the_way_is_kept() -> None:
    walk = Walk()
    walk.sights.go(walk.bench.camera.zoomed(0.3, 0.0, 0.0))
    walk.bench.camera = walk.bench.camera.within(5.0, 6.0, 700.0, 500.0)
    for _ in range(12):
        after = walk.frame()
    assert (after.left, after.top, after.width, after.height) == (5.0, 6.0, 700.0, 500.0)


def test_a_subpatch_comes_nearer_and_the_patch_is_found_as_it_was_left() -> None:
    walk = Walk()
    fitted = walk.look()
    assert walk.sights.goal == fitted, "a patch that is opened is just there"
    walk.sights.go(fitted.panned(30.0, 40.0))
    left = walk.sights.goal
    assert walk.look("voice").zoom < walk.sights.goal.zoom
    assert walk.look().zoom > walk.sights.goal.zoom
    for _ in range(12):
        walk.frame()
    assert walk.bench.camera == left
    assert walk.look(opened=2) == fitted, "another patch is seen as a whole"
