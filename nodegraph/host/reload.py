"""Sees when another program saves the file of a document, and says what it holds now."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nodegraph.errors import PatchError, Problem
from nodegraph.graph import Patch, load
from nodegraph.host.document import Document


@dataclass(frozen=True, slots=True)
class Outside:
    """What another program did to a file: the patch it saved, or why that is none.

    `Document.reload` takes the patch over as a Replace edit. Without either, the file is well
    again and says what it said.
    """

    patch: Patch | None
    problems: tuple[Problem, ...] = ()


class FileWatch:
    """Watches the file of a document, whichever that is at the time. Costs one `stat` a poll."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: object = None
        self._ill = False

    def poll(self) -> Outside | None:
        """What happened since the last poll, or None. To be called twice a second.

        A file that is half written has problems; it is read again when it has changed again.
        What the document itself read or wrote there is no news, in whatever layout, unless there
        were problems before.
        """
        path = self._document.path
        if path is None:
            return None
        try:
            status = os.stat(path)
            seen: object = (path, status.st_mtime_ns, status.st_size, status.st_ino)
        except (OSError, ValueError):
            seen = (path, None)
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            patch = load(path)
        except PatchError as error:
            self._ill = True
            told = "cannot be played as it is now; what it said before plays on"
            return Outside(None, (Problem(told, str(path)), *error.problems))
        was_ill, self._ill = self._ill, False
        if self._document.is_saved(patch):
            return Outside(None) if was_ill else None
        return Outside(patch)
