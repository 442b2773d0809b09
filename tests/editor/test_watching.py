"""Numbers read from shared memory: each tick once, in its place, across rings and plans."""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.mirror import Deck, Mirror
from nodegraph.editor.watching import Watching, shown
from nodegraph.portable import plain
from nodegraph.runtime.columns import Column
from nodegraph.runtime.publish import ROWS, Ring
from nodegraph.values import Clock, Prompt, Theme


class Asked:
    """Stands where a link would: keeps what is asked."""

    def __init__(self) -> None:
        self.watched: list[dict[str, object]] = []

    def ask(self, verb: str, then: object, failed: object, /, **fields: object) -> None:
        assert verb == "watch"
        self.watched.append(fields)


class Engine:
    """Writes a ring in a file, as an engine does, and tells the deck of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mirror = Mirror()
        self.mirror.folder = str(folder)
        self.deck = self.mirror.decks["main"] = Deck()
        self.asked = Asked()
        self.watching = Watching(self.asked, self.mirror)  # type: ignore[arg-type]  # as a link
        self.ring: Ring | None = None
        self.memory: list[np.memmap[Any, Any]] = []

    def show(self, name: str, columns: Mapping[str, Column], capacity: int) -> None:
        """Begin another ring, which goes on where the one before ended."""
        size = Ring.size(ROWS, capacity)
        self.memory.append(np.memmap(self.folder / name, np.uint8, "w+", shape=(size,)))
        self.ring = Ring.create(self.memory[-1].data, ROWS, capacity, self.ring)
        self.deck.ring, self.deck.columns = name, columns

    def tick(self, *values: float) -> None:
        assert self.ring is not None
        unused = [nan] * (self.ring.columns - len(values))
        self.ring.write(array("d", [*values, *unused]).tobytes())


@given(steps=st.lists(st.integers(0, 700), min_size=1, max_size=6))
def test_the_past_is_what_was_written(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = Engine(tmp_path_factory.mktemp("ring"))
    engine.show("a", {"n.out": Column(0, 0), "b.out": Column(1, 0)}, 4)
    written: list[float] = []
    for count in steps:
        for _ in range(count):
            written.append(float(len(written)))
            engine.tick(written[-1], float(len(written) % 3 == 0))
        engine.watching.refresh()
        history = engine.watching.history("n.out")
        assert len(history) == min(len(written), ROWS - 1)
        assert list(history) == written[len(written) - len(history) :]
        newest = engine.watching.newest("n.out")
        assert newest == written[-1] if written else isnan(newest)
    if max(steps) < ROWS:
        assert engine.watching.fired("b.out") == len(written) // 3


def test_a_larger_ring_goes_on_and_a_new_port_begins(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.show("a", {"n.out": Column(0, 0), "t.out": Column(1, 0)}, 2)
    for tick in range(100):
        engine.tick(tick, tick % 2)
    engine.watching.refresh()
    assert engine.watching.fired("t.out") == 50
    columns = {"n.out": Column(0, 0), "t.out": Column(1, 0), "m.out": Column(2, 100)}
    engine.show("b", columns, 8)
    for tick in range(100, 110):
        engine.tick(tick, tick % 2, -tick)
    engine.watching.refresh()
    assert list(engine.watching.history("n.out")) == list(range(110))
    assert list(engine.watching.history("m.out")) == [-tick for tick in range(100, 110)]
    assert engine.watching.fired("t.out") == 55
    engine.deck.columns = {"n.out": Column(0, 0), "x.out": Column(1, 110)}  # t.out is gone
    engine.watching.refresh()
    assert isnan(engine.watching.newest("x.out"))
    engine.tick(110, 7.0)
    engine.watching.refresh()
    assert list(engine.watching.history("x.out")) == [7.0]
    assert engine.watching.fired("x.out") == 1
    assert isnan(engine.watching.newest("t.out"))


def test_another_engine_begins_anew(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.show("a", {"t.out": Column(0, 0)}, 1)
    for tick in range(300):
        engine.tick(tick % 2)
    engine.watching.refresh()
    engine.ring = None
    engine.show("b", {"t.out": Column(0, 0)}, 1)
    engine.watching.refresh()
    assert isnan(engine.watching.newest("t.out"))
    assert not len(engine.watching.history("t.out"))
    for value in (0.0, 1.0, 0.0, 1.0):
        engine.tick(value)
        engine.watching.refresh()
    assert list(engine.watching.history("t.out")) == [0.0, 1.0, 0.0, 1.0]
    assert engine.watching.fired("t.out") == 152


def test_no_ring_no_file_and_no_ring_in_the_file(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.watching.refresh()
    engine.deck.ring, engine.deck.columns = "late", {"n.out": Column(0, 0)}
    engine.watching.refresh()
    assert isnan(engine.watching.newest("n.out"))
    (tmp_path / "late").write_bytes(b"")
    engine.watching.refresh()
    (tmp_path / "late").write_bytes(b"x" * 100)
    engine.watching.refresh()
    engine.show("late", {"n.out": Column(0, 0)}, 1)
    engine.tick(5.0)
    engine.watching.refresh()
    assert engine.watching.newest("n.out") == 5.0
    engine.watching.deck = "nowhere"
    engine.watching.refresh()
    assert isnan(engine.watching.newest("n.out"))


def test_a_thousand_ports_are_read_in_a_fraction_of_a_millisecond(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.show("a", {f"n{i}.out": Column(i, 0) for i in range(1000)}, 1024)
    took = []
    for _ in range(50):
        engine.tick(*range(1000))
        engine.tick(*range(1000))
        begun = time.thread_time()
        engine.watching.refresh()
        took.append(time.thread_time() - begun)
    assert sorted(took)[25] < 0.001


def test_it_moves_while_a_number_does_if_only_between_two_frames(tmp_path: Path) -> None:
    engine, moved = Engine(tmp_path), list[bool]()
    engine.show("a", {"n.out": Column(0, 0)}, 4)
    for frame in ([0.0], [0.0, 0.0], [1.0, 0.0], [], [0.0], [2.0]):
        for value in frame:
            engine.tick(value)
        engine.watching.refresh()
        moved.append(engine.watching.moves)
    assert moved[1:] == [False, True, False, False, True]


def test_texts_are_told_and_vectors_asked_for(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    watching = engine.watching
    watching.watch(["s.magnitude"])
    watching.watch(["s.magnitude"])
    assert engine.asked.watched == [{"deck": "main", "ports": ["s.magnitude"]}]
    values = {"say.prompts": plain((Prompt("a fox"),)), "s.magnitude": [0.5, 1.0]}
    watching.hear({"event": "values", "deck": "main", "values": values})
    assert watching.text("say.prompts") == "a fox"
    assert watching.value("s.magnitude") == (0.5, 1.0)
    watching.hear({"event": "values", "deck": "next", "values": {"say.prompts": []}})
    assert watching.text("say.prompts") == "a fox"
    before = {"main": {"say.prompts": plain((Prompt("a hen"),))}}
    watching.hear({"event": "attached", "look": {"values": before}})
    assert watching.text("say.prompts") == "a hen"
    assert len(engine.asked.watched) == 2
    assert watching.text("gone.out") == ""


def test_what_one_watches_does_not_end_what_another_does(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    watching = engine.watching
    watching.watch(["s.magnitude", "b.bands"])
    watching.watch(["s.magnitude"], "band")
    watching.watch([])
    watching.watch([], "band")
    asked = [each["ports"] for each in engine.asked.watched]
    assert asked == [["b.bands", "s.magnitude"], ["b.bands", "s.magnitude"], ["s.magnitude"], []]


def test_ticks_count_up_to_the_newest_number(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    assert engine.watching.ticks == 0
    engine.show("a", {"n.out": Column(0, 0)}, 1)
    for number in range(700):
        engine.tick(float(number))
    engine.watching.refresh()
    assert engine.watching.ticks == 700
    assert engine.watching.history("n.out")[-1] == 699.0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("one\ntwo", "one two"),
        (Theme("t", "Neon", "city"), "Neon"),
        (Clock(120.0, 3.25), "120.0 BPM, beat 3.25"),
        ((Prompt("a"), Prompt("b", 0.5)), "a, b (0.5)"),
        ((), "nothing"),
        ((1.0, 2.0), "2 numbers"),
        ("x" * 300, "x" * 199 + "…"),
        (True, "True"),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert shown(value) == text
