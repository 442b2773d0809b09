"""Undo and redo: the edits that were made, each with its inverse, one entry for each gesture."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from nodegraph.errors import EditError
from nodegraph.graph.edits import Batch, Edit
from nodegraph.graph.model import Patch

LIMIT = 1000  # gestures that can be undone


@dataclass(slots=True)
class _Entry:
    label: str
    forward: list[Edit]
    back: list[Edit]  # of `forward[i]`, so undo takes them from the end


class History:
    """A patch and the way it came about. Belongs to one thread."""

    def __init__(self, patch: Patch, limit: int = LIMIT) -> None:
        self.patch = patch
        self._done: deque[_Entry] = deque(maxlen=limit)
        self._undone: list[_Entry] = []
        self._gesture: Hashable | None = None  # the one that the next edit may continue

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back; None if there is nothing."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again; None if there is nothing."""
        return self._undone[-1].label if self._undone else None

    def do(self, edit: Edit, label: str, gesture: Hashable | None = None) -> Patch:
        """Apply an edit; raise EditError, with nothing changed, if it does not fit.

        Successive edits of the same `gesture` are one entry: a drag is undone as a whole.
        """
        inverse = edit.inverse(self.patch)
        self.patch = edit.apply(self.patch)
        self._undone.clear()
        if gesture is None or gesture != self._gesture:
            self._done.append(_Entry(label, [], []))
        self._done[-1].forward.append(edit)
        self._done[-1].back.append(inverse)
        self._gesture = gesture
        return self.patch

    def undo(self) -> Edit:
        """Take back the last gesture and return the edit that did; EditError if there is none."""
        if not self._done:
            raise EditError("there is nothing to undo")
        edit = Batch(tuple(reversed(self._done[-1].back)))
        self.patch = edit.apply(self.patch)
        self._undone.append(self._done.pop())
        self._gesture = None
        return edit

    def redo(self) -> Edit:
        """Do again what was undone last and return the edit; EditError if there is nothing."""
        if not self._undone:
            raise EditError("there is nothing to redo")
        edit = Batch(tuple(self._undone[-1].forward))
        self.patch = edit.apply(self.patch)
        self._done.append(self._undone.pop())
        self._gesture = None
        return edit
