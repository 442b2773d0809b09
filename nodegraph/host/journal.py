"""Writes down what a show does as it happens, so that nothing that ends the process loses it.

A journal is a folder with the files `000001.journal`, `000002.journal`, …, of which the last two
are kept. Each begins with a snapshot, which says everything, and goes on with changes. What was
appended is with the operating system and survives the end of the process; a power cut takes the
last 0.2 s at most.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from nodegraph.host.lock import PID, Lock
from nodegraph.host.records import Body, Record, pack, scan

SNAPSHOT_RECORDS = 500
SNAPSHOT_BYTES = 1_000_000
SYNC_SECONDS = 0.2
RETRY_SECONDS = 1.0

_KEPT = 2
_MOST_BYTES = 1 << 28  # of a file that is read


class Log(NamedTuple):
    """What a journal says: a snapshot and the changes since, and a sentence on what is lost."""

    records: tuple[Record, ...]
    complaint: str | None


class Journal:
    """Writes a journal in a folder of its own. Nothing that happens to the disk raises.

    `snapshot` is asked for everything, with the change in it that is being appended. As long as
    nothing can be written, `complaint` has a sentence. Belongs to one thread.
    """

    def __init__(self, folder: Path, snapshot: Callable[[], Body]) -> None:
        self.complaint: str | None = None
        self._folder = folder
        self._snapshot = snapshot
        self._number = 0
        self._file: _File | None = None
        self._lock: Lock | None = None
        self._retry = 0.0
        self._syncer = _Syncer(folder)
        self.tend()

    def append(self, body: Body) -> None:
        """Write a change that was made; it is safe from the end of the process on return.

        Raises TypeError, with nothing written, if the body is not plain data.
        """
        frame = pack(self._number + 1, False, body)
        self._number += 1
        if self._file is not None:
            try:
                self._file.write(frame)
            except OSError as error:
                self._fail(error)
            else:
                self._syncer.want(self._file)
        self.tend()

    def tend(self) -> None:
        """Begin with a snapshot if one is due, as after trouble. To be called now and then."""
        if self._file is not None and self._file.fault is not None:
            self._fail(self._file.fault)
        due = self._file is None or self._file.is_long
        if due and time.monotonic() >= self._retry:
            self._begin()

    def flush(self) -> bool:
        """Make everything durable now, and say whether it is."""
        self.tend()
        try:
            if self._file is not None:
                _fdatasync(self._file.handle)
        except OSError as error:
            self._fail(error)
        return self._file is not None

    def close(self) -> None:
        """Make what was written durable and let the folder go."""
        if self._file is not None:
            self._syncer.want(self._file, last=True)
            self._file = None
        self._syncer.stop()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _begin(self) -> None:
        """Start a file; that before it is kept until this one is safe, and its successor too."""
        frame = pack(self._number, True, self._snapshot())
        try:
            self._claim()
            fresh = _File(self._folder, frame)
        except OSError as error:
            self._retry = time.monotonic() + RETRY_SECONDS
            self._complain(error)
            return
        if self._file is not None:
            self._syncer.want(self._file, last=True)
        self._file, self.complaint = fresh, None
        self._syncer.want(fresh)

    def _claim(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is not None and not self._lock.stands:
            self._lock.release()
            self._lock = None
        if self._lock is None:
            self._lock = Lock(self._folder)
            (self._folder / PID).write_text(f"{os.getpid()}\n", encoding="utf-8")

    def _fail(self, error: OSError) -> None:
        assert self._file is not None
        self._syncer.want(self._file, last=True)
        self._file, self._retry = None, 0.0
        self._complain(error)

    def _complain(self, error: OSError) -> None:
        self.complaint = (
            f"{self._folder}: the journal cannot be written, so that a crash would lose what is "
            f"done from now on: {error.strerror or error}. Free some space or make the folder "
            "writable; the show goes on, and writing is tried again by itself"
        )


class _File:
    """A file of the journal that is open for writing, its snapshot written."""

    def __init__(self, folder: Path, frame: bytes) -> None:
        last = max((int(path.stem) for path in files(folder)), default=0)
        path = folder / f"{last + 1:06}.journal"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self.handle = os.open(path, flags, 0o600)
        self.fault: OSError | None = None  # of the last sync, noted by the syncer
        self.is_new = True  # its name is not yet safe
        self._bytes = self._records = 0
        try:
            self.write(frame)
        except BaseException:
            os.close(self.handle)
            with suppress(OSError):
                path.unlink()
            raise
        self._limit = len(frame) + max(len(frame), SNAPSHOT_BYTES)

    @property
    def is_long(self) -> bool:
        """Whether the changes since the snapshot are worth another one."""
        return self._records > SNAPSHOT_RECORDS or self._bytes > self._limit

    def write(self, frame: bytes) -> None:
        """Append a record, whole or not at all."""
        rest = memoryview(frame)
        try:
            while rest:
                rest = rest[os.write(self.handle, rest) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self.handle, self._bytes)
            raise
        self._bytes += len(frame)
        self._records += 1


class _Syncer:
    """A thread that makes files durable, at most five times a second, and removes old ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wanted: SimpleQueue[tuple[_File, bool] | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def want(self, file: _File, last: bool = False) -> None:
        """Have a file made durable soon, and closed if it was the `last` time."""
        self._wanted.put((file, last))

    def stop(self) -> None:
        """Finish what is wanted. A disk that hangs is not waited for."""
        self._stopping.set()
        self._wanted.put(None)
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        going = True
        while going:
            wanted: dict[_File, bool] = {}
            for item in self._batch():
                if item is None:
                    going = False
                else:
                    file, last = item
                    wanted[file] = wanted.get(file, False) or last
            for file, last in wanted.items():
                self._sync(file)
                if last:
                    with suppress(OSError):
                        os.close(file.handle)
            self._stopping.wait(SYNC_SECONDS)

    def _batch(self) -> Iterator[tuple[_File, bool] | None]:
        yield self._wanted.get()
        with suppress(Empty):
            while True:
                yield self._wanted.get_nowait()

    def _sync(self, file: _File) -> None:
        try:
            _fdatasync(file.handle)
            if os.fstat(file.handle).st_nlink == 0:
                raise FileNotFoundError(None, "somebody deleted the journal")
            if file.is_new:
                _sync_folder(self._folder)
                file.is_new = False
                for path in files(self._folder)[:-_KEPT]:
                    path.unlink(missing_ok=True)
        except OSError as error:
            file.fault = error


def read(folder: Path) -> Log:
    """Read a journal as far as it goes: whatever was cut off or overwritten, nothing raises.

    The state that the records lead to is one that was there, and the last that can be had: a
    damaged change loses those behind it up to the next whole snapshot, and no more.
    """
    chain: list[Record] = []
    lost = 0
    hurt = False
    for record in _everything(folder):
        if record is None:
            hurt = True
        elif record.whole:
            chain, lost, hurt = [record], 0, False
        elif chain and record.number == chain[-1].number + 1:
            chain.append(record)
            hurt = False
        elif chain:
            lost = max(lost, record.number - chain[-1].number)
    if not chain:
        return Log((), f"{folder}: nothing in this journal is whole enough to be restored")
    complaint = None
    if lost or hurt:
        since = time.strftime("%H:%M:%S", time.localtime(chain[-1].when))
        what = f"{lost} of the changes" if lost else "the last change"
        fate = "could not be restored" if lost else "may be missing"
        complaint = f"{folder}: the journal is damaged; {what} after {since} {fate}"
    return Log(tuple(chain), complaint)


def _everything(folder: Path) -> Iterator[Record | None]:
    """Every record that is whole, in order, and None where something is not."""
    for path in files(folder):
        try:
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
        except OSError:
            yield None
        else:
            yield from scan(data)


def files(folder: Path) -> list[Path]:
    """The files of a journal, the oldest first; none if the folder cannot be read."""
    try:
        found = [path for path in folder.glob("*.journal") if path.stem.isdecimal()]
    except OSError:
        return []
    return sorted(found, key=lambda path: int(path.stem))


_fdatasync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


def _sync_folder(folder: Path) -> None:
    """Make new names durable, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
