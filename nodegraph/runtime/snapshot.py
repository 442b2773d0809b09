"""The state of an engine as a value: taken between two ticks, packed, and given back.

What nodes remember may be of any class of theirs, so it is pickled, and only an engine, which has
their plugins, may unpack it. To everybody else the bytes are opaque.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodegraph.runtime.install import Identity

Kept = tuple[Identity, object]
"""Something of a node's, and what the node must be for it to be its own."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far the engine had come, and what each node remembered, by its id.

    `values` are the last values of the outlets whose rising edges somebody waits for, by
    `node.outlet`: what was on already does not come on again.
    """

    ticks: int
    states: Mapping[str, Kept]
    values: Mapping[str, Kept] = field(default_factory=dict)

    def pack(self) -> bytes:
        """The snapshot as bytes. A state that cannot be pickled is left out."""
        states = {id: data for id, kept in self.states.items() if (data := _pickled(kept))}
        return pickle.dumps((self.ticks, states, dict(self.values)), pickle.HIGHEST_PROTOCOL)

    @classmethod
    def unpack(cls, data: bytes) -> Snapshot:
        """Read what `pack` wrote, in a process that has the same plugins.

        A state that cannot be read, as its class is gone, is left out. What is no snapshot is an
        empty one.
        """
        try:
            ticks, states, values = pickle.loads(data)
        except Exception:  # who knows what these bytes are
            return cls(0, {})
        read = {id: kept for id, packed in states.items() if (kept := _unpickled(packed))}
        return cls(ticks, read, values)


def _pickled(kept: Kept) -> bytes:
    try:
        return pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)
    except Exception:  # a guest's class may refuse in any way there is, or change meanwhile
        return b""


def _unpickled(data: bytes) -> Kept | None:
    try:
        kept: Kept = pickle.loads(data)
    except Exception:  # a guest's class may refuse in any way there is
        return None
    return kept
