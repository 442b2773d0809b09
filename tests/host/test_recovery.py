"""Shows that are really killed come back whole, and nothing of the user's is written over."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from host.walk import START, show, state, step, walk
from kit import many

from nodegraph.errors import PatchError
from nodegraph.graph import SetText, dump, load, save
from nodegraph.host import recovery
from nodegraph.host.document import Document
from nodegraph.host.journal import files
from nodegraph.host.recovery import Lost, RecoveryError, dismiss, find_lost, prune, recover
from nodegraph.host.session import Session, sessions_folder

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("forkserver" if FORKS else "spawn")


def killed_show(seed: int, folder: Path, steps: int, every: int = 500) -> int:
    """Have a show killed after about so many steps; return how many were acknowledged."""
    reads, writes = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=show, args=(seed, folder, writes, every))
    process.start()
    writes.close()
    acknowledged = 0
    try:
        while acknowledged < steps:
            acknowledged += len(os.read(reads.fileno(), steps - acknowledged))
        process.kill()
        process.join()
        while rest := os.read(reads.fileno(), 65536):
            acknowledged += len(rest)
    finally:
        process.kill()
        process.join()
        reads.close()
        process.close()
    return acknowledged


def after(seed: int, steps: int) -> Document:
    """The document of the same show, had nobody killed it."""
    document = Document(START, "x.json")
    for _ in islice(walk(document, seed), steps):
        pass
    return document


TORN = "the last change after"
"""What is said of a record that was being written, and was not acknowledged, when the kill came."""


@pytest.mark.skipif(os.name != "posix", reason="the acknowledgements go through a POSIX pipe")
@pytest.mark.parametrize("seed", range(many(6, 60)))
def test_a_killed_show_comes_back_whole(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    every = random.choice([7, 40, 500])
    acknowledged = killed_show(seed, tmp_path, random.randint(1, 300), every)
    (lost,) = find_lost(tmp_path)
    assert lost.complaint is None or TORN in lost.complaint
    document = lost.documents["main"]
    told = [after(seed, acknowledged), after(seed, acknowledged + 1)]
    assert state(document) in [state(each) for each in told]
    assert lost.notes.get("fade", 0.0) in (acknowledged // 10, (acknowledged + 1) // 10)
    assert document.path is None
    assert document.original == tmp_path / "mine.json"
    expected = told[[state(each) for each in told].index(state(document))]
    while expected.labels()[0]:
        expected.undo()
        document.undo()
    assert state(document) == state(expected)
    while expected.labels()[1]:
        expected.redo()
        document.redo()
        assert state(document) == state(expected)


@pytest.fixture
def lost_show(tmp_path: Path) -> Path:
    """The state folder of a show that was abandoned, with documents on two decks."""
    save(START, tmp_path / "mine.json")
    abandon(tmp_path)
    return tmp_path


def abandon(folder: Path, name: str = "unsaved") -> Path:
    """Leave a session as a killed process does: the system lets go of the lock."""
    session = Session(folder)
    main = Document.open(folder / "mine.json")
    session.open("main", main)
    session.open("next", Document(START))
    main.do(SetText(name=name), "Name it")
    session.note({"scope": "http://scope:8000", "state": {"noise_scale": 0.5}})
    session.note({"fade": 0.25})
    session._journal.close()
    return session.folder


def test_recovered_documents_never_write_over_the_file(lost_show: Path) -> None:
    (lost,) = find_lost(lost_show)
    document = lost.documents["main"]
    clock = time.strftime("%H:%M", time.localtime(lost.when))
    assert document.name == f"recovered {clock}"
    assert abs(lost.when - time.time()) < 10
    assert document.dirty
    assert lost.notes == {
        "scope": "http://scope:8000",
        "state": {"noise_scale": 0.5},
        "fade": 0.25,
    }
    with pytest.raises(PatchError, match=r"recovered .* has no file yet \(it was .*mine.json"):
        document.save()
    assert load(lost_show / "mine.json") == START
    document.save(lost_show / "other.json")
    assert document.name == "other"
    assert not document.dirty
    assert load(lost_show / "mine.json") == START


def test_a_recovered_session_goes_on_in_the_running_one(lost_show: Path) -> None:
    (lost,) = find_lost(lost_show)
    session = Session(lost_show)
    recover(lost, session)
    assert find_lost(lost_show) == []
    with pytest.raises(RecoveryError, match="was recovered or dismissed"):
        recover(lost, session)
    document = session.documents["main"]
    name = document.name
    document.undo()
    document.redo()
    assert document.patch.name == "unsaved"
    session._journal.close()  # and it crashes too
    (again,) = find_lost(lost_show)
    assert list(again.documents) == ["main", "next"]
    assert again.notes == lost.notes
    assert again.documents["main"].original == lost_show / "mine.json"
    assert again.documents["main"].name[:10] == name[:10]
    assert state(again.documents["main"]) == state(document)


def test_all_lost_sessions_are_found_the_newest_first(lost_show: Path) -> None:
    time.sleep(0.01)
    second = abandon(lost_show, "second")
    found = find_lost(lost_show)
    assert [each.documents["main"].patch.name for each in found] == ["second", "unsaved"]
    assert found[0].folder == second
    dismiss(found[0])
    (left,) = find_lost(lost_show)
    assert left.folder == found[1].folder


def test_a_running_show_is_not_lost(tmp_path: Path) -> None:
    shows = [Session(tmp_path), Session(tmp_path)]
    for session in shows:
        session.open("main", Document(START))
    assert find_lost(tmp_path) == []
    for session in shows:
        session.end()
    assert find_lost(tmp_path) == []
    assert list(sessions_folder(tmp_path).iterdir()) == []


def test_two_starts_do_not_recover_the_same(lost_show: Path) -> None:
    mine, theirs = find_lost(lost_show), find_lost(lost_show)
    first, second = Session(lost_show), Session(lost_show)
    with recovery._claimed(mine[0]), pytest.raises(RecoveryError, match="by another show"):
        recover(theirs[0], second)
    recover(mine[0], first)
    with pytest.raises(RecoveryError, match="was recovered"):
        recover(theirs[0], second)
    assert second.documents == {}
    first.end()
    second.end()


def test_what_is_not_safe_in_the_new_session_is_kept_in_the_old(
    lost_show: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path_factory.mktemp("blocked")
    (place / "sessions").write_text("no folder")
    monkeypatch.setattr("nodegraph.host.journal.RETRY_SECONDS", 0.0)
    session = Session(place)
    assert session.complaint is not None
    (lost,) = find_lost(lost_show)
    recover(lost, session)
    assert session.documents["main"].patch.name == "unsaved"
    assert len(find_lost(lost_show)) == 1
    (place / "sessions").unlink()
    session.tend()
    assert session.complaint is None
    assert session.flush()
    session.end()


def test_decks_are_opened_moved_and_closed(tmp_path: Path) -> None:
    session = Session(tmp_path)
    one, two, three = (Document(START.evolve(name=name)) for name in ("one", "two", "three"))
    session.open("main", one)
    session.open("next", two)
    session.open("main", two)  # moves it
    assert session.documents == {"main": two}
    one.do(SetText(note="x"), "not of this show any more")
    two.do(SetText(note="y"), "Describe it")
    session.open("next", three)
    session.close("next")
    session.close("next")
    three.do(SetText(note="z"), "not either")
    session._journal.close()
    (lost,) = find_lost(tmp_path)
    assert {deck: each.patch.note for deck, each in lost.documents.items()} == {"main": "y"}


def test_only_plain_data_is_noted(tmp_path: Path) -> None:
    session = Session(tmp_path)
    facts: dict[str, object] = {"list": [1]}
    session.note(facts)
    for value in (object(), {1: 2}, 2**70):
        with pytest.raises(TypeError, match="no plain data"):
            session.note({"fade": 1.0, "x": value})
    facts["list"] = "changed later"
    assert session.notes == {"list": [1]}
    session.end()


def test_an_empty_session_is_not_offered(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.note({"fade": 0.0})
    session._journal.close()
    assert find_lost(tmp_path) == []


# Damage and age


def only_folder(state: Path) -> Path:
    (folder,) = sessions_folder(state).iterdir()
    return folder


def grow_old(folder: Path, days: float) -> None:
    for path in (*folder.iterdir(), folder):
        os.utime(path, (time.time() - days * recovery.DAY,) * 2)


def test_a_journal_that_is_damaged_gives_what_it_can(lost_show: Path) -> None:
    (path,) = files(only_folder(lost_show))
    data = path.read_bytes()
    name_it = data.index(b"set_text")
    path.write_bytes(data[:name_it] + b"?" + data[name_it + 1 :])
    (lost,) = find_lost(lost_show)
    assert dump(lost.documents["main"].patch) == dump(START)
    assert "of the changes after" in str(lost.complaint)


def test_a_journal_beyond_reading_is_told_and_kept_for_a_month(lost_show: Path) -> None:
    folder = only_folder(lost_show)
    files(folder)[0].write_bytes(b"garbage")
    (lost,) = find_lost(lost_show)
    assert lost.documents == {}
    assert "nothing in this journal is whole" in str(lost.complaint)
    session = Session(lost_show)
    with pytest.raises(RecoveryError, match="nothing in this journal is whole"):
        recover(lost, session)
    session.end()
    grow_old(folder, 29)
    assert prune(lost_show) == []
    assert folder.exists()
    grow_old(folder, 31)
    (told,) = prune(lost_show)
    assert str(folder) in told
    assert "it was removed after 31 days" in told
    assert not folder.exists()


def test_what_can_be_recovered_stays_however_old(lost_show: Path) -> None:
    folder = only_folder(lost_show)
    grow_old(folder, 1000)
    assert prune(lost_show) == []
    (lost,) = find_lost(lost_show)
    session = Session(lost_show)
    recover(lost, session)
    session.end()
    assert prune(lost_show) == []
    assert folder.exists()  # settled only now
    grow_old(folder, 8)
    assert prune(lost_show) == []
    assert not folder.exists()


def test_empty_folders_are_removed_in_time(tmp_path: Path) -> None:
    folder = sessions_folder(tmp_path) / "20240601-211405-00000000"
    folder.mkdir(parents=True)
    assert find_lost(tmp_path) == []
    assert prune(tmp_path) == []
    assert folder.exists()
    grow_old(folder, 8)
    assert prune(tmp_path) == []
    assert not folder.exists()


def test_a_journal_of_another_version_is_left_alone(lost_show: Path) -> None:
    shutil.rmtree(only_folder(lost_show))
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("nodegraph.host.session.FORMAT", 99)
        abandon(lost_show)
    (lost,) = find_lost(lost_show)
    session = Session(lost_show)
    with pytest.raises(RecoveryError, match="format 99"):
        recover(lost, session)
    session.end()
    assert len(find_lost(lost_show)) == 1


def test_a_change_that_does_not_fit_stops_its_deck_alone(tmp_path: Path) -> None:
    session = Session(tmp_path)
    documents = {deck: Document(START) for deck in ("main", "next")}
    for deck, document in documents.items():
        session.open(deck, document)
    documents["main"].do(SetText(name="1"), "Name it")
    session._journal.append({"deck": "main", "change": {"do": {"do": "fly"}}})
    documents["main"].do(SetText(name="2"), "Name it")
    documents["next"].do(SetText(name="3"), "Name it")
    session._journal.close()
    (lost,) = find_lost(tmp_path)
    assert [lost.documents[deck].patch.name for deck in ("main", "next")] == ["1", "3"]
    assert "deck main could be restored up to a change that does not fit" in str(lost.complaint)


def test_where_sessions_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEGRAPH_STATE", str(tmp_path))
    assert sessions_folder() == tmp_path / "sessions"
    session = Session()
    assert session.folder.parent == tmp_path / "sessions"
    session.end()
    monkeypatch.delenv("NODEGRAPH_STATE")
    assert sessions_folder().parent.name == "nodegraph"
    assert find_lost(tmp_path / "none") == []
    assert prune(tmp_path / "none") == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_nobody_else_reads_a_session(tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in files(session.folder))
    session.end()


@pytest.mark.slow
def test_a_long_walk_keeps_the_journal_small(tmp_path: Path) -> None:
    session, document, random = Session(tmp_path), Document(START), Random(1)
    session.open("main", document)
    for _ in range(2000):
        step(document, random)
    session._journal.close()
    size = sum(path.stat().st_size for path in files(session.folder))
    assert size < 8_000_000
    (lost,) = find_lost(tmp_path)
    assert isinstance(lost, Lost)
    assert state(lost.documents["main"]) == state(document)
