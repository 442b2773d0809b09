"""One matrix product for all nodes that start from the same vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nodegraph.nodetype import NodeType

Part = NDArray[np.float32] | Exception


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
        self._cuts: list[slice | Exception] = []

    def __call__(self, vector: NDArray[np.float32], params: tuple[object, ...]) -> list[Part]:
        """Each member's part of the product; `params` are all members' row params in order."""
        key = (len(vector), params)
        if key != self._key:
            self._build(*key)
            self._key = key
        product = self._matrix @ vector
        return [product[cut] if isinstance(cut, slice) else cut for cut in self._cuts]

    def _build(self, size: int, params: tuple[object, ...]) -> None:
        values = iter(params)
        rows: list[NDArray[np.float32]] = []
        self._cuts = []
        for member in self._members:
            assert member.rows is not None  # what makes it a member
            given = {name: next(values) for name in member.row_params}
            start = sum(map(len, rows))
            try:
                made = np.asarray(member.rows(size, self._rate, **given), np.float32)
                if made.ndim != 2 or made.shape[1] != size or not np.isfinite(made).all():
                    raise ValueError(f"its rows are {list(made.shape)}, not finite[k, {size}]")
            except Exception as error:  # a guest's code may fail in any way there is
                self._cuts.append(error)
                continue
            rows.append(made)
            self._cuts.append(slice(start, start + len(made)))
        self._matrix = (
            np.ascontiguousarray(np.vstack(rows)) if rows else np.zeros((0, size), np.float32)
        )


def part(parts: Sequence[Part], member: int) -> NDArray[np.float32]:
    """One member's part of a product; raises what kept its rows from being made."""
    found = parts[member]
    if isinstance(found, Exception):
        raise found
    return found
