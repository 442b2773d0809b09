"""A user's hands on a real show: what is done here happens there, and is seen here."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pytest
from editor.editing_kit import edited, pumped
from kit import patch, wire
from show_kit import run, seen, until

from nodegraph.editor.changes import Loose
from nodegraph.editor.editing import FRAME, View
from nodegraph.graph import AddNode, Batch, Node, Patch, Port, SetParam, load

MADE = patch(
    {
        "n": "t.count",
        "lag": ("shape.remap", {"out_high": 2.0}),
        "see": "flow.probe",
        "say": ("prompt.text", {"text": "a fox"}),
        "show": "flow.probe",
    },
    ["n.out -> lag.value", "lag.out -> see.value", "say.prompts -> show.value"],
)
PLACED = MADE.evolve(
    layout={"n": (0, 0), "lag": (250, 0), "see": (500, 0), "say": (0, 300), "show": (250, 300)}
)


pytestmark = pytest.mark.usefixtures("own_folder")


def document(show: object) -> Patch:
    found: Patch = show.decks["main"].document.patch  # type: ignore[attr-defined]  # a Show
    return found


def test_the_mirror_is_the_patch_through_edits_undo_and_redo(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (show, editing):
            assert editing.patch == PLACED
            assert editing.types["t.count"].params["step"].high == 10.0
            version = editing.version
            drag = editing.begin_gesture()
            for value in (2.0, 3.0, 4.0):
                editing.set_param("n", "step", value, drag)
            await pumped(editing, lambda: editing.param("n", "step") == 4.0)
            assert editing.version > version
            await pumped(editing, lambda: editing.deck.done == ("Set n.step",))
            assert editing.deck.dirty
            editing.undo()
            await pumped(editing, lambda: editing.patch == PLACED)
            await pumped(editing, lambda: editing.deck.undone == ("Set n.step",))
            editing.redo()
            await pumped(editing, lambda: editing.param("n", "step") == 4.0)
            editing.set_param("n", "step", 1.0)  # its default
            await pumped(editing, lambda: not editing.patch.nodes["n"].params)
            await pumped(editing, lambda: len(editing.deck.done) == 2)
            editing.go_to(0)
            await pumped(editing, lambda: editing.patch == PLACED)
            assert document(show) == PLACED

    run(story())


def test_values_are_seen_and_triggers_counted(tmp_path: Path) -> None:
    async def story() -> None:
        beats = patch(
            {"beat": "beat.manual", "each": "beat.divide", "see": "flow.probe"},
            ["beat.clock -> each.clock", "each.tick -> see.value"],
        )
        nodes = {**MADE.nodes, **beats.nodes, "see_2": beats.nodes["see"], "see": MADE.nodes["see"]}
        made = Patch(
            nodes=nodes, wires=(*MADE.wires, beats.wires[0], wire("each.tick -> see_2.value"))
        )
        async with edited(made, tmp_path) as (show, editing):
            watching = editing.watching
            await pumped(editing, lambda: len(watching.history("n.out")) > 60)
            history = watching.history("n.out")
            assert (history[1:] - history[:-1] == 1.0).all()
            assert watching.newest("n.out") == history[-1]
            assert abs(seen(show, "n.out") - history[-1]) < 20
            assert isnan(watching.newest("gone.out"))
            assert not len(watching.history("gone.out"))
            assert watching.newest("beat.clock.bpm") > 0
            await pumped(editing, lambda: watching.text("say.prompts") == "a fox")
            await pumped(editing, lambda: watching.fired("each.tick") >= 2)
            fired = watching.fired("each.tick")
            assert editing.brings(Port("lag", "value")) == "n.out"
            editing.add_node("generate.lfo")  # another plan, other columns
            await pumped(editing, lambda: not isnan(watching.newest("lfo.out")))
            assert watching.fired("each.tick") >= fired
            assert len(watching.history("n.out")) > 60
            assert len(watching.history("lfo.out")) < len(watching.history("n.out"))

    run(story())


def test_values_go_on_in_a_larger_ring_and_in_another_engine(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(MADE, tmp_path) as (_show, editing):
            await pumped(editing, lambda: len(editing.watching.history("n.out")) > 30)
            ring = editing.deck.ring
            many = [AddNode(f"lfo_{i}", Node("generate.lfo")) for i in range(70)]
            editing.do(Batch(tuple(many)), "Add many")
            await pumped(editing, lambda: editing.deck.ring != ring)
            await pumped(editing, lambda: not isnan(editing.watching.newest("lfo_69.out")))
            history = editing.watching.history("n.out")
            assert len(history) > 30
            assert (history[1:] - history[:-1] == 1.0).all()

    run(story())


def test_what_is_refused_is_a_note(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(MADE, tmp_path) as (_show, editing):
            assert not editing.connect(Port("say", "prompts"), Port("lag", "value"))
            assert editing.notes[-1].text == "lag.value wants number, say.prompts gives prompts"
            assert not editing.connect(Port("see", "out"), Port("lag", "value"))
            assert "wait for each other: lag -> see -> lag" in editing.notes[-1].text
            editing.do(SetParam("gone", "x", 1.0), "Set")
            await pumped(editing, lambda: "no node 'gone'" in editing.notes[-1].text)
            assert editing.notes[-1].kind == "problem"
            editing.save()
            await pumped(editing, lambda: "has no file yet" in editing.notes[-1].text)
            assert not editing.rename("n", "lag")
            assert "there is a node 'lag' already" in editing.notes[-1].text
            assert editing.add_node("no.such") is None
            assert not editing.paste_text("once upon a time")
            assert editing.notes[-1].text == "what was copied is no patch"

    run(story())


def test_structure_by_hand(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (show, editing):
            added = editing.add_node("shape.remap", (10.4, 20.6), Loose(Port("n", "out"), "source"))
            assert added == "remap"
            await pumped(editing, lambda: editing.selection == {"remap"})
            assert editing.patch.layout["remap"] == (10, 21)
            assert wire("n.out -> remap.value") in editing.patch.wires
            assert editing.insert("shape.smooth", wire("n.out -> lag.value"), (120, 0)) == "smooth"
            await pumped(editing, lambda: wire("smooth.out -> lag.value") in editing.patch.wires)
            editing.select(["smooth", "lag"])
            editing.delete()
            await pumped(editing, lambda: wire("n.out -> see.value") in editing.patch.wires)
            editing.undo()
            await pumped(editing, lambda: editing.selection == set())
            await pumped(editing, lambda: "lag" in editing.patch.nodes)
            assert editing.rewire(wire("lag.out -> see.value"), "source", Port("smooth", "out"))
            await pumped(editing, lambda: wire("smooth.out -> see.value") in editing.patch.wires)
            editing.disconnect([wire("smooth.out -> see.value")])
            await pumped(editing, lambda: not editing.patch.wires_into("see"))
            assert editing.rename("see", "What I See")
            await pumped(editing, lambda: "what_i_see" in editing.patch.nodes)
            editing.select(["n", "lag"])
            editing.frame("Drums", "#aa3344")
            await pumped(editing, lambda: editing.selection == {FRAME + "frame"})
            assert editing.selected_nodes == {"n", "lag"}
            editing.change_frame("frame", title="Bass")
            await pumped(editing, lambda: editing.patch.groups["frame"].title == "Bass")
            editing.mute()
            await pumped(editing, lambda: editing.patch.nodes["n"].mode == "mute")
            editing.bypass()
            await pumped(editing, lambda: editing.patch.nodes["n"].mode == "bypass")
            editing.bypass()
            editing.solo(["n"])
            await pumped(editing, lambda: editing.patch.nodes["n"].solo)
            assert editing.patch.nodes["lag"].mode == ""
            editing.select(["n", "lag"])
            editing.align("bottom")
            editing.nudge(5, 0)
            await pumped(editing, lambda: editing.patch.layout["n"][0] == 5)
            editing.select()
            editing.tidy()
            await pumped(editing, lambda: editing.deck.done[-1] == "Tidy")
            assert editing.modulate("remap", "out_high", "generate.pulse") == "pulse"
            await pumped(editing, lambda: editing.selection == {"pulse", "remap_2"})
            assert editing.brings(Port("remap", "out_high")) == "remap_2.out"
            assert editing.swap("remap", "shape.smooth")
            await pumped(editing, lambda: editing.patch.nodes["remap"].type == "shape.smooth")
            assert wire("n.out -> remap.value") in editing.patch.wires
            editing.select(["remap_2"])
            editing.select_connected(downstream=False)
            assert editing.selection == {"pulse", "remap_2"}
            assert editing.patch == document(show)
            await pumped(editing, lambda: editing.deck.done[-1] == "Make remap a Smooth")
            steps = len(editing.deck.done)
            editing.go_to(0)
            await pumped(editing, lambda: editing.patch == PLACED)
            editing.go_to(steps)
            await pumped(editing, lambda: len(editing.deck.done) == steps)
            assert not [note for note in editing.notes if note.kind == "problem"]

    run(story())


def test_copies_travel_as_text(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (_show, editing):
            editing.select(["lag", "see"])
            text = editing.copy_text()
            assert editing.paste_text(text, (400, 400), outside=True)
            await pumped(editing, lambda: editing.selection == {"lag_2", "see_2"})
            wires = set(map(str, editing.patch.wires))
            assert {"lag_2.out -> see_2.value", "n.out -> lag_2.value"} <= wires
            assert editing.patch.layout["lag_2"] == (275, 400)
            assert editing.patch.nodes["lag_2"].params == {"out_high": 2.0}
            editing.undo()
            await pumped(editing, lambda: editing.patch == PLACED)
            editing.select(["n", "lag"])
            assert editing.duplicate((0, 50))
            await pumped(editing, lambda: editing.selection == {"n_2", "lag_2"})
            assert editing.patch.layout["lag_2"] == (250, 50)
            editing.select(["see"])
            assert editing.cut_text()
            await pumped(editing, lambda: "see" not in editing.patch.nodes)
            editing.select()
            assert editing.copy_text() == ""
            assert "nothing to copy" in editing.notes[-1].text

    run(story())


def test_subpatches_are_grouped_entered_exposed_and_taken_apart(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (_show, editing):
            editing.select(["n", "lag"])
            assert editing.group("My Voice")
            await pumped(editing, lambda: editing.selection == {"my_voice"})
            type_ = editing.type_of("my_voice")
            assert type_ is not None
            assert type_.outlets["out"].kind == "number"
            assert editing.address("my_voice.out") == "my_voice/out.out"
            await pumped(editing, lambda: editing.watching.newest("my_voice/out.out") == 2.0)
            editing.enter("my_voice")
            assert editing.view == View("main", ("my_voice",))
            assert set(editing.patch.nodes) == {"n", "lag", "out"}
            assert editing.address("n.out") == "my_voice/n.out"
            await pumped(editing, lambda: editing.watching.newest("my_voice/n.out") > 3)
            assert not editing.types["flow.outlet"].outlets
            assert editing.expose("n", "step")
            await pumped(editing, lambda: editing.patch.exposed == {"step": "n.step"})
            editing.set_param("n", "step", 0.0)
            editing.add_node("t.fail", (0, 0))
            await pumped(editing, lambda: editing.problems_of("fail"))
            editing.leave()
            assert editing.selection == {"my_voice"}
            assert editing.problems_of("my_voice")
            type_ = editing.type_of("my_voice")
            assert type_ is not None
            assert type_.params["step"].default == 0.0
            editing.set_param("my_voice", "step", 2.0)
            await pumped(editing, lambda: editing.param("my_voice", "step") == 2.0)
            text = editing.copy_text()
            editing.enter("my_voice")
            assert not editing.paste_text(text)
            assert "cannot be put inside itself" in editing.notes[-1].text
            editing.leave(0)
            assert editing.ungroup()
            await pumped(editing, lambda: editing.selection == {"n", "lag", "fail"})
            assert editing.patch.nodes["n"].params == {"step": 2.0}
            await pumped(editing, lambda: editing.deck.done[-1] == "Take apart my_voice")
            editing.go_to(0)
            await pumped(editing, lambda: editing.patch == PLACED)
            editing.enter("n")
            assert "n is no subpatch" in editing.notes[-1].text

    run(story())


def test_files_decks_and_another_client(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (show, editing):
            path = tmp_path / "saved.json"
            editing.save(str(path))
            await pumped(editing, lambda: editing.notes and "saved as" in editing.notes[-1].text)
            assert load(path) == PLACED
            await pumped(editing, lambda: editing.deck.path == str(path))
            editing.open(str(path), "next")
            await pumped(editing, lambda: editing.view.deck == "next" and editing.deck.open)
            editing.set_param("n", "step", 7.0)
            await pumped(editing, lambda: editing.deck.dirty)
            assert not editing.mirror.decks["main"].dirty
            await pumped(editing, lambda: editing.watching.newest("n.out") > 7)
            editing.fade(1.0, 0.1)
            await pumped(editing, lambda: editing.mirror.status["fade"] == 1.0)
            editing.close("next")
            await pumped(editing, lambda: not editing.deck.open)
            assert editing.patch == Patch()
            editing.show(View("main"), ["n"])
            show.decks["main"].do(SetParam("n", "step", 9.0), "By another hand")
            await pumped(editing, lambda: editing.param("n", "step") == 9.0)
            editing.mirror.decks["main"].patch = Patch()  # as if something had been missed
            show.decks["main"].do(SetParam("n", "step", 8.0), "By another hand")
            await pumped(editing, lambda: editing.param("n", "step") == 8.0)
            assert editing.patch == document(show)
            await until(lambda: True)

    run(story())


def test_a_locked_patch_is_played_and_not_changed(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (_, editing):
            editing.lock()
            editing.add_node("shape.lag")
            editing.select(["lag"])
            editing.delete()
            gesture = editing.begin_gesture()
            for x in range(3):
                editing.move({"lag": (500.0 + x, 7.0)}, gesture)
            assert len(editing.notes) == 3, "a drag is told of once"
            assert {note.text for note in editing.notes} == {
                "the patch is locked: Ctrl+Shift+L has it be edited again"
            }
            editing.set_param("lag", "out_high", 1.5)
            editing.mute(["lag"])
            await pumped(editing, lambda: editing.patch.nodes["lag"].mode == "mute")
            assert editing.patch.nodes["lag"].params == {"out_high": 1.5}
            assert (editing.patch.layout, editing.patch.wires) == (PLACED.layout, PLACED.wires)
            assert editing.patch.nodes.keys() == PLACED.nodes.keys()
            editing.lock()
            editing.move({"lag": (500.0, 7.0)})
            await pumped(editing, lambda: editing.patch.layout["lag"] == (500, 7))

    run(story())


@pytest.mark.slow
def test_plugins_are_imported_anew_by_a_command(tmp_path: Path) -> None:
    async def story() -> None:
        async with edited(PLACED, tmp_path) as (_, editing):
            editing.reload_plugins()
            await pumped(editing, lambda: editing.notes)
            assert [note.text for note in editing.notes] == ["plugins are imported anew"]
            assert editing.types["t.count"].params["step"].high == 10.0

    run(story())
