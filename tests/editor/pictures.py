"""Takes the pictures of the editor that its guide shows: real windows, a real show, a real mouse.

python tests/editor/pictures.py [FOLDER] [NAME…]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from editor.patcher import Patcher
from editor.rig import RIGHT
from editor.screen import Screen, missing
from editor.show import Show
from PIL import Image

from nodegraph.cli.simulator import simulator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "nodegraph" / "editor" / "screens"
DEMO = ROOT / "patches" / "demo.json"
PULSE = ROOT / "patches" / "pulse.json"
SIZE = 1680, 1000

BESIDE = 300, -40
"""A place of the canvas where nothing is."""

Scene = Callable[[Patcher], None]


def patch(editor: Patcher) -> None:
    """The whole window: a patch that plays."""
    editor.click(editor.node("steer"))
    editor.move(editor.wire_at("flow.out -> steer.energy", 0.3))
    time.sleep(1.0)


def finder(editor: Patcher) -> None:
    """Tab and a word of another tool."""
    editor.move(editor.canvas_at(700, 420))
    editor.key("Tab")
    editor.wait("dpg.is_item_active('nodegraph.finder.input')")
    editor.type("lag")
    editor.frames(10)


def refused(editor: Patcher) -> None:
    """A wire that does not fit, before the drop."""
    look_near(editor)
    editor.drag(editor.outlet("flow.out"), editor.inlet("steer.theme"), drop=False)
    editor.frames(10)


def near(editor: Patcher) -> None:
    """Boxes from near: sliders, meters, curves."""
    look_near(editor)
    editor.click(editor.node("flow"))
    editor.move(editor.canvas_at(*BESIDE))
    time.sleep(1.5)


def menu(editor: Patcher) -> None:
    """What a right click offers."""
    look_near(editor)
    editor.click(editor.node("flow"), button=RIGHT)
    editor.frames(10)


def start(editor: Patcher) -> None:
    editor.key("ctrl+Home")
    editor.frames(20)


def keys(editor: Patcher) -> None:
    editor.key("F1")
    editor.frames(20)


def commands(editor: Patcher) -> None:
    editor.key("ctrl+p")
    editor.wait("dpg.is_item_active('nodegraph.commands.input')")
    editor.type("picture")
    editor.frames(10)


def light(editor: Patcher) -> None:
    editor.tell("app.window.dress('light')")
    patch(editor)


def history(editor: Patcher) -> None:
    """What was done, with steps to go back to; the last one, as it opens the drawer."""
    editor.tell("app.window.dress('dark')")
    editor.click(editor.node("flow"))
    editor.key("ctrl+d", "b", "m", "ctrl+z")
    editor.key("ctrl+2")
    editor.move(editor.canvas_at(*BESIDE))
    time.sleep(1.0)


def look_near(editor: Patcher) -> None:
    editor.look_at(620, 0, 1700, 900)
    editor.frames(20)


def band(editor: Patcher) -> None:
    """The charts of a node that listens to a range of frequencies."""
    editor.tell(f"editing.open({str(PULSE)!r})")
    editor.wait("'bass' in editing.patch.nodes")
    editor.frames(20)
    editor.tell("canvas.fit()")
    editor.frames(10)
    editor.click(editor.node("bass"))
    editor.move(editor.middle("nodegraph.inspector.name"))
    editor.tell("editing.ask('transport', None, deck='main', node='song', at=8.0, paused=False)")
    time.sleep(6.0)


def themes(editor: Patcher) -> None:
    """The themes there are."""
    if not editor.tell("app.window.is_shown('themes')"):
        editor.key("ctrl+l")
    editor.move(editor.canvas_at(*BESIDE))
    editor.frames(20)


def theme(editor: Patcher) -> None:
    """A theme that is changed: its variations and a range."""
    themes(editor)
    editor.click(editor.middle("nodegraph.themes.shipped.astral.edit"))
    editor.wait("'astral' in editing.themes")
    editor.frames(10)
    editor.scroll((1540, 800), -8)
    editor.move(editor.canvas_at(*BESIDE))
    editor.frames(10)


SCENES: tuple[Scene, ...] = (
    *(
        patch,
        near,
        finder,
        refused,
        menu,
        start,
        commands,
        keys,
        light,
        history,
        band,
        themes,
        theme,
    ),
)


@contextmanager
def stage() -> Iterator[tuple[Show, Patcher]]:
    """An editor at a show of the demo patch before a simulated Scope."""
    with (
        tempfile.TemporaryDirectory(prefix="ng-") as place,
        Screen(*SIZE) as screen,
        simulator("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6") as scope,
        Show(Path(place) / "show", DEMO, "--scope", scope.url) as show,
        Patcher(screen, show, pixels=True, pace="own") as editor,
    ):
        while show.ticks() < 500:
            time.sleep(0.1)
        yield show, editor


def main(folder: Path = FOLDER, *names: str) -> None:
    if reason := missing():
        raise SystemExit(reason)
    folder.mkdir(exist_ok=True)
    with stage() as (show, editor):
        for scene in SCENES:
            if names and scene.__name__ not in names:
                continue
            before = editor.tell("mirror.decks['main'].opened")
            show.ask("open", deck="main", path=str(DEMO))
            editor.wait(f"mirror.decks['main'].opened > {before}")
            editor.frames(20)
            editor.tell("canvas.fit()")
            editor.frames(10)
            scene(editor)
            path = folder / f"{scene.__name__}.png"
            editor.picture(path)
            with Image.open(path) as picture:
                picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
                    path, optimize=True
                )
            editor.key("Escape")
            editor.let_go()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), *sys.argv[2:])
