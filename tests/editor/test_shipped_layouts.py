"""The patches that come along are laid out for the boxes that the canvas draws."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from nodegraph.editor.canvas.scene import Facts, Scene
from nodegraph.editor.wiring import Wiring
from nodegraph.graph import load
from nodegraph.plugins import find
from nodegraph.shipped import shipped_patches

TYPES = find().types


@pytest.mark.parametrize("path", shipped_patches().values(), ids=lambda path: path.stem)
def test_no_box_lies_on_another(path: Path) -> None:
    patch = load(path)
    assert patch.layout.keys() == patch.nodes.keys()
    scene = Scene()
    scene.refresh(Facts(patch=patch, types=TYPES, wiring=Wiring(patch, TYPES)))
    boxes = {id: box.rect for id, box in scene.boxes.items()}
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top
        assert apart, f"{one} and {other}"
