"""Starts the editor with a hook: `python launch.py SOCKET PROCESS-OF-THE-SHOW PACE`.

Expressions of tests may use `app`, `editing`, `mirror`, `canvas`, `where` and `costs`.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

from editor.hook import Hook

from nodegraph.editor.app import App
from nodegraph.editor.canvas.canvas import Canvas
from nodegraph.editor.canvas.plane import Point, Rect, along
from nodegraph.editor.canvas.shape import HEAD, Side
from nodegraph.editor.link import Link
from nodegraph.graph import Port, Wire
from nodegraph.remote.address import find_show

_PATIENCE = 1.0
"""Seconds without a question after which no test is looking."""

_NAP = 0.2
"""Seconds between two frames then."""

_CALM = 0.03
"""Seconds between two frames while a test thinks of its next question."""


class Where:
    """Where a person would point, in pixels of the window."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def look_at(self, left: float, top: float, right: float, bottom: float) -> None:
        """Have the whole of an area of the canvas in the window."""
        camera = self._canvas.camera
        self._canvas.bench.camera = camera.fitted(Rect(left, top, right, bottom))

    def node(self, id: str) -> Point:
        """The title of a box, near its left."""
        box = self._canvas.scene.boxes[id]
        return self._canvas.to_screen(box.x + 24, box.y + HEAD / 2)

    def port(self, address: str, side: Side) -> Point:
        """The mark of a port or of a param's port."""
        return self._canvas.to_screen(
            *self._canvas.scene.place(Port(*address.split(".")), side == "in")
        )

    def param(self, address: str, at: float = 0.5) -> Point:
        """A param as it stands in its box: at its left, its middle, its right."""
        node, name = address.split(".")
        box = self._canvas.scene.boxes[node]
        (area,) = (box.area(field) for field in box.shape.fields if field.name == name)
        return self._canvas.to_screen(area.left + at * area.width, area.middle[1])

    def wire(self, text: str, at: float = 0.5) -> Point:
        """A place on a wire, between its source (0) and its target (1)."""
        points = along(self._canvas.scene.cords[Wire.parse(text)].curve)
        x, y = points[round(at * (len(points) - 1))]
        return self._canvas.to_screen(float(x), float(y))


class Costs:
    """Seconds of CPU of the window's thread in each frame; `mark` is called once a frame."""

    def __init__(self) -> None:
        self.frames: list[float] = []
        self._last = time.thread_time()

    def mark(self) -> None:
        now = time.thread_time()
        self.frames.append(now - self._last)
        self._last = now


class Eager(App):
    """An editor that draws as fast as it can while a test asks, so that none waits for frames, and
    hardly at all while nobody does: it may outlive the tests that need it by many others."""

    def __init__(self, hook: Hook, *others: Any, **more: Any) -> None:
        super().__init__(*others, **more)
        self._hook = hook

    def _rest(self) -> float:
        super()._rest()
        thinks = time.monotonic() - self._hook.asked < _PATIENCE
        return 0.001 if self._hook.wanted.wait(_CALM if thinks else _NAP) else 0.0


def main(socket_path: str, show: str, pace: str) -> None:
    """`pace` is "own" or "eager"."""
    names: dict[str, object] = {}
    hook, costs = Hook(socket_path, names), Costs()

    def renew() -> None:
        """The canvas is another one when the window was made anew."""
        canvas = app.window.canvas
        names.update(canvas=canvas, where=Where(canvas))

    make = App if pace == "own" else partial(Eager, hook)
    app = make(Link(lambda: find_show(show)), each_frame=[costs.mark, renew, hook.pump])
    names.update(app=app, editing=app.editing, mirror=app.editing.mirror, costs=costs)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
