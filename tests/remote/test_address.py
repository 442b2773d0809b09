"""Where shows lie: private or refused, found by name, and cleared away only when they are dead."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.remote.address import Door, find_show, shows
from nodegraph.remote.errors import NoShow, RemoteError
from nodegraph.remote.folder import foreign, runtime_folder

posix = pytest.mark.skipif(os.name != "posix", reason="file modes and users are POSIX's")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ng") as place:  # short, for the socket's path
        monkeypatch.setenv("NODEGRAPH_RUNTIME", place)
        yield Path(place)


def names(folder: Path) -> set[str]:
    return {path.suffix for path in folder.iterdir()}


@pytest.mark.parametrize("tcp", [False, True])
def test_a_show_is_found_while_it_runs(folder: Path, tcp: bool) -> None:
    door = Door("First pulse", "patches/first-pulse.json", tcp=tcp)
    (show,) = shows()
    assert show == door.show == find_show() == find_show("First pulse") == find_show(str(show.pid))
    assert (show.pid, show.patch) == (os.getpid(), "patches/first-pulse.json")
    assert abs(show.since - time.time()) < 10
    assert show.address.startswith("tcp:127.0.0.1:" if tcp else "unix:")
    assert (show.token or "") == door.token
    assert bool(re.fullmatch("[0-9a-f]{64}", door.token)) == tcp
    show.dial().close()
    door.rename("Other", "other.json")
    assert [(s.name, s.patch) for s in shows()] == [("Other", "other.json")]
    door.close()
    assert shows() == []
    assert names(folder) == set()
    with pytest.raises(NoShow, match="does not answer"):
        show.dial()


@posix
@pytest.mark.parametrize("tcp", [False, True])
def test_nobody_else_may_touch_what_a_show_leaves(folder: Path, tcp: bool) -> None:
    before = os.umask(0)
    try:
        door = Door("x", tcp=tcp)
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    finally:
        os.umask(before)
        door.close()


def test_what_to_do_is_said_when_there_is_no_show_or_more_than_one() -> None:
    with pytest.raises(NoShow, match="start one with: nodegraph run PATCH"):
        find_show()
    a, b, c = Door("a"), Door("b"), Door("b")
    with pytest.raises(NoShow, match=r"'a'.*'b'.*'b'.*which one"):
        find_show()
    with pytest.raises(NoShow, match="no show called 'z' is running; there are: 'a'"):
        find_show("z")
    with pytest.raises(NoShow, match=r"several shows are running: 'b'.*'b'"):
        find_show("b")
    assert find_show("a").note == a.show.note
    assert [show.name for show in shows()] == ["a", "b", "b"]
    for door in (a, b, c):
        door.close()


RUN = """
import sys, time
from nodegraph.remote.address import Door
door = Door("killed", tcp=bool(int(sys.argv[1])))
print("open", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("tcp", [0, 1])
def test_what_a_killed_show_left_is_cleared_away_and_what_lives_is_kept(
    folder: Path, tcp: int
) -> None:
    door = Door("alive")
    command = [sys.executable, "-c", RUN, str(tcp)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert {show.name for show in shows()} == {"alive", "killed"}
        process.send_signal(signal.SIGSTOP)  # it hangs, but is not dead
        assert {show.name for show in shows()} == {"alive", "killed"}
        process.kill()
    assert len(list(folder.iterdir())) == 4
    assert shows() == [door.show]
    assert sorted(path.stem for path in folder.iterdir()) == [door.show.note.stem] * 2
    door.close()


def test_lone_files_go_when_they_are_old_unless_somebody_answers(folder: Path) -> None:
    def age(path: Path) -> None:
        os.utime(path, (time.time() - 3600,) * 2)

    left = [folder / name for name in ("1-a.token", "1-b.json", ".1-c.json.new", "1-d.sock")]
    for path in left:
        path.write_text("{not json")
        age(path)
    young, strange = folder / "1-e.token", folder / "notes.txt"
    young.write_text("x")
    strange.write_text("not ours")
    age(strange)
    living = socket.socket(socket.AF_UNIX)
    living.bind(str(folder / "1-f.sock"))
    living.listen()
    age(folder / "1-f.sock")
    assert shows() == []
    assert {path.name for path in folder.iterdir()} == {"1-e.token", "notes.txt", "1-f.sock"}
    living.close()


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        "{}",
        '{"name": "x"}',
        json.dumps({"name": "x", "pid": "?", "address": 1, "patch": "", "since": 0}),
        json.dumps({"name": "x", "pid": 1, "address": "ftp:x", "patch": "", "since": 0}),
        json.dumps({"name": "x", "pid": 1, "address": "tcp:h:port", "patch": "", "since": 0}),
        json.dumps({"name": "x", "pid": 1, "address": "unix:a\0b", "patch": "", "since": 0}),
        json.dumps({"name": "x", "pid": 1, "address": "", "patch": "", "since": "soon"}),
        "[" * 100_000,
    ],
)
def test_a_damaged_note_is_passed_over(folder: Path, told: str) -> None:
    (folder / "7-x.json").write_text(told)
    door = Door("sound")
    assert shows() == [door.show]
    door.close()


