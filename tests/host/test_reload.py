"""What another program saves is seen once, and what the document itself saves never."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nodegraph.graph import Node, Patch, SetText, dump, save
from nodegraph.host.document import Document
from nodegraph.host.reload import FileWatch, Outside


def _patch(name: str) -> Patch:
    return Patch(name=name, nodes={"a": Node("x.y")})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "show.json"
    save(_patch("one"), path)
    return path


@pytest.mark.parametrize("way", ["replace", "in place"])
def test_a_file_that_another_program_saves(path: Path, way: str) -> None:
    document = Document.open(path)
    watch = FileWatch(document)
    assert watch.poll() is None
    if way == "replace":
        save(_patch("two"), path)
    else:
        path.write_text(dump(_patch("two")), encoding="utf-8")
    seen = watch.poll()
    assert seen is not None
    assert seen.patch == _patch("two")
    assert seen.problems == ()
    assert watch.poll() is None
    change = document.reload(seen.patch)
    assert change.label == "Reload show"
    assert document.patch == _patch("two")
    assert not document.dirty
    assert watch.poll() is None
    document.undo()
    assert document.patch == _patch("one")
    assert document.dirty


def test_a_change_between_opening_and_the_first_look(path: Path) -> None:
    document = Document.open(path)
    save(_patch("two"), path)
    seen = FileWatch(document).poll()
    assert seen is not None
    assert seen.patch == _patch("two")


def test_own_saves_do_not_come_back(path: Path) -> None:
    document = Document.open(path)
    watch = FileWatch(document)
    for number in range(3):
        document.do(SetText(name=f"take {number}"), "Name it")
        document.save()
        document.do(SetText(note="more"), "Describe it")  # after the save, before the look
        assert watch.poll() is None
    document.save(path.with_name("other.json"))
    assert watch.poll() is None
    save(_patch("mine no more"), path)
    assert watch.poll() is None
    save(_patch("two"), path.with_name("other.json"))
    assert watch.poll() is not None


def test_another_layout_of_the_same_patch_is_no_news(path: Path) -> None:
    watch = FileWatch(Document.open(path))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), encoding="utf-8")
    assert watch.poll() is None


def test_half_a_file_is_told_and_tried_again(path: Path) -> None:
    document = Document.open(path)
    watch = FileWatch(document)
    text = dump(_patch("two"))
    path.write_text(text[:40], encoding="utf-8")
    seen = watch.poll()
    assert seen is not None
    assert seen.patch is None
    assert seen.problems
    assert seen.problems[0].file == str(path)
    assert watch.poll() is None
    path.write_text(text, encoding="utf-8")
    seen = watch.poll()
    assert seen is not None
    assert seen.patch == _patch("two")
    assert document.patch == _patch("one")


def test_a_file_that_goes_and_comes_back(path: Path) -> None:
    document = Document.open(path)
    watch = FileWatch(document)
    assert watch.poll() is None
    hidden = path.with_name("hidden")
    os.rename(path, hidden)
    seen = watch.poll()
    assert seen is not None
    assert "what it said before plays on" in str(seen.problems[0])
    assert "is not there" in str(seen.problems[1])
    assert watch.poll() is None
    os.rename(hidden, path)
    assert watch.poll() == Outside(None)  # and it says what it said: nothing is wrong any more
    assert watch.poll() is None


def test_a_document_without_a_file_has_no_news() -> None:
    assert FileWatch(Document(_patch("one"))).poll() is None


def test_places_that_are_no_files(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "a\0b", tmp_path / ("x" * 300)):
        seen = FileWatch(Document(_patch("one"), place)).poll()
        assert seen is not None
        assert seen.problems
