"""What the guide of the editor says is true: its pictures are there, its keys do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from editor import pictures
from editor.scenes import SCENES, Stage
from editor.screen import missing
from kit import LONG
from PIL import Image

from nodegraph.editor.actions import BY_CHORD, BY_ID

GUIDE = (Path(__file__).parents[2] / "nodegraph" / "editor" / "README.md").read_text("utf-8")


def test_each_picture_is_shown_and_each_is_taken() -> None:
    shown = set(re.findall(r"\]\(screens/(\w+)\.png\)", GUIDE))
    assert shown == {scene.__name__ for scenes in SCENES.values() for scene in scenes}
    assert shown == {path.stem for path in pictures.FOLDER.glob("*.png")}


def test_pictures_are_small_enough_for_a_repository() -> None:
    sizes = {path.name: path.stat().st_size for path in pictures.FOLDER.glob("*.png")}
    assert {name for name, size in sizes.items() if size > pictures.HEAVIEST} == set()


def test_a_picture_in_few_colours_keeps_those_of_its_small_parts() -> None:
    sky = np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)
    picture = Image.fromarray(sky)
    picture.paste((18, 18, 20), (0, 0, 400, 200))
    picture.paste((200, 240, 81), (20, 20, 26, 26))
    few = pictures.in_few(picture, 64)
    assert len(few.getcolors() or ()) <= 64
    assert few.convert("RGB").getpixel((22, 22)) == (200, 240, 81)


@pytest.mark.skipif(not LONG, reason="plays all pictures of the guide, for minutes")
@pytest.mark.parametrize("stage", SCENES, ids=str)
def test_all_pictures_can_be_taken(stage: Stage) -> None:
    if reason := missing():
        pytest.skip(reason)
    with pictures.editing(stage, pixels=False) as editor:
        for scene in SCENES[stage]:
            pictures.play(editor, scene)


@pytest.mark.parametrize(
    ("keys", "action"),
    [
        ("Ctrl+Home", "file.start"),
        ("F1", "help.keys"),
        ("F11", "view.full"),
        ("Ctrl+P", "help.commands"),
        ("Tab", "node.add"),
        ("Delete", "edit.delete"),
        ("Shift+Delete", "edit.remove"),
        ("Home", "view.fit"),
        ("F", "view.fit_selected"),
        ("Ctrl+D", "edit.duplicate"),
        ("Ctrl+C", "edit.copy"),
        ("Ctrl+V", "edit.paste"),
        ("Ctrl+Z", "edit.undo"),
        ("Ctrl+G", "node.group"),
        ("Ctrl+Up", "node.leave"),
        ("B", "node.bypass"),
        ("M", "node.mute"),
        ("S", "node.solo"),
        ("Ctrl+E", "node.frame"),
        ("L", "node.tidy"),
        ("Ctrl+F", "edit.find"),
        ("Ctrl+Shift+O", "show.next"),
        ("Ctrl+Right", "show.fade_next"),
        ("H", "show.hold"),
        ("Shift+H", "show.calm"),
        ("Ctrl+Shift+L", "show.lock"),
        ("Ctrl+1", "view.problems"),
        ("Ctrl+2", "view.history"),
        ("Ctrl+3", "view.log"),
        ("Ctrl+4", "view.telemetry"),
        ("Ctrl+K", "view.scope"),
        ("Ctrl+L", "view.themes"),
        ("R", "node.knot"),
        ("J", "node.join"),
        ("T", "view.heat"),
        ("P", "view.picture"),
        ("Shift+P", "view.screen"),
    ],
)
def test_a_key_of_the_guide_does_what_it_says(keys: str, action: str) -> None:
    assert BY_CHORD[keys.lower()] is BY_ID[action]
    assert re.search(rf"(?<![\w+]){re.escape(keys)}(?![\w+])", GUIDE)


def test_the_guide_names_no_key_that_does_nothing() -> None:
    ours = re.sub(r"^\|([^|]*\|[^|]*\|).*$", r"\1", GUIDE, flags=re.MULTILINE)  # the column "here"
    for chord in re.findall(r"\b(?:(?:Ctrl|Shift|Alt)\+)+\w+\b", ours):
        assert chord.lower() in BY_CHORD, chord
