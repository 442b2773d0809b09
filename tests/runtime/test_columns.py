"""Columns: a port keeps its own while it lives, and the rows are an engine's numbers."""

from __future__ import annotations

from math import isnan
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import catalogue, engine, patch

from nodegraph import Clock, Trigger, native, node
from nodegraph.compiler import compile_patch
from nodegraph.runtime import publish
from nodegraph.runtime.columns import FIRST_CAPACITY, Column, Columns, names_of, numbers_of

PORTS = [f"n{i}.out" for i in range(3 * FIRST_CAPACITY)]


@given(st.lists(st.sets(st.sampled_from(PORTS)), max_size=12))
def test_no_edit_takes_a_living_ports_column(edits: list[set[str]]) -> None:
    columns = Columns()
    before: dict[str, Column] = {}
    capacity, most = columns.capacity, 0
    for tick, ports in enumerate(edits):
        table = dict(columns.assign(ports, tick))
        numbers = [column.number for column in table.values()]
        assert table.keys() == ports
        assert len(set(numbers)) == len(numbers)
        assert all(0 <= number < columns.capacity for number in numbers)
        for port, column in table.items():
            assert column == before[port] if port in before else column.since == tick
        most = max(most, len(ports))
        assert capacity <= columns.capacity <= max(FIRST_CAPACITY, 2 * most)
        before, capacity = table, columns.capacity


def test_a_port_named_twice_has_one_column() -> None:
    assert Columns().assign(["a.out", "a.out"]) == {"a.out": Column(0, 0)}


def test_a_freed_column_is_its_new_owners_from_then_on() -> None:
    columns = Columns()
    columns.assign(["a.out", "b.out"])
    assert columns.assign(["b.out", "c.out"], 7) == {"b.out": Column(1, 0), "c.out": Column(0, 7)}


def test_clocks_have_four_columns_and_texts_none() -> None:
    assert names_of("a.out", "number") == names_of("a.out", "trigger") == ("a.out",)
    parts = ("a.clock.bpm", "a.clock.beats", "a.clock.meter", "a.clock.confidence")
    assert names_of("a.clock", "clock") == parts
    assert numbers_of(Clock(120.0, 3.5, 3, 0.25)) == (120.0, 3.5, 3.0, 0.25)
    assert numbers_of(True) == (1.0,)
    assert names_of("a.text", "string") == numbers_of("text") == ()


@node("t.all", outlets="count hit clock text", state=0)
def everything(state: int) -> tuple[int, float, Trigger, Clock, str]:
    """Count, in four kinds."""
    return state + 1, state / 8, state % 3 == 0, Clock(100.0, state / 4), f"{state}"


@pytest.mark.parametrize("before", [[], ["gone.out"]])
def test_a_row_has_every_number_of_every_port(before: list[str]) -> None:
    plan = compile_patch(patch({"a": "t.all", "b": "t.all"}), catalogue(everything))
    columns = Columns()
    columns.assign(before)  # its column becomes free, and is taken again
    names = [name for port, kind in plan.kinds.items() for name in names_of(port, kind)]
    table = columns.assign(names)
    gather, runs = columns.gather(plan.slots, plan.kinds), engine(plan)
    memory = bytearray(publish.Ring.size(4, columns.capacity))
    ring, shown = publish.Ring.create(memory, 4, columns.capacity), publish.Ring.open(memory)
    for n in range(5):
        runs.tick({})
        row = np.frombuffer(gather(runs.values))
        assert len(row) == columns.capacity
        for id in "ab":
            assert row[table[f"{id}.count"].number] == n / 8
            assert row[table[f"{id}.hit"].number] == (n % 3 == 0)
            assert row[table[f"{id}.clock.bpm"].number] == 100.0
            assert row[table[f"{id}.clock.beats"].number] == n / 4
            assert row[table[f"{id}.clock.meter"].number] == 4
        assert sum(isnan(number) for number in row) == columns.capacity - len(names)
        for code in {None, native.code}:
            with mock.patch.object(publish, "code", code):
                ring.publish(runs.values, gather)
            assert np.array_equal(shown.newest(), row, equal_nan=True)
    assert ring.ticks == shown.ticks == 5 * len({None, native.code})


def test_a_port_that_no_slot_has_reads_as_nothing() -> None:
    columns = Columns()
    columns.assign(["ghost.out"])
    assert np.isnan(np.frombuffer(columns.gather({}, {})([]))).all()
