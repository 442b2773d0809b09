"""Selecting, copying, undoing, searching and grouping, with a real mouse and a real keyboard."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from editor.patcher import Patcher
from editor.show import Show
from kit import patch

from nodegraph.graph import dump, load

PATCH = patch(
    {
        "lfo": ("generate.lfo", {"rate": 0.5}),
        "ease": "shape.smooth",
        "lag": "shape.lag",
        "see": "flow.probe",
    },
    ["ease.out -> lag.value", "lag.out -> see.value", "lfo.out -> ease.value"],
).evolve(layout={"lfo": (0, 0), "ease": (300, 0), "lag": (600, 0), "see": (900, 0)})


def test_a_box_selects_what_it_touches(editor: Patcher) -> None:
    editor.drag(editor.canvas_at(250, -60), editor.canvas_at(700, 60))
    assert editor.selection() == ["ease", "lag"]
    editor.click(editor.node("see"), held="shift")
    assert editor.selection() == ["ease", "lag", "see"]
    editor.click(editor.node("lag"), held="ctrl")
    assert editor.selection() == ["ease", "see"]
    editor.click(editor.canvas_at(450, 400))
    assert editor.selection() == []


def test_nothing_to_paste_is_no_harm(editor: Patcher) -> None:
    """The clipboard of a fresh screen is empty, which has Dear PyGui abort if it is asked."""
    editor.move(editor.canvas_at(450, 500))
    editor.key("ctrl+v")
    assert editor.tell("len(editing.patch.nodes)") == 4


def test_a_copy_is_pasted_where_the_mouse_is(editor: Patcher, show: Show) -> None:
    editor.drag(editor.canvas_at(250, -60), editor.canvas_at(700, 60))
    editor.key("ctrl+c")
    editor.move(editor.canvas_at(450, 500))
    editor.key("ctrl+v")
    editor.wait("len(editing.patch.nodes) == 6")
    new = sorted(set(editor.nodes()) - set(PATCH.nodes))
    assert editor.selection() == new
    assert sorted(editor.nodes()[id] for id in new) == ["shape.lag", "shape.smooth"]
    inside = [wire for wire in editor.wires() if wire.split(".")[0] in new]
    assert len(inside) == 1, "the wire between the two came along"
    heights = [show.patch().layout[id][1] for id in new]
    assert all(300 < height < 600 for height in heights)


def test_ten_steps_are_undone_and_done_again(editor: Patcher, show: Show) -> None:
    editor.click(editor.node("lag"))
    for _ in range(5):
        editor.key("ctrl+d")
        editor.frames(3)
    for _ in range(5):
        editor.key("b")
        editor.frames(3)
    editor.wait("len(mirror.decks['main'].done) == 10")
    changed = show.patch()
    for _ in range(10):
        editor.key("ctrl+z")
    editor.wait("len(mirror.decks['main'].undone) == 10")
    assert show.patch() == PATCH
    for _ in range(10):
        editor.key("ctrl+shift+z")
    editor.wait("len(mirror.decks['main'].done) == 10")
    assert show.patch() == changed


def test_a_drag_of_several_nodes_is_one_step(editor: Patcher, show: Show) -> None:
    editor.key("ctrl+a")
    x, y = editor.node("lfo")
    editor.drag((x, y), (x, y + 120))
    editor.wait("len(mirror.decks['main'].done) == 1")
    layout = show.patch().layout
    moved = {id: layout[id][1] - PATCH.layout[id][1] for id in layout}
    assert len({round(by, 1) for by in moved.values()}) == 1, moved
    assert moved["see"] > 60
    assert editor.selection() == sorted(PATCH.nodes)


def test_alt_and_a_drag_put_a_copy_down(editor: Patcher, show: Show) -> None:
    x, y = editor.node("lag")
    editor.drag((x, y), (x, y + 150), held="alt")
    editor.wait("len(editing.patch.nodes) == 5")
    (copy,) = editor.selection()
    after = show.patch()
    assert after.layout["lag"] == PATCH.layout["lag"]
    assert after.layout[copy][1] > 100
    assert f"ease.out -> {copy}.value" in editor.wires(), "it is fed by what feeds the original"


def test_search_finds_by_the_name_of_another_tool(editor: Patcher, show: Show) -> None:
    id = editor.find("slide~", editor.canvas_at(450, 400))
    assert editor.nodes()[id] == "shape.lag"
    at = show.patch().layout[id]
    assert abs(at[0] - 450) < 40
    assert abs(at[1] - 400) < 40
    assert editor.selection() == [id]


def test_a_double_click_in_empty_space_searches_too(editor: Patcher) -> None:
    editor.double_click(editor.canvas_at(450, 400))
    editor.write("lfo", "nodegraph.finder.input")
    editor.wait("len(editing.patch.nodes) == 5")
    assert sorted(editor.nodes().values()).count("generate.lfo") == 2


def test_a_group_is_made_entered_edited_and_left(editor: Patcher, show: Show) -> None:
    editor.drag(editor.canvas_at(250, -60), editor.canvas_at(700, 60))
    editor.key("ctrl+g")
    editor.wait("mirror.decks['main'].patch.subpatches")
    (instance,) = editor.selection()
    assert set(editor.nodes()) == {"lfo", "see", instance}
    editor.double_click(editor.node(instance))
    editor.wait("editing.view.path")
    editor.frames(4)
    assert {"ease", "lag"} <= set(editor.nodes())
    editor.click(editor.node("ease"))
    editor.key("m")
    editor.wait("editing.patch.nodes['ease'].mode == 'mute'")
    (definition,) = show.patch().subpatches.values()
    assert definition.nodes["ease"].mode == "mute"
    editor.key("ctrl+Up")
    editor.wait("not editing.view.path")
    editor.key("ctrl+z")
    editor.key("ctrl+z")
    editor.wait("not mirror.decks['main'].patch.subpatches")
    assert show.patch() == PATCH


def test_saving_writes_what_is_seen(editor: Patcher, show: Show) -> None:
    editor.click(editor.node("lag"))
    editor.key("s")
    editor.wait("editing.patch.nodes['lag'].solo")
    assert editor.tell("mirror.decks['main'].dirty")
    editor.key("ctrl+s")
    editor.wait("not mirror.decks['main'].dirty")
    path = show.deck()["path"]
    assert load(path) == show.patch()
    assert load(path).nodes["lag"].solo
    editor.key("ctrl+z", "ctrl+s")
    editor.wait("not mirror.decks['main'].dirty")
    assert load(path) == PATCH


@pytest.mark.skipif(not shutil.which("xclip"), reason="needs xclip")
def test_a_text_of_another_program_is_pasted(editor: Patcher, show: Show) -> None:
    def give(text: bytes, kind: str) -> None:
        command = ["xclip", "-display", editor.screen.display, "-selection", "clipboard"]
        subprocess.run([*command, "-t", kind], input=text, check=True, stderr=subprocess.DEVNULL)

    mailed = dump(patch({"mailed": "shape.lag"}))
    give(mailed.encode(), "UTF8_STRING")
    editor.move(editor.canvas_at(450, 500))
    editor.key("ctrl+v")
    editor.wait("'mailed' in editing.patch.nodes")
    give(b"a picture", "image/png")
    editor.key("ctrl+v")
    give(b"nothing of ours", "UTF8_STRING")
    editor.key("ctrl+v")
    editor.frames(5)
    assert len(show.patch().nodes) == 5
    assert editor.notes()
    editor.click(editor.node("lag"))
    editor.key("ctrl+c")  # which ends the other program
