"""The engine is killed, hung and crashed for real, and the show goes on."""

from __future__ import annotations

import asyncio
import gc
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from host.stage import in_time
from kit import patch

from nodegraph.compiler import Plan, compile_patch
from nodegraph.declaration import declared
from nodegraph.errors import NodegraphError
from nodegraph.graph import Patch
from nodegraph.host import supervisor as module
from nodegraph.host.engine import unsolved
from nodegraph.host.engine import worker as worker_module
from nodegraph.host.engine.events import Calm, Died, Event, Restarted
from nodegraph.host.engine.protocol import (
    Begin,
    Checkpoint,
    Installed,
    Problems,
    Refused,
    Sent,
    Started,
    Stats,
    Stop,
    Values,
)
from nodegraph.host.engine.starter import Starter
from nodegraph.host.engine.worker import Stillborn, Worker
from nodegraph.host.supervisor import Supervisor
from nodegraph.runtime.publish import Ring

PLUGIN = '''
"""Nodes that behave, and nodes that end engines as soon as they are armed."""

import ctypes
import os
import re
import time
from nodegraph import Message, hookimpl, inlet, node, param

@node("bad.count", outlets="out", state=0)
def count(state: int) -> tuple[int, float]:
    """Count ticks."""
    return state + 1, float(state + 1)

@node("bad.value", outlets="out")
def value(wanted: float = param(0.0, "", 0.0, 1000.0)) -> float:
    """Give a number."""
    time.monotonic()
    return wanted

@node("bad.hang", outlets="out")
def hang(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Never return."""
    while armed:
        pass
    return 1.0

@node("bad.search", outlets="out")
def search(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Never return from code that is not Python's."""
    if armed:
        re.match("(a+)+$", "a" * 50 + "b")
    return 1.0

@node("bad.crash", outlets="out")
def crash(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Read where nothing is."""
    if armed:
        ctypes.string_at(0)
    return 1.0

@node("bad.quit", outlets="out")
def quit(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Leave."""
    if armed:
        os._exit(3)
    return 1.0

_eaten = []

@node("bad.eat", outlets="out")
def eat(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Take memory and keep it."""
    if armed:
        _eaten.append(b"x" * (10 << 20))
    return 1.0

@node("bad.fail", outlets="out")
def fail(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Raise."""
    if armed:
        raise RuntimeError("not today")
    return 1.0

@node("bad.slow", outlets="out")
def slow(value: float = inlet(0.0), armed: bool = param(False)) -> float:
    """Take longer than a tick."""
    if armed:
        time.sleep(0.02)
    return 1.0

@node("bad.print", outlets="out")
def talk(armed: bool = param(False)) -> float:
    """Print a lot."""
    if armed:
        print("la" * 2000)
        os.write(2, b"lu")
    return 1.0

@node("bad.say", outlets="message", state=0.0)
def say(state: float, value: float = inlet(0.0)) -> tuple[float, Message | None]:
    """Tell Scope when a number changes, and another sink about it."""
    return value, None if value == state else Message("scope", {"noise_scale": value})

@node("bad.words", outlets="out")
def words(text: str = param("first")) -> str:
    """Give a text."""
    time.monotonic()
    return text

@hookimpl
def register_nodes(register):
    for each in (count, value, hang, search, crash, quit, eat, fail, slow, talk, say, words):
        register(each)
'''

_Event = TypeVar("_Event", bound=Event)


