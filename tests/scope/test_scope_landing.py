"""Changes that are for a beat: when they leave, and when they are seen on real WebRTC."""

from __future__ import annotations

import asyncio
import time
from statistics import median

import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given
from hypothesis import strategies as st
from scope_kit import until

from nodegraph.scope import sight
from nodegraph.scope.cues import MOST, Cues, Landing
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.sender import Sender
from nodegraph.scope.sight import Sight
from nodegraph.scope.simulator import Config, read_number, running

SIZE = {"width": 256, "height": 144}
TICK = 0.02


@given(
    st.floats(0, 10), st.floats(0.1, 10), st.floats(0, 1e6), st.floats(-5, 30), st.floats(0, 1e-3)
)
def test_the_first_beat_that_can_be_met(
    ahead: float, every: float, now: float, wait: float, slack: float
) -> None:
    beat = Landing(ahead, every, ()).first(now, now + wait)
    assert beat >= now + max(wait, ahead) - 1e-6
    assert beat < now + max(wait, ahead) + every + 1e-6
    turns = (beat - now - ahead) / every
    assert turns == pytest.approx(round(turns), abs=1e-4)


def test_what_waits_leaves_in_time_and_the_last_of_equals_counts() -> None:
    cues = Cues()
    cues.add({"base_seed": 1, "noise_scale": 0.1}, 5.0)
    cues.add({"base_seed": 2}, 5.0)
    cues.add({"base_seed": 3}, 6.0)
    assert len(cues) == 4
    assert cues.next == 5.0
    assert cues.due(4.9) == {}
    assert cues.due(5.0) == {"base_seed": 2, "noise_scale": 0.1}
    assert cues.due(9.0) == {"base_seed": 3}
    assert cues.next is None


def test_no_more_wait_than_fit() -> None:
    cues = Cues()
    for beat in range(3 * MOST):
        cues.add({"base_seed": beat}, 1e6)
        cues.due(0.0)
    assert len(cues) == MOST


def ready(chunk: float = 0.6) -> Sender:
    sender = Sender()
    sender.learn(chunk)
    sender.reset()
    return sender


def at_beats(ahead: float, *names: str, every: float = 2.0) -> dict[str, object]:
    return {"land": {"ahead": ahead, "every": every, "names": list(names)}}


def test_a_cut_leaves_so_far_ahead_as_it_takes_and_the_rest_at_once() -> None:
    sender = ready()
    latency = sender.pace.latency
    assert latency == pytest.approx(1.2)
    wish = {"prompts": [("b", 1.0)], "base_seed": 4, "noise_scale": 0.3}
    sender.set(wish | at_beats(0.5, "prompts", "base_seed"), 10.0)
    assert sender.waiting == 3
    found = []
    for tick in range(400):
        now = 10.0 + tick * TICK
        if message := sender.due(now):
            found.append((now, message))
    (first, one), (second, other), *_ = found
    assert first == 10.0
    assert one == {"noise_scale": 0.3}
    assert second == pytest.approx(12.5 - latency, abs=1.5 * TICK)  # the beat at 10.5 is missed
    assert other["base_seed"] == 4
    assert other["prompts"] == [{"text": "b", "weight": 1.0}]


def test_the_place_before_a_beat_is_kept_free() -> None:
    """A number that moves all the time does not take the slot of the cut."""
    sender = ready()
    sender.set({"reset_cache": True} | at_beats(3.0, "reset_cache"), 0.0)
    cuts = []
    for tick in range(300):
        now = tick * TICK
        sender.set({"noise_scale": tick / 300}, now)
        message = sender.due(now)
        if message and "reset_cache" in message:
            cuts.append(now)
            assert "noise_scale" in message
    assert cuts == [pytest.approx(3.0 - sender.pace.latency, abs=1.5 * TICK)]


@pytest.mark.parametrize(
    "land",
    [None, 3, {}, {"ahead": 1, "every": 0}, {"ahead": 1, "every": float("nan"), "names": []}],
)
def test_a_landing_that_is_none_is_told(land: object) -> None:
    sender = ready()
    problems = sender.set({"base_seed": 1, "land": land}, 0.0)
    assert [problem.field for problem in problems] == ["land"]
    assert sender.due(0.0) == {"base_seed": 1}


def picture(level: int) -> VideoFrame:
    noise = np.random.default_rng(level).integers(-3, 3, (72, 128, 3))
    pixels = np.clip(noise + level, 0, 255).astype(np.uint8)
    return VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")


