"""Everything that can happen to a session, on real WebRTC: each is named, and survived or told."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest
from scope_kit import until

from nodegraph.scope.errors import ScopeError, ScopeRefused, ScopeSilent
from nodegraph.scope.faults import Fault, Lost, fault_of, is_memory
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.link_stats import Patience
from nodegraph.scope.loading import load
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.session import Session
from nodegraph.scope.simulator import Config, running
from nodegraph.scope.simulator.faults import FAULTS, FaultError, Planned, parse_faults

pytestmark = pytest.mark.slow

QUICK = Patience(
    answer=2.0, first_frame=10.0, load=20.0, stall=0.5, give_up=1.5, retry=0.1, longest_retry=0.4
)
SIZE = {"width": 128, "height": 80}
CONFIG = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0)


def tell(story: Callable[[str, ScopeLink], Awaitable[None]], config: Config = CONFIG) -> None:
    """A link that is live on a server of its own, and what then happens."""

    async def main(url: str) -> None:
        async with (
            asyncio.timeout(60),
            ScopeLink(url, ["longlive"], SIZE, patience=QUICK, chunk_frames=3) as link,
        ):
            link.set({"base_seed": 7})
            await link.wait_live(15)
            await story(url, link)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with running(config) as url:
        asyncio.run(main(url))


async def happen(url: str, fault: str, seconds: float = 2.0) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        body = {"fault": fault, "seconds": seconds}
        (await http.post("/simulator/fault", json=body)).raise_for_status()


async def parameters(url: str) -> Mapping[str, object]:
    async with httpx.AsyncClient(base_url=url) as http:
        found = (await http.get("/api/v1/session/parameters")).json()["parameters"]
        assert isinstance(found, dict)
        return found


SURVIVED: list[tuple[str, Fault, str]] = [
    ("memory", "memory", "ran out of GPU memory .*CUDA out of memory.*load a smaller size"),
    ("steal", "ended", "Scope stopped the stream"),
    ("unload", "ended", "Scope stopped the stream"),
    ("restart", "", ""),
]


@pytest.mark.parametrize(("fault", "name", "why"), SURVIVED, ids=[row[0] for row in SURVIVED])
def test_a_session_that_is_lost_is_named_and_comes_back_whole(
    fault: str, name: Fault, why: str
) -> None:
    async def story(url: str, link: ScopeLink) -> None:
        told: list[tuple[Fault, str]] = []
        await happen(url, fault)
        link.set({"noise_scale": 0.25})
        end = time.monotonic() + 20
        while link.stats.sessions < 2:
            told.append((link.stats.fault, link.stats.reason))
            assert time.monotonic() < end, told[-1]
            await asyncio.sleep(0.005)
        seen = [reason for named, reason in told if named == name]
        assert any(re.search(why, reason) for reason in seen), set(told)
        frames = link.stats.frames
        await until(lambda: link.stats.frames > frames + 3, "frames again")
        assert link.stats.fault == ""
        assert {"base_seed": 7, "noise_scale": 0.25}.items() <= (await parameters(url)).items()

    tell(story)


def test_a_stall_is_told_waited_out_and_no_new_session() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        await happen(url, "stall", 1.2)
        await until(lambda: link.stats.state == "stalled", "a stall")
        await until(lambda: link.stats.state == "live", "frames again")
        assert link.stats.sessions == 1

    tell(story)


def test_a_pipeline_that_fails_says_so_in_the_words_of_the_log() -> None:
    """A client that checks nothing has set a value that fails every chunk: the log tells why."""

    async def story(url: str, link: ScopeLink) -> None:
        async with httpx.AsyncClient(base_url=url) as http:
            body = {"base_seed": "seven"}
            (await http.post("/api/v1/session/parameters", json=body)).raise_for_status()
        await until(lambda: link.problems, "another client is noticed")
        assert "another client" in link.problems[0].text
        assert "base_seed" in link.problems[0].text
        frames = link.stats.frames
        await until(lambda: link.stats.frames > frames + 20, "ours is set again, and it paints")
        assert (await parameters(url))["base_seed"] == 7
        assert link.stats.sessions == 1

    tell(story)


def test_another_session_on_the_same_server_is_told_of() -> None:
    """Scope's own page was open before: the two share the pipeline, and nobody says so."""

    async def main(url: str) -> None:
        async with asyncio.timeout(60), ScopeRest(url) as rest:
            await load(rest, ["longlive"], SIZE)
            prompts = [{"text": "", "weight": 1.0}]
            page = Session(rest, ["longlive"], {"prompts": prompts, "input_mode": "text"})
            async with page, ScopeLink(url, ["longlive"], SIZE, patience=QUICK) as link:
                await link.wait_live(15)
                await until(lambda: link.problems, "a word on it")
                assert "another session of this server is open" in link.problems[0].text

    with running(CONFIG) as url:
        asyncio.run(main(url))


