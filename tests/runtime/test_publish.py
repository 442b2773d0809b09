"""The ring: another process sees each tick once and whole, and hears what it missed."""

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc
from array import array
from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from statistics import median
from struct import Struct
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.errors import NodegraphError
from nodegraph.runtime.columns import Columns
from nodegraph.runtime.publish import ROWS, Reader, Ring

WRITER = """
import sys
from array import array
from mmap import mmap
from nodegraph.runtime.publish import Ring

path, rows, columns, ticks = sys.argv[1], *map(int, sys.argv[2:])
with open(path, "r+b") as file:
    buffer = mmap(file.fileno(), 0)
ring = Ring.create(buffer, rows, columns)
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
for tick in range(ticks):
    ring.write(array("d", [tick] * columns).tobytes())
"""


def ring(rows: int = ROWS, columns: int = 3) -> tuple[Ring, Reader]:
    buffer = bytearray(Ring.size(rows, columns))
    return Ring.create(buffer, rows, columns), Ring.open(memoryview(buffer).toreadonly())


def row(numbers: Iterable[float]) -> bytes:
    return array("d", numbers).tobytes()


def fill(writer: Ring, ticks: int) -> None:
    for _ in range(ticks):
        writer.write(row([writer.ticks + i / 8 for i in range(writer.columns)]))


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "columns"), [(ROWS, 64), (ROWS, 256), (8, 512)])
def test_another_process_at_full_speed_never_shows_a_torn_row(
    tmp_path: Path, rows: int, columns: int
) -> None:
    path, ticks = tmp_path / "values", 200_000 if columns == 64 else 20_000
    path.write_bytes(bytes(Ring.size(rows, columns)))
    command = [sys.executable, "-c", WRITER, str(path), str(rows), str(columns), str(ticks)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        with path.open("rb") as file:
            reader = Ring.open(mmap(file.fileno(), 0, access=ACCESS_READ))
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
        seen = lost = visits = at = 0
        while at < ticks:
            got = reader.since(at)
            assert got.first >= at
            expected = np.arange(got.first, got.end, dtype=np.float64)
            np.testing.assert_array_equal(got.values, np.tile(expected, (columns, 1)).T)
            begun = reader.ticks > 0  # asked first: a tick may come between the two
            newest = reader.newest()
            assert not begun or (newest == newest[0]).all()
            lost += got.first - at
            seen += len(got.values)
            visits += len(got.values) > 0
            at = got.end
    assert writer.returncode == 0
    assert seen + lost == ticks
    assert visits > 2


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(2, 20))
def test_a_reader_sees_each_tick_once_or_hears_that_it_is_lost(steps: list[int], rows: int) -> None:
    writer, reader = ring(rows)
    at = 0
    for step in steps:
        fill(writer, step)
        got = reader.since(at)
        assert got.end == writer.ticks
        assert got.first - at == max(0, writer.ticks - at - (rows - 1))
        np.testing.assert_array_equal(got.values[:, 1], np.arange(got.first, got.end) + 1 / 8)
        at = got.end
    assert (reader.newest()[2] == at - 1 + 2 / 8) if at else np.isnan(reader.newest()).all()


def test_every_trigger_is_seen_by_who_comes_within_five_seconds() -> None:
    writer, reader = ring(columns=1)
    chance = random.Random(1)
    at = fired = seen = 0
    for _ in range(100):
        for _ in range(chance.randrange(5 * 94)):
            hit = chance.random() < 0.1
            fired += hit
            writer.write(row([hit]))
        got = reader.since(at)
        assert got.first == at
        seen, at = seen + int(got.values.sum()), got.end
    assert seen == fired > 1000


def test_a_row_that_is_being_written_is_left_for_later() -> None:
    writer, reader = ring(8)
    fill(writer, 20)
    words = writer._words
    words[4] = 21  # tick 20 has begun: it goes where tick 12 was, which nobody is given
    assert (reader.since(0).first, reader.since(0).end) == (14, 20)
    assert reader.newest()[0] == 19
    words[5] = 21  # … and is said to be whole before it is there, as ARM may show it
    assert (reader.since(0).first, reader.since(0).end) == (14, 20)
    assert reader.newest()[0] == 19


def test_nobody_is_ahead_of_the_writer() -> None:
    writer, reader = ring()
    fill(writer, 5)
    assert (reader.since(99).first, reader.since(99).end) == (5, 5)
    assert reader.since(-3).first == 0


def test_an_edit_and_a_bigger_ring_keep_the_past() -> None:
    columns = Columns()
    columns.assign(["a.out", "b.out"])
    small, _ = ring(8, columns.capacity)
    numbers = [float("nan")] * columns.capacity
    for n in range(4):
        numbers[0], numbers[1] = n, -n
        small.write(row(numbers))
    more = [f"c{i}.out" for i in range(100)]
    table = columns.assign(["b.out", *more], small.ticks)
    assert columns.capacity > small.columns
    buffer = bytearray(Ring.size(8, columns.capacity))
    big, reader = Ring.create(buffer, 8, columns.capacity, before=small), Ring.open(buffer)
    big.write(row(range(columns.capacity)))
    got = reader.since(0)
    assert list(got.of(table["b.out"])) == [0, -1, -2, -3, 1]
    assert table[more[0]].number == 0  # where a.out was
    np.testing.assert_array_equal(got.of(table[more[0]]), [np.nan] * 4 + [0.0])
    np.testing.assert_array_equal(reader.since(4).of(table[more[0]]), [0.0])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda b: b[:40], "too short"),
        (lambda b: bytes(len(b)), "no port values"),
        (lambda b: b[:8] + b"\x02" + b[9:], "version 2"),
        (lambda b: b[:100], "damaged: 4 rows of 3 numbers in 100 bytes"),
        (lambda b: b[:16] + bytes(8) + b[24:], "damaged"),
        (lambda b: b[:24] + b"\xff" * 8 + b[32:], "damaged"),
    ],
)
def test_what_is_no_ring_is_refused_in_a_sentence(damage: object, said: str) -> None:
    buffer = bytearray(Ring.size(4, 3))
    Ring.create(buffer, 4, 3)
    assert callable(damage)
    with pytest.raises(NodegraphError, match=said):
        Ring.open(damage(bytes(buffer)))


def test_a_buffer_that_is_too_small_or_a_past_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="need"):
        Ring.create(bytearray(100), ROWS, 3)
    writer, _ = ring(8, 3)
    with pytest.raises(ValueError, match="as many rows"):
        Ring.create(bytearray(Ring.size(8, 2)), 8, 2, before=writer)


def test_writing_costs_less_than_packing_and_keeps_nothing() -> None:
    writer, _ = ring(ROWS, 1000)
    given = [float(i) for i in range(1000)]
    values = row(given)
    room, pack = bytearray(8000), Struct("1000d").pack_into

    def seconds(call: object, *given: object) -> float:
        assert callable(call)
        begun = perf_counter()
        for _ in range(100):
            call(*given)
        return perf_counter() - begun

    pairs = [(seconds(writer.write, values), seconds(pack, room, 0, *given)) for _ in range(21)]
    assert median(mine / bare for mine, bare in pairs) < 0.5
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(2000):
            writer.write(values)
        assert tracemalloc.get_traced_memory()[0] - before < 200
    finally:
        tracemalloc.stop()
