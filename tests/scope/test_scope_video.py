"""Video that goes in, is transformed and comes back, on real WebRTC; chains, views and sound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from av import VideoFrame
from scope_kit import until

from nodegraph.scope.link import ScopeLink
from nodegraph.scope.link_stats import Patience
from nodegraph.scope.simulator import Config, running

QUICK = Patience(answer=2.0, first_frame=10.0, load=20.0, stall=1.0, give_up=3.0, retry=0.1)
SIZE = {"width": 128, "height": 80}
CONFIG = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0, honest=True)
VIDEO = {"input_mode": "video", "noise_controller": False}


def tell(
    story: Callable[[str, ScopeLink], Awaitable[None]],
    *pipelines: str,
    config: Config = CONFIG,
    **options: Any,
) -> None:
    async def main(url: str) -> None:
        chain = pipelines or ("longlive",)
        async with (
            asyncio.timeout(60),
            ScopeLink(url, chain, SIZE, patience=QUICK, **options) as link,
        ):
            await story(url, link)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with running(config) as url:
        asyncio.run(main(url))


def film(path: Path, *colours: tuple[int, int, int]) -> Path:
    """A film of two seconds for each colour."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for colour in colours:
            picture = np.full((120, 160, 3), colour, np.uint8)
            for _ in range(40):
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def colour(link: ScopeLink) -> np.ndarray:
    """The mean colour of the newest picture, float[3]."""
    assert link.newest is not None
    return np.asarray(link.newest.to_ndarray(format="rgb24").mean(axis=(0, 1)))


def is_close(link: ScopeLink, wanted: tuple[int, int, int]) -> bool:
    return link.newest is not None and bool(np.abs(colour(link) - wanted).max() < 25)


async def parameters(url: str) -> Any:
    async with httpx.AsyncClient(base_url=url) as http:
        (session,) = (await http.get("/simulator/state")).json()["sessions"].values()
        return session["parameters"]


def test_a_film_goes_in_and_comes_back_as_little_changed_as_is_asked_for(tmp_path: Path) -> None:
    path = film(tmp_path / "red.mp4", (220, 20, 20))

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": f"file:{path}", "noise_scale": 0.0})
        await link.wait_live(15)
        assert link.problems == ()
        await until(lambda: is_close(link, (220, 20, 20)), "the film as it is")
        link.set({"noise_scale": 1.0, "prompts": [("deep blue ocean", 1.0)]})
        await until(lambda: colour(link)[2] > colour(link)[0] + 20, "what is painted over it")
        link.set({"noise_scale": 0.0})
        await until(lambda: is_close(link, (220, 20, 20)), "the film again")
        assert link.stats.sessions == 1
        assert link.feed.sent > 20
        assert link.newest is not None
        assert (link.newest.width, link.newest.height) == (128, 80)

    tell(story)


def test_what_goes_in_is_exchanged_while_the_session_goes_on(tmp_path: Path) -> None:
    red = film(tmp_path / "red.mp4", (220, 20, 20))
    green = film(tmp_path / "green.mp4", (20, 200, 20))

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": f"file:{red}", "noise_scale": 0.0})
        await until(lambda: is_close(link, (220, 20, 20)), "the one film")
        link.set({"video": f"file:{green}"})
        await until(lambda: is_close(link, (20, 200, 20)), "the other")
        link.set({"video": "test"})
        await until(lambda: np.ptp(colour(link)) < 60, "the test picture")
        assert link.stats.sessions == 1

    tell(story)


def test_a_camera_that_is_not_there_is_told_and_the_picture_goes_on() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": "camera:/dev/no-such-camera"})
        await link.wait_live(15)
        await until(lambda: link.problems, "a word on the camera")
        assert "no-such-camera cannot be sent as video" in str(link.problems[0])
        frames = link.stats.frames
        await until(lambda: link.stats.frames > frames + 10, "pictures")
        link.set({"video": "test"})
        await until(lambda: not link.problems, "no complaint")

    tell(story)


def test_video_comes_and_goes_by_another_session() -> None:
    """What goes where stands in the graph of an offer; a session without video has none."""

    async def story(url: str, link: ScopeLink) -> None:
        link.set({"base_seed": 3})
        await link.wait_live(15)
        link.set({"video": "test"})
        assert "in text mode; set the input_mode" in str(link.problems[0])
        link.set({"input_mode": "video"})
        await until(lambda: link.stats.sessions == 2, "a session with video")
        await until(lambda: link.stats.state == "live", "pictures")
        assert link.problems == ()
        link.set({"video": ""})
        await until(lambda: link.stats.sessions == 3, "a session without")
        assert "without video: nothing would be painted" in str(link.problems[0])
        await until(lambda: link.stats.state == "live", "pictures")
        assert link.stats.fault == ""
        assert (await parameters(url))["base_seed"] == 3

    tell(story)


