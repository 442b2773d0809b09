"""A session without a client, what is recorded of it, and the videos it could take in."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import av
from PIL import Image
from rest_kit import refused, talk

from nodegraph.scope.answers import Json, Metrics
from nodegraph.scope.errors import ScopeRefused
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.loading import load
from nodegraph.scope.rest import ScopeRest


def film(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_session_without_a_client_paints_and_is_recorded(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        await refused(rest.stop_session(), 404)
        await refused(rest.start_session("longlive"), 500)
        await refused(rest.start_session(), 422)
        await load(rest, ["longlive"], {"width": 256, "height": 128})
        await rest.start_session("longlive", prompts=[{"text": "embers", "weight": 1.0}])
        metrics = await seen(rest)
        assert metrics.headless
        picture = Image.open(io.BytesIO(await rest.session_frame()))
        assert (picture.format, picture.size) == ("JPEG", (256, 128))
        assert list(await rest.sessions()) == ["headless"]
        await refused(rest.fetch_recording("headless", tmp_path / "early"), 404)
        assert (await rest.start_recording("headless")).state == "started"
        assert (await rest.start_recording("headless")).state == "already_recording"
        await asyncio.sleep(0.6)
        first = await rest.fetch_recording("headless", tmp_path)
        assert first.name.startswith("recording-")
        await asyncio.sleep(0.6)
        second = await rest.fetch_recording("headless", tmp_path / "second.mp4")
        for path in (first, second):
            frames = film(path)
            assert len(frames) > 2
            assert frames[0].shape == (128, 256, 3)
        assert (await rest.stop_recording("headless")).state == "stopped"
        await refused(rest.fetch_recording("headless", tmp_path / "late"), 404)
        await refused(rest.start_recording("headless", "node"), 400)
        async with rest.session_output() as stream:
            assert (await anext(stream))[0] == 0x47  # the sync byte of MPEG-TS
        await rest.stop_session()
        await refused(rest.fetch_recording("headless", tmp_path / "gone"), 404)

    talk(work, chunk_seconds=0.1, chunk_frames=4)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".mp4", ".mp4"]


async def seen(rest: ScopeRest) -> Metrics:
    for _ in range(400):
        metrics = await rest.session_metrics()
        if metrics is not None and metrics.frames_out > 2:
            return metrics
        await asyncio.sleep(0.02)
    raise AssertionError("no frames")


def test_a_session_is_recorded_as_long_as_it_lasts(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        async with ScopeLink(rest.url) as link:
            await link.wait_live(20.0)
            (id,) = await rest.sessions()
            await refused(rest.fetch_recording(id, tmp_path / "early"), 404)
            await refused(rest.stop_recording(id), 404)
            await rest.start_recording(id)
            path = tmp_path / "film.mp4"
            for _ in range(100):
                await asyncio.sleep(0.1)
                try:
                    await rest.fetch_recording(id, path)
                except ScopeRefused:  # not a picture yet
                    continue
                break
            assert film(path)[0].any()
        await refused(rest.fetch_recording(id, tmp_path / "late"), 404)

    talk(work, chunk_seconds=0.1, chunk_frames=4)


GRAPH: Json = {
    "nodes": [
        {"id": "p", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "out", "type": "sink"},
        {"id": "tape", "type": "record"},
    ],
    "edges": [
        {"from": "p", "from_port": "video", "to_node": "out", "to_port": "video"},
        {"from": "p", "from_port": "video", "to_node": "tape", "to_port": "video"},
    ],
}


def test_a_graph_without_a_client_has_a_recording_per_node(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        begun = await rest.start_session(graph=GRAPH, prompts=[{"text": "sea", "weight": 1.0}])
        assert (begun.pipeline_ids, begun.sinks) == (("longlive",), ("out",))
        await seen(rest)
        await refused(rest.start_recording("headless"), 400)
        await refused(rest.start_recording("headless", "p"), 400)
        await rest.start_recording("headless", "tape")
        await asyncio.sleep(0.5)
        assert (await rest.stop_recording("headless", "tape")).state == "stopped"
        await rest.fetch_recording("headless", tmp_path / "tape.mp4", node="tape")
        assert film(tmp_path / "tape.mp4")
        await refused(rest.fetch_recording("headless", tmp_path / "x", node="tape"), 404)
        no_sink = {"nodes": GRAPH["nodes"][:1], "edges": []}  # type: ignore[index]  # a list
        await refused(rest.start_session(graph=no_sink), 400)

    talk(work, chunk_seconds=0.1, chunk_frames=4)


def test_input_sources_are_the_videos_among_the_assets(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        kinds = {one.id: one.available for one in await rest.input_sources()}
        assert kinds == {"ndi": False, "spout": False, "syphon": False, "video_file": True}
        await refused(rest.video_sources("ndi", 0.1), 400)
        with av.open(str(tmp_path / "a.mp4"), "w") as container:
            stream: Any = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
            container.mux(stream.encode(None))
        await rest.upload_asset("a.mp4", tmp_path / "a.mp4")
        await rest.upload_asset("bad.mp4", b"no film")
        found = {one.name: one.identifier for one in await rest.video_sources("video_file")}
        size = await rest.video_resolution("video_file", found["a"])
        assert (size.width, size.height) == (64, 48)
        await refused(rest.video_resolution("video_file", found["bad"]), 408)
        async with rest.video_preview("video_file", found["a"], 30, flip=True) as stream:
            assert (await anext(stream)).startswith(b"--frame\r\nContent-Type: image/jpeg")

    talk(work)