class Stage:
    """A supervised engine with that plugin, and everything that was told of it."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.folder = folder / "show"
        self.folder.mkdir()
        plugins = folder / "plugins"
        plugins.mkdir()
        (plugins / "bad.py").write_text(PLUGIN)
        self.events: list[Event] = []
        self.supervisor = Supervisor(
            self.folder,
            self.events.append,
            plugins=[plugins],
            **options,  # type: ignore[arg-type]  # tests pass what they like
        )

    async def start(self) -> None:
        started = await self.supervisor.start()
        assert started.problems == ()
        self.types = {str(it["id"]): declared(it) for it in started.types}

    def compile(self, made: Patch, before: Plan | None = None) -> Plan:
        plan = compile_patch(made, self.types, before=before)
        assert plan.problems == ()
        return plan

    async def next(
        self,
        kind: type[_Event],
        fits: Callable[[_Event], bool] = lambda event: True,
        seconds: float = 30.0,
        after: int = 0,
    ) -> _Event:
        """The first event of a kind, from event number `after` on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for event in self.events[after:]:
                if isinstance(event, kind) and fits(event):
                    return event
            await asyncio.sleep(0.005)
        told = [it for it in self.events if not isinstance(it, Sent | Checkpoint | Started)]
        log = (self.folder / "engine.log").read_text()
        raise AssertionError(f"no {kind.__name__} in {seconds} s, but {told[-5:]}; {log[-3000:]}")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20.0):
            while not holds():
                await asyncio.sleep(0.01)

    def value(self, port: str) -> float:
        """What a port held on the newest tick."""
        installed = next(it for it in reversed(self.events) if isinstance(it, Installed))
        with (self.folder / installed.ring).open("rb") as file:
            page = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        return float(Ring.open(page).newest()[installed.columns[port].number])

    @property
    def process(self) -> int:
        assert self.supervisor._worker is not None
        return self.supervisor._worker.process.pid

    async def ready_to_spare(self) -> None:
        """Until another engine stands by."""
        while self.supervisor._understudy.ready is None:
            await asyncio.sleep(0.01)


def on_stage(play: Callable[[Stage], Awaitable[None]], folder: Path, **options: object) -> Stage:
    """Play a test's scene, and see that nothing of it stays behind."""
    stage = Stage(folder, **options)

    async def run() -> None:
        try:
            await stage.start()
            await play(stage)
        finally:
            await stage.supervisor.stop()

    asyncio.run(run())
    left = [path.name for path in stage.folder.iterdir()]
    assert left == ["engine.log"]
    return stage


CAST = patch(
    {"count": "bad.count", "value": "bad.value", "say": "bad.say"}, ["value.out -> say.value"]
)


def with_one(kind: str) -> Patch:
    """A patch with one that can be armed, beside those that behave."""
    nodes = {"count": "bad.count", "value": "bad.value", "say": "bad.say", "one": f"bad.{kind}"}
    wired = kind not in ("print", "words")
    return patch(nodes, ["value.out -> say.value", *["count.out -> one.value"] * wired])