CUT: dict[str, object] = {"prompts": ["a"], "transition": {"num_steps": 0}}


def film(watch: Sight, seconds: float, start: float, level: int) -> None:
    for n in range(int(seconds * 20)):
        watch.seen(picture(level), start + n / 20)


def test_the_delay_of_a_cut_is_seen_in_the_pictures() -> None:
    watch = Sight()
    film(watch, 2.0, 0.0, 60)
    assert watch.latency is None
    watch.sent(CUT, 2.0)
    film(watch, 1.5, 2.0, 60)
    film(watch, 1.0, 3.5, 120)
    assert watch.latency == pytest.approx(1.5, abs=0.01)
    watch.sent({"transition": {"num_steps": 4}}, 10.0)  # no cut
    watch.sent(CUT | {"prompts": ["b"]}, 11.0)
    watch.sent(CUT | {"prompts": ["c"]}, 12.0)  # two: who knows which of them is seen
    film(watch, 2.0, 12.0, 60)
    assert watch.latency == pytest.approx(1.5, abs=0.01)
    watch.sent(CUT | {"prompts": ["d"]}, 30.0)
    watch.sent(CUT | {"prompts": ["d"]}, 31.0)  # once more, to be sure
    film(watch, 9.0, 30.0, 60)  # nothing is to be seen of it
    film(watch, 1.0, 39.0, 120)
    assert watch.latency == pytest.approx(1.5, abs=0.01)


def test_a_picture_that_jumps_all_the_time_tells_nothing() -> None:
    watch = Sight()
    for n in range(200):
        watch.seen(picture(60 + 60 * (n % 2)), n / 20)
        if n == 100:
            watch.sent({"reset_cache": True}, n / 20)
    assert watch.latency is None


@pytest.mark.slow
def test_a_cut_is_seen_on_the_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the message's number in the pixels. What a cut takes is measured first, on two of them.
    How long it takes on a machine that is busy all of a sudden cannot be known ahead."""
    monkeypatch.setattr(sight, "ALONE", 2.5)
    shown: dict[int, float] = {}
    every, chunk = 1.0, 0.15
    looks = ["burning embers", "deep blue ocean", "white ice crystal", "acid lime"]

    def look(frame: VideoFrame, arrived: float) -> None:
        number = read_number(frame.to_ndarray(format="rgb24"))
        if number:
            shown.setdefault(number, arrived)

    async def story(url: str) -> None:
        link = ScopeLink(url, ["longlive"], SIZE, on_frame=look, chunk_frames=3)
        async with asyncio.timeout(60), link:
            link.set({"prompts": [(looks[0], 1.0)], "transition_steps": 0})
            await link.wait_live(20)
            decide = link.sender.due
            sent: list[str] = []
            aimed: list[float] = []

            def due(now: float) -> dict[str, object] | None:
                message = decide(now)
                if message is not None:
                    sent.append(str(message.get("prompts")))
                    aimed.append(now + link.sender.pace.latency)
                return message

            async def leaves(text: str) -> int:
                """The number of the message that brings a look."""
                before = len(sent)
                await until(lambda: any(text in told for told in sent[before:]), "it leaves")
                return next(n for n in range(before, len(sent)) if text in sent[n]) + 1

            link.sender.due = due  # type: ignore[method-assign]  # to know what each message carries
            await asyncio.sleep(2.0)
            for n in (1, 2):
                link.set({"prompts": [(looks[n], 1.0)]})
                await asyncio.sleep(3.0)
            assert link.sender.pace.measured is not None
            late, missed = [], []
            for n in range(4):
                begun = time.monotonic()
                link.set({"prompts": [(looks[n], 1.0)]} | at_beats(0.3, "prompts", every=every))
                number = await leaves(looks[n])
                await until(lambda k=number: any(one >= k for one in shown), "it is seen")  # type: ignore[misc]  # lambda k
                seen = min(at for one, at in shown.items() if one >= number)
                for times, at in ((late, seen), (missed, aimed[number - 1])):
                    turns = (at - begun - 0.3) / every
                    times.append(abs(turns - round(turns)) * every)
                await asyncio.sleep(1.0)
            assert median(missed) < chunk, missed
            assert min(late) < chunk, late

    config = Config(chunk_frames=3, chunk_seconds=chunk, load_seconds=0.0, show_numbers=True)
    with running(config) as url:
        asyncio.run(story(url))
