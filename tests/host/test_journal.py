"""A journal is read back whatever happened to it, and written whatever happens to the disk."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.host import journal as module
from nodegraph.host.journal import Journal, read
from nodegraph.host.records import pack, scan

MOUNTS = os.name == "posix" and hasattr(os, "geteuid") and os.geteuid() == 0


class Counter:
    """The smallest state there is: the number of changes."""

    def __init__(self, folder: Path, padding: str = "") -> None:
        self.count = 0
        self.padding = padding
        self.journal = Journal(folder, self.snapshot)

    def snapshot(self) -> dict[str, object]:
        return {"count": self.count, "padding": self.padding}

    def add(self, changes: int = 1) -> None:
        for _ in range(changes):
            self.count += 1
            self.journal.append({"count": self.count, "padding": self.padding})


def recovered(folder: Path) -> int | None:
    """What a journal leads to; None where nothing can be had. Holds `read` to its promises."""
    log = read(folder)
    if not log.records:
        assert log.complaint is not None
        return None
    assert [record.whole for record in log.records] == [True] + [False] * (len(log.records) - 1)
    assert all(b.number == a.number + 1 for a, b in pairwise(log.records))
    assert all(record.body["count"] == record.number for record in log.records)
    return log.records[-1].number


def until(holds: Callable[[], bool], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def test_what_was_appended_is_read_back_at_once(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert recovered(tmp_path) == 0
    for count in range(1, 50):
        counter.add()
        assert recovered(tmp_path) == count
    assert read(tmp_path).complaint is None
    assert counter.journal.complaint is None
    counter.journal.close()
    assert recovered(tmp_path) == 49
    assert (tmp_path / "pid").read_text(encoding="utf-8") == f"{os.getpid()}\n"


def test_a_long_show_stays_small(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    counter.add(20_000)
    counter.journal.close()
    files = sorted(tmp_path.glob("*.journal"))
    assert len(files) == 2
    assert int(files[-1].stem) == 20_000 // module.SNAPSHOT_RECORDS + 1
    assert sum(path.stat().st_size for path in files) < 100_000
    assert recovered(tmp_path) == 20_000


def test_large_changes_are_followed_by_a_snapshot_too(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "x" * 100_000)
    counter.add(30)
    counter.journal.close()
    assert sum(path.stat().st_size for path in tmp_path.glob("*.journal")) < 3_000_000
    assert recovered(tmp_path) == 30


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a journal of 17 changes: 7..12 in the last but one, 13..17 in the last."""
    folder = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(module, "SNAPSHOT_RECORDS", 6)
        counter = Counter(folder, "Ünï")
        counter.add(17)
        counter.journal.close()
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.journal"))}
    assert list(files) == ["000002.journal", "000003.journal"]
    return files


