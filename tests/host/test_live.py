"""A live show keeps time, sends what changed, and ends when it should."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from kit import BLOCK, RATE, patch, tone

from nodegraph.errors import AudioError, PatchError
from nodegraph.host.live import Show, Status, Summary
from nodegraph.plugins import find

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


def show(audio: object = "demo", made: object = PULSE, **options: object) -> Show:
    return Show(made, find(), Path(), audio=audio, rate=RATE, **options)  # type: ignore[arg-type]  # tests pass what they like


def play(it: Show, **options: object) -> Summary:
    return asyncio.run(it.play(**options))  # type: ignore[arg-type]  # tests pass what they like


def test_a_show_takes_as_long_as_its_sound_and_reports() -> None:
    seen: list[Status] = []
    started = time.monotonic()
    summary = play(show(tone(440.0, 1.0)), report=seen.append, every=0.05)
    took = time.monotonic() - started
    assert 0.9 < took < 2.0
    assert summary.ticks in (RATE // BLOCK, RATE // BLOCK + 1)
    assert summary.messages > 0
    assert len(seen) > 10
    middle = seen[len(seen) // 2]
    assert middle.level == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert middle.probes["level"] == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert middle.bpm == 240.0
    assert middle.theme
    assert "noise_scale" in middle.sent
    assert sum(status.beat for status in seen) >= 3


def test_a_duration_ends_it() -> None:
    summary = play(show(), duration=0.3)
    assert summary.seconds == pytest.approx(0.3, abs=0.02)


def test_stop_ends_it_from_any_thread() -> None:
    it = show()
    timer = threading.Timer(0.2, it.stop)
    timer.start()
    started = time.monotonic()
    play(it)
    timer.join()
    assert time.monotonic() - started < 1.5


def test_a_patch_without_sound_plays_until_told() -> None:
    lfo = patch({"lfo": "generate.lfo", "scope": "scope.param"}, ["lfo.out -> scope.value"])
    summary = play(show(None, lfo), duration=0.2)
    assert summary.ticks == pytest.approx(0.2 * RATE / BLOCK, abs=1)


def test_what_cannot_run_is_a_sentence_before_anything_is_opened() -> None:
    with pytest.raises(PatchError, match="no node type"):
        show(made=patch({"x": "no.such"}))
    with pytest.raises(AudioError, match=r"no_such\.flac"):
        show("no_such.flac")


def test_what_a_session_starts_with_is_what_the_patch_says_in_silence() -> None:
    it = show()
    assert it.first_wishes() == {"noise_scale": 0.0}
    assert play(it, duration=0.05).ticks > 0


def test_a_sink_that_nobody_serves_is_told_once() -> None:
    from nodegraph.host import live
    from nodegraph.values import Message

    it = show()
    for _ in range(3):
        it._deliver(None, (Message("lights", {"dim": 1.0}),))
    assert [str(problem) for problem in it.problems] == [
        "there is no sink named 'lights'; there is: scope"
    ]
    it._sources.__exit__(None, None, None)
    assert live.SWITCH < 0.005
