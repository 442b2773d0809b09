"""Where the window looks: in each patch and subpatch as it did last, and how it gets elsewhere."""

from __future__ import annotations

from typing import Final, TypeAlias

from nodegraph.editor.canvas.camera import Camera
from nodegraph.editor.canvas.hands import Bench, Pointer
from nodegraph.editor.editing import View

LASTS: Final = 0.15
"""Seconds that the way from one view to another takes."""

Sight: TypeAlias = tuple[View, int]
"""What one looks at: where, and in which of the documents that were opened there."""

_STEADY: Final = 3  # frames after which a window that keeps its size has been laid out
_DEPTH: Final = 1.5  # by how much a subpatch comes nearer while it is entered


class Sights:
    """Moves the camera of a bench: call `turn` with what one looks at, and `frame` once a frame.

    It glides; a press of any button, or the wheel, ends that where it is. If `is_calm`, it jumps.
    """

    def __init__(self, bench: Bench) -> None:
        self.is_calm = False
        self._bench = bench
        self._sight: Sight | None = None
        self._last: dict[Sight, Camera] = {}
        self._deeper = 0
        self._way: tuple[Camera, Camera] | None = None
        self._began: float | None = None
        self._held = (False, False, False)
        self._size, self._steady = (0.0, 0.0), 0

    @property
    def goal(self) -> Camera:
        """The camera as it will be when it has arrived."""
        return self._here(self._way[1]) if self._way else self._bench.camera

    def go(self, goal: Camera, start: Camera | None = None) -> None:
        """Look elsewhere, coming from where the camera is or from `start`."""
        if self.is_calm:
            self._way, self._bench.camera = None, goal
        else:
            self._bench.camera = start or self._bench.camera
            self._way, self._began = (self._bench.camera, goal), None

    def frame(self, at: Pointer) -> None:
        """Go on, unless a hand takes over."""
        before, self._held = self._held, (at.left, at.middle, at.right)
        if at.wheel or any(now > then for then, now in zip(before, self._held, strict=True)):
            self._way = None
        if self._way is None:
            return
        start, end = self._way
        self._began = at.now if self._began is None else self._began
        share = min((at.now - self._began) / LASTS, 1.0)
        self._bench.camera = self._here(start).towards(end, 1.0 - (1.0 - share) ** 3)
        if share == 1.0:
            self._way = None

    def turn(self, sight: Sight) -> bool:
        """Look at this, as one did the last time; whether it is something else."""
        before = self._sight
        if sight == before:
            return False
        self._sight, self._deeper = sight, 0
        if before is not None:
            if before in self._last:
                self._last[before] = self.goal
            if (before[0].deck, before[1]) == (sight[0].deck, sight[1]):
                self._deeper = len(sight[0].path) - len(before[0].path)
        if sight in self._last:
            self._arrive(self._here(self._last[sight]))
        return True

    def settle(self, most: float) -> None:
        """See all of what is seen for the first time, from no nearer than `most`, once the window
        has been laid out; what is empty as it is."""
        camera, sight = self._bench.camera, self._sight
        size = camera.width, camera.height
        self._steady = self._steady + 1 if size == self._size else 0
        self._size = size
        if sight is None or sight in self._last or self._steady < _STEADY:
            return
        bounds = self._bench.scene.bounds
        self._last[sight] = camera.fitted(bounds, most) if bounds else camera
        self._arrive(self._last[sight])

    def _here(self, camera: Camera) -> Camera:
        """The same in the window as it is now."""
        now = self._bench.camera
        return camera.within(now.left, now.top, now.width, now.height)

    def _arrive(self, goal: Camera) -> None:
        """A subpatch comes nearer when it is entered, and goes back when it is left."""
        if self._deeper:
            middle = goal.left + goal.width / 2, goal.top + goal.height / 2
            self.go(goal, goal.zoomed(_DEPTH ** (-1 if self._deeper > 0 else 1), *middle))
        else:
            self._way, self._bench.camera = None, goal
