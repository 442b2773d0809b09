"""A plugin is saved while a show plays: what it does then, and what it remembers of before."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from desk_kit import event
from kit import patch
from show_kit import run, seen, until

from nodegraph.graph import AddNode, AddWire, Node, Port, RemoveNode, SetParam, Wire
from nodegraph.host.desk import Desk
from nodegraph.host.document import Document
from nodegraph.host.engine import worker
from nodegraph.host.show import Show
from nodegraph.remote.client import Client

pytestmark = pytest.mark.usefixtures("own_folder")

COUNT = '''
from dataclasses import dataclass, replace
from nodegraph import hookimpl, inlet, node, param

@dataclass(frozen=True)
class Memory:
    count: float = 0.0

@node("own.count", outlets="out", state=Memory())
def count(state: Memory, step: float = param(1.0, "", 0.0, 10.0)) -> tuple[Memory, float]:
    """Count ticks."""
    assert type(state) is Memory
    state = replace(state, count=state.count + step)
    return state, state.count

@node("own.scale", outlets="out")
def scale(value: float = inlet(0.0)) -> float:
    """Give a number."""
    return 2.0

@hookimpl
def register_nodes(register):
    register(count)
    register(scale)
'''
NODES = patch({"count": "own.count", "scale": "own.scale"})


@asynccontextmanager
async def playing_own(tmp_path: Path, spare: bool = False) -> AsyncIterator[tuple[Show, Path]]:
    """A show that plays both node types, and the file that they are in."""
    (tmp_path / "plugins").mkdir()
    file = tmp_path / "plugins" / "own.py"
    file.write_text(COUNT)
    settings = {"state": tmp_path / "state", "plugins": [file.parent]}
    async with Show(spare=spare, **settings) as show:  # type: ignore[arg-type]  # as they are named
        await show.open("main", Document(NODES))
        await until(lambda: seen(show, "count.out") > 20)
        yield show, file


def change(file: Path, *replacements: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def said(show: Show) -> str:
    return "\n".join(map(str, show.problems))


def test_what_is_saved_is_heard_and_what_was_remembered_stays(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            change(file, ("return 2.0", "return 3.0"))  # as long as before, maybe in one second
            await until(lambda: seen(show, "scale.out") == 3.0)
            assert seen(show, "count.out") > 20
            assert not show.problems
            change(
                file,
                ("(value: float = inlet(0.0))", "(by: float = param(5.0, '', 0.0, 10.0))"),
                ("return 3.0", "return by"),
                ("count: float = 0.0", "best: float = 0.0\n    count: float = 0.0"),
            )
            await until(lambda: seen(show, "scale.out") == 5.0)
            assert seen(show, "count.out") < 20  # it remembers something else now
            show.decks["main"].do(SetParam("scale", "by", 6.0), "Turn what is new")
            await until(lambda: seen(show, "scale.out") == 6.0)
            assert not show.problems
            assert show.tally.restarts == 0

    run(story())


@pytest.mark.slow
def test_what_is_not_sound_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            well = file.read_text()
            wrong = f"{file}: plugin own: "
            file.write_text("def (:")
            await until(lambda: said(show) == f"{wrong}SyntaxError: invalid syntax (line 1)")
            file.write_text("1 / 0")
            told = f"{wrong}ZeroDivisionError: division by zero (line 1)"
            await until(lambda: said(show) == told)
            counted = seen(show, "count.out")
            await until(lambda: seen(show, "count.out") > counted + 10)
            assert show.decks["main"].problems == ()
            file.write_text(well.replace("return 2.0", "return 4.0"))
            await until(lambda: seen(show, "scale.out") == 4.0)
            assert not show.problems
            assert show.tally.restarts == 0

    run(story())


@pytest.mark.slow
def test_an_import_that_crashes_or_hangs_is_told_of_and_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "LONG", 0.5)
    monkeypatch.setattr(worker, "_TO_START", 6.0)

    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            well = file.read_text()
            line = well.count("\n") + 2
            file.write_text("import ctypes\nctypes.string_at(0)")
            await until(lambda: "the engine does not start with it (it crashed" in said(show))
            hangs = well + "import time\ntime.sleep(60.0)\n"
            file.write_text(hangs)
            await until(lambda: f"after 3 s; it is at {file}:{line}" in caplog.text)
            file.write_text(hangs.replace("60.0", "61.0"))  # the first is waited for no more
            await until(lambda: "it has imported plugins for 6 s" in said(show))
            assert f"(line {line})" in said(show)
            file.write_text(well.replace("return 2.0", "return 4.0"))
            await until(lambda: seen(show, "scale.out") == 4.0)
            assert seen(show, "count.out") > 20
            assert not show.problems

    run(story())


NONE_AT_FIRST = """