def test_slow_stun_makes_an_offer_late_and_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.scope.simulator.faults._LATE", 1.5)

    async def story(url: str, link: ScopeLink) -> None:
        await happen(url, "stun")
        await happen(url, "steal")
        begun = time.monotonic()
        await until(lambda: link.stats.sessions == 2, "a session")
        assert time.monotonic() - begun > 1.5

    tell(story)


def test_ice_that_finds_no_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.scope.session.CONNECT_WITHIN", 1.0)

    async def story(url: str, link: ScopeLink) -> None:
        await happen(url, "ice", 2.5)
        await happen(url, "steal")
        await until(lambda: link.stats.fault == "ice", "a name for it")
        assert "did not connect within 1 s" in link.stats.reason
        await until(lambda: link.stats.sessions == 2, "a session as soon as there is a way")

    tell(story)


def test_lost_packets_are_counted_and_the_picture_goes_on() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        await until(lambda: link.stats.bitrate > 0 and link.stats.loss == 0, "a quiet second")
        await happen(url, "drop", 30.0)
        await until(lambda: link.stats.loss > 0.01, "a loss")
        frames = link.stats.frames
        await until(lambda: link.stats.frames > frames + 10, "frames in spite of it")

    tell(story)


def test_the_statistics_are_those_of_the_stream() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        begun, frames = time.monotonic(), link.stats.frames
        await asyncio.sleep(4.0)
        stats = link.stats
        fps = (stats.frames - frames) / (time.monotonic() - begun)
        assert stats.fps == pytest.approx(fps, rel=0.35)
        assert 0 < stats.decode < 0.05
        assert 1e3 < stats.bitrate < 2e7
        assert stats.dropped == 0
        assert stats.age is not None
        assert stats.age < 1.0
        assert stats.chunk_seconds == pytest.approx(0.15, rel=0.5)

    tell(story)


def test_the_pauses_grow_while_a_fault_comes_back_at_once() -> None:
    """Each session of a server whose memory is full ends soon: it is not asked ten times a second,
    and when the memory is free it has a session again."""

    async def story(url: str, link: ScopeLink) -> None:
        for session in (2, 3, 4):
            await happen(url, "memory")
            await until(lambda n=session: link.stats.sessions >= n, f"session {session}")  # type: ignore[misc]  # lambda n
        await happen(url, "memory")
        await until(lambda: link.stats.state == "waiting", "a pause")
        assert f"again in {QUICK.longest_retry:g} s" in link.stats.reason

    tell(story)


def test_every_fault_of_the_simulator_is_tested_here() -> None:
    elsewhere = {"kill"}  # tests/scope/test_scope_link.py kills a process
    told = {row[0] for row in SURVIVED} | {"stall", "stun", "ice", "drop"} | elsewhere
    assert told == set(FAULTS)


def test_faults_are_planned_in_words() -> None:
    planned = parse_faults("stall@20+3, memory@40,restart")
    assert planned == [
        Planned("stall", 20.0, 3.0),
        Planned("memory", 40.0, 5.0),
        Planned("restart", 0.0, 5.0),
    ]
    for text in ("flood", "stall@soon", "stall@-1", "stall@nan"):
        with pytest.raises(FaultError):
            parse_faults(text)


def test_a_planned_fault_happens() -> None:
    async def main(url: str) -> None:
        async with ScopeLink(url, ["longlive"], SIZE, patience=QUICK) as link:
            await until(lambda: link.stats.sessions >= 2, "a second session")

    planned = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0, fault="steal@2.5")
    with running(planned) as url:
        asyncio.run(asyncio.wait_for(main(url), 30))


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ScopeSilent("x"), "unreachable"),
        (ScopeRefused("POST: Pipeline not loaded. Please", 400, ""), "unloaded"),
        (ScopeRefused("POST: prompts", 422, ""), "refused"),
        (Lost("ice", "x"), "ice"),
        (ScopeError("x"), "refused"),
        (KeyError("x"), "unexpected"),
    ],
)
def test_an_error_has_a_name(error: Exception, name: Fault) -> None:
    assert fault_of(error) == name


def test_what_is_for_good_is_told_from_a_chunk_that_failed() -> None:
    assert is_memory("Error: CUDA out of memory. Tried to allocate 2 GiB")
    assert not is_memory("Error processing chunk: base_seed must be an integer")
