"""What a trace comes to: each column in a few numbers, the messages counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.errors import NodegraphError
from nodegraph.runtime.trace import Trace

CLOCK_PARTS = ("bpm", "beats", "confidence")


@dataclass(frozen=True, slots=True)
class Facts:
    """One column. `changes` counts the ticks that differ from the one before.

    Numbers and switches have `low`, `mean` and `high`; triggers `count` and `per_minute`;
    everything else `distinct`, the number of different values.
    """

    port: str
    kind: str
    changes: int
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    count: int | None = None
    per_minute: float | None = None
    distinct: int | None = None


def column_facts(trace: Trace) -> list[Facts]:
    """The facts of every column, in the order of their names."""
    return [_facts(port, trace) for port in sorted(trace.columns)]


def _facts(port: str, trace: Trace) -> Facts:
    column, kind = trace[port], trace.kinds[port]
    changes = len(change_ticks(column))
    if not len(column):
        return Facts(port, kind, 0)
    if kind == "trigger":
        count = int(np.count_nonzero(column))
        per_minute = 60.0 * count / trace.duration if trace.duration else 0.0
        return Facts(port, kind, changes, count=count, per_minute=per_minute)
    if column.dtype == object:
        return Facts(port, kind, changes, distinct=len(set(column)))
    low, mean, high = float(column.min()), float(column.mean()), float(column.max())
    return Facts(port, kind, changes, low, mean, high)


def change_ticks(column: NDArray[Any]) -> NDArray[np.intp]:
    """The ticks at which a column differs from the tick before."""
    return np.flatnonzero(column[1:] != column[:-1]) + 1


def message_counts(trace: Trace) -> dict[str, dict[str, int]]:
    """How often each sink was sent each parameter."""
    counts: dict[str, Counter[str]] = {}
    for _, message in trace.messages:
        counts.setdefault(message.sink, Counter()).update(message.body.keys())
    return {sink: dict(sorted(count.items())) for sink, count in sorted(counts.items())}


def unfolded(trace: Trace) -> Trace:
    """The trace with each clock as numbers: `beat.clock.bpm`, `.beats`, `.confidence`."""
    columns: dict[str, NDArray[Any]] = {}
    kinds: dict[str, str] = {}
    for port, column in trace.columns.items():
        if trace.kinds[port] != "clock":
            columns[port], kinds[port] = column, trace.kinds[port]
            continue
        for part in CLOCK_PARTS:
            values = [getattr(clock, part) for clock in column]
            columns[f"{port}.{part}"] = np.array(values, np.float64)
            kinds[f"{port}.{part}"] = "number"
    return replace(trace, columns=columns, kinds=kinds)


def only(trace: Trace, names: Iterable[str]) -> Trace:
    """The trace with just the columns of these nodes and outlets; all of them if none is named.

    Raises `NodegraphError` for a name that the trace has not.
    """
    wanted = list(names)
    chosen: dict[str, NDArray[Any]] = {}
    for name in wanted:
        found = _named(name, trace.columns)
        if not found:
            nodes = {port.partition(".")[0] for port in trace.columns}
            near = get_close_matches(name, [*trace.columns, *nodes], 3)
            hint = f"did you mean {', '.join(near)}?" if near else "see `nodegraph trace TRACE`"
            raise NodegraphError(f"--only {name}: the trace has no such node or outlet; {hint}")
        chosen |= found
    return replace(trace, columns=chosen) if wanted else trace


def _named(name: str, columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {
        port: column
        for port, column in columns.items()
        if port == name or port.startswith(f"{name}.")
    }
