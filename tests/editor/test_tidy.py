"""Where nodes lie: aligned and spread exactly; tidied without overlaps, and once for all."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import wire

from nodegraph.editor.tidy import How, Size, align, tidy
from nodegraph.graph import Position, Wire

Places = Mapping[str, Position]

PLACES: Places = {"a": (0, 0), "b": (300, 40), "c": (90, 200)}
SIZES: Mapping[str, Size] = {"a": (100, 50), "b": (40, 80), "c": (60, 20)}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("left", {"a": (0, 0), "b": (0, 40), "c": (0, 200)}),
        ("right", {"a": (240, 0), "b": (300, 40), "c": (280, 200)}),
        ("top", {"a": (0, 0), "b": (300, 0), "c": (90, 0)}),
        ("bottom", {"a": (0, 170), "b": (300, 140), "c": (90, 200)}),
        ("centre", {"a": (135, 0), "b": (165, 40), "c": (155, 200)}),
        ("middle", {"a": (0, 92), "b": (300, 78), "c": (90, 108)}),
        ("across", {"a": (0, 0), "b": (300, 40), "c": (170, 200)}),
        ("down", {"a": (0, 0), "b": (300, 85), "c": (90, 200)}),
    ],
)
def test_align(how: How, expected: Places) -> None:
    assert align(PLACES, SIZES, how) == expected
    assert align(expected, SIZES, how) == expected
    assert align({"a": (1, 2)}, SIZES, how) == {"a": (1, 2)}
    assert align({}, SIZES, how) == {}


def overlaps(places: Places, sizes: Mapping[str, Size]) -> list[tuple[str, str]]:
    return [
        (a, b)
        for a, b in combinations(places, 2)
        if all(
            places[a][i] < places[b][i] + sizes[b][i] and places[b][i] < places[a][i] + sizes[a][i]
            for i in (0, 1)
        )
    ]


def drawn(random: Random, most: int = 14) -> tuple[Places, Mapping[str, Size], list[Wire]]:
    ids = [f"n{i}" for i in range(random.randint(1, most))]
    places = {id: (random.randrange(-900, 900), random.randrange(-900, 900)) for id in ids}
    sizes = {id: (random.randrange(60, 300), random.randrange(30, 400)) for id in ids}
    wires = [
        wire(f"{random.choice(ids)}.out -> {random.choice([*ids, 'outside'])}.i{i}")
        for i in range(random.randrange(2 * len(ids)))
    ]
    return places, sizes, wires


@given(st.randoms(use_true_random=False))
def test_tidied_boxes_never_overlap_and_stay(random: Random) -> None:
    places, sizes, wires = drawn(random)
    tidied = tidy(places, sizes, wires)
    assert tidied.keys() == places.keys()
    assert not overlaps(tidied, sizes)
    for axis in (0, 1):
        assert min(at[axis] for at in tidied.values()) == min(at[axis] for at in places.values())
    assert tidy(tidied, sizes, wires) == tidied


@given(st.randoms(use_true_random=False))
def test_wires_lead_to_the_right(random: Random) -> None:
    places, sizes, wires = drawn(random)
    ids = sorted(places)
    onward = [w for w in wires if w.target.node in places and w.source.node < w.target.node]
    tidied = tidy(places, sizes, onward)
    for source, target in onward:
        right = tidied[source.node][0] + sizes[source.node][0]
        assert right < tidied[target.node][0], (source, target)
    assert len(ids) == len(tidied)


def test_crossed_wires_are_uncrossed() -> None:
    places: Places = {"a": (0, 0), "b": (0, 100), "y": (300, 0), "x": (300, 100)}
    sizes = dict.fromkeys(places, (100.0, 50.0))
    wires = [wire("a.out -> x.value"), wire("b.out -> y.value"), wire("a.out -> y.side")]
    tidied = tidy(places, sizes, wires)
    # One of the two ways round has no crossing: a above b exactly if x is above y.
    assert (tidied["a"][1] < tidied["b"][1]) == (tidied["x"][1] < tidied["y"][1])


def test_a_loop_is_laid_out_too() -> None:
    places = dict.fromkeys(("a", "b", "z"), (0.0, 0.0))
    sizes = dict.fromkeys(places, (100.0, 50.0))
    loop = [wire("a.out -> b.value"), wire("b.out -> z.value"), wire("z.out -> a.value")]
    tidied = tidy(places, sizes, loop)
    assert len({at[0] for at in tidied.values()}) == 3


def test_a_thousand_nodes_take_little_time() -> None:
    random = Random(1)
    ids = [f"n{i}" for i in range(1000)]
    places = {id: (random.randrange(9000), random.randrange(9000)) for id in ids}
    sizes = dict.fromkeys(ids, (180.0, 120.0))
    wires = [
        wire(f"n{random.randrange(i)}.out -> n{i}.v{k}") for i in range(1, 1000) for k in (0, 1)
    ]
    begun = time.process_time()
    tidied = tidy(places, sizes, wires)
    assert time.process_time() - begun < 2.0
    assert len(set(tidied.values())) == 1000
