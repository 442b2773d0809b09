"""The simulator as a client meets it: HTTP and WebRTC on loopback, aiortc on the other side."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from nodegraph.errors import ScopeError
from nodegraph.scope.simulator import Config, read_number, running, serve

CONFIG = Config(chunk_frames=4, chunk_seconds=0.1, load_seconds=0.0, show_numbers=True)
EMBERS = [{"text": "burning embers", "weight": 1.0}]
OCEAN = [{"text": "deep blue ocean", "weight": 1.0}]
SIZE = {"width": 256, "height": 144}
START = {"pipeline_ids": ["longlive"], "input_mode": "text", "prompts": EMBERS}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(CONFIG) as address:
        asyncio.run(load(address))
        yield address


async def load(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        body = {"pipeline_ids": ["longlive"], "load_params": SIZE}
        (await http.post("/api/v1/pipeline/load", json=body)).raise_for_status()
        await asyncio.sleep(0.05)
        while (await http.get("/api/v1/pipeline/status")).json()["status"] != "loaded":
            await asyncio.sleep(0.01)


class Client:
    """A bare client: frames, their numbers, and the messages of the channel."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url)
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.frames: list[np.ndarray] = []
        self.messages: list[dict[str, Any]] = []
        self.opened, self.closed = asyncio.Event(), asyncio.Event()
        self.session_id = ""
        self.tasks: list[asyncio.Task[None]] = []
        self.channel = self.pc.createDataChannel("parameters", ordered=True)
        self.channel.on("open", self.opened.set)
        self.channel.on("message", lambda text: self.messages.append(json.loads(text)))
        self.pc.on("track", lambda t: self.tasks.append(asyncio.create_task(self._watch(t))))
        self.pc.on("connectionstatechange", self._state)

    def _state(self) -> None:
        if self.pc.connectionState == "closed":
            self.closed.set()

    async def _watch(self, track: Any) -> None:
        try:
            while True:
                self.frames.append((await track.recv()).to_ndarray(format="rgb24"))
        except MediaStreamError:
            pass

    async def offer(self, initial: Mapping[str, Any] | None) -> httpx.Response:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        local = self.pc.localDescription
        body = {"sdp": local.sdp, "type": local.type, "initialParameters": initial}
        response = await self.http.post("/api/v1/webrtc/offer", json=body)
        if response.status_code == 200:
            self.session_id = response.json()["sessionId"]
            answer = RTCSessionDescription(response.json()["sdp"], response.json()["type"])
            await self.pc.setRemoteDescription(answer)
            await asyncio.wait_for(self.opened.wait(), 20)
        return response

    def send(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    async def frame(self, count: int = 1, seconds: float = 20) -> np.ndarray:
        """Wait for `count` more frames and return the last."""
        goal = len(self.frames) + count
        async with asyncio.timeout(seconds):
            while len(self.frames) < goal:
                await asyncio.sleep(0.005)
        return self.frames[-1]

    async def until(self, number: int, seconds: float = 20) -> np.ndarray:
        """Wait until a frame shows that message `number` is applied."""
        async with asyncio.timeout(seconds):
            while (read_number(await self.frame()) or 0) < number:
                pass
        return self.frames[-1]

    async def reckoned(self, messages: int, seconds: float = 20) -> dict[str, Any]:
        """Wait until so many messages are applied or dropped."""
        async with asyncio.timeout(seconds):
            while (state := await self.state())["applied"] + state["dropped"] < messages:
                await asyncio.sleep(0.02)
        return state

    async def pace(self) -> float:
        """Frames a second, as the server counts them."""
        metrics = (await self.get("/api/v1/session/metrics"))["sessions"]
        return float(metrics[self.session_id]["pipeline_fps"])

    async def state(self) -> dict[str, Any]:
        sessions = (await self.http.get("/simulator/state")).json()["sessions"]
        return dict(sessions[self.session_id])

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).json()

    async def close(self) -> None:
        await self.pc.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.session_id:
            await self.http.delete(f"/api/v1/webrtc/offer/{self.session_id}")
        await self.http.aclose()


