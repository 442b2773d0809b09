"""An input that goes away during a show, on a real sound server, and comes back by itself."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np
from host.stage import Stage, show_patch, staged, until
from kit import BLOCK, RATE, tone

from nodegraph.cli.simulator import Simulator

LISTENING = show_patch(
    {"mic": ("audio.device", {"device": "stage"}), "level": "audio.level"},
    ("mic.audio -> level.audio",),
    moves="level.rms",
)

A_TONE = np.repeat(tone(440.0, 20.0), 2, axis=1)


class Ticks:
    """Watches the engine's ticks: `stillness` is the longest time without one, in seconds. What
    counts is how often nothing has moved, not for how long: who is busy himself has not looked."""

    def __init__(self, stage: Stage) -> None:
        self.stillness = 0.0
        self._stage = stage
        self._began, self._first = time.monotonic(), self.count
        self._task = asyncio.create_task(self._watch())

    @property
    def count(self) -> int:
        reader = self._stage.show.meters["main"].reader
        assert reader is not None
        return reader.ticks

    async def _watch(self) -> None:
        last, still = self.count, 0
        while True:
            await asyncio.sleep(0.01)
            still = still + 1 if self.count == last else 0
            last = self.count
            self.stillness = max(self.stillness, still * 0.01)

    async def end(self) -> float:
        """Gives how many ticks there were, as a share of those that there should have been."""
        self._task.cancel()
        await asyncio.wait([self._task])
        seconds = time.monotonic() - self._began
        return (self.count - self._first) * BLOCK / RATE / seconds


def test_an_input_that_is_unplugged_is_silent_and_comes_back(scope: Simulator, pulse: Any) -> None:
    async def story() -> None:
        level = "level.rms"
        await until(lambda: stage.value(level) > 0.1, what="the tone")
        assert stage.problem("mic") == ""
        ticks = Ticks(stage)
        async with stage.witnessed() as seen:
            pulse.unload(module)
            silent = await until(lambda: stage.value(level) == 0.0, what="silence")
            await until(lambda: stage.problem("mic"), what="a problem")
            assert "silence is held until it is back" in stage.problem("mic")
            await until(lambda: stage.show.outgoing.sent["noise_scale"] == 0.0)
            pulse.sink("other")  # not the one that is wanted
            pulse.play("other", A_TONE)
            await asyncio.sleep(0.5)
            assert stage.value(level) == 0.0
            pulse.sink("stage")
            pulse.play("stage", A_TONE)
            back = await until(lambda: stage.value(level) > 0.1, what="the tone again")
            await until(lambda: not stage.problem("mic"), what="no problem")
            await until(lambda: stage.show.outgoing.sent["noise_scale"] > 0.1)  # type: ignore[operator]  # a number
        assert silent < 10.0
        assert back < 10.0
        assert await ticks.end() > 0.9
        assert ticks.stillness < 1.0  # a busy machine takes half of that
        assert stage.show.tally.restarts == 0
        seen.assert_held()

    module = pulse.sink("stage")
    pulse.play("stage", A_TONE)
    with staged(LISTENING, scope.url) as stage:
        stage.play(story())
