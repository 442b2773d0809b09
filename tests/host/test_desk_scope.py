"""Clients change the Scope server of a running show, ask it, and see what it paints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from av.video.frame import VideoFrame
from desk_kit import attended, event
from host.stage import SEA, applied
from kit import patch
from show_kit import run, until

from nodegraph.cli.simulator import Simulator, simulator
from nodegraph.errors import NodegraphError
from nodegraph.host.desk import Desk
from nodegraph.host.pictures import Pictures, Wish
from nodegraph.host.transcript import Transcript
from nodegraph.remote.client import Client
from nodegraph.remote.errors import RequestRefused
from nodegraph.remote.pictures import Picture, PictureReader

MADE = patch(
    {"n": "t.count", "look": ("prompt.text", {"text": SEA}), "scope": "scope.output"},
    ["look.prompts -> scope.prompts"],
)


pytestmark = pytest.mark.usefixtures("own_folder")


async def link(client: Client, holds: Callable[[Any], object], within: float = 15.0) -> Any:
    """What the status says of the link, as soon as something holds of it."""
    async with asyncio.timeout(within):
        while True:
            event = await client.next_event()
            assert event is not None
            if event["event"] == "status" and holds(event["link"]):
                return event["link"]


def is_live(link: Any) -> bool:
    return bool(link) and link["state"] == "live" and link["frames"] > 0


async def sessions(url: str) -> int:
    """How many sessions a simulator has now."""
    async with httpx.AsyncClient(timeout=10.0) as http:
        return len((await http.get(f"{url}/simulator/state")).json()["sessions"])


async def prompts(url: str) -> list[Any]:
    async with httpx.AsyncClient(timeout=10.0) as http:
        return [each.get("prompts") for each in (await applied(http, url)).values()]


@pytest.mark.slow
def test_servers_come_and_go_while_the_show_plays(scope: Simulator, tmp_path: Path) -> None:
    async def story() -> None:
        with simulator("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6") as other:
            async with attended(MADE, tmp_path) as (show, client):
                assert (await client.request("status"))["link"] is None
                await client.request("connect", url=other.url)
                told = await link(client, is_live)
                assert told["url"] == other.url
                assert told["version"]
                assert told["pipelines"] == ["longlive"]
                assert told["mode"] == "text"
                assert told["size"] == [576, 320]
                assert 0.0 < told["latency"] < 5.0
                async with asyncio.timeout(10.0):
                    while [{"text": SEA, "weight": 1.0}] not in await prompts(other.url):
                        await asyncio.sleep(0.1)
                ticks = show.tally.ticks
                before = await sessions(scope.url)
                await client.request("connect", url=scope.url, pipelines=["longlive"])
                await link(client, lambda it: is_live(it) and it["url"] == scope.url)
                assert await sessions(other.url) == 0
                assert await sessions(scope.url) == before + 1
                async with asyncio.timeout(10.0):
                    while [{"text": SEA, "weight": 1.0}] not in await prompts(scope.url):
                        await asyncio.sleep(0.1)
                await client.request("disconnect")
                await link(client, lambda it: it is None)
                async with asyncio.timeout(10.0):
                    while await sessions(scope.url) > before:
                        await asyncio.sleep(0.1)
                assert show.session.notes["url"] is None
                async with asyncio.timeout(10.0):
                    while show.tally.ticks <= ticks:  # told twice a second
                        await asyncio.sleep(0.05)
                assert show.tally.restarts == 0
                await client.request("connect", url=other.url)
                await link(client, is_live)
            assert await sessions(other.url) == 0

    run(story())


def test_a_quick_hand_ends_with_the_last_server_only(scope: Simulator, tmp_path: Path) -> None:
    async def story() -> None:
        before = await sessions(scope.url)
        async with attended(MADE, tmp_path) as (_show, client):
            for _ in range(3):
                await client.request("connect", url="127.0.0.1:9")
                await client.request("connect", url=scope.url)
                await client.request("disconnect")
            await client.request("connect", url=scope.url)
            await link(client, is_live)
            assert await sessions(scope.url) == before + 1
        assert await sessions(scope.url) == before

    run(story())


def test_a_server_is_asked_while_others_are_served(scope: Simulator, tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (_show, client):
            asked: Any = await client.request("server", what="pipelines", url=scope.url)
            assert asked["answer"]["longlive"]["prompts"] is True
            for what in ("health", "hardware", "status", "loras", "assets", "plugins", "log"):
                await client.request("server", what=what, url=scope.url)
            found: Any = await client.request("server", what="findings", url=scope.url)
            assert all(finding["ok"] is not False for finding in found["answer"])

    run(story())


def test_a_file_is_uploaded(tmp_path: Path) -> None:
    async def story() -> None:
        got: dict[str, bytes] = {}

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
            got["request"], got["body"] = head.split(b"\r")[0], await reader.readexactly(length)
            told = b'{"name": "sea.png", "path": "/assets/sea.png", "type": "image"}'
            lines = (b"HTTP/1.1 200 OK", b"content-type: application/json", b"connection: close")
            size = b"content-length: %d" % len(told)
            writer.write(b"\r\n".join((*lines, size, b"", told)))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        async with server, attended(MADE, tmp_path) as (_show, client):
            (tmp_path / "sea.png").write_bytes(b"\x89PNG" + bytes(1000))
            url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            told: Any = await client.request("upload", path=str(tmp_path / "sea.png"), url=url)
            assert told["answer"]["path"] == "/assets/sea.png"
            assert got["request"] == b"POST /api/v1/assets?filename=sea.png HTTP/1.1"
            assert got["body"] == b"\x89PNG" + bytes(1000)

    run(story())


@pytest.mark.slow
def test_a_server_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    async def story() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, attended(MADE, tmp_path) as (_show, client):
            slow = asyncio.create_task(client.request("server", what="health", url=url))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await client.request("status")
            assert time.monotonic() - began < 2.0
            assert not slow.done()
            with pytest.raises(RequestRefused, match="did not answer in time"):
                await slow

    run(story())


@pytest.mark.slow
def test_what_a_server_tells_once_is_left_for_who_loads(tmp_path: Path) -> None:
    """Why a load failed is told to one reader: that is the link, not a client who is curious."""

    async def story() -> None:
        with simulator("--load-seconds=4") as slow:
            async with attended(MADE, tmp_path) as (_show, client):
                await client.request("connect", url=slow.url)
                await link(client, lambda it: it and it["state"] == "loading")
                for url in ("", slow.url, slow.url.removeprefix("http://")):
                    with pytest.raises(RequestRefused, match="is being loaded"):
                        await client.request("server", what="findings", url=url)
                await client.request("server", what="health")
                await link(client, lambda it: it["state"] == "live")
                await client.request("server", what="findings")

    run(story())


@pytest.mark.slow
def test_a_server_that_answers_drop_by_drop_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            with suppress(OSError):
                while not reader.at_eof():
                    writer.write(b" ")
                    await writer.drain()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await reader.read(1 << 16)
            writer.close()

        monkeypatch.setattr("nodegraph.host.desk_scope.PATIENCE", 1.0)
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        (tmp_path / "sea.png").write_bytes(b"sea")
        async with server, attended(MADE, tmp_path) as (_show, client):
            with pytest.raises(RequestRefused, match="has not answered within 1 s"):
                await client.request("server", what="health", url=url)
            with pytest.raises(RequestRefused, match="has not answered within 1 s"):
                await client.request("upload", path=str(tmp_path / "sea.png"), url=url)

    run(story())


@pytest.mark.parametrize(
    ("verb", "fields", "why"),
    [
        ("connect", {"url": "x", "load": {"seed": b"1"}}, "load must be what JSON can say"),
        ("connect", {"url": "x", "load": {"seed": float("nan")}}, "load must be what JSON can say"),
        ("watch", {"deck": "third", "ports": []}, "there is no deck 'third'; there are: main"),
        ("connect", {}, "url must be a text, it is missing"),
        ("connect", {"url": "ftp://x"}, "speaks http:// or https://"),
        ("connect", {"url": "x", "pipelines": [1]}, "the id of a pipeline each"),
        ("connect", {"url": "x", "load": 3}, "load must be a map"),
        ("server", {"what": "weather"}, "ask about: findings, health, hardware"),
        ("server", {"what": "health"}, "no Scope server is connected"),
        ("upload", {"path": "/not/there.png"}, "/not/there.png cannot be read: No such file"),
        ("pictures", {}, "want must be true or false"),
        ("pictures", {"want": True, "fps": 0}, "fps must be a number from 1 to 60"),
    ],
)
def test_what_does_not_fit_is_refused(
    verb: str, fields: dict[str, Any], why: str, tmp_path: Path
) -> None:
    async def story() -> None:
        from nodegraph.host.show import Show

        show = Show(state=tmp_path)
        desk = Desk(show, "test")
        desk.server.door.close()
        with pytest.raises(NodegraphError) as raised:
            await desk._handle(_Nobody(), {"id": 1, "do": verb, **fields})  # type: ignore[arg-type]  # a client that only has a number
        show.session.end()
        assert why in str(raised.value)

    asyncio.run(story())


class _Nobody:
    number = 1


def test_pictures_come_as_long_as_somebody_watches(scope: Simulator, tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            await client.request("connect", url=scope.url)
            await link(client, is_live)
            await asyncio.sleep(0.3)
            assert not list(show.folder.glob("pictures*"))
            told: Any = await client.request("pictures", want=True, fps=30, longest=288)
            reader = PictureReader(Path(told["folder"]))
            first = await picture(reader)
            assert first.pixels.shape == (160, 288, 3)
            assert first.pixels.std() > 0
            assert 0.0 <= time.monotonic() - first.arrived < 2.0
            large = await Client.open()
            await large.request("pictures", want=True)
            await until(lambda: (it := reader.newest()) and it.pixels.shape == (320, 576, 3))
            await large.close()  # as a client does that is killed
            await until(lambda: (it := reader.newest()) and it.pixels.shape == (160, 288, 3))
            await client.request("pictures", want=False)
            await asyncio.sleep(0.2)
            last = reader.newest()
            await asyncio.sleep(0.5)
            assert last is not None
            assert reader.newest(last.number) is None
        assert not show.folder.exists()
        assert reader.newest(last.number) is None

    run(story())


async def picture(reader: PictureReader, after: int = 0) -> Picture:
    async with asyncio.timeout(10.0):
        while (found := reader.newest(after)) is None:
            await asyncio.sleep(0.01)
    return found


def test_what_pictures_cost_the_event_loop(tmp_path: Path) -> None:
    """To lay a frame down takes less than three thousandths of the time between two of them."""
    pictures = Pictures(tmp_path)
    frame = VideoFrame(1920, 1080, "yuv420p")
    pictures.want(1, Wish(fps=30.0))
    spent, begun = 0.0, time.perf_counter()
    count = 0
    while time.perf_counter() - begun < 1.0:
        before = time.thread_time()
        pictures.frame(frame, time.monotonic())
        spent, count = spent + time.thread_time() - before, count + 1
        time.sleep(1 / 100)
    reader = PictureReader(tmp_path)
    newest = reader.newest()
    pictures.close()
    assert spent / count < 3e-3 / 30
    assert newest is not None
    assert 3 <= newest.number <= 32  # of about 100 frames, those that somebody wanted
    assert not list(tmp_path.glob("pictures*"))


def test_pictures_for_which_there_is_no_room_are_complained_of(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path / "gone")
    pictures.want(1, Wish())
    pictures.frame(VideoFrame(16, 16, "yuv420p"), 0.0)
    end = time.monotonic() + 5.0
    while not pictures.complaint and time.monotonic() < end:
        time.sleep(0.01)
    assert "cannot be shown" in pictures.complaint
    (tmp_path / "gone").mkdir()
    pictures.frame(object(), 0.0)  # type: ignore[arg-type]  # whatever is wrong with one frame
    while pictures.complaint and time.monotonic() < end:
        pictures.frame(VideoFrame(16, 16, "yuv420p"), 0.0)
        time.sleep(0.05)
    assert not pictures.complaint
    pictures.close()


def test_what_a_server_has_no_use_for_is_told_on_the_node_that_sends_it(
    scope: Simulator, tmp_path: Path
) -> None:
    param = ("scope.param", {"name": "kv_cache_attention_bias"})
    made = patch({"n": "t.count", "bias": param}, ["n.out -> bias.value"])

    async def story() -> None:
        async with attended(made, tmp_path) as (_show, client):
            await client.request("connect", url=scope.url, load={"width": 577, "height": 320})
            told = await link(client, lambda it: it["state"] == "waiting")
            assert "width of longlive is a multiple of 16, such as 576, not 577" in told["reason"]
            await client.request("connect", url=scope.url)
            async with asyncio.timeout(15.0):
                while not (problems := (await event(client, "deck", deck="main"))["problems"]):
                    pass
            assert [(each["node"], each["field"]) for each in problems] == [
                ("bias", "kv_cache_attention_bias")
            ]
            assert "only krea-realtime-video has it" in problems[0]["text"]
            await client.request("disconnect")
            async with asyncio.timeout(15.0):
                while (await event(client, "deck", deck="main"))["problems"]:
                    pass

    run(story())


def test_the_picture_is_held_and_becomes_what_the_patch_says_in_silence(tmp_path: Path) -> None:
    rises = ("shape.remap", {"in_high": 1.0})
    made = patch(
        {"time": "generate.time", "rises": rises, "scope": "scope.output"},
        ["time.seconds -> rises.value", "rises.out -> scope.noise_scale"],
    )

    async def story() -> None:
        async with attended(made, tmp_path) as (show, client):
            show.outgoing.transcript = told = Transcript()

            def passed() -> object:
                said = [message.body for _, message in told.trace("told").messages]
                return {name: it for body in said for name, it in body.items()}.get("noise_scale")

            await client.request("hold")
            await until(lambda: show.outgoing.sent.get("noise_scale") == 1.0)
            assert passed() != 1.0
            await event(client, "status", held="hold")
            await client.request("calm")
            assert passed() == round(512 / 48_000, 4), "as in its first tick"
            await event(client, "status", held="calm")
            await client.request("resume")
            assert passed() == 1.0
            await event(client, "status", held="")

    run(story())
