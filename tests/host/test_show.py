"""A whole show: host and engine, edited while it plays."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import BLOCK, RATE, patch
from show_kit import PLUGIN, playing, run, seen, until

from nodegraph.errors import EditError
from nodegraph.graph import (
    AddNode,
    AddWire,
    Batch,
    MoveNode,
    Node,
    Patch,
    RemoveNode,
    SetMode,
    SetParam,
    Wire,
    save,
)
from nodegraph.host.deck import Timing
from nodegraph.host.document import Document
from nodegraph.host.engine.events import Died, Restarted
from nodegraph.host.engine.protocol import Checkpoint
from nodegraph.host.show import Show
from nodegraph.host.sources import unpack
from nodegraph.host.status import REMEMBERED, Status, Tally

PULSE = patch(
    {
        "song": "audio.file",
        "level": "audio.level",
        "probe": ("flow.probe", {"label": "level"}),
        "theme": "theme.preset",
        "clock": ("beat.manual", {"bpm": 240.0}),
        "scope": "scope.param",
    },
    ["song.audio -> level.audio", "level.rms -> probe.value", "level.rms -> scope.value"],
)

COUNTING = patch(
    {"sum": ("shape.accumulate", {"maximum": 1e6}), "one": ("generate.constant", {"value": 1.0})}
)


async def again(show: Show) -> None:
    """Open another patch when the first has played for a while."""
    await until(lambda: show.tally.heard("main")[0] > 0.5)
    await show.open("main", Document(PULSE))


def test_a_show_is_seen_and_heard(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(PULSE, tmp_path, audio="demo") as show:
            statuses: list[Status] = []
            anew = asyncio.create_task(again(show))
            summary = await show.play(duration=2.0, report=statuses.append, every=0.05)
            await anew
            await until(lambda: show.tally.heard("main")[0] < 1.9)  # it is told once a second
        assert summary.seconds == pytest.approx(2.0, abs=0.3)
        assert summary.messages > 10
        last = statuses[-1]
        assert last.level > 0.0
        assert last.peak >= last.level
        assert last.probes["level"] == pytest.approx(last.level, rel=0.5)
        assert last.bpm == 240.0
        assert last.theme
        assert "noise_scale" in last.sent
        assert 3 <= sum(status.beat for status in statuses) <= 9
        assert summary.problems == ()

    run(story())


def test_a_show_ends_with_its_sound(tmp_path: Path, short_sound: Path) -> None:
    async def story() -> None:
        async with playing(PULSE, tmp_path, audio=str(short_sound)) as show:
            began = time.monotonic()
            summary = await show.play()
            assert 0.9 < time.monotonic() - began < 15.0
            assert summary.ticks >= RATE // BLOCK

    run(story())


@pytest.fixture
def short_sound(tmp_path: Path) -> Path:
    """One second of a tone as a WAV file."""
    import wave

    path = tmp_path / "tone.wav"
    samples = (8000 * np.sin(np.arange(RATE) * 0.05)).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def test_edits_keep_the_state_and_a_param_compiles_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(patch({"n": "t.count", "m": "t.count"}), tmp_path) as show:
            deck = show.decks["main"]
            deck.do(SetParam("m", "step", 2.0), "Step")  # shared until here: it takes a plan
            await deck.settle()
            await until(lambda: seen(show, "m.out") > seen(show, "n.out") > 50)
            plan, before = deck.plan, seen(show, "n.out")
            deck.do(SetParam("n", "step", 0.0), "Step")
            deck.do(MoveNode("n", (3.0, 4.0)), "Move")
            assert deck.plan is plan
            held, since = before, seen(show, "m.out")
            while seen(show, "m.out") < since + 60 or seen(show, "n.out") != held:
                if seen(show, "n.out") != held:
                    held, since = seen(show, "n.out"), seen(show, "m.out")
                await asyncio.sleep(0.02)
            assert held >= before
            deck.do(AddNode("x", Node("t.count")), "Add")
            await until(lambda: seen(show, "x.out") > 10)
            assert deck.plan is not plan
            assert seen(show, "n.out") == held
            assert seen(show, "m.out") > 2 * before

    run(story())


def test_undoing_a_removal_brings_the_state_back_and_adding_anew_does_not(tmp_path: Path) -> None:
    async def story() -> None:
        made = patch({"n": "t.count", "m": ("t.count", {"step": 2.0})})
        async with playing(made, tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 100)
            deck.do(RemoveNode("n"), "Remove")
            await until(lambda: "n.out" not in show.meters["main"].columns)
            deck.undo()
            await until(lambda: seen(show, "n.out") > 100)
            assert seen(show, "n.out") < 300
            deck.do(Batch((RemoveNode("n"),)), "Remove")
            deck.do(AddNode("n", Node("t.count", params={"step": 1e-3})), "Add")
            await until(lambda: 0 < seen(show, "n.out") < 1)

    run(story())


def test_a_plan_that_fails_at_once_is_taken_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(patch({"n": "t.count"}), tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 10)
            edit = Batch((AddNode("f", Node("t.fail")), AddWire(Wire.parse("n.out -> f.value"))))
            deck.do(edit, "Add")
            await until(lambda: deck.held_back)
            assert "ZeroDivisionError" in deck.problems[0].text
            assert "what played before goes on" in deck.problems[0].text
            await until(lambda: "f.out" not in show.meters["main"].columns)
            assert "f" in deck.document.patch.nodes  # type: ignore[union-attr]  # it is there
            before = seen(show, "n.out")
            deck.undo()
            await deck.settle()
            await until(lambda: seen(show, "n.out") > before and deck.problems == ())

    run(story())


def test_an_edit_can_wait_for_the_next_bar(tmp_path: Path) -> None:
    async def story() -> None:
        made = patch({"n": "t.count", "clock": ("beat.manual", {"bpm": 120.0})})
        async with playing(made, tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: 0.2 < seen(show, "clock.clock.beats") % 4 < 1.0)
            deck.do(AddNode("x", Node("t.count")), "Add", timing=Timing("bar"))
            await until(lambda: seen(show, "x.out") >= 1)
            counted, beats = seen(show, "x.out"), seen(show, "clock.clock.beats")
            begun = beats - counted * BLOCK / RATE * 2.0
            assert begun % 4 == pytest.approx(0.0, abs=0.1) or begun % 4 > 3.9

    run(story())


def test_a_muted_node_is_silent_and_comes_back_where_it_was(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(patch({"n": "t.count"}), tmp_path) as show:
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 50)
            deck.do(SetMode("n", "mute"), "Mute")
            await until(lambda: seen(show, "n.out") == 0.0)
            deck.undo()
            await until(lambda: seen(show, "n.out") > 50)

    run(story())


def test_two_decks_are_faded(tmp_path: Path) -> None:
    async def story() -> None:
        one = patch(
            {"c": ("generate.constant", {"value": 0.0}), "s": "scope.param"}, ["c.out -> s.value"]
        )
        two = patch(
            {"c": ("generate.constant", {"value": 1.0}), "s": "scope.param"}, ["c.out -> s.value"]
        )
        async with playing(one, tmp_path) as show:
            await show.open("next", Document(two))
            await until(lambda: show.outgoing.sent.get("noise_scale") == 0.0)
            show.move(1.0, 0.5)
            between: set[object] = set()
            await until(
                lambda: (
                    between.add(show.outgoing.sent["noise_scale"])
                    or show.outgoing.sent["noise_scale"] == 1.0
                )
            )
            assert len(between) > 5
            assert all(0.0 <= value <= 1.0 for value in between)  # type: ignore[operator]  # numbers
            show.move(0.0)
            await until(lambda: show.outgoing.sent["noise_scale"] == 0.0)

    run(story())


def test_a_file_that_another_program_saves_is_heard(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "show.json"
        made = patch({"n": ("t.count", {"step": 1e-3}), "m": ("t.count", {"step": 2.0})})
        save(made, path)
        async with playing(Patch(), tmp_path) as show:
            await show.open("main", Document.open(path))
            deck = show.decks["main"]
            await until(lambda: seen(show, "n.out") > 0)
            save(patch({"n": ("t.count", {"step": 10.0}), "x": "t.count"}), path)
            await until(lambda: seen(show, "x.out") > 0 and seen(show, "n.out") > 20)
            path.write_text("{")
            await until(lambda: deck.problems)
            assert "show.json" in str(deck.problems[0])
            assert seen(show, "x.out") > 0
            deck.undo()
            await until(lambda: "m.out" in show.meters["main"].columns)

    run(story())


def test_a_sink_that_nobody_serves_is_told_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(patch({"n": "t.count"}), tmp_path) as show:
            from nodegraph.host.engine.protocol import Sent

            for _ in range(3):
                show._take(Sent("lights", ({"dim": 1.0},)))
            assert [str(problem) for problem in show.problems] == [
                "no plugin brings a sink named 'lights', where a node sends to"
            ]

    run(story())


def test_what_a_session_begins_with_is_what_the_patch_says_in_silence(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(Patch(), tmp_path) as show:
            await show.rehearse(Document(PULSE))
            assert show.outgoing.sent == {"noise_scale": 0.0}

    run(story())


def test_params_of_an_older_version_are_carried_over_by_the_engine(tmp_path: Path) -> None:
    async def story() -> None:
        old = Patch(nodes={"a": Node("t.new", 1, {"time": 4.0}), "b": Node("t.new", 1, {"no": 1})})
        async with playing(old, tmp_path) as show:
            await until(lambda: seen(show, "a.out") == 2.0)
            problems = [str(problem) for problem in show.decks["main"].problems]
            (told,) = (text for text in problems if "cannot be upgraded" in text)
            line = PLUGIN.splitlines().index('    return {"rise": params["time"] / 2}') + 1
            assert told.endswith(f"KeyError: 'time' ({tmp_path}/plugins/counts.py:{line})")

    run(story())


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    async def story() -> None:
        async with playing(Patch(), tmp_path) as show:
            with pytest.raises(EditError, match="there is no deck 'third'; there are: main, next"):
                await show.open("third", Document(Patch()))
            with pytest.raises(EditError, match="nothing lies on a deck called 'next'"):
                show.deck("next")

    run(story())


@pytest.mark.slow
def test_a_show_goes_on_as_long_as_there_is_sound_on_any_deck(tmp_path: Path) -> None:
    def song(seconds: float) -> Document:
        path = tmp_path / f"{seconds}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(bytes(2 * round(seconds * RATE)))
        params = {"path": str(path), "loop": False}
        nodes: dict[str, Any] = {"song": ("audio.file", params), "level": "audio.level"}
        return Document(patch(nodes, ["song.audio -> level.audio"]), tmp_path / f"{seconds}.json")

    async def story() -> None:
        async with playing(PULSE, tmp_path) as show:
            await show.open("main", song(0.5))
            await show.open("next", song(2.0))
            show.move(1.0)
            statuses: list[Status] = []
            began = time.monotonic()
            await show.play(report=statuses.append, every=0.05)
            assert time.monotonic() - began > 1.8
            assert statuses[-1].names == {"main": "0.5", "next": "2.0"}
            assert statuses[-1].fade == 1.0
            assert statuses[-1].duration == pytest.approx(
                2.0, abs=0.1
            )  # seen from where it is loud

    run(story())


@pytest.mark.slow
def test_a_file_goes_on_where_it_was_when_the_engine_is_replaced(tmp_path: Path) -> None:
    seconds = 20
    with wave.open(str(tmp_path / "rising.wav"), "wb") as file:  # how loud it is tells where it is
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.linspace(0, 32_767, seconds * RATE).astype("<i2").tobytes())

    async def story() -> None:
        made = patch(
            {
                "song": ("audio.file", {"path": str(tmp_path / "rising.wav")}),
                "level": "audio.level",
                "probe": "flow.probe",
            },
            ["song.audio -> level.audio", "level.rms -> probe.value"],
        )
        async with playing(made, tmp_path) as show:
            kept: list[float] = []

            def hear(deck: str, event: object) -> None:
                if isinstance(event, Checkpoint) and "main" in event.sounds:
                    kept.append(unpack(event.sounds["main"])["song"]["at"])  # type: ignore[arg-type]  # a float

            show.listeners.append(hear)
            await until(lambda: kept and kept[-1] > 0.3)
            ring = show.decks["main"].installed.ring  # type: ignore[union-attr]  # it plays
            os.kill(show.engine._worker.process.pid, signal.SIGKILL)  # type: ignore[union-attr]
            await until(
                lambda: show.decks["main"].installed.ring != ring,  # type: ignore[union-attr]
                15.0,
            )
            meters = show.meters["main"]
            await until(lambda: meters.reader is not None and meters.reader.ticks > 20)
            assert meters.reader is not None
            told = meters.reader.since(0).of(meters.columns["level.rms"]) * seconds
            assert any(at < told[0] < at + 0.02 for at in kept if at > 0.3)
            assert (np.diff(told) > 0).all()

    run(story())


def test_a_replaced_engine_is_news_for_a_while_and_counts_for_ever() -> None:
    tally = Tally()
    tally.accident(Died("it crashed", None, ()))
    assert [problem.text for problem in tally.accidents] == ["it crashed"]
    assert tally.restarts == 0
    tally.accident(Restarted("it crashed: it was restarted", 1.0))
    assert [problem.text for problem in tally.accidents] == ["it crashed: it was restarted"]
    with pytest.MonkeyPatch.context() as later:
        now = time.monotonic()
        later.setattr(time, "monotonic", lambda: now + REMEMBERED + 1.0)
        assert tally.accidents == []
    assert tally.restarts == 1