def test_video_leads_what_is_painted_through_vace(tmp_path: Path) -> None:
    path = film(tmp_path / "night.mp4", (10, 10, 10))
    bright = film(tmp_path / "day.mp4", (250, 250, 250))

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": f"file:{path}", "vace_use_input_video": True})
        link.set({"prompts": [("golden sun", 1.0)]})
        await until(lambda: link.newest is not None and colour(link).max() < 40, "the dark")
        link.set({"video": f"file:{bright}"})
        await until(lambda: colour(link).max() > 100, "the light, in colour")
        assert np.ptp(colour(link)) > 20

    tell(story)


@pytest.mark.slow
def test_pauses_and_goes_on_with_a_graph() -> None:
    """With a graph a server that is paused sends nothing: that is no stall."""

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": "test"})
        await link.wait_live(15)
        link.set({"paused": True})
        await until(lambda: (link.stats.age or 0) > 2.0, "silence")
        assert link.stats.state == "live"
        link.set({"paused": False})
        await until(lambda: (link.stats.age or 9) < 0.5, "pictures")
        assert link.stats.sessions == 1

    tell(story)


def test_a_chain_and_messages_for_the_one_that_paints() -> None:
    views: list[VideoFrame] = []

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": "test", "noise_scale": 0.0})
        await link.wait_live(15)
        await until(lambda: link.newest is not None and np.ptp(colour(link)) < 8, "grey")
        grey = link.newest.to_ndarray(format="rgb24")  # type: ignore[union-attr]  # there is one
        assert np.abs(np.diff(grey.astype(int), axis=2)).mean() < 6  # the bars without colour
        assert grey.std() > 20
        link.set({"base_seed": 11})
        async with asyncio.timeout(10):
            while (await parameters(url)).get("base_seed") != 11:
                await asyncio.sleep(0.05)
        await until(lambda: len(views) > 5, "the view of the preprocessor")

    tell(story, "longlive", "gray", views={"gray": lambda frame, at: views.append(frame)})


def test_in_text_mode_what_works_on_video_is_left_out() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        await link.wait_live(15)
        assert link.pipelines == ("gray", "longlive")
        assert link.stats.reason.startswith("longlive at")

    tell(story, "gray", "longlive")


def test_sound_comes_from_what_makes_some() -> None:
    heard: list[float] = []

    async def story(url: str, link: ScopeLink) -> None:
        await link.wait_live(15)
        await until(lambda: link.stats.sounds > 20, "sound")
        assert max(heard) > 1000

    def hear(frame: av.AudioFrame, at: float) -> None:
        heard.append(float(np.abs(frame.to_ndarray()).max()))

    loud = Config(chunk_frames=3, chunk_seconds=0.15, load_seconds=0.0, sound=True)
    tell(story, config=loud, on_sound=hear)


def test_what_the_server_opens_by_itself_comes_from_its_own_files(tmp_path: Path) -> None:
    path = film(tmp_path / "red.mp4", (220, 20, 20))

    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": f"video_file:{path}", "noise_scale": 0.0})
        await until(lambda: is_close(link, (220, 20, 20)), "the film")
        assert link.feed.sent == 0 or link.newest is not None

    tell(story)


def test_what_the_machine_does_not_have_is_not_asked_for() -> None:
    async def story(url: str, link: ScopeLink) -> None:
        link.set({**VIDEO, "video": "ndi:stage", "ndi_output": "show"})
        await link.wait_live(15)
        told = " ".join(str(problem) for problem in link.problems)
        assert "video does nothing on this server" in told
        assert "ndi_output does nothing on this server" in told
        frames = link.stats.frames
        await until(lambda: link.stats.frames > frames + 10, "pictures all the same")
        assert "output_sinks" not in await parameters(url)

    tell(story)


def test_a_message_goes_out_while_the_rate_is_asked_for() -> None:
    """The first chunk time is the server's own word, before frames have taught any."""

    async def story(url: str, link: ScopeLink) -> None:
        await link.wait_live(15)
        begun = time.monotonic()
        await until(lambda: link.sender.pace.knows, "a chunk time", within=5.0)
        assert time.monotonic() - begun < 4.0
        assert 0.05 < link.stats.chunk_seconds < 0.5

    tell(story, chunk_frames=3)