def test_a_path_too_long_for_a_socket_makes_it_tcp(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = folder / ("x" * 90)
    monkeypatch.setenv("NODEGRAPH_RUNTIME", str(long))
    door = Door("far away")
    assert door.show.address.startswith("tcp:")
    assert shows() == [door.show]
    door.close()


@posix
def test_a_folder_that_is_not_private_is_refused_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.chmod(0o755)
    with pytest.raises(RemoteError, match=r"others may enter it \(mode 755\); run: chmod 700"):
        runtime_folder()
    folder.chmod(0o700)
    real, link, file, open_ = (folder / name for name in ("real", "link", "file", "open"))
    real.mkdir(0o700)
    link.symlink_to(real)
    file.write_text("")
    open_.mkdir()
    open_.chmod(0o777)
    for place, why in [
        (link, "not a folder"),
        (file, "File exists"),
        (open_ / "mine", "others may write to the folder above"),
    ]:
        monkeypatch.setenv("NODEGRAPH_RUNTIME", str(place))
        with pytest.raises(RemoteError, match=f"named by NODEGRAPH_RUNTIME, cannot.*{why}"):
            Door("x")


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give files away")
def test_a_folder_that_another_user_made_for_us_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = folder / f"nodegraph-{os.getuid()}"
    trap.mkdir(0o700)
    os.chown(trap, 65534, 65534)
    monkeypatch.delenv("NODEGRAPH_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(trap))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("nodegraph.remote.folder.user_runtime_path", lambda *a, **k: trap)
    with pytest.raises(RemoteError, match=r"another user.*name one in NODEGRAPH_RUNTIME"):
        runtime_folder()
    monkeypatch.setattr("nodegraph.remote.folder.user_runtime_path", lambda *a, **k: trap / "in")
    with pytest.raises(RemoteError, match="the folder above it belongs to another user"):
        runtime_folder()


@posix
def test_without_a_folder_of_the_system_there_is_one_among_the_temporary_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> Path:
        raise PermissionError("runtime directory is another user's")

    monkeypatch.delenv("NODEGRAPH_RUNTIME")
    monkeypatch.setattr("nodegraph.remote.folder.user_runtime_path", none)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert runtime_folder() == folder / f"nodegraph-{os.getuid()}"
    assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


@posix
def test_a_full_disk_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nodegraph.remote.address.write_private", full)
    with pytest.raises(RemoteError, match=r"clients cannot find this show.*No space left"):
        Door("x")
    with pytest.raises(RemoteError, match=r"no control socket can be opened.*No space left"):
        Door("x", tcp=True)
    assert names(folder) == set()


@posix
def test_we_are_no_stranger_to_ourselves() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert foreign(here) is None
