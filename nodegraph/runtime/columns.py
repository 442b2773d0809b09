"""Which number of a tick stands in which column, and stays there while its port lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import nan, sqrt
from struct import Struct
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nodegraph.values import NUMERIC, Clock

FIRST_CAPACITY = 64

Row: TypeAlias = bytes | memoryview
"""The bytes of float64[columns]: a number for every column, booleans as 0 and 1."""


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
        flat = value.ravel()
        if not flat.size:
            return (0.0, 0.0)
        rms = sqrt(float(flat.dot(flat)) / flat.size)
        return (rms, max(flat.item(flat.argmax()), -flat.item(flat.argmin())))
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

    def gather(self, slots: Mapping[str, int], kinds: Mapping[str, str]) -> Gather:
        """What makes rows of an engine's values; NaN where no port lives.

        `slots` and `kinds` are a plan's, by port; the slots of numbers and switches come first.
        """
        spread = [port for port in slots if kinds[port] in PARTS]
        parts = [name for port in spread for name in names_of(port, kinds[port])]
        room = {port: slot for port, slot in slots.items() if kinds[port] in NUMERIC}
        numbers = max(room.values(), default=-1) + 1
        room |= {name: place for place, name in enumerate(parts, numbers)}
        nowhere = numbers + len(parts)
        places = np.full(self.capacity, nowhere)
        for port, column in self.table.items():
            places[column.number] = room.get(port, nowhere)
        return Gather(numbers, [slots[port] for port in spread], places, nowhere)


class Gather:
    """Makes rows of an engine's values.

    Of those it takes so many `numbers`, and the parts of what fills more columns. `places` tells
    for each column which of them stands there, `nowhere` where none does.
    """

    def __init__(
        self, numbers: int, spread: Sequence[int], places: NDArray[np.intp], nowhere: int
    ) -> None:
        self._numbers = numbers
        self._spread = spread
        self._places = places
        self._packed = Struct(f"{nowhere}d").pack
        self._nan = np.array([nan]).tobytes()
        self._row = np.empty(len(places))
        self._bytes = self._row.data.cast("B")
        self.order = np.where(places == nowhere, -1, places).astype(np.int32).tobytes()
        """The same for native code: int32[columns], -1 where nothing stands."""

    def flat(self, values: list[object]) -> list[object]:
        """All that may stand in a row."""
        if len(values) == self._numbers:
            return values
        parts = [part for at in self._spread for part in numbers_of(values[at])]
        return [*values[: self._numbers], *parts]

    def __call__(self, values: list[object]) -> Row:
        """The next row, in the same memory each time."""
        made = np.frombuffer(self._packed(*self.flat(values)) + self._nan)
        made.take(self._places, None, self._row, "clip")
        return self._bytes
