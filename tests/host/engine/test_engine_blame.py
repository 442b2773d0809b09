"""Who ended an engine is read from marks and tracebacks."""

from __future__ import annotations

import faulthandler
import threading
from pathlib import Path

import pytest
from kit import catalogue, patch

from nodegraph import inlet, node
from nodegraph.compiler import Plan, compile_patch
from nodegraph.host.engine.blame import (
    BACKSTAGE,
    TICKING,
    Culprit,
    Offences,
    _threads,
    blame,
    place,
)


@node("blame.first", outlets="out")
def first(value: float = inlet(0.0)) -> float:
    """One node type."""
    sum([])
    return value


@node("blame.second", outlets="out", state=0)
def second(state: int, value: float = inlet(0.0)) -> tuple[int, float]:
    """Another, below it."""
    return helper(state), value


def helper(state: int) -> int:
    return state + 1


PLAN = compile_patch(
    patch(
        {"a": "blame.second", "b": "blame.first", "c": "blame.second"},
        ["a.out -> b.value", "b.out -> c.value"],
    ),
    catalogue(first, second),
)
FILE = __file__


def dump(*lines: str, thread: str = TICKING, fatal: bool = False) -> str:
    """What `faulthandler` writes: innermost frames first."""
    head = "Fatal Python error: Segmentation fault\n\n" if fatal else ""
    frames = "\n".join(f"  {line}" for line in lines)
    other = '  File "/x/selectors.py", line 4 in select\n  File "/x/other.py", line 1 in run'
    return (
        f"{head}Thread 0x00007f9be44ff6c0 (most recent call first):\n{other}\n\n"
        f"Current thread 0x00007f9bed609b80 (most recent call first):\n{frames}\n"
        f'  File "/x/nodegraph/host{thread}", line 3 in run\n'
    )


def line_of(function: object) -> int:
    return function.__code__.co_firstlineno + 3  # type: ignore[attr-defined, no-any-return]  # it is a function


def test_a_mark_names_the_node() -> None:
    number = [step.id for step in PLAN.all_steps].index("c")
    found = blame({"main": PLAN}, {"main": number}, "")
    assert found == Culprit("blame.second", (("main", "c"),), f"{FILE}:{PLAN.by_id['c'].type.line}")
    assert found.sure
    assert found.did("hung").startswith("blame.second on node c hung (")
    assert blame({"main": PLAN}, {"main": -1}, "") is None
    assert blame({"main": PLAN}, {"main": 99}, "") is None
    assert blame({}, {"main": 0}, "") is None


def test_a_traceback_names_the_type_and_the_innermost_line_of_its_file() -> None:
    where = f'File "{FILE}", line {line_of(first)} in first'
    found = blame({"main": PLAN}, {}, dump(where, 'File "<plan>", line 7 in chunk'))
    assert found == Culprit("blame.first", (("main", "b"),), f"{FILE}:{line_of(first)}")
    inside = line_of(helper)
    through = dump(
        f'File "{FILE}", line {inside} in helper',
        f'File "{FILE}", line {line_of(second)} in second',
        'File "<plan>", line 7 in chunk',
    )
    found = blame({"main": PLAN, "next": PLAN}, {}, through)
    assert found is not None
    assert found.place == f"{FILE}:{inside}"
    assert set(found.nodes) == {(deck, id) for deck in ("main", "next") for id in "ac"}
    assert not found.sure
    assert "on one of the nodes a, c, a, c" in found.did("hung")


def test_only_the_guilty_thread_counts() -> None:
    where = f'File "{FILE}", line {line_of(first)} in first'
    assert blame({"main": PLAN}, {}, dump(where, thread=BACKSTAGE)) is None
    assert blame({"main": PLAN}, {}, dump(where, thread=BACKSTAGE), BACKSTAGE) is not None
    assert blame({"main": PLAN}, {}, dump(where, thread="/elsewhere.py", fatal=True)) is not None
    assert blame({"main": PLAN}, {}, "rubbish\nThread 0x1\nrubbish") is None


def test_a_real_dump_is_read(tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        done.wait(5.0)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with (tmp_path / "trace").open("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        text = file.read()
    done.set()
    thread.join()
    frames = [frame for _, frames in _threads(text) for frame in frames]
    assert FILE in {frame.file for frame in frames}
    assert len(list(_threads(text))) >= 2
    assert place(text).startswith(" (")
    assert place("") == ""


def culprit(*nodes: str) -> Culprit:
    return Culprit("blame.first", tuple(("main", node) for node in nodes), "x.py:1")


@pytest.mark.parametrize(
    ("ends", "caught"),
    [
        ([culprit("a"), culprit("a")], ["", "a"]),
        ([culprit("a"), culprit("b"), culprit("a")], ["", "", "a"]),
        ([None, culprit("a")], ["", "a"]),
        ([None, culprit("a"), culprit("b")], ["", "a", ""]),
        ([culprit("a", "b"), culprit("b")], ["", "b"]),
        ([culprit("a"), culprit("a"), culprit("a"), culprit("a")], ["", "a", "", "a"]),
        ([None, None], ["", ""]),
    ],
)
def test_the_second_time_is_one_too_many(ends: list[Culprit | None], caught: list[str]) -> None:
    offences = Offences()
    assert [" ".join(id for _, id in offences.again(end)) for end in ends] == caught


def test_plans_are_what_is_blamed() -> None:
    assert isinstance(PLAN, Plan)
    assert {step.id for step in PLAN.all_steps} == {"a", "b", "c"}