@node("own.first", outlets="out", state=None)
def first(state: object) -> tuple[object, float]:
    '''Remember a pair.'''
    one, two = state or (7.0, 8.0)
    return (one, two), one
"""


@pytest.mark.slow
def test_what_cannot_go_on_with_what_it_remembers_begins_anew(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            change(file, ("    register(scale)", "    register(scale)\n    register(first)"))
            file.write_text(file.read_text() + NONE_AT_FIRST)
            await until(lambda: "own.first" in show.types)
            show.decks["main"].do(AddNode("first", Node("own.first")), "Add")
            await until(lambda: seen(show, "first.out") == 7.0)
            change(
                file,
                ("one, two = state or (7.0, 8.0)", "one, two, three = state or (9.0, 8.0, 7.0)"),
                ("return (one, two), one", "return (one, two, three), one"),
            )
            await until(lambda: seen(show, "first.out") == 9.0)
            await asyncio.sleep(0.5)
            assert not show.problems

    run(story())


@pytest.mark.slow
def test_engines_to_come_have_the_new_code_and_an_undo_finds_its_state(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path, spare=True) as (show, file):
            deck, understudy = show.decks["main"], show.engine._understudy

            def understudy_is_ready() -> bool:
                return understudy.ready is not None

            await until(understudy_is_ready)
            before = understudy.ready
            deck.do(RemoveNode("count"), "Remove")
            counted = seen(show, "count.out")
            change(file, ("return 2.0", "return 3.0"))
            await until(lambda: seen(show, "scale.out") == 3.0)
            assert understudy.ready is not before
            deck.undo()
            await until(lambda: seen(show, "count.out") > counted)
            await asyncio.sleep(1.5)  # a checkpoint
            assert show.engine._worker is not None
            os.kill(show.engine._worker.process.pid, signal.SIGKILL)
            await until(lambda: show.tally.restarts == 1)
            await until(lambda: seen(show, "scale.out") == 3.0)
            assert seen(show, "count.out") > counted

            well = file.read_text()
            deck.do(AddNode("sum", Node("shape.accumulate")), "Add")
            deck.do(AddNode("one", Node("generate.constant", params={"value": 1.0})), "Add")
            deck.do(AddWire(Wire(Port("one", "out"), Port("sum", "rate"))), "Wire")
            await until(understudy_is_ready)
            file.write_text("def (:")
            await until(lambda: "SyntaxError" in said(show))
            for restarts in (2, 3):  # the second has never seen it well
                await until(understudy_is_ready)
                await asyncio.sleep(1.5)
                os.kill(show.engine._worker.process.pid, signal.SIGKILL)
                await until(lambda restarts=restarts: show.tally.restarts == restarts)
            await until(lambda: "there is no node type own.count" in said(show))
            assert seen(show, "sum.out") > 2.0
            file.write_text(well)
            await until(lambda: seen(show, "scale.out") == 3.0)
            assert seen(show, "sum.out") > 2.0

    run(story())


@pytest.mark.slow
def test_what_a_patch_uses_may_vanish_and_come_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            show.decks["main"].do(SetParam("count", "step", 2.0), "Turn")
            change(file, ("    register(scale)", "    pass"), ("step", "by"))
            await until(lambda: "there is no node type own.scale" in said(show))
            assert "own.count has no param step" in said(show)
            counted = seen(show, "count.out")
            await until(lambda: seen(show, "count.out") > counted + 10)
            change(file, ("    pass", "    register(scale)"), ("by", "step"))
            await until(lambda: seen(show, "scale.out") == 2.0)
            assert seen(show, "count.out") > counted
            assert not show.problems

    run(story())


@pytest.mark.slow
def test_plugins_come_and_go_and_one_that_is_broken_holds_up_no_other(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing_own(tmp_path) as (show, file):
            other = file.with_name("other.py")
            other.write_text("import ctypes\nctypes.string_at(0)")
            change(file, ("return 2.0", "return 3.0"))
            await until(lambda: "plugin other: the engine does not start with it" in said(show))
            await until(lambda: seen(show, "scale.out") == 3.0)
            file.write_text(file.read_text() + "\nimport ctypes\nctypes.string_at(0)")
            await until(lambda: "plugin own: the engine does not start with it" in said(show))
            other.write_text(COUNT.replace("own.", "well."))
            await until(lambda: "well.count" in show.types)
            assert "own.count" in show.types  # as it was
            file.write_text(COUNT)
            await until(lambda: not show.problems)
            async with Desk(show, "test"):
                client = await Client.open()
                other.write_text(file.read_text().replace("own.", "other."))
                known: list[str] = []
                while "other.count" not in known:  # what was mended before may be told first
                    told = await event(client, "types")
                    known = [each["id"] for each in told["types"]]
                assert not show.problems
                assert await client.request("reload") == {"problems": []}
                told = await event(client, "types")
                await client.close()
            other.unlink()
            await until(lambda: "other.count" not in show.types)
            assert not show.problems
            assert show.tally.restarts == 0

    run(story())


OUTSIDE = """
import numpy as np
from nodegraph import Audio, KeyEvent, Message, hookimpl, node

