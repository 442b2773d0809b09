"""What a running show leaves on disk, so that the next start can go on where a crash ended it."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from nodegraph.hookspecs import PROJECT
from nodegraph.host.document import Document
from nodegraph.host.journal import Journal
from nodegraph.host.records import Body, copied

FORMAT = 1
"""Of what the journal says."""

SETTLED = "settled"
"""The file in a session's folder that says why nobody needs to recover it."""


def sessions_folder(state: Path | None = None) -> Path:
    """Where the sessions of this user lie; the variable NODEGRAPH_STATE names another place."""
    told = os.environ.get("NODEGRAPH_STATE")
    default = Path(told) if told else user_state_path(PROJECT, appauthor=False)
    return (state or default) / "sessions"


def settle(folder: Path, why: str) -> None:
    """Say that a session need not be recovered. On a disk that is read-only it will be offered."""
    with suppress(OSError):
        (folder / SETTLED).write_text(f"{why}\n", encoding="utf-8")


class Session:
    """The documents of a running show, by deck, and what else it knows: all in one journal.

    Nothing that happens to the disk raises: `complaint` has a sentence as long as nothing can be
    written. Belongs to one thread.
    """

    def __init__(self, state: Path | None = None) -> None:
        self.documents: dict[str, Document] = {}
        self.notes: dict[str, Any] = {}
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        self.folder = sessions_folder(state) / name
        self._journal = Journal(self.folder, self._snapshot)

    @property
    def complaint(self) -> str | None:
        """Why the show would not survive a crash just now."""
        return self._journal.complaint

    def open(self, deck: str, document: Document) -> None:
        """Put a document on a deck, in the place of the one there; it is journaled from now on.

        If it is on another deck, it leaves that.
        """
        before = self.documents.get(deck)
        if before is not None:
            before.journal = None
        left = [other for other, each in self.documents.items() if each is document]
        self.documents[deck] = document
        self._journal.append({"deck": deck, "open": document.to_data()})
        for other in left:
            if other != deck:
                self.close(other)
        document.journal = _Deck(deck, self._journal)

    def close(self, deck: str) -> None:
        """Take a deck's document away, if it has one; it is not recovered any more."""
        document = self.documents.pop(deck, None)
        if document is not None:
            document.journal = None
            self._journal.append({"deck": deck, "close": True})

    def note(self, facts: Mapping[str, object]) -> None:
        """Keep what else a recovery needs: the last value of each name.

        Raises TypeError if a value is not plain data.
        """
        copy = copied(facts)
        self.notes |= copy
        self._journal.append({"note": copy})

    def tend(self) -> None:
        """Write what could not be written before. To be called once a second."""
        self._journal.tend()

    def flush(self) -> bool:
        """Make everything durable now, even against a power cut, and say whether it is."""
        return self._journal.flush()

    def end(self) -> None:
        """End the show cleanly: there is nothing to recover."""
        settle(self.folder, "ended")
        self._journal.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _snapshot(self) -> Body:
        decks = {deck: document.to_data() for deck, document in self.documents.items()}
        return {"format": FORMAT, "decks": decks, "notes": self.notes}


@dataclass(frozen=True, slots=True)
class _Deck:
    """The journal as the document of one deck sees it."""

    deck: str
    journal: Journal

    def append(self, body: Body) -> None:
        self.journal.append({"deck": self.deck, "change": body})
