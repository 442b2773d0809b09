"""The view: what is under the mouse stays under it, and is hit exactly, at every zoom."""

from __future__ import annotations

import pytest
from editor.patcher import Patcher
from editor.rig import MIDDLE
from kit import patch

PATCH = patch(
    {
        "ease": ("shape.smooth", {"time": 0.2}),
        "hit": "logic.threshold",
        "lfo": "generate.lfo",
        "see": "flow.probe",
    },
    ["lfo.out -> ease.value"],
).evolve(layout={"lfo": (-300, -100), "ease": (40, 40), "hit": (420, -160), "see": (420, 300)})

ZOOM = "canvas.camera.zoom"


def test_the_wheel_zooms_at_the_mouse(editor: Patcher) -> None:
    at = editor.node("ease")
    x, y = editor.tell(f"canvas.to_world({at[0]}, {at[1]})")
    before = editor.tell(ZOOM)
    for clicks in (5, -12, 3):
        editor.scroll(at, clicks)
        there = editor.canvas_at(x, y)
        assert max(abs(there[0] - at[0]), abs(there[1] - at[1])) < 0.5
    assert editor.tell(ZOOM) == pytest.approx(before * 1.12**-4, rel=0.01)


def test_the_zoom_ends_at_ten_and_at_four_hundred_percent(editor: Patcher) -> None:
    at = editor.node("ease")
    editor.scroll(at, 22)
    assert editor.tell(ZOOM) == pytest.approx(4.0)
    editor.scroll(at, -36)
    assert editor.tell(ZOOM) == pytest.approx(0.1)


@pytest.mark.parametrize("how", ["middle", "space"])
def test_the_canvas_is_pushed(editor: Patcher, how: str) -> None:
    x, y = editor.node("ease")
    start = editor.canvas_at(250, 420)
    way = (start[0] + 90, start[1] - 70)
    if how == "middle":
        editor.drag(start, way, button=MIDDLE)
    else:
        editor.drag(start, way, held="space")
    after = editor.node("ease")
    assert (after[0] - x, after[1] - y) == pytest.approx((90, -70), abs=0.5)
    assert editor.selection() == []


@pytest.mark.parametrize("clicks", [-14, -6, 0, 5])
def test_hits_are_exact_at_every_zoom(editor: Patcher, clicks: int) -> None:
    """At each corner of a box, one pixel inside takes it and one outside does not."""
    editor.scroll(editor.canvas_at(140, 90), clicks)
    left, top, right, bottom = editor.tell("canvas.scene.boxes['ease'].rect")
    x0, y0 = editor.canvas_at(left, top)
    x1, y1 = editor.canvas_at(right, bottom)
    for x, y in ((x0 + 6, y0 + 2), (x1 - 2, y0 + 2), (x0 + 6, y1 - 2), (x1 - 2, y1 - 2)):
        hit = editor.tell(f"str(canvas.hit({x}, {y}))")
        assert "'ease'" in hit, (x, y, hit)
    for x, y in ((x0 + 20, y0 - 2), (x1 - 20, y1 + 2)):
        assert editor.tell(f"str(canvas.hit({x}, {y}))") == "None"
    editor.click((x1 - 3, y1 - 3))
    assert editor.selection() == ["ease"]


def test_after_pan_and_zoom_a_wire_still_lands_on_its_port(editor: Patcher) -> None:
    start = editor.canvas_at(250, 420)
    editor.drag(start, (start[0] + 40, start[1] - 60), button=MIDDLE)
    editor.scroll(editor.node("ease"), -5)
    editor.connect("ease.out", "see.value")
    assert "ease.out -> see.value" in editor.wires()


def test_everything_fits_into_the_window(editor: Patcher) -> None:
    editor.scroll(editor.node("ease"), 12)
    editor.tell("canvas.fit()")
    editor.frames(3)
    x, y, width, height = editor.tell(
        "(camera := canvas.camera) and (camera.left, camera.top, camera.width, camera.height)"
    )
    for id in PATCH.nodes:
        left, top, right, bottom = editor.tell(f"canvas.scene.boxes[{id!r}].rect")
        assert x < editor.canvas_at(left, top)[0]
        assert y < editor.canvas_at(left, top)[1]
        assert editor.canvas_at(right, bottom)[0] < x + width
        assert editor.canvas_at(right, bottom)[1] < y + height


def test_a_view_is_remembered_under_a_number(editor: Patcher) -> None:
    editor.scroll(editor.node("ease"), 4)
    at, zoom = editor.node("hit"), editor.tell(ZOOM)
    editor.key("shift+3")
    editor.wait("app.window.has_view(3)")
    editor.scroll(editor.node("ease"), -9)
    assert editor.node("hit") != pytest.approx(at, abs=5.0)
    editor.key("3")
    editor.frames(3)
    assert editor.node("hit") == pytest.approx(at, abs=0.5)
    assert editor.tell(ZOOM) == pytest.approx(zoom)
    editor.key("4")
    editor.frames(3)
    assert editor.node("hit") == pytest.approx(at, abs=0.5), "nothing is remembered under 4"


def test_a_note_lies_in_nobodys_way(editor: Patcher) -> None:
    for each in ("One", "Two", "Three"):
        editor.tell(f"editing.note('{each} is too long to be overlooked', 'problem')")
    editor.wait("len(app.window.toast.areas) == 3")
    y, x = min(editor.tell("[each.middle[::-1] for each in app.window.toast.areas.values()]"))
    editor.double_click((x, y))
    editor.wait("app.window.finder.is_open")
    assert editor.tell("[note.text for note in app.window.toast.areas]") == [
        "Three is too long to be overlooked",
        "Two is too long to be overlooked",
    ]
