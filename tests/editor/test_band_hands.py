"""A person at the charts of a band, with a real mouse, while music plays."""

from __future__ import annotations

import time
from typing import Any

import pytest
from editor.patcher import Patcher
from editor.rig import Point
from editor.show import Show
from kit import patch

PATCH = patch(
    {
        "song": "audio.file",
        "spec": "audio.spectrum",
        "bass": ("audio.band_level", {"low": 35.0, "high": 110.0}),
        "swing": "generate.lfo",
        "edge": ("generate.constant", {"value": 2000.0}),
        "driven": "audio.band_level",
    },
    [
        "song.audio -> spec.audio",
        "spec.magnitude -> bass.magnitude",
        "spec.magnitude -> driven.magnitude",
        "swing.out -> driven.threshold",
        "edge.out -> driven.high",
    ],
).evolve(
    layout={
        "song": (0, 0),
        "spec": (260, 0),
        "bass": (520, 0),
        "swing": (0, 400),
        "edge": (260, 400),
        "driven": (520, 400),
    }
)

PANEL = "app.window.side.inspector._band"
NOW = "__import__('sys').modules['nodegraph.editor.band_listening']"
DRAWING = f"{PANEL}._drawing"


def place(editor: Patcher, expression: str) -> Point:
    """A pixel of the window, from a point in the charts; `charts` and `now` are what is shown."""
    left, top, _, _ = editor.rect("nodegraph.inspector.band")
    now = f"{NOW}.setting_of(editing, {PANEL}._id, {PANEL}._band)"
    names = f"{PANEL}._charts({PANEL}._band, {now}), {now}"
    x, y = editor.tell(f"(lambda charts, now: {expression})({names})")
    return left + x, top + y


def params(show: Show, id: str = "bass") -> dict[str, Any]:
    """What the host has."""
    return dict(show.patch().nodes[id].params)


@pytest.fixture
def editor(editor: Patcher, show: Show) -> Patcher:
    """With the bass selected, where the demo track has drums."""
    show.ask("transport", deck="main", node="song", at=8.0, paused=False)
    editor.click(editor.node("bass"))
    editor.wait("dpg.does_item_exist('nodegraph.inspector.band')")
    editor.wait("editing.watching.newest('bass.level') > 0.001")
    editor.frames(20)
    return editor


def test_the_threshold_is_dragged_while_music_plays(editor: Patcher, show: Show) -> None:
    editor.wait(f"{DRAWING}._heights.max() > 0.001")
    x, y = place(editor, "(charts.past.middle[0], charts.y_of(now.threshold))")
    ticks = editor.tell("editing.watching.ticks")
    editor.drag((x, y), (x + 10, y + 20), (x + 10, y + 30), steps=6, drop=False)
    top = editor.rect("nodegraph.inspector.band")[1]
    line, end = y, time.monotonic() + 20.0
    while line != pytest.approx(y + 30, abs=2):
        assert time.monotonic() < end, "the host has it before the mouse is let go"
        held = params(show).get("threshold", 0.05)
        line = top + editor.tell(f"{PANEL}._grab.charts.y_of({held})")
    assert held < 0.05
    assert editor.tell(f"{PANEL}._grab.grip") == "threshold"
    editor.release()
    editor.wait(f"editing.patch.nodes['bass'].params['threshold'] == {held}")
    assert editor.done() == ["Set bass.threshold"], "one drag is one step of undo"
    assert editor.tell("editing.watching.ticks") > ticks, "the show goes on"
    editor.key("ctrl+z")
    editor.wait("not mirror.decks['main'].done")
    assert "threshold" not in params(show)


def test_the_band_is_moved_and_its_edges_are(editor: Patcher, show: Show) -> None:
    x, y = place(editor, "((charts.x_of(now.low) + charts.x_of(now.high)) / 2, 50.0)")
    editor.drag((x, y), (x + 40, y), steps=5)
    moved = params(show)
    assert moved["low"] > 60.0
    assert moved["high"] / moved["low"] == pytest.approx(110.0 / 35.0, rel=0.02)
    assert len(editor.done()) == 1
    x, y = place(editor, "(charts.x_of(now.high), 50.0)")
    editor.drag((x, y), (x + 30, y))
    wider = params(show)
    assert wider["high"] > moved["high"]
    assert wider["low"] == moved["low"]
    assert len(editor.done()) == 2


