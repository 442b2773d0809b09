"""A save is whole or not at all, and the last versions stay at hand."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nodegraph.errors import PatchError
from nodegraph.graph import Node, Patch, dump, load, save, store

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and file kinds")


def _patch(number: int) -> Patch:
    return Patch(name=f"take {number}", nodes={"a": Node("x.y", params={"p": number})})


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "große nacht.json"
    save(_patch(1), path)
    assert load(path) == load(str(path)) == _patch(1)
    assert path.read_bytes() == dump(_patch(1)).encode()
    assert _files(tmp_path) == {path.name}


def test_generations_are_kept_apart_and_unseen_by_git(tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    for number in range(9):
        save(_patch(number), path)
    kept = tmp_path / store.FOLDER
    names = [f"show.json~{age}~" for age in range(1, store.GENERATIONS + 1)]
    assert _files(kept) == {".gitignore", *names}
    assert (kept / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert [load(kept / name) for name in names] == [_patch(number) for number in (7, 6, 5, 4, 3)]


def test_saving_the_same_again_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    save(_patch(1), path)
    before = path.stat()
    save(_patch(1), path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert _files(tmp_path) == {"show.json"}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "show.json"
    save(_patch(1), path)
    save(_patch(2), path)
    before = _files(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patching:
        patching.setattr(os, call, fail)
        for _ in range(store.GENERATIONS + 1):
            with pytest.raises(PatchError, match="as it was: No space left") as caught:
                save(_patch(3), path)
        assert caught.value.problems[0].file == str(path)
    assert load(path) == _patch(2)
    assert _files(tmp_path) == before
    save(_patch(3), path)
    assert load(path) == _patch(3)


def test_failing_saves_use_up_no_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "show.json"
    for number in range(4):
        save(_patch(number), path)
    real = os.replace

    def fail_at_the_end(source: Path, target: Path) -> None:
        if Path(target) == path:
            raise OSError(5, "Input/output error")
        real(source, target)

    with monkeypatch.context() as patching:
        patching.setattr(os, "replace", fail_at_the_end)
        for _ in range(4):
            with pytest.raises(PatchError, match="Input/output error"):
                save(_patch(9), path)
    kept = tmp_path / store.FOLDER
    ages = [load(kept / f"show.json~{age}~").name for age in range(1, 5)]
    assert ages == ["take 3", "take 2", "take 1", "take 0"]
    assert not [name for name in _files(tmp_path) if name.endswith(".tmp")]


@needs_posix
def test_permissions_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    save(_patch(1), path)
    path.chmod(0o640)
    save(_patch(2), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@needs_posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "real.json", tmp_path / "link.json"
    save(_patch(1), path)
    link.symlink_to(path)
    save(_patch(2), link)
    assert link.is_symlink()
    assert load(path) == _patch(2)


@needs_posix
@pytest.mark.parametrize("locked", ["file", "folder"])
def test_what_is_read_only_is_left_alone(tmp_path: Path, locked: str) -> None:
    path = tmp_path / "show.json"
    save(_patch(1), path)
    target = path if locked == "file" else tmp_path
    mode = target.stat().st_mode
    target.chmod(0o500)
    if os.access(target, os.W_OK):
        pytest.skip("this user may write to what is read-only")
    try:
        with pytest.raises(PatchError, match="cannot be saved"):
            save(_patch(2), path)
    finally:
        target.chmod(mode)
    assert load(path) == _patch(1)


def test_places_that_cannot_be_saved_to(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "x.json", tmp_path / ("x" * 300), "a\0b"):
        with pytest.raises(PatchError, match="cannot be saved"):
            save(_patch(1), path)
    assert _files(tmp_path) == set()


def test_places_that_cannot_be_loaded_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 101)
    monkeypatch.setattr(store, "MAX_BYTES", 100)
    places: list[tuple[str | Path, str]] = [
        (tmp_path / "none.json", "is not there"),
        (tmp_path, "is a folder"),
        (large, "is larger than 100 bytes"),
        (large / "x.json", "cannot be read"),
        ("a\0b", "cannot be read"),
    ]
    for path, fault in places:
        with pytest.raises(PatchError, match=fault) as caught:
            load(path)
        assert [problem.file for problem in caught.value.problems] == [str(path)]


@needs_posix
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PatchError, match="not a file that can be read to its end"):
        load(tmp_path / "pipe")
    with pytest.raises(PatchError, match="not a file"):
        save(_patch(1), tmp_path / "pipe")


def test_load_tells_all_problems_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    path.write_text('{"nodegraph": 1,\n"nodes": {"a": 1,\n"b": 2}}', encoding="utf-8")
    with pytest.raises(PatchError) as caught:
        load(path)
    first, second = map(str, caught.value.problems)
    assert first.startswith(f"{path}:2: nodes.a: ")
    assert second.startswith(f"{path}:3: nodes.b: ")
