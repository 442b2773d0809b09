"""A ring of rows in shared memory: what every numeric port did in the last seconds, tick by tick.

One process writes, any number map the same buffer read-only and read. Nobody waits for anybody.

    header   8 words of 8 bytes: magic, version, rows, columns, writing, ticks, 0, 0
    rows     each: stamp, float64[columns], stamp; tick n lies in row n % rows, its stamp is n + 1

The writer says in `writing` how many ticks it has begun, then writes the row, then says in `ticks`
how many are whole. A reader looks at `ticks`, copies, and then looks at `writing`: what the writer
may have touched meanwhile is dropped. That is a sequence lock (Lameter, "Effective synchronization
on Linux/NUMA systems", 2005) with a row for each sequence number.

It holds where stores are seen in the order in which they were made, as on x86 (TSO). Each word of
the header is aligned and stored at once. ARM may show them in another order for some nanoseconds;
there the stamps at both ends of a row and the one row that is never given to readers stand guard:
a row that is not yet all there is left for the reader's next visit. Only a row of which just the
middle came late would pass.
"""

from __future__ import annotations

from mmap import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.native import code
from nodegraph.runtime.columns import Column, Gather, Row

Buffer = bytearray | memoryview | mmap

ROWS = 512
"""5 seconds at 94 ticks a second, and some."""

VERSION = 1
_MAGIC = int.from_bytes(b"ngvalues", "little")
_HEADER = 64
_WORD = 8
_WRITING, _TICKS = 4, 5


class Ring:
    """The writer's side of a buffer: one row of numbers a tick."""

    def __init__(self, buffer: Buffer) -> None:
        self.rows, self.columns = _shape(buffer)
        size = self.size(self.rows, self.columns)
        self._words = memoryview(buffer).cast("B")[:size].cast("Q")
        self._bytes = self._words.cast("B")
        width = self.columns + 2
        self._places = [
            (begin, slice(_WORD * (begin + 1), _WORD * (begin + width - 1)), begin + width - 1)
            for begin in range(_HEADER // _WORD, len(self._words), width)
        ]
        """Of each row: its stamps, in words, with its numbers between them, in bytes."""
        self.ticks: int = self._words[_TICKS]

    @staticmethod
    def size(rows: int, columns: int) -> int:
        """How many bytes a buffer needs."""
        return _HEADER + rows * (columns + 2) * _WORD

    @classmethod
    def create(cls, buffer: Buffer, rows: int, columns: int, before: Ring | None = None) -> Ring:
        """Make a buffer a ring, empty or with the past of a smaller one with as many rows.

        Whoever opens the buffer earlier than this is done is told that it is no ring.
        """
        if memoryview(buffer).nbytes < cls.size(rows, columns):
            raise ValueError(f"{rows} rows of {columns} numbers need {cls.size(rows, columns)} B")
        words = np.frombuffer(buffer, np.uint64, cls.size(rows, columns) // _WORD)
        words[:] = 0
        words[1:4] = VERSION, rows, columns
        if before is not None:
            if before.rows != rows or before.columns > columns:
                raise ValueError("a ring carries on one with as many rows and no more columns")
            words[_WRITING] = words[_TICKS] = before.ticks
            old, new = _table(before._words, rows), _table(words, rows)
            new[:, : before.columns + 1] = old[:, :-1]
            new[:, -1] = old[:, -1]
        words[0] = _MAGIC
        return cls(buffer)

    @staticmethod
    def open(buffer: Buffer | bytes) -> Reader:
        """The reader's side of a buffer; it may be read-only."""
        return Reader(buffer)

    def publish(self, values: list[object], gather: Gather) -> None:
        """Write the next tick's row, of an engine's values."""
        if code is None:
            self.write(gather(values))
            return
        self.ticks = tick = self.ticks + 1
        code.publish(self._words, self.rows, tick, gather.flat(values), gather.order)

    def write(self, row: Row) -> None:
        """Write the next tick's row."""
        words = self._words
        begin, room, end = self._places[self.ticks % self.rows]
        self.ticks = tick = self.ticks + 1
        words[_WRITING] = tick
        words[begin] = tick
        self._bytes[room] = row
        words[end] = tick
        words[_TICKS] = tick


class Rows(NamedTuple):
    """Whole rows, one a tick from tick `first` on: float64[ticks, columns], the caller's own."""

    first: int
    values: NDArray[np.float64]

    @property
    def end(self) -> int:
        """The tick to ask for next."""
        return self.first + len(self.values)

    def of(self, column: Column) -> NDArray[np.float64]:
        """One port's numbers, float64[ticks]; NaN before it lived."""
        numbers = self.values[:, column.number].copy()
        numbers[: max(0, column.since - self.first)] = np.nan
        return numbers


class Reader:
    """The reader's side of a buffer. It writes nothing, and never gives a row that is not whole."""

    def __init__(self, buffer: Buffer | bytes) -> None:
        self.rows, self.columns = _shape(buffer)
        size = Ring.size(self.rows, self.columns)
        self._words = memoryview(buffer).cast("B")[:size].cast("Q")
        self._table = _table(self._words, self.rows)

    @property
    def ticks(self) -> int:
        """How many ticks have been written since the ring began."""
        return int(self._words[_TICKS])

    def since(self, tick: int) -> Rows:
        """Every row from `tick` to the newest.

        Whoever comes again with `rows.end` before the ring has turned (`rows - 1` ticks) sees each
        tick once. Who comes later has lost `rows.first - tick` of them.
        """
        end = self.ticks
        begin = min(max(tick, end - self.rows + 1, 0), end)
        ticks = np.arange(begin, end, dtype=np.uint64)
        copied = self._table[ticks % np.uint64(self.rows)]
        oldest = int(self._words[_WRITING]) - self.rows + 1
        touched = max(0, oldest - begin)
        rows = copied[touched:]
        whole = (rows[:, (0, -1)] == ticks[touched:, None] + np.uint64(1)).all(axis=1)
        count = len(rows) if whole.all() else int(whole.argmin())
        return Rows(begin + touched, rows[:count, 1:-1].view(np.float64))

    def newest(self) -> NDArray[np.float64]:
        """The last row, float64[columns]; NaN before the first tick."""
        for back in range(1, min(self.ticks + 1, self.rows)):
            values = self.since(self.ticks - back).values
            if len(values):
                return np.array(values[-1], np.float64)
        return np.full(self.columns, np.nan)


def _table(words: memoryview | NDArray[np.uint64], rows: int) -> NDArray[np.uint64]:
    """The rows without the header: uint64[rows, columns + 2]."""
    return np.asarray(words, np.uint64)[_HEADER // _WORD :].reshape(rows, -1)


def _shape(buffer: Buffer | bytes) -> tuple[int, int]:
    """Rows and columns of a ring; an error for what is none."""
    view = memoryview(buffer).cast("B")
    if view.nbytes < _HEADER:
        raise NodegraphError("This memory holds no port values: it is too short.")
    magic, version, rows, columns = view[: 4 * _WORD].cast("Q")
    if magic != _MAGIC:
        raise NodegraphError("This memory holds no port values (yet).")
    if version != VERSION:
        raise NodegraphError(
            f"These port values are laid out in version {version}, this program reads {VERSION}: "
            "use the same nodegraph on both sides."
        )
    if rows < 2 or columns < 1 or view.nbytes < Ring.size(rows, columns):
        raise NodegraphError(
            f"This memory is damaged: {rows} rows of {columns} numbers in {view.nbytes} bytes."
        )
    return rows, columns
