"""Which number of a tick stands in which column, and stays there while its port lives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import nan, sqrt
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from nodegraph.values import NUMERIC, Clock

FIRST_CAPACITY = 64


class Column(NamedTuple):
    """Where a port's numbers stand, and the first tick whose number is its own."""

    number: int
    since: int


PARTS: Mapping[str, tuple[str, ...]] = {"clock": Clock._fields, "audio": ("rms", "peak")}
"""Kinds of which a port fills more than one column."""


def names_of(port: str, kind: str) -> tuple[str, ...]:
    """The names of the columns that a port fills: one for a number, more for some kinds.

    A clock's are `node.outlet.bpm`, `.beats`, `.meter` and `.confidence`, those of sound `.rms` and
    `.peak`, both 0..1 and over all channels; other kinds have none.
    """
    if kind in NUMERIC:
        return (port,)
    return tuple(f"{port}.{part}" for part in PARTS.get(kind, ()))


def numbers_of(value: object) -> tuple[float, ...]:
    """What a port of a kind that `names_of` knows puts into its columns in one tick."""
    if isinstance(value, Clock):
        return (value.bpm, value.beats, float(value.meter), value.confidence)
    if isinstance(value, np.ndarray):
        flat = value.reshape(-1)
        rms = sqrt(float(flat.dot(flat)) / max(flat.size, 1))
        return (rms, float(max(flat.max(initial=0.0), -flat.min(initial=0.0))))
    return (float(value),) if isinstance(value, int | float) else ()


class Columns:
    """Gives every port a column that no other port has while it lives.

    `table` is by name (see `names_of`), `capacity` how many columns a row has to have: when it
    has outgrown the ring, it is time for a bigger one.
    """

    def __init__(self) -> None:
        self.table: dict[str, Column] = {}
        self.capacity = FIRST_CAPACITY
        self._free = list(range(FIRST_CAPACITY))

    def assign(self, ports: Iterable[str], tick: int = 0) -> Mapping[str, Column]:
        """From `tick` on these ports live, and no others. Gives the new table.

        Whoever lived before keeps its column and so its past; a column that another port had is
        its new owner's only from `tick` on.
        """
        wanted = dict.fromkeys(ports)
        for gone in self.table.keys() - wanted.keys():
            heappush(self._free, self.table[gone].number)
        kept = {port: self.table[port] for port in wanted if port in self.table}
        self._grow_to(len(wanted))
        self.table = {
            port: kept[port] if port in kept else Column(heappop(self._free), tick)
            for port in wanted
        }
        return self.table

    def _grow_to(self, least: int) -> None:
        while self.capacity < least:
            for number in range(self.capacity, 2 * self.capacity):
                heappush(self._free, number)
            self.capacity *= 2

    def gather(
        self, slots: Mapping[str, int], kinds: Mapping[str, str]
    ) -> Callable[[Sequence[object]], tuple[float, ...]]:
        """A function that makes one row of an engine's values; NaN where no port lives.

        `slots` and `kinds` are a plan's, by port.
        """
        spread = [port for port in slots if kinds[port] in PARTS]
        parts = [name for port in spread for name in names_of(port, kinds[port])]
        room = {name: place for place, name in enumerate(parts, 1)}
        room |= {p: 1 + len(parts) + slots[p] for p in slots if kinds[p] in NUMERIC}
        places = [0] * self.capacity
        for port, column in self.table.items():
            places[column.number] = room.get(port, 0)
        return _gatherer(itemgetter(*places), [slots[port] for port in spread])


def _gatherer(
    pick: Callable[[Sequence[object]], tuple[float, ...]], spread: Sequence[int]
) -> Callable[[Sequence[object]], tuple[float, ...]]:
    """Pick from a NaN, the numbers of what fills more columns, and all values, in a row."""

    def row(values: Sequence[object]) -> tuple[float, ...]:
        room: list[object] = [nan]
        for place in spread:
            room += numbers_of(values[place])
        room += values
        return pick(room)

    return row
