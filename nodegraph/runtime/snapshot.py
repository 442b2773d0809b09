"""The state of an engine as a value: taken between two ticks, packed, and given back.

What nodes remember may be of any class of theirs, so it is pickled, and only an engine, which has
their plugins, may unpack it. To everybody else the bytes are opaque.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass

from nodegraph.runtime.install import Identity

Kept = tuple[Identity, object]
"""A node's state, and what it must be for the state to be its own."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far the engine had come, and what each node remembered, by its id."""

    ticks: int
    states: Mapping[str, Kept]

    def pack(self) -> bytes:
        """The snapshot as bytes. A state that cannot be pickled is left out."""
        try:
            return pickle.dumps((self.ticks, dict(self.states)), pickle.HIGHEST_PROTOCOL)
        except Exception:  # a guest's class may refuse in any way there is
            sound = {id: kept for id, kept in self.states.items() if _pickles(kept)}
            return pickle.dumps((self.ticks, sound), pickle.HIGHEST_PROTOCOL)

    @classmethod
    def unpack(cls, data: bytes) -> Snapshot:
        """Read what `pack` wrote, in a process that has the same plugins.

        States are read together: one that cannot be read, as its class is gone, loses them all,
        and the snapshot is empty.
        """
        try:
            ticks, states = pickle.loads(data)
        except Exception:  # a guest's class may refuse in any way there is
            return cls(0, {})
        return cls(ticks, states)


def _pickles(kept: Kept) -> bool:
    try:
        pickle.dumps(kept)
    except Exception:  # a guest's class may refuse in any way there is
        return False
    return True
