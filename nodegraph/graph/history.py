"""Undo and redo: the edits that were made, each with its inverse, one entry for each gesture."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from nodegraph.errors import EditError
from nodegraph.graph.codec import edit_from_data, edit_to_data
from nodegraph.graph.edits import Batch, Edit
from nodegraph.graph.jsontext import Tree
from nodegraph.graph.model import Patch
from nodegraph.graph.patchfile import dump, parse

LIMIT = 1000  # gestures that can be undone


@dataclass(slots=True)
class _Entry:
    label: str
    forward: list[Edit] = field(default_factory=list)
    back: list[Edit] = field(default_factory=list)  # of `forward[i]`, so undo goes from the end
    places: dict[Hashable, int] = field(default_factory=dict)  # where each target is in `forward`

    @classmethod
    def from_data(cls, data: object) -> _Entry:
        match data:
            case {"label": str(label), "forward": [*forward], "back": [*back]}:
                if len(forward) == len(back):
                    forth = [edit_from_data(edit) for edit in forward]
                    return cls(label, forth, [edit_from_data(edit) for edit in back])
        raise EditError("a gesture wants a label, and as many edits forward as back")

    def to_data(self) -> dict[str, Tree]:
        forward: list[Tree] = [edit_to_data(edit) for edit in self.forward]
        return {
            "label": self.label,
            "forward": forward,
            "back": [edit_to_data(edit) for edit in self.back],
        }

    def add(self, edit: Edit, inverse: Edit) -> None:
        """Note an edit; a drag of a thousand of one target is the last one, and the first back."""
        target = edit.target
        if target in self.places:
            self.forward[self.places[target]] = edit
            return
        if target is None or edit.nests:
            self.places.clear()  # what follows may not go before this edit
        if target is not None:
            self.places[target] = len(self.forward)
        self.forward.append(edit)
        self.back.append(inverse)


class History:
    """A patch and the way it came about. Belongs to one thread."""

    def __init__(self, patch: Patch, limit: int = LIMIT) -> None:
        self.patch = patch
        self._done: deque[_Entry] = deque(maxlen=limit)
        self._undone: list[_Entry] = []
        self.gesture: Hashable | None = None
        """The one that the next edit may continue."""

    @classmethod
    def from_data(cls, data: object, limit: int = LIMIT) -> History:
        """Return the history that `to_data` wrote; raise EditError for anything else."""
        match data:
            case {"patch": str(text), "done": [*done], "undone": [*undone]}:
                reading = parse(text)
            case _:
                raise EditError("a history wants its patch, and what was done and undone")
        if reading.problems:
            raise EditError(f"the patch of the history cannot be read: {reading.problems[0]}")
        history = cls(reading.patch, limit)
        history._done.extend(_Entry.from_data(entry) for entry in done)
        history._undone.extend(_Entry.from_data(entry) for entry in undone)
        return history

    def to_data(self) -> dict[str, Tree]:
        """Return patch and history as plain data, which JSON and msgpack can say.

        Whoever keeps it keeps `gesture` beside it, if that goes on.
        """
        return {
            "patch": dump(self.patch),
            "done": [entry.to_data() for entry in self._done],
            "undone": [entry.to_data() for entry in self._undone],
        }

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back; None if there is nothing."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again; None if there is nothing."""
        return self._undone[-1].label if self._undone else None

    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what was done and what was undone, each from the earliest gesture to the latest.

        `undo` takes from the end of the first, `redo` from the beginning of the second.
        """
        done = tuple([entry.label for entry in self._done])
        return done, tuple([entry.label for entry in reversed(self._undone)])

    def do(self, edit: Edit, label: str, gesture: Hashable | None = None) -> Patch:
        """Apply an edit; raise EditError, with nothing changed, if it does not fit.

        Successive edits of the same `gesture` are one entry: a drag is undone as a whole.
        """
        patch = self.patch
        steps: list[tuple[Edit, Edit]] = []
        for part in edit.parts():
            steps.append((part, part.inverse(patch)))
            patch = part.apply(patch)
        self.patch = patch
        self._undone.clear()
        if gesture is None or gesture != self.gesture:
            self._done.append(_Entry(label))
        for part, inverse in steps:
            self._done[-1].add(part, inverse)
        self.gesture = gesture
        return self.patch

    def undo(self) -> Edit:
        """Take back the last gesture and return the edit that did; EditError if there is none."""
        if not self._done:
            raise EditError("there is nothing to undo")
        edit = Batch(tuple(reversed(self._done[-1].back)))
        self.patch = edit.apply(self.patch)
        self._undone.append(self._done.pop())
        self.gesture = None
        return edit

    def redo(self) -> Edit:
        """Do again what was undone last and return the edit; EditError if there is nothing."""
        if not self._undone:
            raise EditError("there is nothing to redo")
        edit = Batch(tuple(self._undone[-1].forward))
        self.patch = edit.apply(self.patch)
        self._done.append(self._undone.pop())
        self.gesture = None
        return edit