def put(folder: Path, files: dict[str, bytes]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def offsets(data: bytes) -> list[tuple[int, int, bool]]:
    """Of each record of a sound file: where it ends, its number, whether it is a snapshot."""
    found, at = [], 0
    for record in scan(data):
        assert record is not None
        at += 16 + int.from_bytes(data[at + 8 : at + 12])
        found.append((at, record.number, record.whole))
    return found


@given(cut=st.integers(0, 10_000))
@settings(deadline=None)
def test_cut_anywhere(
    cut: int, written: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = written["000003.journal"]
    cut %= len(data) + 1
    folder = put(tmp_path_factory.getbasetemp() / "cut", written | {"000003.journal": data[:cut]})
    whole = [number for end, number, _ in offsets(data) if end <= cut]
    assert recovered(folder) == (whole[-1] if whole else 12)
    torn = cut not in (0, *[end for end, *_ in offsets(data)])
    assert (read(folder).complaint is not None) == torn


@given(name=st.sampled_from(["000002.journal", "000003.journal"]), at=st.integers(0, 10_000))
@settings(deadline=None, max_examples=many(200, 3_000))
def test_a_byte_flipped_anywhere(
    name: str, at: int, written: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(written[name])
    at %= len(data)
    data[at] ^= 1 << at % 8
    folder = put(tmp_path_factory.getbasetemp() / "flip", written | {name: bytes(data)})
    hit, whole = next(each[1:] for each in offsets(written[name]) if at < each[0])
    if name == "000003.journal" and not whole:
        assert recovered(folder) == hit - 1
        assert "is damaged" in str(read(folder).complaint)
    else:  # a snapshot that is lost is made good by the file before it
        assert recovered(folder) == 17
        assert read(folder).complaint is None


@given(
    wounds=st.lists(st.tuples(st.booleans(), st.integers(0, 5000), st.binary(max_size=40))),
    keep=st.integers(0, 5000),
)
@settings(deadline=None, max_examples=many(150, 2_000))
def test_any_damage_at_all(
    wounds: list[tuple[bool, int, bytes]],
    keep: int,
    written: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    files = {name: bytearray(data) for name, data in written.items()}
    for last, at, data in wounds:
        target = files[f"00000{2 + last}.journal"]
        at %= len(target) + 1
        target[at : at + (len(data) if at % 2 else 0)] = data
    del files["000002.journal"][keep:]
    folder = put(tmp_path_factory.getbasetemp() / "any", {n: bytes(d) for n, d in files.items()})
    reached = recovered(folder)
    assert reached is None or 6 <= reached <= 17


@given(st.binary(max_size=300), st.integers(0, 2**70), st.floats())
@example(b"\x94\x05\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xc3\x80", 0, 0.0)
@settings(deadline=None)
def test_records_that_say_nonsense(payload: bytes, number: int, when: float) -> None:
    head = struct.pack("!8sII", b"\xc1\xffnodes\x00", len(payload), zlib.crc32(payload))
    for record in scan(head + payload):
        assert record is None or 0 <= record.when < 1e11


def test_the_number_of_lost_changes_is_told(written: dict[str, bytes], tmp_path: Path) -> None:
    data = bytearray(written["000003.journal"])
    end_of_14 = next(end for end, number, _ in offsets(bytes(data)) if number == 14)
    data[end_of_14 + 30] ^= 1  # in change 15
    folder = put(tmp_path / "j", written | {"000003.journal": bytes(data)})
    assert "3 of the changes after" in str(read(folder).complaint)
    assert recovered(folder) == 14


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["random", "markers", "long records"])
def test_megabytes_of_garbage(kind: str, tmp_path: Path) -> None:
    whole = pack(0, True, {"count": 0})
    piece = {
        "random": os.urandom(1 << 20),
        "markers": whole[:8],
        "long records": whole[:8] + (1 << 24).to_bytes(4) + bytes(4),
    }[kind]
    (tmp_path / "000001.journal").write_bytes(piece * (many(10, 100) * 1_000_000 // len(piece)))
    began = time.process_time()
    assert recovered(tmp_path) is None
    assert time.process_time() - began < many(4, 40)


def test_there_may_be_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "000001.journal").mkdir()
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file"):
        assert read(folder).records == ()
        assert "nothing in this journal is whole" in str(read(folder).complaint)


# The disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not MOUNTS or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_once_and_the_show_goes_on(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    (small_disk / "filler").write_bytes(bytes(40_000))
    counter = Counter(small_disk / "journal", "x" * 700)
    said = []
    for _ in range(300):
        counter.add()
        if counter.journal.complaint not in (None, *said):
            said.append(counter.journal.complaint)
    assert len(said) == 1
    assert "No space left" in said[0]
    assert "the show goes on" in said[0]
    before = recovered(small_disk / "journal")
    assert before is not None
    assert 10 < before < 40
    assert read(small_disk / "journal").complaint is None  # no half record is left
    (small_disk / "filler").unlink()
    time.sleep(module.RETRY_SECONDS)
    counter.journal.tend()
    assert counter.journal.complaint is None
    assert recovered(small_disk / "journal") == 300
    counter.add()
    assert recovered(small_disk / "journal") == 301
    counter.journal.close()


def test_a_read_only_folder(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)

    def remount(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(small_disk)], check=True)

    remount("ro")
    counter = Counter(small_disk / "journal")
    counter.add(3)
    assert "Read-only file system" in str(counter.journal.complaint)
    remount("rw")
    time.sleep(module.RETRY_SECONDS)
    counter.add()
    assert counter.journal.complaint is None
    assert recovered(small_disk / "journal") == 4
    counter.journal.close()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    (tmp_path / "journal").write_text("mine", encoding="utf-8")
    counter = Counter(tmp_path / "journal")
    counter.add(3)
    assert "the journal cannot be written" in str(counter.journal.complaint)
    assert (tmp_path / "journal").read_text(encoding="utf-8") == "mine"
    (tmp_path / "journal").unlink()
    counter.add()
    assert counter.journal.complaint is None
    assert recovered(tmp_path / "journal") == 4
    counter.journal.close()


def test_half_a_record_hides_none_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(tmp_path)
    counter.add(5)
    real = os.write

    def short(handle: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", full)
        return real(handle, data[:11])

    def full(handle: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", real)
        raise OSError(errno.ENOSPC, "No space left on device")

    def stuck(handle: int, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "write", short)
    monkeypatch.setattr(os, "ftruncate", stuck)
    counter.add()
    assert recovered(tmp_path) == 6
    counter.add(3)
    assert recovered(tmp_path) == 9
    assert read(tmp_path).complaint is None
    assert counter.journal.complaint is None
    counter.journal.close()


def test_it_is_made_durable_often_but_not_too_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[float, int]] = []

    def note(handle: int) -> None:
        synced.append((time.monotonic(), os.fstat(handle).st_size))

    monkeypatch.setattr(module, "_fdatasync", note)
    counter = Counter(tmp_path)
    began = time.monotonic()
    while time.monotonic() - began < 1.0:
        counter.add()
        time.sleep(0.005)
    size = next(tmp_path.glob("*.journal")).stat().st_size
    until(lambda: bool(synced) and synced[-1][1] == size)
    assert 2 <= len(synced) <= 2 + (time.monotonic() - began) / module.SYNC_SECONDS
    assert all(later - earlier >= 0.19 for (earlier, _), (later, _) in pairwise(synced))
    counter.journal.close()


def test_a_disk_that_fails_to_keep_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        monkeypatch.setattr(module, "_fdatasync", os.fsync)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(module, "_fdatasync", fail)
    counter = Counter(tmp_path)
    until(lambda: module._fdatasync is os.fsync)
    time.sleep(0.05)
    counter.add()
    (last,) = tmp_path.glob("000002.journal")
    assert next(iter(scan(last.read_bytes()))) is not None
    assert recovered(tmp_path) == 1
    counter.journal.close()


def test_a_journal_that_somebody_deletes_begins_again(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    counter = Counter(folder)
    counter.add(2)
    time.sleep(0.3)
    shutil.rmtree(folder)
    counter.add()
    until(lambda: counter.journal.tend() or recovered(folder) == 3)
    counter.add()
    assert recovered(folder) == 4
    other = Counter(folder)
    assert "cannot be written" in str(other.journal.complaint)
    other.journal.close()
    counter.journal.close()


def test_a_folder_belongs_to_one_journal_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    first, second = Counter(tmp_path), Counter(tmp_path)
    second.add(5)
    assert second.journal.complaint is not None
    first.add()
    assert recovered(tmp_path) == 1
    first.journal.close()
    time.sleep(module.RETRY_SECONDS)
    second.add()
    assert second.journal.complaint is None
    assert recovered(tmp_path) == 6
    second.journal.close()


def test_a_change_is_written_quickly(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    times = []
    for _ in range(400):
        began = time.perf_counter()
        counter.add()
        times.append(time.perf_counter() - began)
    counter.journal.close()
    assert sorted(times)[200] < 1e-3
