"""The panels, worked with by hand: what is typed, dragged and clicked there reaches the show."""

from __future__ import annotations

from pathlib import Path

from editor.patcher import Patcher
from editor.rig import RIGHT
from editor.show import Show

from nodegraph.graph import load

PATCH = load(Path(__file__).parents[2] / "patches" / "pulse.json")

PARAM = "nodegraph.inspector.param"


def test_a_drag_in_the_inspector_is_one_step(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    x, y = editor.middle(f"{PARAM}.threshold")
    editor.drag((x, y), (x + 30, y))
    editor.wait("editing.patch.nodes['bass'].params.get('threshold', 0.05) > 0.1")
    assert editor.done() == ["Set bass.threshold"]


def test_a_number_is_typed_as_an_expression_and_reset(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    editor.click(editor.middle(f"{PARAM}.low"))
    editor.wait("app.window.type_in.is_open and dpg.is_item_active('nodegraph.type_in.field')")
    editor.type("*2")
    editor.key("Return")
    editor.wait("editing.patch.nodes['bass'].params['low'] == 70.0")
    editor.click(editor.middle(f"{PARAM}.low.reset"))
    editor.wait("'low' not in editing.patch.nodes['bass'].params")


def test_what_is_no_number_is_said_to_be_none_and_changes_nothing(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    editor.click(editor.middle(f"{PARAM}.high"))
    editor.wait("dpg.is_item_active('nodegraph.type_in.field')")
    editor.type("loud")
    editor.key("Return")
    editor.frames(4)
    assert "loud" in editor.tell("dpg.get_value('nodegraph.type_in.hint')")
    assert editor.tell("app.window.type_in.is_open")
    editor.key("Escape")
    editor.wait("not app.window.type_in.is_open")
    assert editor.done() == []


def test_a_long_text_is_kept_by_a_click_beside_it(editor: Patcher) -> None:
    editor.tell("editing.select(['calm'])")
    editor.frames(4)
    editor.click(editor.middle(f"{PARAM}.text"))
    editor.wait("dpg.is_item_active('nodegraph.type_in.field')")
    editor.key("ctrl+a")
    editor.type("a red fox")
    editor.click((640, 740))
    editor.wait("editing.patch.nodes['calm'].params['text'] == 'a red fox'")


def test_a_manual_page_puts_its_example_where_one_looks(editor: Patcher) -> None:
    editor.key("Tab")
    editor.wait("app.window.finder.is_open")
    editor.type("auto gain")
    editor.frames(4)
    editor.click(editor.middle("nodegraph.finder.example"))
    editor.wait("editing.selection == frozenset(['auto_gain', 'file'])")
    assert not editor.tell("app.window.finder.is_open")
    assert "file.audio -> auto_gain.audio" in editor.wires()
    assert editor.done() == ["Example of Auto Gain: 2 nodes"]
    editor.frames(20)
    for id in ("auto_gain", "file"):
        assert editor.tell(f"canvas.camera.seen.holds(*editing.patch.layout['{id}'])")
    editor.key("ctrl+z")
    editor.wait("'auto_gain' not in editing.patch.nodes")


def test_the_note_of_a_patch_is_written_where_it_stands(editor: Patcher) -> None:
    editor.tell("editing.select(())")
    editor.frames(4)
    editor.click(editor.middle("nodegraph.inspector.note"))
    editor.wait("dpg.is_item_active('nodegraph.type_in.field')")
    editor.key("ctrl+a")
    editor.type("For Friday")
    editor.key("ctrl+Return")
    editor.wait("editing.patch.note == 'For Friday'")


def test_switches_show_and_change_how_a_node_plays(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    editor.click(editor.middle("nodegraph.inspector.mute"))
    editor.wait("editing.patch.nodes['bass'].mode == 'mute'")
    editor.key("m")
    editor.wait("editing.patch.nodes['bass'].mode == ''")


def test_keys_that_belong_to_a_text_field_are_no_shortcuts(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    editor.click(editor.middle("nodegraph.palette.search"))
    editor.type("mb")
    editor.key("BackSpace")
    editor.frames(4)
    assert editor.tell("dpg.get_value('nodegraph.palette.search')") == "m"
    assert editor.nodes().keys() == PATCH.nodes.keys()
    assert editor.done() == []
    editor.key("BackSpace")
    editor.key("Escape")


def test_every_command_can_be_found_by_its_words(editor: Patcher) -> None:
    editor.tell("editing.select(['bass', 'pulse'])")
    editor.frames(2)
    editor.key("ctrl+p")
    editor.wait("app.window.commands.is_open")
    editor.type("collapse")
    editor.key("Return")
    editor.wait("'subpatch' in editing.patch.nodes")
    assert not editor.tell("app.window.commands.is_open")


def test_the_history_goes_where_one_clicks(editor: Patcher) -> None:
    for number in (40.0, 50.0, 60.0):
        editor.tell(f"editing.set_param('bass', 'low', {number})")
    editor.wait("len(editing.deck.done) == 3")
    editor.key("ctrl+2")
    editor.frames(6)
    editor.click(editor.middle("nodegraph.history.1"))
    editor.wait("editing.patch.nodes['bass'].params['low'] == 40.0")
    editor.wait("len(editing.deck.done) == 1")
    editor.frames(6)
    editor.click(editor.middle("nodegraph.history.3"))
    editor.wait("editing.patch.nodes['bass'].params['low'] == 60.0")
    editor.key("ctrl+2")


def test_a_menu_keeps_its_width(editor: Patcher) -> None:
    editor.click(editor.param("bass.threshold"), button=RIGHT)
    editor.wait("app.window.context.is_open")
    editor.frames(4)
    before = editor.tell("dpg.get_item_rect_size('nodegraph.context')")
    editor.frames(6)
    assert editor.tell("dpg.get_item_rect_size('nodegraph.context')") == before
    editor.key("Escape")


def test_a_problem_leads_to_its_node(editor: Patcher) -> None:
    editor.tell("editing.add_node('shape.smooth', (0, 2000))")
    editor.wait("'smooth' in editing.patch.nodes")
    editor.tell("editing.rename('smooth', 'far')")
    editor.tell(
        "editing.do(__import__('nodegraph.graph').graph.SetParam('far', 'nope', 1), 'Spoil')"
    )
    editor.wait("[each.node for each in editing.deck.problems] == ['far']")
    editor.tell("editing.select(())")
    editor.key("ctrl+1")
    editor.frames(12)
    editor.wait("dpg.does_item_exist('nodegraph.problems.0')")
    editor.wait("mirror.status['problems']")
    assert editor.tell("app.window.drawer.problems.count()") == 1, "the show tells of it too"
    editor.frames(12)
    editor.click(editor.middle("nodegraph.problems.0"))
    editor.wait("editing.selection == frozenset(['far'])")
    editor.key("ctrl+1")


def test_unsaved_work_is_not_put_aside_without_a_question(editor: Patcher) -> None:
    editor.tell("editing.set_param('bass', 'low', 50.0)")
    editor.wait("editing.deck.dirty")
    editor.key("ctrl+n")
    editor.wait("app.window.question.is_open")
    editor.frames(3)
    editor.click(editor.node("spec"))  # what lies behind a question cannot be reached
    assert editor.selection() == []
    editor.key("Escape")
    editor.wait("not app.window.question.is_open")
    assert editor.nodes().keys() == PATCH.nodes.keys()


def test_a_patch_is_saved_where_one_says(editor: Patcher, file: Path) -> None:
    editor.tell("editing.set_param('bass', 'low', 50.0)")
    editor.wait("editing.deck.dirty")
    editor.key("ctrl+shift+s")
    editor.wait("dpg.is_item_active('nodegraph.files.name')")
    editor.key("ctrl+a")
    editor.type("other")
    editor.key("Return")
    editor.wait("not editing.deck.dirty")
    assert load(file.with_name("other.json")).nodes["bass"].params["low"] == 50.0


def test_a_second_patch_is_faded_to(editor: Patcher, show: Show, file: Path) -> None:
    editor.tell(f"app.window.filing.open_path({str(file)!r}, 'next', copy=True)")
    editor.wait("mirror.decks['next'].open and editing.view.deck == 'next'")
    editor.frames(6)
    editor.click(editor.middle("nodegraph.top.deck.main"))
    editor.wait("editing.view.deck == 'main'")
    editor.frames(6)
    editor.click(editor.middle("nodegraph.top.fade"))
    editor.wait("mirror.status['fade'] == 1.0")
    editor.tell("editing.fade(0.0)")
    editor.tell("editing.close('next')")
    editor.wait("not mirror.decks['next'].open")


def test_the_window_can_be_made_larger_and_light(editor: Patcher) -> None:
    editor.tell("editing.notes.clear()")
    before = editor.rect("nodegraph.palette.search")
    editor.tell("app.window.scale(2)")
    editor.frames(6)
    after = editor.rect("nodegraph.palette.search")
    assert after[3] > before[3] * 1.2
    editor.tell("app.window.dress('light')")
    editor.frames(6)
    editor.tell("app.window.dress('dark')")
    editor.tell("app.window.scale(-2)")
    editor.frames(6)
    assert editor.rect("nodegraph.palette.search") == before
    assert editor.notes() == []


def test_a_param_goes_back_to_its_default_by_a_click_with_alt(editor: Patcher) -> None:
    editor.tell("editing.select(['bass'])")
    editor.frames(4)
    editor.click(editor.middle(f"{PARAM}.high"), held="alt")
    editor.wait("'high' not in editing.patch.nodes['bass'].params")
    assert not editor.tell("app.window.type_in.is_open")


def test_a_panel_that_fails_takes_no_other_with_it(editor: Patcher) -> None:
    editor.tell("editing.notes.clear()")
    editor.tell("app.window._panels.update(status=lambda: 1 / 0)")
    editor.wait("editing.notes")
    assert any("status failed" in note for note in editor.notes())
    assert len(editor.notes()) == 1, "it is said once, not sixty times a second"
    editor.tell("editing.select(['bass'])")
    editor.key("m")
    editor.wait("editing.patch.nodes['bass'].mode == 'mute'")
    editor.tell("app.window._panels.update(status=app.window.status.tick)")
    editor.tell("editing.notes.clear()")
