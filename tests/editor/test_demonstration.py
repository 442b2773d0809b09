"""Examples: each node type that there is, with what feeds it, plays at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.clipboard import read
from nodegraph.editor.demonstration import example, placed
from nodegraph.graph import Patch, dump
from nodegraph.host.offline import render
from nodegraph.plugins import find

KNOWN = find()
TYPES = KNOWN.types


def types_in(piece: Patch) -> list[str]:
    return sorted(node.type for node in piece.nodes.values())


def awake(piece: Patch) -> Patch:
    nodes = {id: replace(node, mode="") for id, node in piece.nodes.items()}
    return piece.evolve(nodes=nodes)


def test_the_example_of_every_node_type_plays_without_a_problem() -> None:
    for id, type_ in TYPES.items():
        piece = example(type_, TYPES)
        assert id in types_in(piece)
        assert read(dump(piece)) == piece, "it can be copied and pasted"
        for each in (piece, awake(piece)) if type_.sends else (piece,):
            trace = render(each, "demo", duration=1.0, strict=True, catalogue=KNOWN)
            assert trace.problems == (), id
            assert each is not piece or trace.messages == (), f"{id} steers the show"


def test_a_node_is_fed_what_it_listens_to_all_the_way_from_the_demo_track() -> None:
    piece = example(TYPES["audio.band_level"], TYPES)
    assert types_in(piece) == ["audio.band_level", "audio.file", "audio.spectrum"]
    level = render(piece, duration=8.0, catalogue=KNOWN)["band_level.level"]
    assert np.ptp(level) > 0.01


def test_what_hands_something_on_is_also_given_what_it_works_with() -> None:
    wires = [str(wire) for wire in example(TYPES["logic.hold"], TYPES).wires]
    assert wires == ["lfo.out -> hold.value", "manual.beat -> hold.take"]


def test_a_type_that_would_feed_itself_stands_alone() -> None:
    assert types_in(example(TYPES["beat.manual"], TYPES)) == ["beat.manual"]


def test_examples_lie_in_free_space_from_left_to_right() -> None:
    taken = [Rect(-200.0, -200.0, 200.0, 200.0), Rect(-500.0, 250.0, 90.0, 700.0)]
    for id, type_ in TYPES.items():
        piece, area = placed(example(type_, TYPES), TYPES, (0.0, 0.0), taken)
        assert piece.layout.keys() == piece.nodes.keys()
        assert not any(area.meets(box) for box in taken), id
        assert all(area.grown(1.0).holds(*corner) for corner in piece.layout.values()), id
        for wire in piece.wires:
            assert piece.layout[wire.source.node][0] < piece.layout[wire.target.node][0], id
        assert all(one != other for one, other in combinations(piece.layout.values(), 2)), id


def test_an_example_lies_in_the_middle_where_there_is_room() -> None:
    _, area = placed(example(TYPES["shape.lag"], TYPES), TYPES, (300.0, 40.0), [])
    assert area.middle == (300.0, 40.0)