LEVEL = 0.25

class Hum:
    channels, duration, ended = 1, None, False
    def read(self, samples):
        return np.full((samples, 1), LEVEL, np.float32)
    def update(self, params):
        pass
    close = update

class Keys:
    complaint = ""
    def read(self, now):
        return (KeyEvent(0.0, str(LEVEL), True),)
    def update(self, params):
        pass
    def close(self):
        pass

class Lamp:
    def send(self, body):
        with open(FILE, "a") as file:
            file.write(f"{LEVEL}\\n")
    def close(self):
        with open(FILE, "a") as file:
            file.write(f"end {LEVEL}\\n")

@node("own.hum", outlets="out", source="hum")
def hum(audio: Audio) -> float:
    '''Hear.'''
    return float(audio[0, 0])

@node("own.keys", outlets="out message", source="strange keys")
def keys(events: tuple) -> tuple[float, Message]:
    '''Hear keys, and tell a lamp.'''
    return float(events[0].key), Message("lamp", {})

@hookimpl
def register_nodes(register):
    register(hum)
    register(keys)

@hookimpl
def register_sources(register):
    register("hum", lambda params, rate, folder: Hum())

@hookimpl
def register_event_sources(register):
    register("strange keys", lambda params: Keys())

@hookimpl
def register_sinks(register):
    register("lamp", Lamp)
"""


@pytest.mark.slow
def test_what_a_plugin_opens_is_opened_anew(tmp_path: Path) -> None:
    async def story() -> None:
        plugin, lamp = tmp_path / "plugins" / "own.py", tmp_path / "lamp.txt"
        plugin.parent.mkdir()
        plugin.write_text(f"FILE = {str(lamp)!r}\n{OUTSIDE}")
        async with Show(state=tmp_path / "state", plugins=[plugin.parent], spare=False) as show:
            await show.open("main", Document(patch({"hum": "own.hum", "keys": "own.keys"})))
            await until(lambda: seen(show, "hum.out") == 0.25 == seen(show, "keys.out"))
            change(plugin, ("LEVEL = 0.25", "LEVEL = 0.75"))
            await until(lambda: seen(show, "hum.out") == 0.75 == seen(show, "keys.out"))
            await until(lambda: lamp.read_text().endswith("0.75\n"))
            assert lamp.read_text().count("end 0.25") == 1
            assert not show.problems

    run(story())