def test_a_killed_engine_is_back_with_its_state_and_what_was_set_meanwhile(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        it = stage.supervisor
        it.install("main", stage.compile(CAST))
        await stage.next(Installed)
        it.set("main", {("value", "wanted"): 7.0})
        said = await stage.next(Sent)
        assert said.sink == "scope"
        assert said.bodies == [{"noise_scale": 7.0}]
        await stage.next(Checkpoint, lambda event: bool(event.states))
        await stage.ready_to_spare()
        counted = stage.value("count.out")
        began = time.monotonic()
        os.kill(stage.process, signal.SIGKILL)
        died = await stage.next(Died)
        it.set("main", {("value", "wanted"): 8.0})
        assert died.text == "the engine was killed (SIGKILL)"
        assert died.culprit is None
        back = await stage.next(Restarted)
        took = time.monotonic() - began
        assert in_time(took)
        told = f"the engine was restarted in {back.seconds:.1f} s"
        assert back.text == f"the engine was killed (SIGKILL): {told}"
        await stage.until(lambda: stage.value("value.out") == 8.0)
        again = stage.value("count.out")
        assert counted - 110 < again < counted + 100 + 94 * (time.monotonic() - began)
        newest = [event for event in stage.events if isinstance(event, Sent)][-1]
        assert newest.bodies[-1]["noise_scale"] == 8.0

    on_stage(play, tmp_path)


@pytest.mark.parametrize(
    ("kind", "what", "sure"),
    [
        pytest.param("hang", "hung", True, marks=pytest.mark.slow),
        pytest.param("crash", "crashed (SIGSEGV)", True, marks=pytest.mark.slow),
        ("quit", "ended the process (exit code 3)", False),
        pytest.param("eat", "took more than 0.3 GB of memory", False, marks=pytest.mark.slow),
    ],
)
def test_who_ends_the_engine_twice_is_left_out(
    tmp_path: Path, kind: str, what: str, sure: bool
) -> None:
    async def play(stage: Stage) -> None:
        it = stage.supervisor
        plan = stage.compile(with_one(kind))
        it.install("main", plan)
        await stage.next(Checkpoint, lambda event: bool(event.states))
        began = time.monotonic()
        it.set("main", {("one", "armed"): True})
        first = await stage.next(Died)
        if sure or first.culprit:
            assert first.culprit is not None
            assert first.culprit.nodes == (("main", "one"),)
            assert f"bad.{kind} on node one {what} (" in first.text
            assert "bad.py:" in first.text
        assert first.quarantined == ()
        await stage.next(Restarted)
        assert in_time(time.monotonic() - began)
        then = len(stage.events)
        second = await stage.next(Died, after=stage.events.index(first) + 1)
        assert f"bad.{kind} on node one {what} (" in second.text
        assert second.quarantined == (("main", "one"),)
        await stage.next(Restarted, after=stage.events.index(second))
        why = "for the second time; it runs no more until it is edited"
        problems = await stage.next(Problems, lambda event: why in str(event), after=then)
        assert [problem.node for problem in problems.problems] == ["one"]
        counted = stage.value("count.out")
        await stage.until(lambda: stage.value("count.out") > counted + 10)
        it.set("main", {("one", "armed"): False})  # an edit: it has another chance
        then = len(stage.events)
        await stage.next(Problems, lambda event: event.problems == (), after=then)
        assert stage.value("one.out") == 1.0

    on_stage(play, tmp_path, memory=300 << 20)


@pytest.mark.slow
def test_engines_that_die_for_no_reason_are_started_more_and_more_slowly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsolved, "MANY", 2)
    monkeypatch.setattr(module, "_CALM", 0.5)

    async def play(stage: Stage) -> None:
        stage.supervisor.install("main", stage.compile(CAST))
        await stage.next(Installed)
        os.kill(stage.process, signal.SIGKILL)
        quick = await stage.next(Restarted)
        assert in_time(quick.seconds)
        then = len(stage.events)
        os.kill(stage.process, signal.SIGKILL)
        told = await stage.next(Died, lambda event: "nobody knows why" in event.text)
        assert "it has ended 2 times and nobody knows why: it is started again in 1 s" in told.text
        await stage.next(Calm)
        slow = await stage.next(Restarted, after=then)
        assert slow.seconds > 1.0

    on_stage(play, tmp_path, spare=False)


