"""One matrix product for all nodes that start from the same vector."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from types import TracebackType
from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nodegraph.nodetype import NodeType
from nodegraph.runtime.rest import NEVER

Part = NDArray[np.float32]

_Failures = dict[int, tuple[BaseException, TracebackType | None]]
"""What kept the rows of members from being made, by their place, and where that was."""


class Watch(NamedTuple):
    """How an engine sees the members of a product: by the numbers of their steps, when each is to
    wake, and which step is being called (`here[0]`)."""

    numbers: Sequence[int]
    wake: Sequence[int]
    here: memoryview

    @classmethod
    def nobodys(cls, count: int) -> Watch:
        """For so many members that no engine watches."""
        return cls(range(count), [0] * count, memoryview(array("q", [0])))

    @property
    def banned(self) -> frozenset[int]:
        """The places of those in quarantine."""
        wakes = map(self.wake.__getitem__, self.numbers)
        return frozenset(place for place, tick in enumerate(wakes) if tick == NEVER)


class Multiply:
    """Stacks the rows of several node types into one matrix, and multiplies vectors by it.

    Rows that several have, as shape and moments of a spectrum do, are in it once. The matrix is
    built again when the vector's size or one of the params changes. A node type
    whose rows fail gets its own failure instead of its part; the others are not touched.
    Where an engine has a `watch` on them, it is told whose rows are being made, and nothing of a
    node in quarantine is called.
    """

    def __init__(
        self, members: Sequence[NodeType], rate: float, watch: Watch | None = None
    ) -> None:
        self._members = members
        self._rate = rate
        self._watch = watch or Watch.nobodys(len(members))
        self._key: tuple[int, tuple[object, ...]] | None = None
        self._matrix = np.zeros((0, 0), np.float32)
        self._cuts: list[slice] = []
        self._failures: _Failures = {}
        self._banned: frozenset[int] = frozenset()

    def __call__(self, vector: NDArray[np.float32], params: tuple[object, ...]) -> Sequence[Part]:
        """Each member's part of the product; `params` are all members' row params in order.

        To read the part of a member whose rows could not be made raises what kept them from it.
        """
        key = (vector.size, params)
        if key != self._key or (self._banned and self._banned != self._watch.banned):
            self._build(*key)
            self._key = key
        product = self._matrix.dot(vector)
        parts = [product[cut] for cut in self._cuts]
        return _Partly(parts, self._failures) if self._failures else parts

    def _build(self, size: int, params: tuple[object, ...]) -> None:
        values = iter(params)
        stack = [np.zeros((0, size), np.float32)] * len(self._members)
        self._failures = {}
        self._banned = self._watch.banned
        was_here = self._watch.here[0]
        for place, member in enumerate(self._members):
            given = {name: next(values) for name in member.row_params}
            if place in self._banned:
                continue
            self._watch.here[0] = self._watch.numbers[place]
            try:
                stack[place] = _rows(member, size, self._rate, given)
            except BaseException as error:  # a guest's code may fail in any way there is
                self._failures[place] = (error, error.__traceback__)
        self._watch.here[0] = was_here
        keys = [(len(part), part.tobytes()) for part in stack]
        distinct = dict(zip(keys, stack, strict=True))
        self._matrix = np.vstack([*distinct.values()])
        ends = accumulate(map(len, distinct.values()), initial=0)
        cuts = dict(zip(distinct, (slice(*pair) for pair in pairwise(ends)), strict=True))
        self._cuts = [cuts[key] for key in keys]


def _rows(member: NodeType, size: int, rate: float, params: Mapping[str, object]) -> Part:
    assert member.rows is not None  # what makes it a member
    made = np.asarray(member.rows(size, rate, **params), np.float32)
    if made.ndim != 2 or made.shape[1] != size or not np.isfinite(made).all():
        raise ValueError(f"its rows are {list(made.shape)}, not finite[k, {size}]")
    return made


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