def test_hysteresis_and_cooldown_are_dragged_too(editor: Patcher, show: Show) -> None:
    x, y = place(editor, "(charts.past.middle[0], charts.y_of(now.release))")
    editor.drag((x, y + 3), (x, y + 15))
    assert params(show)["hysteresis"] > 0.4
    x, y = place(editor, "charts.strip.middle")
    editor.drag((x, y), (x + 30, y))
    assert params(show)["cooldown"] == pytest.approx(0.1 + 30 / 286 * 5, abs=0.05)
    assert len(editor.done()) == 2
    with editor.holding("ctrl"):
        editor.click(place(editor, "charts.strip.middle"))
    editor.wait("'cooldown' not in editing.patch.nodes['bass'].params")


def test_what_is_driven_by_a_wire_is_shown_and_not_dragged(editor: Patcher, show: Show) -> None:
    editor.click(editor.node("driven"))
    editor.frames(10)
    seen = {round(place(editor, "(0, charts.y_of(now.threshold))")[1]) for _ in range(10)}
    assert len(seen) > 1, "the line goes with what drives it"
    x, y = place(editor, "(charts.x_of(2000.0), 50.0)")
    editor.drag((x, y), (x + 20, y))
    editor.drag((x - 30, y), (x, y))
    assert editor.done() == []
    x, y = place(editor, "(charts.x_of(now.low), 50.0)")
    editor.drag((x, y), (x + 20, y))
    assert editor.done() == ["Set driven.low"], "what no wire drives is dragged"
    editor.click(editor.middle("nodegraph.inspector.band.fit"))
    editor.wait("any('driven by a wire' in note.text for note in editing.notes)")


def test_the_bar_of_a_driven_param_shows_base_range_and_value(editor: Patcher) -> None:
    editor.click(editor.node("driven"))
    bar = "nodegraph.inspector.param.threshold.bar"
    drawn = "[dpg.get_item_type(it).removeprefix('mvAppItemType::mv') for it in {}]"
    items = f"dpg.get_item_children({bar!r}, 2)"
    editor.wait(f"dpg.does_item_exist({bar!r}) and len({items}) == 4")
    assert editor.tell(drawn.format(items)) == ["DrawLine"] * 3 + ["DrawCircle"]
    editor.wait(f"dpg.get_item_height({bar!r}) == 7")
    range_ = f"(lambda it: it['p2'][0] - it['p1'][0])(dpg.get_item_configuration({items}[1]))"
    editor.wait(f"{range_} > 10.0")
    before = editor.tell(f"dpg.get_item_configuration({items}[3])['center']")
    editor.wait(f"dpg.get_item_configuration({items}[3])['center'] != {before}")
    plain = "dpg.get_item_children('nodegraph.inspector.param.low.bar', 2)"
    assert editor.tell(drawn.format(plain)) == ["DrawLine"] * 2


def test_it_listens_and_fits_while_one_looks_elsewhere(editor: Patcher, show: Show) -> None:
    editor.click(editor.middle("nodegraph.inspector.band.fit"))
    editor.wait("'Listening' in dpg.get_item_label('nodegraph.inspector.band.fit')")
    editor.click(editor.node("song"))
    editor.wait("not dpg.does_item_exist('nodegraph.inspector.band')")
    editor.wait("mirror.decks['main'].done")
    assert editor.done() == ["Set bass.threshold"]
    found = params(show)["threshold"]
    assert 0.0005 < found < 0.2
    assert any(text.startswith("bass: threshold") for text in editor.notes())


def test_a_second_press_stops_listening(editor: Patcher) -> None:
    button = editor.middle("nodegraph.inspector.band.fit")
    editor.click(button)
    editor.wait("'Stop' in dpg.get_item_label('nodegraph.inspector.band.fit')")
    editor.click(button)
    editor.wait("'Stop' not in dpg.get_item_label('nodegraph.inspector.band.fit')")
    assert editor.done() == []


def test_nothing_is_watched_when_no_band_is_seen(editor: Patcher) -> None:
    watched = "sorted(editing.watching._watched['main'].get('band', ()))"
    assert editor.tell(watched) == ["spec.magnitude"]
    editor.click(editor.node("song"))
    editor.wait(f"{watched} == []")