def test_a_node_that_fails_prints_or_is_slow_ends_nothing(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        it = stage.supervisor
        nodes = {name: f"bad.{name}" for name in ("count", "fail", "slow", "print", "words")}
        wires = [f"count.out -> {name}.value" for name in ("fail", "slow")]
        it.install("main", stage.compile(patch(nodes, wires)))
        await stage.next(Values, lambda event: event.values == {"words.out": "first"})
        it.set("main", {("print", "armed"): True})
        it.set("main", {("fail", "armed"): True})
        failed = await stage.next(Problems, lambda event: "RuntimeError: not today" in str(event))
        assert [problem.node for problem in failed.problems] == ["fail"]
        it.set("main", {("words", "text"): "second"})
        await stage.next(Values, lambda event: event.values == {"words.out": "second"})
        it.set("main", {("slow", "armed"): True})
        stats = await stage.next(Stats, lambda event: event.slowest.get("slow", 0) > 5)
        assert stats.overruns > 5
        assert stats.worst > 0.02
        assert stats.faults["main"]["fail"] >= 1
        assert not any(isinstance(event, Died) for event in stage.events)

    stage = on_stage(play, tmp_path)
    log = (stage.folder / "engine.log").read_text()
    assert "lala" in log
    assert "not today" in log


@pytest.mark.slow
def test_both_decks_play_and_the_fader_survives_a_death(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        it = stage.supervisor
        it.install("main", stage.compile(CAST))
        it.install("next", stage.compile(CAST))
        it.set("main", {("value", "wanted"): 100.0})
        it.set("next", {("value", "wanted"): 200.0})
        await stage.next(Sent, lambda event: event.bodies[-1] == {"noise_scale": 100.0})
        it.move(1.0, 1.0)
        await stage.next(Checkpoint, lambda event: len(event.states) == 2)
        await stage.next(Sent, lambda event: 120.0 < event.bodies[-1]["noise_scale"] < 180.0)  # type: ignore[operator]  # it is a number
        await stage.ready_to_spare()
        then = len(stage.events)
        os.kill(stage.process, signal.SIGKILL)
        await stage.next(Sent, lambda event: event.bodies[-1] == {"noise_scale": 200.0}, after=then)
        assert (await stage.next(Stats, lambda event: event.fade == 1.0, after=then)).ticks > 0

    on_stage(play, tmp_path)


def test_a_plan_is_exchanged_and_its_outlets_keep_their_columns(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        it = stage.supervisor
        first = stage.compile(CAST)
        one = it.install("main", first)
        before = await stage.next(Installed, lambda event: event.serial == one)
        await asyncio.sleep(0.2)
        counted = stage.value("count.out")
        two = it.install("main", stage.compile(with_one("words"), before=first))
        after = await stage.next(Installed, lambda event: event.serial == two)
        assert after.ring == before.ring
        assert after.columns["count.out"] == before.columns["count.out"]
        assert stage.value("count.out") > counted
        nodes = {f"count{n}": "bad.count" for n in range(80)}
        began = time.monotonic()
        three = it.install("main", stage.compile(patch(nodes)), anew=True)
        wide = await stage.next(Installed, lambda event: event.serial == three)
        assert wide.ring != before.ring
        assert wide.columns["count0.out"].since >= before.columns["count.out"].since + 10
        await stage.until(lambda: stage.value("count79.out") > 1.0)
        assert stage.value("count79.out") < 94.0 * (1.0 + time.monotonic() - began)

    on_stage(play, tmp_path)


def test_an_engine_is_deaf_to_interrupts_and_ends_with_its_host(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from nodegraph.host.supervisor import Supervisor

async def main():
    supervisor = Supervisor(Path(sys.argv[1]), lambda event: None, spare=False)
    await supervisor.start()
    while supervisor._worker is None or not supervisor._worker.pulse.ticks:
        await asyncio.sleep(0.01)
    print(supervisor._worker.process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    host = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert host.stdout is not None
    with host.stdout:
        engine = int(host.stdout.readline())
    os.kill(engine, signal.SIGINT)
    time.sleep(0.2)
    os.kill(engine, 0)
    host.kill()
    host.wait()
    end = time.monotonic() + 10.0
    while _lives(engine) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _lives(engine)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_engine_that_cannot_start_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    async def start() -> None:
        await Supervisor(tmp_path, lambda event: None).start()

    with pytest.raises(NodegraphError, match=r"^the engine does not start: it ended"):
        asyncio.run(start())


@pytest.mark.slow
def test_a_constant_that_hangs_is_left_out(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        armed = ("bad.hang", {"armed": True})
        it = stage.supervisor
        it.install("main", stage.compile(patch({"count": "bad.count", "one": armed})))
        await stage.next(Died, lambda event: event.quarantined == (("main", "one"),))
        await stage.next(Installed)
        await stage.until(lambda: stage.value("count.out") > 1.0)
        again = patch({"count": "bad.count", "one": "bad.hang"})
        serial = it.install("main", stage.compile(again))
        await stage.next(Installed, lambda event: event.serial == serial)
        await stage.until(lambda: stage.value("one.out") == 1.0)

    on_stage(play, tmp_path)


@pytest.mark.slow
def test_the_kernel_ends_what_keeps_a_core_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 20.0)

    async def play(stage: Stage) -> None:
        it = stage.supervisor
        it.install("main", stage.compile(with_one("search")))
        stats = await stage.next(Stats)
        if "real-time" not in stats.granted:
            pytest.skip("this system does not grant real-time priority")
        it.set("main", {("one", "armed"): True})
        died = await stage.next(Died)
        assert "bad.search on node one hung (" in died.text

    on_stage(play, tmp_path, spare=False)


def test_a_sound_that_is_not_there_is_said_and_the_rest_plays(tmp_path: Path) -> None:
    async def play(stage: Stage) -> None:
        stage.supervisor.install("main", stage.compile(CAST))
        refused = await stage.next(Refused)
        assert "nothing.wav" in refused.problems[0].text
        await stage.next(Installed)

    on_stage(play, tmp_path, begin=Begin(instead="nothing.wav"), spare=False)


def test_an_engine_can_be_reached_where_nothing_is_inherited(tmp_path: Path) -> None:
    async def play() -> None:
        worker = await Worker.spawn(1, tmp_path, [], inherit=False)
        assert len(worker.started.types) > 50
        worker.send(Stop())
        assert await worker.process.wait() == 0
        await worker.bury()

    asyncio.run(play())
    assert [path.name for path in tmp_path.iterdir()] == ["engine.log"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "import os\nprint('bye', flush=True)\nos._exit(1)\n",
            r"it ended the process \(exit code 1\) while it imported plugins: bye",
        ),
        (
            "import ctypes\n\nctypes.memmove(0, 0, 9)\n",
            r"it crashed \(SIGSEGV\) while it imported plugins .*dead.py:3",
        ),
        ("while True:\n    pass\n", "it has imported plugins for 4 s .*dead.py:[12]"),
    ],
)
def test_a_plugin_that_ends_the_engine_when_it_is_imported_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    monkeypatch.setattr(worker_module, "_TO_START", 4.0)
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "dead.py").write_text(text)

    async def play() -> None:
        await Worker.spawn(1, tmp_path, [plugins])

    with pytest.raises(Stillborn, match=why) as caught:
        asyncio.run(play())
    assert caught.value.plugin == str(plugins / "dead.py")


@pytest.mark.slow
def test_a_plugin_that_ends_the_engine_when_it_is_imported_is_left_out(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "bad.py").write_text(PLUGIN)
    (plugins / "dead.py").write_text("import os\nos._exit(1)\n")
    (plugins / "worse.py").write_text("import ctypes\nctypes.memmove(0, 0, 9)\n")

    async def play() -> list[Started]:
        starter = Starter(tmp_path, [plugins])
        workers = [await starter.start(), await starter.start()]
        for worker in workers:
            await worker.bury()
        return [worker.started for worker in workers]

    for started in asyncio.run(play()):  # the second did not even try
        assert "bad.count" in [type_["id"] for type_ in started.types]
        dead, worse = started.problems
        assert dead.file == str(plugins / "dead.py")
        assert "the engine does not start with it (it ended the process (exit code 1)" in dead.text
        assert worse.file == str(plugins / "worse.py")


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_an_engine_that_is_not_waited_for_any_more_leaves_nothing_open(tmp_path: Path) -> None:
    async def play() -> None:
        for seconds in (0.0, 0.005, 0.01, 0.02, 0.05, 0.2):
            starting = asyncio.create_task(Worker.spawn(1, tmp_path, []))
            await asyncio.sleep(seconds)
            starting.cancel()
            await asyncio.wait([starting])

    gc.collect()  # what tests before have left
    before = set(os.listdir("/proc/self/fd"))
    asyncio.run(play())
    gc.collect()
    assert set(os.listdir("/proc/self/fd")) <= before
