"""What the editor costs on its own: drawing is thrown away by a driver that does nothing.

    python tests/bench/bench_editor.py

A real show plays the patches; the window is 1280 x 800 on a screen without a monitor. CPU is that
of the window's thread, from one frame to the next. Needs Xvfb, xdotool and Mesa's noop driver.

That driver never lets go of what it was given to draw, 240 KB a frame. For the kernel to clear each
page of it would be a third of the frame; a driver that draws uses the same memory again. So the
editor has a heap here that was touched before, and keeps it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, sqrt
from pathlib import Path
from statistics import median, quantiles
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from editor.patcher import Patcher
from editor.screen import Screen, missing
from editor.show import Show
from measuring import Row, table

from nodegraph.graph import Node, Patch, Port, Wire, save

FRAMES = 300
IDLE = 5.0
"""Seconds in which nobody does anything."""

PLACE = 260.0, 240.0
"""How far apart nodes lie, in pixels of the canvas: those of a row side by side."""

_KEEPS = "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=4294967296"
_TOUCHED = "len([bytes([1]) * (31 << 20) for _ in range(14)])"

_TICK = os.sysconf("SC_CLK_TCK")


def living(count: int) -> Patch:
    """So many nodes whose values change at each tick: pairs of an LFO and what eases it."""
    nodes: dict[str, Node] = {}
    wires, layout = [], {}
    across = ceil(sqrt(count * PLACE[1] / PLACE[0] * 1.6))
    for i in range(count):
        id = f"n{i:04}"
        if i % 2 == 0:
            nodes[id] = Node("generate.lfo", params={"rate": 0.1 + i / count})
        else:
            nodes[id] = Node("shape.smooth", params={"time": 0.1})
            wires.append(Wire(Port(f"n{i - 1:04}", "out"), Port(id, "value")))
        layout[id] = (i % across * PLACE[0], i // across * PLACE[1])
    return Patch(name=f"{count} nodes", nodes=nodes, wires=tuple(wires), layout=layout)


@contextmanager
def editing(patch: Patch, pace: str = "eager") -> Iterator[tuple[Show, Patcher]]:
    """A show of a patch, and an editor at it, on a screen of their own."""
    with (
        tempfile.TemporaryDirectory(prefix="ng-") as place,
        Screen(1280, 800) as screen,
    ):
        file = Path(place) / "patch.json"
        save(patch, file)
        with (
            Show(Path(place) / "show", file) as show,
            mock.patch.dict(os.environ, {"GLIBC_TUNABLES": _KEEPS}),
            Patcher(screen, show, pace=pace) as editor,
        ):
            editor.tell(_TOUCHED)
            end = time.monotonic() + 60
            while not show.ticks():
                assert time.monotonic() < end, "it does not play"
                time.sleep(0.1)
            yield show, editor


def cost(editor: Patcher, count: int = FRAMES) -> tuple[float, float]:
    """What a frame costs while nobody does anything, in milliseconds: median and 95 %."""
    editor.frames(30)
    editor.tell("costs.frames.clear()")
    editor.frames(count)
    frames = [seconds * 1e3 for seconds in editor.tell("costs.frames")]
    return median(frames), quantiles(frames, n=20)[-1]


def visible(editor: Patcher) -> int:
    """How many boxes the window shows."""
    return int(editor.tell("len(list(canvas.places.inside(canvas.camera.seen)))"))


def frame_row(what: str, editor: Patcher, goal: float) -> Row:
    """What frames cost now."""
    middle, high = cost(editor)
    ours = f"{middle:.2f} ms, 95 %: {high:.2f} ms"
    return Row(f"{what}, {visible(editor)} of them seen", "", "", ours, middle, goal, "ms", True)


def opening_row(show: Show, editor: Patcher, patch: Patch, goal: float) -> Row:
    """What the editor does from the host's word to the first frame that shows every node."""
    file = show.folder / "other.json"
    save(patch, file)
    began, used = time.monotonic(), _cpu(editor.process.pid)
    show.ask("open", deck="main", path=str(file))
    host = time.monotonic() - began
    editor.wait(f"len(canvas.scene.boxes) == {len(patch.nodes)}", within=30.0)
    taken = time.monotonic() - began - host
    editor.frames(2)
    used = _cpu(editor.process.pid) - used
    ours = f"{taken:.2f} s, CPU {used:.2f} s; before that the host took {host:.2f} s"
    return Row(f"open {len(patch.nodes)} nodes", "", "", ours, taken, goal, "s", True)


def idle_row(what: str, editor: Patcher, goal: float) -> Row:
    """All threads of the process while nobody touches it, at the rate of frames it chooses."""
    time.sleep(2.0)
    before = _cpu(editor.process.pid)
    time.sleep(IDLE)
    share = (_cpu(editor.process.pid) - before) / IDLE * 100
    return Row(what, "", "", f"{share:.1f} % of a core", share, goal, "%", True)


def _cpu(process: int) -> float:
    """Seconds of CPU that a process has used, in all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def measure() -> Iterator[Row]:
    with editing(living(200)) as (show, editor):
        editor.tell("where.look_at(0, 0, 900, 700)")
        yield frame_row("200 live nodes", editor, 2.0)
        editor.tell("canvas.fit()")
        yield frame_row("200 live nodes", editor, 4.0)
        yield opening_row(show, editor, living(1000), 1.0)
        editor.tell("where.look_at(0, 0, 900, 700)")
        yield frame_row("1,000 live nodes", editor, 4.0)
    with editing(Patch(), "own") as (_, editor):
        yield idle_row("nobody touches an empty patch", editor, 5.0)
    with editing(living(20), "own") as (_, editor):
        yield idle_row("nobody touches 20 live nodes", editor, 10.0)


def main() -> None:
    if reason := missing():
        raise SystemExit(reason)
    sys.stdout.write(table([*measure()]))


if __name__ == "__main__":
    main()
