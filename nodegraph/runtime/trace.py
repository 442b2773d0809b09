"""What every watched outlet did on every tick, and what was sent: recorded, packed, unpacked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler.plan import Plan
from nodegraph.errors import TraceError
from nodegraph.portable import plain, rich
from nodegraph.values import NUMERIC, Message

VERSION = 1
"""Of the packed form."""

_UNKEPT = frozenset({"audio", "vector", "message"})
_CHUNK = 4096
_MOST_TICKS = 100_000_000


@dataclass(frozen=True, repr=False)
class Trace:
    """Columns of values, one row a tick. Iterating gives the names of the columns.

    `times` is float64[ticks]: seconds from the start of the sound to the end of each tick's block.
    `trace["node.outlet"]` is float64[ticks] for numbers, booleans and triggers, and object[ticks]
    for everything else. `messages` are pairs of tick and message. `problems` are sentences.
    """

    rate: int
    block: int
    times: NDArray[np.float64]
    columns: Mapping[str, NDArray[Any]]
    kinds: Mapping[str, str]
    messages: tuple[tuple[int, Message], ...] = ()
    problems: tuple[str, ...] = ()
    title: str = ""

    def __getitem__(self, port: str) -> NDArray[Any]:
        try:
            return self.columns[port]
        except KeyError:
            known = ", ".join(self.columns) or "nothing"
            raise KeyError(f"{port} is not in this trace, which has {known}") from None

    def __contains__(self, port: object) -> bool:
        return port in self.columns

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __repr__(self) -> str:
        return (
            f"<Trace {self.title!r}: {len(self)} ticks, {self.duration:.1f} s, {', '.join(self)}>"
        )

    @property
    def duration(self) -> float:
        """Seconds of sound that the trace covers."""
        return len(self) * self.block / self.rate

    def to_bytes(self) -> bytes:
        """Pack as msgpack. Equal traces give equal bytes."""
        packed = {
            "nodegraph-trace": VERSION,
            "title": self.title,
            "rate": self.rate,
            "block": self.block,
            "ticks": len(self),
            "columns": {
                port: [kind, self._pack(port, kind)]
                for port, kind in sorted(self.kinds.items())
                if port in self.columns
            },
            "messages": [
                [n, m.sink, {key: plain(value) for key, value in m.body.items()}]
                for n, m in self.messages
            ],
            "problems": list(self.problems),
        }
        return bytes(msgpack.packb(packed))

    def _pack(self, port: str, kind: str) -> bytes | list[Any]:
        column = self.columns[port]
        if kind in NUMERIC:
            return column.astype("<f8").tobytes()
        changes: list[Any] = []
        for n, value in enumerate(column):
            if not changes or value != column[n - 1]:
                changes.append([n, plain(value)])
        return changes

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "trace") -> Trace:
        """Unpack what `to_bytes` gave; raises `TraceError` for anything else."""
        try:
            packed = msgpack.unpackb(data, strict_map_key=False)
            version = packed["nodegraph-trace"]
        except Exception as error:  # msgpack fails in many ways on what is not msgpack
            raise TraceError(f"{name} is not a nodegraph trace, or its end is missing") from error
        if version != VERSION:
            raise TraceError(
                f"{name} is a trace of version {version}; this nodegraph reads version {VERSION}"
            )
        try:
            ticks, rate, block = packed["ticks"], packed["rate"], packed["block"]
            if not (0 <= ticks <= _MOST_TICKS and rate > 0 and block > 0):
                raise ValueError(f"{ticks} ticks of {block} samples at {rate} Hz")
            return cls(
                rate=rate,
                block=block,
                times=_times(ticks, rate, block),
                columns={
                    port: _unpack(kind, column, ticks)
                    for port, (kind, column) in packed["columns"].items()
                },
                kinds={port: kind for port, (kind, _) in packed["columns"].items()},
                messages=tuple(
                    (n, Message(sink, {key: rich(value) for key, value in body.items()}))
                    for n, sink, body in packed["messages"]
                ),
                problems=tuple(packed["problems"]),
                title=packed["title"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TraceError(f"{name} is a damaged trace: {error}") from error


@dataclass
class Recorder:
    """Collects a trace tick by tick from the values of an engine."""

    plan: Plan
    rate: int
    block: int
    title: str = ""
    _rows: list[bytes] = field(default_factory=list)
    _told: list[list[object]] = field(default_factory=list)
    _parts: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    _messages: list[tuple[int, Message]] = field(default_factory=list)
    _ticks: int = 0

    def __post_init__(self) -> None:
        slots, kinds = self.plan.slots, self.plan.kinds
        self._parts = {port: [] for port in sorted(slots) if kinds[port] not in _UNKEPT}
        self._numbers = {port: slots[port] for port in self._parts if kinds[port] in NUMERIC}
        self._others = {port: slots[port] for port in self._parts if port not in self._numbers}
        self._count = max(self._numbers.values(), default=-1) + 1
        self._packed = Struct(f"{self._count}d").pack

    def record(self, values: list[object], messages: Iterable[Message]) -> None:
        """Keep what a tick left in the engine's values, numbers and switches first, and what it
        sent."""
        self._rows.append(self._packed(*values[: self._count]))
        self._told.append([values[place] for place in self._others.values()])
        self._messages += [(self._ticks, message) for message in messages]
        self._ticks += 1
        if len(self._rows) == _CHUNK:
            self._into_columns()

    def trace(self, problems: Iterable[object] = ()) -> Trace:
        """Everything so far."""
        self._into_columns()
        return Trace(
            rate=self.rate,
            block=self.block,
            times=_times(self._ticks, self.rate, self.block),
            columns={port: _join(parts) for port, parts in self._parts.items()},
            kinds={port: self.plan.kinds[port] for port in self._parts},
            messages=tuple(self._messages),
            problems=tuple(map(str, problems)),
            title=self.title,
        )

    def _into_columns(self) -> None:
        """Turn the rows of a while into columns, so that a long trace stays small in memory."""
        numbers = np.frombuffer(b"".join(self._rows)).reshape(len(self._rows), self._count)
        for port, place in self._numbers.items():
            self._parts[port].append(numbers[:, place].copy())
        for port, values in zip(self._others, zip(*self._told, strict=True), strict=False):
            self._parts[port].append(_objects(values))
        self._rows.clear()
        self._told.clear()


def _times(ticks: int, rate: int, block: int) -> NDArray[np.float64]:
    return np.arange(1, ticks + 1) * block / rate


def _objects(values: Iterable[object]) -> NDArray[Any]:
    listed = list(values)
    column = np.empty(len(listed), object)
    for n, value in enumerate(listed):
        column[n] = value
    return column


def _join(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0)


def _unpack(kind: str, column: Any, ticks: int) -> NDArray[Any]:
    if kind in NUMERIC:
        values = np.frombuffer(column, "<f8").astype(np.float64)
        if len(values) != ticks:
            raise ValueError(f"a column has {len(values)} values for {ticks} ticks")
        return values
    starts = [n for n, _ in column]
    if starts != sorted(set(starts) & set(range(ticks))) or starts[:1] != [0][:ticks]:
        raise ValueError("the changes of a column are out of order")
    out: list[object] = []
    for (n, value), end in zip(column, [*starts[1:], ticks], strict=False):
        out += [rich(value)] * (end - n)
    return _objects(out)
