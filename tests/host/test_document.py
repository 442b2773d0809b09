"""A document can be taken back and done again to the last byte, saved, and written down."""

from __future__ import annotations

import errno
import os
from itertools import islice
from pathlib import Path
from random import Random

import msgpack
import pytest
from graph.random_edits import Words, random_edit
from host.walk import START, state, step, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.errors import EditError, PatchError
from nodegraph.graph import Node, Patch, RemoveNode, SetParam, SetText, dump, load
from nodegraph.host.document import Document
from nodegraph.host.records import Body


class Tape:
    """A journal in memory, which holds what a file would."""

    def __init__(self) -> None:
        self.records: list[bytes] = []

    def append(self, body: Body) -> None:
        self.records.append(msgpack.packb(body))


def through_msgpack(data: object) -> object:
    return msgpack.unpackb(msgpack.packb(data))


@pytest.mark.parametrize("seed", range(4))
def test_five_hundred_edits_there_and_back(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    Document(START).save(path)
    start = path.read_bytes()
    document, random = Document.open(path), Random(seed)
    for number in range(500):
        document.do(random_edit(document.patch, random, Words()), f"edit {number}")
    end = dump(document.patch)
    document.save()
    for _ in range(500):
        document.undo()
    assert document.labels()[0] == ()
    document.save()
    assert path.read_bytes() == start
    for _ in range(500):
        document.redo()
    assert dump(document.patch) == end
    with pytest.raises(EditError, match="nothing to redo"):
        document.redo()


@given(seed=st.integers(0, 2**32), snapshot=st.integers(0, 60))
@settings(deadline=None, max_examples=many(25, 400))
def test_what_is_written_down_leads_to_the_same_document(seed: int, snapshot: int) -> None:
    tape = Tape()
    document, random = Document(START, "show.json", tape), Random(seed)
    for _ in range(snapshot):
        step(document, random)
    copy = Document.from_data(through_msgpack(document.to_data()))
    assert state(copy) == state(document)
    tape.records.clear()
    for _ in range(40):
        step(document, random)
        copy.replay(msgpack.unpackb(tape.records.pop()))
        assert state(copy) == state(document)
    while document.labels()[0]:
        assert document.undo().after == document.patch
        copy.undo()
        assert state(copy) == state(document)
    assert copy.path == Path(os.path.abspath("show.json"))


def test_a_change_tells_before_and_after() -> None:
    document = Document(START)
    change = document.do(SetText(name="night"), "Name it")
    assert (change.kind, change.label) == ("edit", "Name it")
    assert (change.before, change.after) == (START, document.patch)
    back = document.undo()
    assert (back.kind, back.label, back.before) == ("undo", "Name it", change.after)
    assert back.after == START
    again = document.redo()
    assert (again.kind, again.label, again.after) == ("redo", "Name it", change.after)


def test_an_edit_that_does_not_fit_is_not_written_down() -> None:
    tape = Tape()
    document = Document(START, journal=tape)
    for attempt in (
        lambda: document.do(RemoveNode("none"), "no"),
        document.undo,
        document.redo,
    ):
        with pytest.raises(EditError):
            attempt()
    assert tape.records == []
    assert document.patch is START


def test_dirty_is_what_the_file_does_not_say(tmp_path: Path) -> None:
    document = Document(START, tmp_path / "show.json")
    assert not document.dirty
    document.do(SetParam("first", "x", 1.0), "Set")  # equal to Python, another file
    assert document.dirty
    document.undo()
    assert not document.dirty
    document.redo()
    document.save()
    assert not document.dirty
    document.undo()
    assert document.dirty
    document.do(SetParam("first", "x", True), "Set")
    assert document.dirty


def test_a_document_has_the_name_of_its_file(tmp_path: Path) -> None:
    document = Document(Patch(nodes={"a": Node("x.y")}))
    assert document.name == "untitled"
    with pytest.raises(PatchError, match="untitled has no file yet: say where to save it"):
        document.save()
    assert document.save(tmp_path / "one.json") == tmp_path / "one.json"
    assert document.name == "one"
    document.do(SetText(name="x"), "Name it")
    document.save(str(tmp_path / "two.json"))
    assert document.path == tmp_path / "two.json"
    assert document.name == "two"
    assert load(tmp_path / "one.json").name == ""
    assert Document.open(tmp_path / "two.json").patch == document.patch
    with pytest.raises(PatchError, match="is not there"):
        Document.open(tmp_path / "three.json")


def test_a_save_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape()
    document = Document(START, tmp_path / "one.json", tape)
    document.save()
    document.do(SetText(name="x"), "Name it")
    written = list(tape.records)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    for target in (None, tmp_path / "two.json"):
        with pytest.raises(PatchError, match="No space left"):
            document.save(target)
    assert document.path == tmp_path / "one.json"
    assert document.dirty
    assert tape.records == written
    assert load(tmp_path / "one.json") == START


def test_saves_are_written_down(tmp_path: Path) -> None:
    tape = Tape()
    document = Document(START, journal=tape)
    copy = Document.from_data(through_msgpack(document.to_data()))
    document.do(SetText(name="x"), "Name it")
    document.save(tmp_path / "Ünï.json")
    for record in tape.records:
        copy.replay(msgpack.unpackb(record))
    assert copy.path == tmp_path / "Ünï.json"
    assert not copy.dirty
    copy.undo()
    assert copy.dirty


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["do", "label", "gesture", "path", "saved", "history", "title", "original"]
                ),
                inner,
            )
        ),
    )
)
def test_nonsense_in_a_journal_is_refused(data: object) -> None:
    with pytest.raises(EditError):
        Document.from_data(data)
    if not isinstance(data, dict) or "undo" in data or "redo" in data:
        return
    document = Document(START)
    if not {"path", "saved"} <= data.keys():
        with pytest.raises(EditError):
            document.replay(data)
        assert document.patch is START


def test_a_walk_is_the_same_for_the_same_seed() -> None:
    """What the tests of recovery rely on."""
    documents = [Document(START) for _ in range(2)]
    for document in documents:
        for _ in islice(walk(document, 5), 200):
            pass
    assert state(documents[0]) == state(documents[1])
