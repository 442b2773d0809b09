"""A patch that is being edited: what was done to it, which file it belongs to, if it is saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, Protocol, Self

from nodegraph.errors import EditError, PatchError, Problem
from nodegraph.graph import (
    Edit,
    History,
    Patch,
    Replace,
    dump,
    edit_from_data,
    edit_to_data,
    load,
    save,
)
from nodegraph.host.records import Body

Gesture = str | int | None
"""Names what a hand does in one go, such as a drag; a journal can hold it."""


class Recorder(Protocol):
    """Whoever writes down what happens to a document; a journal is one."""

    def append(self, body: Body) -> None:
        """Write down a change that was made."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit, an undo or a redo made of a patch, under the label the gesture has.

    `edit` is what was applied: of an undo, the inverse of the gesture.
    """

    kind: Literal["edit", "undo", "redo"]
    label: str
    edit: Edit
    before: Patch
    after: Patch


class Document:
    """A patch with its undo history and its file. Belongs to one thread.

    With a `journal`, every change is written down before the method that makes it returns.
    """

    def __init__(
        self,
        patch: Patch,
        path: str | os.PathLike[str] | None = None,
        journal: Recorder | None = None,
    ) -> None:
        self.path = None if path is None else Path(path)
        self.journal = journal
        self.original: Path | None = None
        """The file that a recovered document belonged to, or a copy was made of; it is never saved
        there by itself."""
        self._history = History(patch)
        self._title = ""
        self._saved = _digest(patch)
        self._compared: tuple[Patch, bool] = (patch, False)

    @classmethod
    def open(cls, path: str | os.PathLike[str], journal: Recorder | None = None) -> Self:
        """The document of a file; raises PatchError with every problem if there is any."""
        return cls(load(path), path, journal)

    @classmethod
    def copy_of(cls, path: str | os.PathLike[str]) -> Self:
        """A document that begins as a file does, such as an example, and is never saved there by
        itself; raises PatchError as `open` does."""
        document = cls(load(path))
        document.original = Path(path)
        document._title = document.patch.name or document.original.stem
        return document

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self._history.patch

    @property
    def name(self) -> str:
        """What people call it: by its file, or by when it was recovered."""
        return self._title or (self.path.stem if self.path else self.patch.name) or "untitled"

    @property
    def folder(self) -> Path:
        """Where the paths in the patch start from."""
        place = self.path or self.original
        return place.parent if place else Path()

    @property
    def dirty(self) -> bool:
        """Whether the file says something else, as far as this document knows."""
        patch, dirty = self._compared
        if patch is not self.patch:
            patch, dirty = self._compared = (self.patch, not self.is_saved(self.patch))
        return dirty

    def is_saved(self, patch: Patch) -> bool:
        """Whether this is the patch that was last read from the file or written to it."""
        return _digest(patch) == self._saved

    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What was done and what was undone, each from the earliest gesture to the latest."""
        return self._history.labels()

    def do(self, edit: Edit, label: str, gesture: Gesture = None) -> Change:
        """Apply an edit; raises EditError, with nothing changed, if it does not fit.

        Successive edits of the same `gesture` are undone as one.
        """
        before = self.patch
        self._history.do(edit, label, gesture)
        self._record({"do": edit_to_data(edit), "label": label, "gesture": gesture})
        return Change("edit", label, edit, before, self.patch)

    def undo(self) -> Change:
        """Take back the last gesture; raises EditError if there is none."""
        before, label = self.patch, self._history.undo_label or ""
        edit = self._history.undo()
        self._record({"undo": label})
        return Change("undo", label, edit, before, self.patch)

    def redo(self) -> Change:
        """Do again what was undone last; raises EditError if there is nothing."""
        before, label = self.patch, self._history.redo_label or ""
        edit = self._history.redo()
        self._record({"redo": label})
        return Change("redo", label, edit, before, self.patch)

    def save(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write the patch to its file, or to another one, which it belongs to from then on.

        Raises PatchError if it cannot be written or has no file yet; nothing has changed then.
        """
        target = self.path if path is None else Path(path)
        if target is None:
            before = f" (it was {self.original} before)" if self.original else ""
            fault = f"{self.name} has no file yet{before}: say where to save it"
            raise PatchError([Problem(fault)])
        save(self.patch, target)
        self._belong(target, _digest(self.patch))
        return target

    def reload(self, patch: Patch) -> Change:
        """Take over what another program wrote to the file; it can be undone."""
        change = self.do(Replace(patch), f"Reload {self.name}")
        if self.path is not None:
            self._belong(self.path, _digest(patch))
        return change

    def to_data(self) -> dict[str, object]:
        """Everything about the document, as plain data."""
        return {
            "history": self._history.to_data(),
            "gesture": self._history.gesture,
            "path": self._address(self.path),
            "original": self._address(self.original),
            "title": self._title,
            "saved": self._saved,
        }

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The document that `to_data` described; raises EditError if it described none."""
        match data:
            case {
                "history": history,
                "gesture": str() | int() | None as gesture,
                "path": str() | None as path,
                "original": str() | None as original,
                "title": str(title),
                "saved": str(saved),
            }:
                document = cls(Patch(), path)
                document._history = History.from_data(history)
                document._history.gesture = gesture if document.labels()[0] else None
                document.original = None if original is None else Path(original)
                document._title, document._saved = title, saved
                return document
        raise EditError("the journal describes no document that this version can read")

    def replay(self, record: Mapping[str, object]) -> None:
        """Do what a record of the journal says; raises EditError if it does not fit."""
        match record:
            case {"do": edit, "label": str(label), "gesture": str() | int() | None as gesture}:
                self.do(edit_from_data(edit), label, gesture)
            case {"undo": _}:
                self.undo()
            case {"redo": _}:
                self.redo()
            case {"path": str(path), "saved": str(saved)}:
                self._belong(Path(path), saved)
            case _:
                raise EditError("the journal says something that this version cannot read")

    def rename_recovered(self, title: str) -> None:
        """Take it from its file, so that nothing but a save to a path that is told writes there."""
        self.original, self.path = self.path or self.original, None
        self._title, self._saved = title, ""
        self._compared = (self.patch, True)

    def _belong(self, path: Path, saved: str) -> None:
        self.path, self.original, self._title, self._saved = path, None, "", saved
        self._compared = (self.patch, not self.is_saved(self.patch))
        self._record({"path": self._address(path), "saved": saved})

    def _record(self, body: Body) -> None:
        if self.journal is not None:
            self.journal.append(body)

    @staticmethod
    def _address(path: Path | None) -> str | None:
        """A path that means the same in the next process, which may start elsewhere."""
        return None if path is None else os.path.abspath(path)


def _digest(patch: Patch) -> str:
    """Two patches have the same one if their files are equal: 1 and 1.0 and true differ."""
    return blake2b(dump(patch).encode(), digest_size=16).hexdigest()
