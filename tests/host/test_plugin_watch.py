"""Which plugins are imported anew, and when: nothing is imported here."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from show_kit import run, until

from nodegraph.errors import NodegraphError, Problem
from nodegraph.host import plugin_watch
from nodegraph.host.plugin_watch import PluginWatch


class Engine:
    """Takes every plugin but those that say they are broken; one that hangs is waited for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.given_up = 0

    async def reload(self, places: Collection[str]) -> Sequence[Problem]:
        self.asked.append(sorted(Path(place).name for place in places))
        texts = {place: Path(place).read_text() for place in places if Path(place).is_file()}
        if "hang" in texts.values():
            try:
                await asyncio.sleep(60.0)
            finally:
                self.given_up += 1
        if "none" in texts.values():
            raise NodegraphError("no engine starts")
        return [Problem("it is broken", file=place) for place in texts if texts[place] == "broken"]


def test_each_is_tried_once_for_each_time_it_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_watch, "EVERY", 0.01)
    monkeypatch.setattr(plugin_watch, "user_folder", lambda: tmp_path / "none")
    one, two, package = tmp_path / "one.py", tmp_path / "two.py", tmp_path / "three"
    package.mkdir()
    for file in (one, two, package / "__init__.py"):
        file.write_text("well")
    before = one.stat()

    async def story() -> None:
        engine = Engine()
        watch = PluginWatch([tmp_path], engine.reload)
        watching = asyncio.create_task(watch.run())

        async def asks(*wanted: list[str]) -> None:
            await until(lambda: len(engine.asked) >= len(wanted), within=5.0)
            await asyncio.sleep(0.1)
            assert engine.asked == [*wanted]
            engine.asked.clear()

        one.write_text("broken")
        two.write_text("better")
        await asks(["one.py", "two.py"], ["two.py"])
        assert [problem.file for problem in watch.problems(())] == [str(one)]
        two.write_text("best")
        await asks(["two.py"])
        assert watch.problems([Problem("old", file=str(one))]) == watch.problems(())
        one.write_text("well")
        os.utime(one, ns=(before.st_atime_ns, before.st_mtime_ns))  # the very file of before
        await until(lambda: watch.problems(()) == [], within=5.0)
        (package / "part.py").write_text("new")
        await asks(["three"])
        (tmp_path / "four.py").write_text("hang")
        await asks(["four.py"])
        (tmp_path / "four.py").write_text("none")
        await asks(["four.py"])
        assert engine.given_up == 1
        assert [problem.text for problem in watch.problems(())] == ["no engine starts"]
        (tmp_path / "four.py").unlink()  # nothing of it was ever there
        await until(lambda: watch.problems(()) == [], within=5.0)
        assert await watch.everything() == []
        await asks(["one.py", "three", "two.py"])
        watching.cancel()
        await asyncio.wait([watching])

    run(story())
