"""Builders of edits: each edit fits, does what it says, and is taken back exactly."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
from editor.drawn import WITHOUT_LINKS, any_wire, built_in, random_patch
from hypothesis import given
from hypothesis import strategies as st
from kit import patch, wire

from nodegraph.editor import changes, changes_tuning
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import usual_size
from nodegraph.editor.changes import Loose
from nodegraph.editor.changes_delete import delete
from nodegraph.editor.changes_more import join, modulate, swap
from nodegraph.editor.wiring import Wiring
from nodegraph.errors import EditError
from nodegraph.graph import (
    UNSET,
    AddWire,
    Batch,
    Edit,
    Group,
    Patch,
    Port,
    RemoveNode,
    SetParam,
    edit_from_data,
    edit_to_data,
)

TYPES = built_in()

randoms = st.randoms(use_true_random=False)


def drawn(made: Patch) -> Wiring:
    return Wiring(made, TYPES)


def misfits(made: Patch) -> list[str]:
    wiring = drawn(made)
    return [str(wire) for wire in made.wires if wiring.misfit(wire)]


def applied(edit: Edit, made: Patch) -> Patch:
    """What an edit makes of a patch, having seen that it travels and is taken back."""
    assert edit_from_data(edit_to_data(edit)) == edit
    after = edit.apply(made)
    assert edit.inverse(made).apply(after) == made
    return after


@given(randoms)
def test_every_builder_fits_and_is_taken_back(random: Random) -> None:
    made = random_patch(random)
    wiring, ids = drawn(made), sorted(made.nodes)
    some = random.sample(ids, random.randrange(len(ids) + 1))
    type_ = TYPES[random.choice(WITHOUT_LINKS)]
    places = {id: (random.uniform(-1e3, 1e3), random.uniform(-1e3, 1e3)) for id in some}
    edits = [
        changes.add_node(made, type_, (1.5, 2.5)).edit,
        delete(made, wiring, some, made.wires[:2], ["frame"], heal=random.random() < 0.8),
        changes_tuning.toggle_mode(made, some, random.choice(("mute", "bypass"))),
        changes_tuning.toggle_solo(made, some),
        changes_tuning.clear_solo(made),
        changes_tuning.unset_params(made, some),
        changes_tuning.move(made, places),
        changes_tuning.rename(made, ids[0], "Some Other Name")[0],
        changes_tuning.frame(made, some, "Title")[0],
        changes_tuning.change_frame(made, "frame", title="x", nodes=some),
    ]
    edits += [swap(made, wiring, id, TYPES[random.choice(WITHOUT_LINKS)]) for id in ids[:3]]
    loose = any_wire(made, random)
    if loose is not None:
        source, target = Loose(loose.source, "source"), Loose(loose.target, "target")
        edits += [
            changes.add_for_loose(made, wiring, type_, None, hanging).edit
            for hanging in (source, target)
        ]
    for edit in edits:
        after = applied(edit, made)
        assert not misfits(after)


@given(randoms)
def test_what_goes_on_a_wire_leaves_no_misfit(random: Random) -> None:
    made = random_patch(random)
    wiring = drawn(made)
    type_ = TYPES[random.choice(WITHOUT_LINKS)]
    for on in made.wires[:3]:
        with suppress(EditError):
            after = applied(changes.insert_node(made, wiring, type_, on, (0, 0)).edit, made)
            assert on not in after.wires
            assert len(after.wires) == len(made.wires) + 1
            assert not misfits(after)
            assert changes.can_insert(wiring, type_, on)
        with suppress(EditError):
            id = random.choice(sorted(made.nodes))
            assert not misfits(applied(changes.insert_existing(made, wiring, id, on), made))
        with suppress(EditError):
            other = any_wire(made, random) or on
            edit = changes.rewire(made, wiring, on, "target", other.target)
            assert not misfits(applied(edit, made))


def test_ids_come_from_types() -> None:
    assert changes.id_for("generate.lfo", []) == "lfo"
    assert changes.id_for("generate.lfo", ["lfo", "lfo_2"]) == "lfo_3"
    assert changes.id_for("Fremd/ding:ø", []) == "fremd_ding"
    assert changes.id_for("x.3d", []) == "node_3d"
    assert changes.id_for("x.ø", []) == "node"


def test_delete_heals_through_all_that_goes() -> None:
    lags = dict.fromkeys("abcde", "shape.lag")
    made = patch(lags, [f"{x}.out -> {y}.value" for x, y in zip("abcd", "bcde", strict=True)])
    after = applied(delete(made, drawn(made), ["b", "c"]), made)
    assert [str(each) for each in after.wires] == ["a.out -> d.value", "d.out -> e.value"]
    cut = applied(delete(made, drawn(made), ["b", "c"], heal=False), made)
    assert [str(each) for each in cut.wires] == ["d.out -> e.value"]
    severed = applied(delete(made, drawn(made), ["b"], [wire("a.out -> b.value")]), made)
    assert not severed.wires_into("c")


def test_delete_heals_only_what_fits_and_not_through_params() -> None:
    made = patch(
        {
            "mic": "audio.device",
            "level": "audio.level",
            "lfo": "generate.lfo",
            "lag": "shape.lag",
            "see": "flow.probe",
        },
        [
            "mic.audio -> level.audio",
            "level.rms -> lag.value",
            "lfo.out -> lag.attack",
            "lag.out -> see.value",
        ],
    )
    after = applied(delete(made, drawn(made), ["level"]), made)
    assert [str(each) for each in after.wires_into("lag")] == ["lfo.out -> lag.attack"]
    after = applied(delete(made, drawn(made), ["lag"]), made)
    assert wire("level.rms -> see.value") in after.wires
    both = applied(delete(made, drawn(made), ["lag", "level"]), made)
    assert str(both.wires_into("see")[0]) == "mic.audio -> see.value"


def test_a_loop_that_healing_would_close_stays_open() -> None:
    made = patch(
        {"a": "shape.lag", "z": "flow.delay", "b": "shape.lag"},
        ["a.out -> z.value", "z.out -> b.value", "b.out -> a.value"],
    )
    after = applied(delete(made, drawn(made), ["z"]), made)
    assert [str(each) for each in after.wires] == ["b.out -> a.value"]


def test_a_converter_stands_half_way() -> None:
    made = patch({"mic": "audio.device", "lag": "shape.lag"})
    made = made.evolve(layout={"mic": (0, 0), "lag": (400, 100)})
    ends = (Port("mic", "audio"), Port("lag", "value"))
    added = changes.convert(made, drawn(made), TYPES["audio.level"], *ends, None)
    after = applied(added.edit, made)
    assert after.layout["level"] == (200, 50)
    assert [str(each) for each in after.wires] == [
        "level.rms -> lag.value",
        "mic.audio -> level.audio",
    ]
    with pytest.raises(EditError, match="Prompt does not fit on this wire: it takes no audio"):
        changes.convert(made, drawn(made), TYPES["prompt.text"], *ends, None)


def test_what_does_not_fit_says_why() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag", "g": "no.such"}, ["a.out -> b.value"])
    between = wire("a.out -> b.value")
    with pytest.raises(EditError, match="a is at an end of this wire already"):
        changes.insert_existing(made, drawn(made), "a", between)
    with pytest.raises(EditError, match="g is a ghost"):
        changes.insert_existing(made, drawn(made), "g", between)
    with pytest.raises(EditError, match="wait for each other"):
        changes.connect(made, drawn(made), Port("b", "out"), Port("a", "value"))
    with pytest.raises(EditError, match="wait for each other"):
        changes.rewire(made, drawn(made), between, "source", Port("b", "out"))
    assert changes.rewire(made, drawn(made), between, "target", between.target) == Batch(())
    with pytest.raises(EditError, match="a name wants letters or digits"):
        changes_tuning.rename(made, "a", " ø ")
    with pytest.raises(EditError, match="there is no frame x"):
        changes_tuning.change_frame(made, "x", "title")
    with pytest.raises(EditError, match=r"a.attack is not exposed"):
        changes_tuning.hide(made, "a", "attack")


def test_exposed_params_get_free_names() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag", "attack": "flow.inlet"})
    edit, name = changes_tuning.expose(made, "a", "attack")
    assert name == "attack_2"
    made = applied(edit, made)
    with pytest.raises(EditError, match="exposed already"):
        changes_tuning.expose(made, "a", "attack")
    assert changes_tuning.expose(made, "b", "attack")[1] == "attack_3"
    assert not applied(changes_tuning.hide(made, "a", "attack"), made).exposed


def test_switches_toggle_together() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag"})
    one = changes_tuning.toggle_mode(made, ["a"], "mute").apply(made)
    both = changes_tuning.toggle_mode(one, ["a", "b"], "mute").apply(one)
    assert {node.mode for node in both.nodes.values()} == {"mute"}
    none = changes_tuning.toggle_mode(both, ["a", "b"], "mute").apply(both)
    assert none == made
    solo = changes_tuning.toggle_solo(made, ["a"]).apply(made)
    assert changes_tuning.clear_solo(solo).apply(solo) == made


def test_a_default_is_as_good_as_not_set() -> None:
    lag = TYPES["shape.lag"]
    assert changes_tuning.set_param(lag, "a", "attack", 0.02) == SetParam("a", "attack", UNSET)
    assert changes_tuning.set_param(lag, "a", "attack", 0.5).value == 0.5
    assert changes_tuning.set_param(None, "a", "attack", 0.02).value == 0.02


def test_frames_keep_what_is_not_changed() -> None:
    made = Patch(groups={"frame": Group("Some", "#102030")})
    edit = changes_tuning.change_frame(made, "frame", color="#ffffff")
    assert edit.apply(made).groups["frame"] == Group("Some", "#ffffff")
    assert Batch(()).apply(made) == made
    with pytest.raises(EditError):
        RemoveNode("gone").apply(made)


@pytest.mark.parametrize(
    ("id", "moves", "params"),
    [
        ("generate.lfo", "lfo.out", {"low": 1.0, "high": 10.0}),
        ("generate.random", "random.out", {"low": 1.0, "high": 10.0}),
        ("generate.constant", "constant.out", {"value": 6.0}),
        ("generate.pulse", "remap.out", {"out_low": 1.0, "out_high": 10.0}),
        ("beat.phase", "remap.out", {"out_low": 1.0, "out_high": 10.0}),
    ],
)
def test_what_moves_a_param_moves_it_around_where_it_stands(
    id: str, moves: str, params: dict[str, float]
) -> None:
    """By a quarter of -10..10 to each side of 6; `low` of 1 is not a default, so it is set."""
    made = patch({"mix": ("flow.mix", {"wa": 6.0})}).evolve(layout={"mix": (600, 50)})
    added = modulate(made, drawn(made), TYPES[id], Port("mix", "wa"))
    after = applied(added.edit, made)
    assert [str(each) for each in after.wires_into("mix")] == [f"{moves} -> mix.wa"]
    assert after.nodes[moves.partition(".")[0]].params == params
    assert after.layout[added.ids[-1]] == (340, 50)
    assert not misfits(after)


def test_what_is_placed_by_itself_covers_nothing() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag", "g": "gone.away"})
    made = made.evolve(layout={"a": (0, 0), "b": (0, 300), "g": (900, 0)})
    lag, wiring = TYPES["shape.lag"], drawn(made)
    width, height = usual_size("lag", lag, ())
    assert height < 300.0
    for x, y in ((100, 30), (100, height), (width + 1, 30), (850, 20)):
        place = changes.free_place(made, wiring, lag, (x, y))
        assert place is not None
        assert place[0] == x
        after = Rect.sized(place, (width, height))
        assert not any(after.meets(Rect.sized(at, (width, height))) for at in ((0, 0), (0, 300)))
        assert not after.meets(Rect.sized((900, 0), (180, 100)))
    assert changes.free_place(made, wiring, lag, (width + 1, 30)) == (round(width + 1), 30)
    assert changes.free_place(made, wiring, lag, None) is None
    pulled = Loose(Port("b", "value"), "target")
    after = applied(changes.add_for_loose(made, wiring, lag, (-50, 300), pulled).edit, made)
    assert after.layout["lag"] == (round(-50 - width), 300), "its outlet is where the wire ends"


def test_only_numbers_can_be_modulated() -> None:
    made = patch({"mix": "flow.mix"})
    for port in ("operation", "a", "gone"):
        with pytest.raises(EditError, match=f"mix.{port} is no number that could be moved"):
            modulate(made, drawn(made), TYPES["generate.lfo"], Port("mix", port))
    with pytest.raises(EditError, match="Prompt gives no number"):
        modulate(made, drawn(made), TYPES["prompt.text"], Port("mix", "wa"))


def test_a_whole_chain_is_wired_by_the_names_of_its_ports() -> None:
    types = ("audio.file", "audio.silence", "beat.tracker", "theme.preset", "theme.steer")
    chain = {id.partition(".")[2]: id for id in (*types, "scope.output")}
    made = patch(chain).evolve(layout={id: (300.0 * n, 0.0) for n, id in enumerate(chain)})
    given = SetParam("output", "blend", "slerp").apply(made)
    given = AddWire(wire("preset.theme -> steer.theme")).apply(given)
    after = applied(join(given, drawn(given), [*made.nodes]), given)
    wanted = ("prompts", "blend", "noise_scale", "denoising_steps", "vace_scale", "kv_bias")
    assert {str(each) for each in after.wires} == {
        "file.audio -> silence.audio",
        "file.audio -> tracker.audio",
        "silence.silent -> steer.silent",
        "tracker.clock -> steer.clock",
        "tracker.clock -> output.clock",
        "tracker.beat -> steer.beat",
        "preset.theme -> steer.theme",
        *(f"steer.{name} -> output.{name}" for name in wanted),
    }
    assert not misfits(after)
    with pytest.raises(EditError, match="no outlet of them has the name of a free inlet"):
        join(after, drawn(after), [*after.nodes])


def test_a_swapped_node_keeps_what_fits() -> None:
    made = patch(
        {"n": "generate.lfo", "x": ("old.lag", {"attack": 2.0, "odd": 1}), "see": "flow.probe"},
        ["n.out -> x.signal", "x.out -> see.value", "n.out -> x.attack"],
    )
    made = made.evolve(layout={"x": (5, 6)}, groups={"f": Group("F", "", ("x",))})
    after = applied(swap(made, drawn(made), "x", TYPES["shape.lag"]), made)
    assert after.nodes["x"].type == "shape.lag"
    assert after.nodes["x"].params == {"attack": 2.0}
    assert after.layout["x"] == (5, 6)
    assert after.groups == made.groups
    assert [str(each) for each in after.wires] == [
        "n.out -> x.attack",
        "n.out -> x.value",
        "x.out -> see.value",
    ]


def test_a_new_node_is_not_wired_where_that_would_break_what_comes_after() -> None:
    made = patch({"gate": "logic.gate", "lag": "shape.lag"}, ["gate.out -> lag.value"])
    loose = Loose(Port("gate", "value"), "target")
    says = changes.add_for_loose(made, drawn(made), TYPES["prompt.text"], None, loose)
    assert applied(says.edit, made).wires == made.wires
    moves = changes.add_for_loose(made, drawn(made), TYPES["generate.lfo"], None, loose)
    assert wire("lfo.out -> gate.value") in applied(moves.edit, made).wires
