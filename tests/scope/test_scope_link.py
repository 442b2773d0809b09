"""The link against a simulator process: real HTTP, real WebRTC, real kills, on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from av import VideoFrame

from nodegraph.scope.errors import BadAddress, ScopeError, ScopeRefused, SessionError
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.link_stats import Patience
from nodegraph.scope.loading import load
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.session import Session
from nodegraph.scope.simulator import Config, running
from nodegraph.scope.simulator.lettering import read_number
from nodegraph.scope.waiting import within

QUICK = Patience(answer=0.6, first_frame=10.0, load=20.0, stall=0.5, give_up=1.2, retry=0.1)
CHUNK = 0.6


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def simulator(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A simulator that listens on `port`; gone at the end, whatever state it is in."""
    command = [sys.executable, "-m", "nodegraph.scope.simulator", "--port", str(port)]
    command += ["--show-numbers", "--load-seconds", "0.3", "--chunk-seconds", str(CHUNK)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 20
            while not answers(port):
                assert process.poll() is None, "the simulator did not start"
                assert time.monotonic() < until, "the simulator does not listen"
                time.sleep(0.05)
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """One simulator for all tests that leave it alive."""
    port = free_port()
    with simulator(port):
        yield port


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run to the end, which must come within a minute and leave no task and no thread."""

    async def checked() -> None:
        await asyncio.wait_for(main(), 60)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(checked())
    assert not [one.name for one in threading.enumerate() if "decoder" in one.name]


async def eventually(condition: Callable[[], bool], within: float, what: str) -> None:
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, f"not within {within} s: {what}"
        await asyncio.sleep(0.02)


async def mirror(rest: ScopeRest, wanted: dict[str, object], within: float = 5.0) -> None:
    """Wait until the server has accepted these parameters."""
    until = time.monotonic() + within
    while not wanted.items() <= (has := await rest.session_parameters()).items():
        assert time.monotonic() < until, f"the server has {has}"
        await asyncio.sleep(0.05)


def test_from_nothing_to_frames_to_parameters(port: int) -> None:
    seen: list[tuple[VideoFrame, float]] = []

    async def main() -> None:
        begun = time.monotonic()
        async with (
            ScopeLink(
                f"127.0.0.1:{port}",
                patience=QUICK,
                on_frame=lambda frame, arrived: seen.append((frame, arrived)),
            ) as link,
            ScopeRest(f"127.0.0.1:{port}") as rest,
        ):
            link.set({"noise_scale": 0.31, "prompts": [("calm sea", 1.0)]})
            await link.wait_live(15)
            assert link.pipelines == ("longlive",)
            await mirror(rest, {"noise_scale": 0.31})
            [problem] = link.set({"noise_scale": float("nan"), "base_seed": 7})
            assert problem.field == "noise_scale"
            await mirror(rest, {"base_seed": 7, "noise_scale": 0.31})
            link.set({"prompts": [("storm", 1.0)], "transition_steps": 4})
            await mirror(rest, {"prompts": [{"text": "storm", "weight": 1.0}]})
            await eventually(lambda: len(seen) > 20, 10, "20 frames")
            stats = link.stats
            assert stats.state == "live"
            assert stats.frames == len(seen)
            assert stats.fps > 2
            assert stats.age is not None
            assert stats.age < 1
            assert link.newest is seen[-1][0]
            assert link.newest.width > 0
        assert link.stats.state == "closed"
        assert all(begun < arrived < time.monotonic() for _, arrived in seen)

    run(main)


def number(link: ScopeLink) -> int:
    """How many of the messages had been taken by the pipeline that painted the newest frame."""
    frame = link.newest
    return (read_number(frame.to_ndarray(format="rgb24")) if frame else None) or 0


@pytest.mark.slow
def test_a_storm_of_changes_becomes_a_few_messages_and_every_one_is_applied(port: int) -> None:
    """A naive sender at this rate has nine of ten messages dropped, the last one among them."""

    async def main() -> None:
        async with ScopeLink(f"127.0.0.1:{port}", patience=QUICK) as link:
            await link.wait_live(15)
            begun = time.monotonic()
            for index in range(45):
                link.set({"noise_scale": index / 100, "base_seed": index})
                await asyncio.sleep(1 / 30)
            passed = time.monotonic() - begun
            sent = link.stats.sent + 1  # the last value may be waiting for its turn
            await eventually(lambda: number(link) >= sent, 20.0, f"{sent} applied")
            assert link.stats.changes == 90
            assert sent <= passed / CHUNK + 3
            async with ScopeRest(f"127.0.0.1:{port}") as rest:
                metrics = await rest.session_metrics()
                assert metrics is not None
                chunk = 12 / (metrics.pipeline_fps or 1.0)  # a busy machine takes longer than CHUNK
                assert link.stats.chunk_seconds == pytest.approx(chunk, rel=0.6)
                await mirror(rest, {"noise_scale": 0.44, "base_seed": 44})

    run(main)


@pytest.mark.parametrize("honest", [True, False])
def test_what_has_no_effect_is_a_problem_and_stays_here(honest: bool) -> None:
    """A simulator that lets noise act in text mode says so in its schema; a real one does not."""

    async def main(url: str) -> None:
        async with ScopeLink(url, patience=QUICK) as link, ScopeRest(url) as rest:
            assert link.set({"noise_scale": 0.2, "kv_cache_attention_bias": 0.5}) == []
            await link.wait_live(15)
            vain = ["kv_cache_attention_bias"] + ["noise_scale"] * honest
            for value in (0.3, 0.4):
                link.set({"noise_scale": value, "base_seed": round(value * 10)})
                await mirror(rest, {"base_seed": round(value * 10)})
                assert [problem.field for problem in link.problems] == vain
            has = await rest.session_parameters()
            assert ("noise_scale" in has) is not honest
            assert "kv_cache_attention_bias" not in has

    config = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0, honest=honest)
    with running(config) as url:
        asyncio.run(asyncio.wait_for(main(url), 30))


@pytest.mark.slow
def test_a_killed_server_is_missed_and_a_restarted_one_gets_the_full_state() -> None:
    port = free_port()

    async def main() -> None:
        url = f"127.0.0.1:{port}"
        async with ScopeLink(url, patience=QUICK) as link, ScopeRest(url) as rest:
            with simulator(port):
                await link.wait_live(15)
                link.set({"base_seed": 11})
                await mirror(rest, {"base_seed": 11})
            await eventually(lambda: link.stats.state == "waiting", 5, "the death was seen")
            link.set({"prompts": [("meanwhile", 1.0)]})
            with simulator(port) as process:
                await eventually(lambda: link.stats.sessions == 2, 15, "a second session")
                wanted = {"base_seed": 11, "prompts": [{"text": "meanwhile", "weight": 1.0}]}
                assert wanted.items() <= (await rest.session_parameters()).items()
                frames = link.stats.frames
                await eventually(lambda: link.stats.frames > frames + 5, 5, "frames again")
                process.kill()
                begun = time.monotonic()
                await link.close()
                assert time.monotonic() - begun < 4

    run(main)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a way to freeze a process")
def test_a_frozen_server_stalls_the_link_and_never_hangs_it() -> None:
    port = free_port()

    async def main() -> None:
        with simulator(port) as process:
            async with ScopeLink(f"127.0.0.1:{port}", patience=QUICK) as link:
                await link.wait_live(15)
                os.kill(process.pid, signal.SIGSTOP)
                await eventually(lambda: link.stats.state == "stalled", 4, "a stall")
                await eventually(lambda: link.stats.state == "waiting", 12, "giving up")
                begun = time.monotonic()
            assert time.monotonic() - begun < 8

    run(main)


def test_no_server_is_a_sentence_and_another_try() -> None:
    async def main() -> None:
        async with ScopeLink(f"127.0.0.1:{free_port()}", patience=QUICK) as link:
            with pytest.raises(SessionError, match="Nothing answers at http://127"):
                await link.wait_live(0.5)
            await eventually(lambda: link.stats.state == "waiting", 15, "a pause between two tries")
            assert link.set({"noise_scale": 0.5}) == []
        assert link.stats.fps == 0

    run(main)


def test_an_unknown_pipeline_is_a_sentence(port: int) -> None:
    async def main() -> None:
        async with ScopeLink(f"127.0.0.1:{port}", ["dreamer-9"], patience=QUICK) as link:
            with pytest.raises(SessionError, match=r"no pipeline dreamer-9; it has .*longlive"):
                await link.wait_live(0.5)

    run(main)


def test_an_impossible_address_raises_at_once() -> None:
    with pytest.raises(BadAddress):
        ScopeLink("ftp://nowhere")


def test_a_session_that_shows_nothing_says_why(port: int) -> None:
    """A pipeline that is not loaded: the server answers 200, and never sends a frame."""

    async def main() -> None:
        async with ScopeRest(f"127.0.0.1:{port}") as rest:
            await load(rest, ["longlive"])
            session = Session(rest, ["gray"], {}, first_frame_within=1.5)
            with pytest.raises(SessionError, match=r"within 1\.5 s; its log says: .*gray"):
                await session.open()
            await session.close()
            with pytest.raises(ScopeError, match="not open"):
                session.send({"base_seed": 1})

    run(main)


def test_a_refused_offer_leaves_nothing_behind(port: int) -> None:
    async def main() -> None:
        async with ScopeRest(f"127.0.0.1:{port}") as rest:
            await load(rest, ["longlive"])
            session = Session(rest, ["longlive"], {"input_mode": "audio"})
            with pytest.raises(ScopeRefused, match="input_mode"):
                await session.open()
            assert session.id is None

    run(main)


def test_a_failing_callback_does_not_end_the_show(port: int) -> None:
    def fail(frame: VideoFrame, arrived: float) -> None:
        raise RuntimeError("the picture fell off the wall")

    async def main() -> None:
        async with ScopeLink(f"127.0.0.1:{port}", patience=QUICK, on_frame=fail) as link:
            await link.wait_live(15)
            await eventually(lambda: link.stats.frames > 10, 10, "frames in spite of it")

    run(main)


def test_a_wait_that_is_cancelled_just_when_it_ends_is_cancelled() -> None:
    async def main() -> None:
        event = asyncio.Event()
        waiting = asyncio.create_task(within(event, 5))
        await asyncio.sleep(0)
        event.set()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run(main)


def test_a_cancelled_opening_leaves_nothing_behind(port: int) -> None:
    async def main() -> None:
        async with ScopeRest(f"127.0.0.1:{port}") as rest:
            await load(rest, ["longlive"])
            for seconds in (0.0, 0.02, 0.04, 0.06, 0.1, 0.3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(Session(rest, ["gray"], {}).open(), seconds)

    run(main)
