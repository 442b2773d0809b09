"""Computes the steps of a plan that were put ahead of it, for many ticks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodegraph.compiler.order import vector_of
from nodegraph.compiler.plan import Plan, Step
from nodegraph.errors import NodegraphError
from nodegraph.values import Audio

Column = NDArray[Any]
"""What an outlet gives in some ticks: float64[ticks], bool[ticks], float32[ticks, n] of a vector,
float32[ticks, samples, channels] of sound."""

_UNTHREADED = 1 << 18
"""Multiplications in one product for which OpenBLAS starts no threads: they would take twenty times
as much of the processor as they save."""

_COLUMNS = {
    "number": (1, np.float64),
    "boolean": (1, np.bool_),
    "trigger": (1, np.bool_),
    "vector": (2, np.float32),
    "audio": (3, np.float32),
}
"""The axes and the type of a column, by kind."""


class NotAheadError(NodegraphError):
    """Something went wrong that is a matter of one tick. Run tick by tick, which tells of it."""


class Ahead:
    """What a plan has ahead of it, for ticks of `block` samples at `rate` samples a second."""

    def __init__(self, plan: Plan, *, rate: int, block: int) -> None:
        self._steps = {step.id: step for step in plan.ahead}
        self._states = {it.id: it.first_state for it in plan.ahead if it.type.stateful}
        self._rate = float(rate)
        self._context = {"rate": self._rate, "dt": block / rate}
        self._told = {it.id: [*it.outlet_kinds] for it in plan.steps if it.id in self._steps}
        self._rows: dict[str, Column] = {}
        self._products: dict[tuple[int, int], Column] = {}
        """Those of a batch, by which vectors and which rows they are of: several may share both."""

    def bring(self, sound: Mapping[str, Audio], ticks: int) -> Iterator[dict[str, Any]]:
        """What the engine is to be given, tick by tick, when the sources brought so much sound.

        Raises `NotAheadError`, after which there is no going on.
        """
        blocks = {id: heard.reshape(ticks, -1, heard.shape[1]) for id, heard in sound.items()}
        try:
            with np.errstate(all="ignore"):
                made = self._made(blocks, ticks)
        except Exception as error:  # a guest's code may fail in any way there is
            raise NotAheadError(f"it cannot be computed ahead: {error}") from error
        told = {
            id: zip(*[_listed(made[id][outlet]) for outlet in outlets], strict=True)
            for id, outlets in self._told.items()
        }
        brought = {**blocks, **told}
        rows = zip(range(ticks), *brought.values(), strict=True)
        return (dict(zip(brought, row[1:], strict=True)) for row in rows)

    def _made(self, blocks: Mapping[str, Column], ticks: int) -> dict[str, dict[str, Column]]:
        """The columns of each step's outlets."""
        made: dict[str, dict[str, Column]] = {}
        self._products.clear()
        for id, step in self._steps.items():
            given: dict[str, Any] = {**self._context, **step.params}
            given |= {name: made[feed.node][feed.outlet] for name, feed in step.feeds.items()}
            if step.type.stateful:
                given["state"] = self._states[id]
            if step.type.source is not None:
                given["audio"] = blocks[id]
            if step.type.rows is not None:
                given["product"] = self._product(step, given[vector_of(step)])
            columns = zip(step.outlet_kinds.items(), self._given(step, given), strict=True)
            made[id] = {name: _checked(it, kind, ticks) for (name, kind), it in columns}
        return made

    def _product(self, step: Step, vectors: Column) -> Column:
        """float32[ticks, k]: the step's rows times each vector."""
        rows = self._rows.get(step.id)
        if rows is None or rows.shape[1] != vectors.shape[1]:
            params = {name: step.params[name] for name in step.type.row_params}
            assert step.type.rows is not None  # or it would have no product
            made = np.asarray(step.type.rows(vectors.shape[1], self._rate, **params), np.float32)
            same = (known for known in self._rows.values() if np.array_equal(known, made))
            rows = self._rows[step.id] = next(same, made)
        sides = (id(vectors), id(rows))
        if sides not in self._products:
            few = max(1, _UNTHREADED // rows.size)
            starts = range(0, len(vectors), few)
            parts = [vectors[start : start + few].dot(rows.T) for start in starts]
            self._products[sides] = np.concatenate(parts, dtype=np.float32)
        return self._products[sides]

    def _given(self, step: Step, given: Mapping[str, object]) -> Sequence[Column]:
        """What the outlets of a step give; its next state is kept."""
        assert step.type.ahead is not None  # or it would not be here
        told = step.type.ahead(**{name: given[name] for name in step.type.arguments})
        columns: Sequence[Column] = (told,) if len(step.outlet_kinds) == 1 else told
        if step.type.stateful:
            self._states[step.id], *columns = told
        return columns


def _checked(column: Column, kind: str, ticks: int) -> Column:
    """A column that holds what the guards of a tick would let pass. Raises `ValueError`."""
    axes, type_ = _COLUMNS[kind]
    is_one = column.ndim == axes and len(column) == ticks and column.dtype == type_
    if not is_one or not np.isfinite(column).all():
        raise ValueError(f"{column.dtype}{list(column.shape)}, not finite {kind}s in {ticks} ticks")
    return column


def _listed(column: Column) -> Iterable[object]:
    """The rows of a column; of numbers and switches, as Python has them."""
    return column.tolist() if column.ndim == 1 else column
