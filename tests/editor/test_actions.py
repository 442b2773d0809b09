"""Actions: each has its place, its chord and something to do; menus offer what can be done."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from editor.shell_kit import shell_on

from nodegraph.editor.action import Action, run, shown
from nodegraph.editor.actions import ACTIONS, BY_CHORD, BY_ID, press
from nodegraph.editor.canvas.hitting import OnFrame, OnNode, OnParam, OnPort, OnWire, Target
from nodegraph.editor.changes import Loose
from nodegraph.editor.learning import KEY, KNOB, PAD
from nodegraph.editor.menus import DRIVERS, HANDS, Item, items
from nodegraph.graph import Group, Node, Patch, Port, SetParam, Wire, load

PATCH = load(Path(__file__).parents[2] / "patches" / "pulse.json")
FRAMED = PATCH.evolve(groups={"low": Group("Low", "", ("bass", "pulse"))})
KEYS = set("abcdefghijklmnopqrstuvwxyz0123456789") | {f"f{n}" for n in range(1, 13)}
NAMED = {"tab", "escape", "delete", "backspace", "home", "plus", "minus", "slash"}
ARROWS = {"left", "right", "up", "down"}


@pytest.fixture(scope="module")
def shell() -> Any:
    return shell_on(PATCH, ("bass", "pulse"))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_does_what_the_editor_can_do(action: Action, shell: Any) -> None:
    shell.reset_mock()
    action.run(shell)
    asked = [call for call in shell.mock_calls if call[0] != "is_shown"]
    assert len(asked) == 1, "an action does one thing, by name"


def test_ids_and_chords_are_those_of_one_action_each() -> None:
    ids = [action.id for action in ACTIONS]
    chords = [chord for action in ACTIONS for chord in action.chords]
    assert len(set(ids)) == len(ids)
    assert len(set(chords)) == len(chords)


@pytest.mark.parametrize("chord", sorted(BY_CHORD))
def test_chords_are_written_as_the_keyboard_says_them(chord: str) -> None:
    *held, key = chord.split("+")
    assert key in KEYS | NAMED | ARROWS
    assert held == [each for each in ("ctrl", "alt", "shift") if each in held]


def test_menus_keep_their_actions_together() -> None:
    menus = [menu for menu, _ in itertools.groupby(action.menu for action in ACTIONS)]
    assert menus == ["file", "edit", "node", "view", "show", "help"]


def test_what_cannot_be_done_is_not_done() -> None:
    shell = shell_on(PATCH)
    run(BY_ID["edit.delete"], shell)
    run(BY_ID["edit.undo"], shell)
    run(BY_ID["node.group"], shell)
    assert shell.editing.mock_calls == []


@pytest.mark.parametrize(
    ("id", "facts"),
    [("edit.undo", {"done": ("Move",)}), ("edit.redo", {"undone": ("Move",)})],
)
def test_undo_and_redo_wait_for_something_to_take_back(id: str, facts: dict[str, object]) -> None:
    action = BY_ID[id]
    assert not action.when(shell_on(PATCH))
    assert action.when(shell_on(PATCH, **facts))  # type: ignore[arg-type]  # facts of a deck


def test_a_held_key_undoes_once_and_zooms_on() -> None:
    shell = shell_on(PATCH, done=("Move", "Move"))
    for again in (False, True, True):
        assert press("ctrl+z", again, shell)
        assert press("ctrl+plus", again, shell)
    assert shell.editing.undo.call_count == 1
    assert shell.zoom.call_count == 3


def test_an_unknown_chord_calls_for_nothing() -> None:
    shell = shell_on(PATCH)
    assert not press("ctrl+alt+f12", False, shell)
    assert shell.mock_calls == []


def test_chords_are_shown_as_menus_show_them() -> None:
    assert shown("ctrl+shift+z") == "Ctrl+Shift+Z"
    assert shown("alt+left") == "Alt+←"
    assert shown("ctrl+plus") == "Ctrl++"


# Menus of a right click.


def lines(
    target: Target, patch: Patch = FRAMED, selection: tuple[str, ...] = ()
) -> dict[str, Item]:
    shell = shell_on(patch, selection)
    return {item.label: item for item in items(target, (0.0, 0.0), shell) if item.label}


def everything(patch: Patch) -> list[Target]:
    ports = [end for wire in patch.wires for end in wire]
    return [
        None,
        *(OnNode(id) for id in patch.nodes),
        *(OnParam(id, param) for id, node in patch.nodes.items() for param in node.params),
        *(OnPort(port, side) for port in ports for side in ("in", "out")),
        *map(OnWire, patch.wires),
        *map(OnFrame, patch.groups),
    ]


def test_every_line_of_every_menu_can_be_taken() -> None:
    shell = shell_on(FRAMED, ("bass",))
    for target in everything(FRAMED):
        offered = items(target, (10.0, 20.0), shell)
        rules = [place for place, item in enumerate(offered) if not item.label]
        assert offered, target
        assert not {0, len(offered) - 1} & set(rules), "a rule is between two lines"
        for item in offered:
            if item.label and item.enabled:
                item.run()


def test_a_right_click_selects_what_it_is_about() -> None:
    shell = shell_on(PATCH, ("calm",))
    items(OnNode("bass"), (0.0, 0.0), shell)
    shell.editing.select.assert_called_with(["bass"])


def test_a_param_is_driven_by_what_is_put_before_it() -> None:
    shell = shell_on(PATCH)
    offered = {item.label: item for item in items(OnParam("bass", "low"), (0.0, 0.0), shell)}
    assert {f"Drive by {word}" for word in DRIVERS.values()} <= offered.keys()
    offered["Drive by LFO"].run()
    shell.editing.modulate.assert_called_once_with("bass", "low", "generate.lfo")
    offered["Drive by…"].run()
    (place, loose), _ = shell.find_node.call_args
    assert place[0] < PATCH.layout["bass"][0]
    assert loose == Loose(Port("bass", "low"), "target")


def test_a_param_that_is_driven_offers_to_let_go() -> None:
    offered = lines(OnParam("mix", "x"), PATCH)
    assert "Let go of steps.out" in offered
    assert not any(label.startswith("Drive") for label in offered)


def test_a_hand_drives_what_it_can() -> None:
    shell = shell_on(PATCH)
    offered = {item.label: item for item in items(OnParam("bass", "low"), (0.0, 0.0), shell)}
    offered["Learn a MIDI knob…"].run()
    shell.learn.assert_called_once_with(Port("bass", "low"), KNOB)
    struck = [HANDS[PAD], HANDS[KEY]]
    types = {"pad": PAD, "song": "audio.file", "pulse": "generate.pulse"}
    free = Patch(nodes={id: Node(type_) for id, type_ in types.items()})
    assert [*lines(OnPort(Port("pulse", "hit"), "in"), free)][-2:] == struck
    assert [*lines(OnPort(Port("pulse", "strength"), "in"), free)][-1] == HANDS[KNOB]
    assert [*lines(OnParam("song", "loop"), free)][-2:] == struck
    assert "Learn…" in lines(OnNode("pad"), free)
    for wired in (OnPort(Port("pulse", "hit"), "in"), OnPort(Port("pulse", "out"), "out")):
        assert not any(label.startswith("Learn") for label in lines(wired))


def test_a_text_is_driven_by_no_lfo() -> None:
    patch = SetParam("calm", "text", "sea").apply(PATCH)
    assert not any(label.startswith("Drive") for label in lines(OnParam("calm", "text"), patch))


def test_a_ghost_has_a_menu() -> None:
    ghost = Patch(nodes={"g": Node("gone.away", params={"x": 1})}, layout={"g": (0, 0)})
    assert "Delete, wires healed" in lines(OnNode("g"), ghost, ("g",))
    assert "Reset" in lines(OnParam("g", "x"), ghost)


def test_a_wire_is_cut_by_its_menu() -> None:
    shell = shell_on(PATCH)
    wire = Wire.parse("steps.out -> mix.x")
    offered = {item.label: item for item in items(OnWire(wire), (0.0, 0.0), shell)}
    offered["Delete wire"].run()
    shell.editing.disconnect.assert_called_once_with([wire])


def test_links_of_a_note_lead_to_the_web_only(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[str]()
    monkeypatch.setattr("webbrowser.open", opened.append)
    text = "[guide](https://example.org/a) [local](file:///etc/hosts) [script](javascript:x)"
    shell = shell_on(PATCH.evolve(nodes={"words": Node("flow.note", params={"text": text})}))
    shell.editing.param.return_value = text
    offered = [item for item in items(OnNode("words"), (0.0, 0.0), shell) if "Open" in item.label]
    assert [item.label for item in offered] == ["Open guide"]
    offered[0].run()
    assert opened == ["https://example.org/a"]
