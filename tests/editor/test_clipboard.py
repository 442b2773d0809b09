"""Copy and paste: what is pasted is the same piece, under ids of its own, whole in any patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from editor.drawn import random_patch
from hypothesis import given
from hypothesis import strategies as st
from kit import patch

from nodegraph.editor.clipboard import Pasted, copy_text, duplicate, paste, read
from nodegraph.errors import EditError
from nodegraph.graph import (
    Batch,
    Edit,
    Group,
    Node,
    Patch,
    SetSubpatch,
    SetTheme,
    dump,
    load,
    parse,
)

VOICE = patch(
    {"in": "flow.inlet", "lag": "shape.lag", "out": "flow.outlet"},
    ["in.out -> lag.value", "lag.out -> out.value"],
)


def after(pasted: Pasted, top: Patch) -> Patch:
    first: list[Edit] = [SetSubpatch(id, each) for id, each in pasted.definitions.items()]
    first += [SetTheme(id, each) for id, each in pasted.themes.items()]
    return Batch((*first, pasted.edit)).apply(top)


def renamed(made: Patch, ids: Mapping[str, str]) -> tuple[set[object], set[object]]:
    """Nodes and wires with other ids: equal for two pieces that are the same."""
    nodes = {
        (ids[id], node.type, dump(Patch(nodes={"x": node}))) for id, node in made.nodes.items()
    }
    wires = {
        (ids[w.source.node], w.source.port, ids[w.target.node], w.target.port) for w in made.wires
    }
    return nodes, wires


@given(st.randoms(use_true_random=False))
def test_a_pasted_copy_is_the_same_piece(random: Random) -> None:
    made = random_patch(random)
    ids = sorted(random.sample(sorted(made.nodes), random.randint(1, len(made.nodes))))
    text = copy_text(made, made, ids)
    assert dump(parse(text).patch) == text
    piece = read(text)
    assert set(piece.nodes) == set(ids)
    pasted = paste(made, made, piece)
    new = after(pasted, made)
    assert new.nodes.keys() >= made.nodes.keys()
    assert set(pasted.nodes) == new.nodes.keys() - made.nodes.keys()
    only = Patch(
        nodes={id: new.nodes[id] for id in pasted.nodes},
        wires=tuple(w for w in new.wires if w.target.node in pasted.nodes),
    )
    back = dict(zip(pasted.nodes, piece.nodes, strict=True))
    assert renamed(only, back) == renamed(piece, {id: id for id in piece.nodes})
    shifts = set()
    for new_id, id in back.items():
        (x, y), (new_x, new_y) = piece.layout[id], new.layout[new_id]
        shifts.add((new_x - x, new_y - y))
    assert len(shifts) == 1
    assert not {new.layout[id] for id in pasted.nodes} & set(made.layout.values())
    alone = after(paste(Patch(), Patch(), piece, (0, 0)), Patch())
    assert renamed(alone, {id: id for id in ids}) == renamed(piece, {id: id for id in ids})
    assert pasted.edit.inverse(made).apply(new) == made


def test_ids_are_numbered_on() -> None:
    made = patch({"lag": "shape.lag", "lag_2": "shape.lag", "b4": "shape.lag"})
    piece = read(copy_text(made, made, ["lag_2", "b4"]))
    assert set(paste(made, made, piece).nodes) == {"lag_3", "b4_2"}


def test_wires_from_outside_come_along_if_wanted() -> None:
    made = patch(
        {"a": "generate.lfo", "b": "shape.lag", "c": "shape.lag"},
        ["a.out -> b.value", "b.out -> c.value"],
    )
    piece = read(copy_text(made, made, ["b", "c"]))
    kept = after(paste(made, made, piece, outside=True), made)
    assert {str(w) for w in kept.wires} >= {"a.out -> b_2.value", "b_2.out -> c_2.value"}
    bare = after(paste(made, made, piece), made)
    assert not bare.wires_into("b_2")
    elsewhere = after(paste(Patch(), Patch(), piece, outside=True), Patch())
    assert [str(w) for w in elsewhere.wires] == ["b.out -> c.value"]
    twice = after(duplicate(made, made, ["b"], (0, 90)), made)
    assert str(twice.wires_into("b_2")[0]) == "a.out -> b_2.value"


def test_the_middle_lies_where_it_is_pasted() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag"}).evolve(layout={"a": (0, 0), "b": (100, 50)})
    new = after(paste(made, made, read(copy_text(made, made, ["a", "b"])), (500.4, 500)), made)
    assert new.layout["a_2"] == (450, 475)
    assert new.layout["b_2"] == (550, 525)
    nowhere = patch({"a": "shape.lag"})
    new = after(paste(nowhere, nowhere, read(copy_text(nowhere, nowhere, ["a"])), (7, 8)), nowhere)
    assert new.layout["a_2"] == (7, 8)


def test_frames_come_along_that_are_around_copied_nodes_only() -> None:
    made = patch({"a": "shape.lag", "b": "shape.lag"})
    made = made.evolve(groups={"f": Group("One", "", ("a",)), "g": Group("Both", "", ("a", "b"))})
    pasted = paste(made, made, read(copy_text(made, made, ["a"])))
    assert pasted.frames == ("f_2",)
    assert after(pasted, made).groups["f_2"] == Group("One", "", ("a_2",))


def test_definitions_come_along_and_equal_ones_are_shared() -> None:
    hall = patch({"v": "subpatch.voice", "out": "flow.outlet"}, ["v.out -> out.value"])
    made = Patch(
        nodes={"h": Node("subpatch.hall"), "v": Node("subpatch.voice")},
        subpatches={"voice": VOICE, "hall": hall, "unused": Patch()},
    )
    piece = read(copy_text(made, made, ["h"]))
    assert set(piece.subpatches) == {"voice", "hall"}
    assert not paste(made, made, piece).definitions
    alone = after(paste(Patch(), Patch(), piece), Patch())
    assert alone.subpatches == {"voice": VOICE, "hall": hall}
    other = Patch(subpatches={"voice": Patch(note="another")})
    pasted = paste(other, other, piece)
    assert set(pasted.definitions) == {"voice_2", "hall"}
    assert pasted.definitions["hall"].nodes["v"].type == "subpatch.voice_2"
    same_hall = Patch(subpatches={"voice": Patch(note="another"), "hall": hall})
    pasted = paste(same_hall, same_hall, piece)
    assert set(pasted.definitions) == {"voice_2", "hall_2"}
    assert after(pasted, same_hall).nodes["h"].type == "subpatch.hall_2"


def test_themes_come_along_that_a_text_names() -> None:
    voice = patch({"look": ("theme.preset", {"theme": "dusk"})})
    themes = {id: {"prompt": id} for id in ("lake", "hill", "dusk", "unused")}
    nodes = {
        "a": Node("theme.preset", params={"theme": "lake"}),
        "list": Node("theme.auto", params={"themes": "forge\n hill \nocean"}),
        "v": Node("subpatch.voice"),
    }
    made = Patch(nodes=nodes, subpatches={"voice": voice}, themes=themes)
    piece = read(copy_text(made, made, nodes))
    assert piece.themes == {id: themes[id] for id in ("lake", "hill", "dusk")}
    assert after(paste(Patch(), Patch(), piece), Patch()).themes == piece.themes
    other = Patch(themes={"lake": {"prompt": "another lake"}})
    assert paste(other, other, piece).themes.keys() == {"hill", "dusk"}
    assert read(copy_text(made, made, ["a"])).themes.keys() == {"lake"}


def test_a_subpatch_is_not_put_inside_itself() -> None:
    hall = patch({"v": "subpatch.voice"})
    made = Patch(nodes={"h": Node("subpatch.hall")}, subpatches={"voice": VOICE, "hall": hall})
    piece = read(copy_text(made, made, ["h"]))
    for within in (["hall"], ["hall", "voice"], ["voice"]):
        with pytest.raises(EditError, match="hall cannot be put inside itself"):
            paste(made, VOICE, piece, within=within)
    voice = read(copy_text(made, hall, ["v"]))
    assert paste(made, hall, voice, within=["hall"]).nodes == ("v_2",)


def test_a_copy_is_a_file_that_can_be_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = patch({"a": "generate.lfo", "b": "shape.lag"}, ["a.out -> b.value"])
    path = tmp_path_factory.mktemp("mail") / "piece.json"
    path.write_text(copy_text(made, made, ["b"]))
    assert set(load(path).nodes) == {"b"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "what was copied is no patch"),
        ("hello", "what was copied is no patch"),
        ("[1, 2]", "what was copied is no patch"),
        ('{"nodegraph": 1, "nodes": {', "what was copied is no patch: line 1"),
        ('{"nodegraph": 1, "nodes": {}}', "what was copied has no nodes"),
        ('{"nodegraph": 1, "nodes": {"a": {"type": 7}}}', "what was copied is no patch: line 1"),
    ],
)
def test_other_texts_are_refused(text: str, why: str) -> None:
    with pytest.raises(EditError) as raised:
        read(text)
    assert str(raised.value).startswith(why)


@pytest.mark.parametrize("cut", [["nonsense"], [7], "text", [["a.out -> b.in"]], {"a": 1}])
def test_strange_cut_wires_are_passed_over(cut: Sequence[object]) -> None:
    piece = Patch(nodes={"a": Node("shape.lag")}, extra={"cut_wires": cut})  # type: ignore[dict-item]  # as a stranger's text may have it
    made = patch({"b": "shape.lag"})
    assert after(paste(made, made, piece, outside=True), made).wires == ()
