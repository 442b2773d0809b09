"""Takes the pictures of the editor that its guide shows: real windows, a real show, a real mouse.

python tests/editor/pictures.py [FOLDER] [NAME…]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from editor.patcher import Patcher
from editor.scenes import LIVE, SCENES, WITHIN, Scene, Stage, tidied
from editor.screen import Screen, missing
from editor.show import Show
from PIL import Image
from scipy.spatial import KDTree

from nodegraph.cli.simulator import simulator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "nodegraph" / "editor" / "screens"

HEAVIEST = 150_000
"""Bytes that a picture of the guide has at most."""

_LARGEST = 1920  # pixels of width that a picture of the guide has at most
_SCOPE = "--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6"
_LASTS = 3600  # seconds that the show plays, should nobody end it


def take(folder: Path, names: Sequence[str] = ()) -> None:
    """Play all scenes, or some, and write what the window shows then."""
    folder.mkdir(exist_ok=True)
    for stage, scenes in SCENES.items():
        if wanted := [scene for scene in scenes if not names or scene.__name__ in names]:
            with editing(stage) as editor:
                for scene in wanted:
                    play(editor, scene)
                    write(editor, folder / f"{scene.__name__}.png")


def play(editor: Patcher, scene: Scene) -> None:
    """From the demo patch, in a window that is tidy and has a picture to show."""
    tidied(editor)
    scene(editor)
    editor.wait(LIVE, WITHIN)


def write(editor: Patcher, path: Path) -> None:
    """As a small PNG."""
    editor.picture(path)
    with Image.open(path) as picture:
        picture.load()
    if picture.width > _LARGEST:
        picture = picture.reduce(round(picture.width / _LARGEST))
    for colours in (256, 128, 64, 32):
        in_few(picture.convert("RGB"), colours).save(path, optimize=True)
        if path.stat().st_size <= HEAVIEST:
            return


def in_few(picture: Image.Image, colours: int) -> Image.Image:
    """The same in so many colours. Half of them are those that most of it has, as they are, so that
    small things keep theirs; the other half stand for the rest."""
    half = colours // 2
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    rest = np.reshape(picture.quantize(half).getpalette() or (), (-1, 3))[:half]
    palette = np.array([*(tone for _, tone in counted[:half]), *rest], np.uint8)
    _, nearest = KDTree(palette).query(np.asarray(picture))
    few = Image.fromarray(nearest.astype(np.uint8))
    few.putpalette(palette.tobytes())
    return few


@contextmanager
def editing(stage: Stage, *, pixels: bool = True) -> Iterator[Patcher]:
    """An editor at a show of the demo patch before a simulated Scope, after one that was lost."""
    with tempfile.TemporaryDirectory(prefix="ng-") as place, simulator(*_SCOPE) as scope:
        folder = Path(place) / "show"
        folder.mkdir()
        demo, pulse = (
            Path(shutil.copy(ROOT / "patches" / name, folder))
            for name in ("demo.json", "pulse.json")
        )
        lost = Show(folder, pulse)
        lost.process.kill()
        lost.close()
        shutil.rmtree(folder / "run")
        with (
            Screen(stage.width, stage.height) as screen,
            Show(folder, demo, "--scope", scope.url, lasts=_LASTS) as show,
            Patcher(
                screen,
                show,
                pixels=pixels,
                pace="own",
                scale=stage.scale,
                recent=[str(demo), str(pulse)],
            ) as editor,
        ):
            yield editor


if __name__ == "__main__":
    if reason := missing():
        raise SystemExit(reason)
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, sys.argv[2:])
