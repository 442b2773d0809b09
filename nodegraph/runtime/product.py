"""One matrix product for all nodes that start from the same vector."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nodegraph.nodetype import NodeType

Part = NDArray[np.float32]

_Failures = dict[int, tuple[BaseException, TracebackType | None]]
"""What kept the rows of members from being made, by their place, and where that was."""


class Multiply:
    """Stacks the rows of several node types into one matrix, and multiplies vectors by it.

    The matrix is built again when the vector's size or one of the params changes. A node type
    whose rows fail gets its own failure instead of its part; the others are not touched.
    """

    def __init__(self, members: Sequence[NodeType], rate: float) -> None:
        self._members = members
        self._rate = rate
        self._key: tuple[int, tuple[object, ...]] | None = None
        self._matrix = np.zeros((0, 0), np.float32)
        self._cuts: list[slice] = []
        self._failures: _Failures = {}

    def __call__(self, vector: NDArray[np.float32], params: tuple[object, ...]) -> Sequence[Part]:
        """Each member's part of the product; `params` are all members' row params in order.

        To read the part of a member whose rows could not be made raises what kept them from it.
        """
        key = (vector.size, params)
        if key != self._key:
            self._build(*key)
            self._key = key
        product = self._matrix.dot(vector)
        parts = [product[cut] for cut in self._cuts]
        return _Partly(parts, self._failures) if self._failures else parts

    def _build(self, size: int, params: tuple[object, ...]) -> None:
        values = iter(params)
        rows: list[NDArray[np.float32]] = []
        self._cuts, self._failures = [], {}
        end = 0
        for number, member in enumerate(self._members):
            assert member.rows is not None  # what makes it a member
            given = {name: next(values) for name in member.row_params}
            start = end
            try:
                made = np.asarray(member.rows(size, self._rate, **given), np.float32)
                if made.ndim != 2 or made.shape[1] != size or not np.isfinite(made).all():
                    raise ValueError(f"its rows are {list(made.shape)}, not finite[k, {size}]")
                rows.append(made)
                end += len(made)
            except BaseException as error:  # a guest's code may fail in any way there is
                self._failures[number] = (error, error.__traceback__)
            self._cuts.append(slice(start, end))
        self._matrix = np.vstack(rows) if rows else np.zeros((0, size), np.float32)


class _Partly(list[Part]):
    """The parts of a product that could not be made as a whole.

    A failure is raised as it was the first time: by itself its traceback would grow each time.
    """

    def __init__(self, parts: Sequence[Part], failures: _Failures) -> None:
        super().__init__(parts)
        self._failures = failures

    def __getitem__(self, member: SupportsIndex) -> Part:  # type: ignore[override]  # no slices
        if member in self._failures:
            failure, where = self._failures[int(member)]
            raise failure.with_traceback(where)
        return super().__getitem__(member)