@asynccontextmanager
async def session(
    url: str, initial: Mapping[str, Any] | None = START, direction: str | None = "sendrecv"
) -> AsyncIterator[Client]:
    client = Client(url)
    if direction:
        client.pc.addTransceiver("video", direction=direction)
    try:
        assert (await client.offer(initial)).status_code == 200
        yield client
    finally:
        await client.close()


def test_frames_arrive_at_the_size_and_rate_asked_for_and_move(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            first = await client.frame()
            await client.frame(40)
            assert first.shape == (144, 256, 3)
            assert not np.array_equal(first, client.frames[-1])
            async with asyncio.timeout(20):  # a busy machine may need a while to come to it
                while await client.pace() != pytest.approx(40, rel=0.15):
                    await asyncio.sleep(0.1)
            jpeg = await client.http.get("/api/v1/session/frame")
            assert jpeg.headers["content-type"] == "image/jpeg"

    asyncio.run(run())


def test_a_prompt_changes_the_pixels(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            before = await client.frame(5)
            client.send(prompts=OCEAN, transition={"target_prompts": OCEAN, "num_steps": 0})
            await client.until(1)
            after = await client.frame(8)
            warm = before[20:].mean(axis=(0, 1)).astype(int)
            cold = after[20:].mean(axis=(0, 1)).astype(int)
            assert warm[0] > warm[2] + 20
            assert cold[2] > cold[0] + 20
            assert (await client.state())["parameters"]["prompts"] == OCEAN

    asyncio.run(run())


def test_at_the_pace_of_chunks_every_message_is_applied(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            for i in range(8):
                client.send(noise_scale=i / 10)
                await asyncio.sleep(0.11)
            await client.until(8)
            state = await client.state()
            assert (state["received"], state["applied"], state["dropped"]) == (8, 8, 0)
            assert state["parameters"]["noise_scale"] == 0.7

    asyncio.run(run())


def test_a_flood_drops_the_newest_and_the_mirror_lies(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame()
            for sent in (60, 120, 180, 240, 300):
                for i in range(60):
                    client.send(value=sent - 59 + i)
                state = await client.reckoned(sent)
                if state["parameters"]["value"] < sent:  # not so if they arrived one by one
                    break
            assert state["received"] == sent
            assert state["dropped"] > 0
            assert state["parameters"]["value"] < sent
            mirror = (await client.get("/api/v1/session/parameters"))["parameters"]
            assert mirror["value"] == sent
            assert any("Parameter queue full" in line for line in await lines(client))

    asyncio.run(run())


async def lines(client: Client) -> list[str]:
    return list((await client.get("/api/v1/logs/tail?lines=100"))["lines"])


@pytest.mark.parametrize(
    ("initial", "sentence"),
    [
        (None, "No pipeline IDs provided, cannot start"),
        ({"prompts": EMBERS}, "No pipeline IDs provided, cannot start"),
        ({**START, "pipeline_ids": ["gray"]}, "Pipeline setup failed: Pipeline gray not loaded"),
        ({**START, "graph": {"nodes": [], "edges": []}}, "Pipeline setup failed"),
    ],
    ids=["nothing", "no ids", "not loaded", "bad graph"],
)
def test_a_dead_session_connects_and_shows_nothing(
    url: str, initial: dict[str, Any] | None, sentence: str
) -> None:
    async def run() -> None:
        async with session(url, initial) as client:
            client.send(pipeline_ids=["longlive"], prompts=EMBERS)
            await asyncio.sleep(0.5)
            assert client.pc.connectionState == "connected"
            assert (client.frames, client.messages) == ([], [])
            assert any(sentence in line for line in await lines(client))

    asyncio.run(run())


def test_receiving_only_shows_nothing_without_a_graph(url: str) -> None:
    async def run() -> None:
        async with session(url, direction="recvonly") as client:
            await asyncio.sleep(0.5)
            assert client.frames == []
        assert "a=sendonly" in client.pc.remoteDescription.sdp
        nodes = [
            {"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"},
            {"id": "out", "type": "sink"},
        ]
        edge = {"from": "longlive", "from_port": "video", "to_node": "out", "to_port": "video"}
        graph = {"nodes": nodes, "edges": [edge]}
        async with session(url, {**START, "graph": graph}, "recvonly") as client:
            await client.frame(3)

    asyncio.run(run())


def test_the_answer_is_whole_and_offers_what_a_client_can_take(url: str) -> None:
    """VP8 first, both ways, all candidates in it, no sound of what makes none."""

    async def run() -> None:
        client = Client(url)
        client.pc.addTransceiver("video", direction="sendrecv")
        client.pc.addTransceiver("audio", direction="recvonly")
        try:
            assert (await client.offer(START)).status_code == 200
            assert uuid.UUID(client.session_id).version == 4
            answer = client.pc.remoteDescription.sdp
            video, audio, channel = re.findall(r"^m=.*?(?=^m=|\Z)", answer, re.M | re.S)
            assert re.findall(r"a=rtpmap:\d+ (\w+)/90000", video)[0] == "VP8"
            assert {"a=sendrecv", "a=setup:active", "a=end-of-candidates"} <= {*video.split()}
            assert "a=candidate:" in video
            assert "a=inactive" in audio
            assert "a=max-message-size:65536" in channel
        finally:
            await client.close()

    asyncio.run(run())


def test_any_channel_is_heard_and_none_is_needed(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            client.channel.close()
            await client.frame(4)
            another = client.pc.createDataChannel("whatever")
            heard: list[dict[str, Any]] = []
            another.on("message", lambda text: heard.append(json.loads(text)))
            body = {"noise_scale": 0.25}
            (await client.http.post("/api/v1/session/parameters", json=body)).raise_for_status()
            async with asyncio.timeout(20):
                while not heard:  # it was kept until there was a channel again
                    await asyncio.sleep(0.01)
            assert heard[0]["type"] == "parameters_updated"
            another.send(json.dumps({"noise_scale": 0.75}))
            await client.reckoned(2)
            assert (await client.state())["parameters"]["noise_scale"] == 0.75

    asyncio.run(run())


def test_an_offer_without_video_is_a_500(url: str) -> None:
    async def run() -> None:
        client = Client(url)
        response = await client.offer(START)
        assert response.status_code == 500
        assert response.json() == {"detail": "None is not in list"}
        await client.close()

    asyncio.run(run())


def test_pause_freezes_the_picture_while_frames_go_on_and_resume_moves_it(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame(8)
            client.send(paused=True)
            await client.frame(10)
            frozen = await client.frame(1)
            still = await client.frame(10)
            assert np.abs(frozen.astype(int) - still).mean() < 2.5
            generated = (await client.state())["frames_generated"]
            await client.frame(5)
            assert (await client.state())["frames_generated"] == generated
            client.send(paused=False)
            async with asyncio.timeout(20):
                while (await client.state())["frames_generated"] == generated:
                    await asyncio.sleep(0.02)

    asyncio.run(run())


def test_delete_says_goodbye_closes_and_can_be_repeated(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame()
            path = f"/api/v1/webrtc/offer/{client.session_id}"
            assert (await client.http.delete(path)).status_code == 204
            await asyncio.wait_for(client.closed.wait(), 20)
            assert client.messages == [{"type": "stream_stopped"}]
            assert (await client.http.delete(path)).status_code == 204
            assert client.session_id not in (await client.get("/simulator/state"))["sessions"]

    asyncio.run(run())


def test_a_client_that_leaves_is_forgotten_and_its_counts_are_kept(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame()
            client.send(noise_scale=0.1)
            await client.until(1)
            before = (await client.get("/simulator/state"))["totals"]
            await client.pc.close()
            async with asyncio.timeout(20):
                while (
                    client.session_id in (state := await client.get("/simulator/state"))["sessions"]
                ):
                    await asyncio.sleep(0.02)
            assert state["totals"]["applied"] >= before["applied"] > 0

    asyncio.run(run())


def test_nonsense_on_the_channel_is_ignored_and_binary_json_is_not(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            for text in ("", "{", "[1]", "3", "null", '"x"', b"\xff\xfe", "[" * 3000):
                client.channel.send(text)
            client.channel.send(b'{"noise_scale": 0.25}')
            await client.until(1)
            assert (await client.state())["parameters"]["noise_scale"] == 0.25
            with pytest.raises(ValueError, match="65536"):
                client.channel.send("x" * 70_000)

    asyncio.run(run())


def test_rest_parameters_reach_the_session_with_their_defaults_and_are_announced(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame()
            client.send(vace_context_scale=0.3)
            await client.until(1)
            await client.http.post("/api/v1/session/parameters", json={"noise_scale": 0.5})
            await client.until(2)
            applied = (await client.state())["parameters"]
            assert (applied["noise_scale"], applied["vace_context_scale"]) == (0.5, 1.0)
            expected = {
                "prompt_interpolation_method": "linear",
                "noise_scale": 0.5,
                "vace_context_scale": 1.0,
            }
            assert client.messages == [{"type": "parameters_updated", "parameters": expected}]

    asyncio.run(run())


def test_a_session_follows_the_beat() -> None:
    """Changes land on it, and noise that it moves shows where a real longlive would ignore it."""

    async def run(url: str) -> None:
        await load(url)
        async with session(url, {**START, "noise_scale": 0.5}) as client:
            enabled = await client.http.post("/api/v1/tempo/enable", json={"source": "link"})
            assert enabled.status_code == 200
            client.send(quantize_mode="beat")
            client.send(_quantized=True, noise_scale=0.9, paused=False)
            await client.reckoned(2)
            kinds = [each["type"] for each in client.messages]
            assert kinds.index("change_scheduled") < kinds.index("change_applied")
            assert "tempo_update" in kinds
            wobble = {"enabled": True, "shape": "square", "rate": "half_beat", "depth": 0.1}
            client.send(modulations={"noise_scale": wobble})
            await client.reckoned(3)
            await client.frame(8)
            params = (await client.state())["parameters"]
            assert params["noise_scale"] in (pytest.approx(0.8), pytest.approx(1.0))
            assert params["bpm"] == 120
            assert (await client.get("/api/v1/session/parameters"))["parameters"][
                "noise_scale"
            ] == 0.9

    with running(Config(chunk_frames=2, chunk_seconds=0.05, tempo=True, honest=True)) as url:
        asyncio.run(run(url))


def test_two_sessions_run_side_by_side_and_rest_reaches_both(url: str) -> None:
    async def run() -> None:
        async with session(url) as one, session(url) as two:
            await asyncio.gather(one.frame(3), two.frame(3))
            await one.http.post("/api/v1/session/parameters", json={"noise_scale": 0.5})
            await asyncio.gather(one.until(1), two.until(1))
            assert list((await one.get("/api/v1/session/metrics"))["sessions"]) == [one.session_id]

    asyncio.run(run())


def test_the_end_of_the_server_is_announced() -> None:
    async def run() -> None:
        with running(CONFIG) as url:
            await load(url)
            client = Client(url)
            client.pc.addTransceiver("video")
            await client.offer(START)
            await client.frame()
        await asyncio.wait_for(client.closed.wait(), 20)
        assert client.messages == [{"type": "stream_stopped"}]
        client.session_id = ""
        await client.close()

    asyncio.run(run())


def test_candidates_of_an_open_session(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            path = f"/api/v1/webrtc/offer/{client.session_id}"
            line = "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host"

            async def patch(**init: Any) -> int:
                response = await client.http.patch(path, json={"candidates": [init]})
                return response.status_code

            assert await patch(candidate=line, sdpMid="0", sdpMLineIndex=0) == 204
            assert await patch(candidate=line.partition(":")[2], sdpMid="0") == 204
            assert await patch(candidate=line) == 404
            assert await patch(candidate="", sdpMid="0") == 404

    asyncio.run(run())


def test_a_load_leaves_the_running_session_its_pipeline(url: str) -> None:
    async def run() -> None:
        async with session(url) as client:
            await client.frame()
            body = {"pipeline_ids": ["gray"]}
            await client.http.post("/api/v1/pipeline/load", json=body)
            await asyncio.sleep(0.3)
            assert (await client.frame(10)).shape == (144, 256, 3)
        await load(url)

    asyncio.run(run())


@pytest.mark.slow
def test_a_process_says_where_it_listens_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-W", "error", "-m", "nodegraph.scope.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        match = re.fullmatch(r"simulator listening on (http://127\.0\.0\.1:\d+)\n", said)
        assert match
        assert httpx.get(match[1] + "/health").json()["status"] == "healthy"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_taken_port_is_a_sentence(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(ScopeError, match=f"127.0.0.1:{port}: the simulator cannot listen there"):
        serve(port=port)
