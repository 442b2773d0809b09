"""Finds the shows that a crash or a power cut ended, and opens them again under another name.

Every running show has a folder of its own in the folder of sessions: a journal, locked as long as
the process lives. One that nobody holds and that did not end cleanly is lost, and kept until it
is recovered or dismissed. What is found damaged beyond reading is kept for a month.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodegraph.errors import EditError, NodegraphError
from nodegraph.host.document import Document
from nodegraph.host.journal import files, read
from nodegraph.host.lock import Lock, is_held
from nodegraph.host.records import Record
from nodegraph.host.session import FORMAT, SETTLED, Session, sessions_folder, settle

DAY = 86_400.0  # seconds
KEPT_SETTLED = 7 * DAY
KEPT_DAMAGED = 30 * DAY


class RecoveryError(NodegraphError):
    """A lost session cannot be recovered, because somebody else does or did."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A session that was lost, `when` being its last sign of life, in seconds since 1970.

    `documents` are by deck, each called "recovered 21:14", without a file, with its whole history;
    `original` tells the file it had. `notes` are what the session knew beside them. `complaint`
    says what of it could not be restored.
    """

    folder: Path
    when: float
    documents: dict[str, Document] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    complaint: str | None = None

    @property
    def is_vain(self) -> bool:
        """Whether there was nothing in it to be lost."""
        return not self.documents and self.complaint is None


def find_lost(state: Path | None = None) -> list[Lost]:
    """Every lost session, the newest first; one that cannot be read at all has no documents.

    `state` is the folder of the state of this user's shows. Never raises.
    """
    found = [
        _restore(folder)
        for folder in _folders(state)
        if files(folder) and not _is_settled(folder) and not is_held(folder)
    ]
    lost = [each for each in found if not each.is_vain]
    return sorted(lost, key=lambda each: each.when, reverse=True)


def recover(lost: Lost, session: Session) -> None:
    """Open the documents of a lost session in a running one, and its notes, but for those of a
    name that has been noted there already.

    Once they are safe there, it is not offered again. Raises RecoveryError if it has no documents,
    or if another show has recovered it since it was found.
    """
    if not lost.documents:
        raise RecoveryError(lost.complaint or f"{lost.folder} has no documents")
    with _claimed(lost):
        for deck, document in lost.documents.items():
            session.open(deck, document)
        session.note(lost.notes | session.notes)
        if session.flush():
            settle(lost.folder, "recovered")


def dismiss(lost: Lost) -> None:
    """Offer a lost session no more. Raises RecoveryError if another show has recovered it."""
    with _claimed(lost):
        settle(lost.folder, "dismissed")


def prune(state: Path | None = None) -> list[str]:
    """Remove what was settled a week ago, or is damaged a month ago; tell what was never recovered.

    A lost session that can be recovered stays, however old it is. Never raises.
    """
    told = []
    for folder in _folders(state):
        age = time.time() - _touched(folder)
        if age < KEPT_SETTLED or is_held(folder):
            continue
        lost, is_settled = _restore(folder), _is_settled(folder)
        damage = lost.complaint if files(folder) else None
        if (lost.documents and not is_settled) or (damage and age < KEPT_DAMAGED):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        if damage and not is_settled:
            told.append(f"{damage}; it was removed after {age / DAY:.0f} days")
    return told


def _folders(state: Path | None) -> list[Path]:
    try:
        return sorted(path for path in sessions_folder(state).iterdir() if path.is_dir())
    except OSError:
        return []


def _is_settled(folder: Path) -> bool:
    return (folder / SETTLED).exists()


@contextmanager
def _claimed(lost: Lost) -> Iterator[None]:
    """Keep others from recovering the same session at the same time."""
    lock: Lock | None = None
    try:
        lock = Lock(lost.folder)
    except BlockingIOError:
        raise RecoveryError(f"{lost.folder} is being recovered by another show") from None
    except OSError:
        pass  # nobody can be kept out of a folder that is read-only
    try:
        if _is_settled(lost.folder) or not lost.folder.exists():
            raise RecoveryError(f"{lost.folder} was recovered or dismissed by another show")
        yield
    finally:
        if lock is not None:
            lock.release()


def _restore(folder: Path) -> Lost:
    log = read(folder)
    if not log.records:
        return Lost(folder, _touched(folder), complaint=log.complaint)
    when, format_ = log.records[-1].when, log.records[0].body.get("format")
    if format_ != FORMAT:
        fault = f"{folder}: the journal has format {format_}, of another version of nodegraph"
        return Lost(folder, when, complaint=fault)
    replay = _Replay()
    faults = [fault for fault in map(replay.take, log.records) if fault]
    title = time.strftime("recovered %H:%M", time.localtime(when))
    for document in replay.documents.values():
        document.rename_recovered(title)
    told = [*([log.complaint] if log.complaint else []), *(f"{folder}: {each}" for each in faults)]
    return Lost(folder, when, replay.documents, replay.notes, "; ".join(told) or None)


class _Replay:
    """The documents and notes that the records of a journal lead to."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.notes: dict[str, Any] = {}
        self._stopped: set[str] = set()  # the decks of which a change could not be followed

    def take(self, record: Record) -> str | None:
        """Follow a record; return a sentence if that is impossible."""
        match record.body:
            case {"decks": dict(decks), "notes": dict(notes)}:
                self.notes = notes
                faults = [self._open(deck, data) for deck, data in decks.items()]
                return "; ".join(fault for fault in faults if fault) or None
            case {"deck": str(deck), "open": data}:
                return self._open(deck, data)
            case {"deck": str(deck), "close": _}:
                self.documents.pop(deck, None)
            case {"deck": str(deck), "change": dict(change)} if deck in self.documents:
                return self._change(deck, change)
            case {"note": dict(facts)}:
                self.notes |= facts
        return None

    def _open(self, deck: str, data: object) -> str | None:
        self._stopped.discard(deck)
        try:
            self.documents[deck] = Document.from_data(data)
        except EditError as error:
            self._stopped.add(deck)
            return f"deck {deck} could not be restored: {error}"
        return None

    def _change(self, deck: str, change: dict[str, Any]) -> str | None:
        if deck in self._stopped:
            return None
        try:
            self.documents[deck].replay(change)
        except EditError as error:
            self._stopped.add(deck)
            return f"deck {deck} could be restored up to a change that does not fit: {error}"
        return None


def _touched(folder: Path) -> float:
    """When anything in a folder was last written, in seconds since 1970; now, if it is gone."""
    times = [time.time()]
    with suppress(OSError):
        times = [path.stat().st_mtime for path in (folder, *folder.iterdir())]
    return max(times)
