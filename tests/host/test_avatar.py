"""Avatar Studio from end to end: video goes in, leads what is painted, and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame
from desk_kit import attended
from host.test_desk_scope import is_live, link

from nodegraph.cli.simulator import simulator
from nodegraph.graph import load

AVATAR = Path(__file__).parents[2] / "patches" / "avatar.json"

pytestmark = [pytest.mark.usefixtures("own_folder"), pytest.mark.slow]


def test_the_shipped_patch_is_led_by_its_test_picture(tmp_path: Path) -> None:
    """The bars of the test picture fall off in brightness to the right, and so does the picture."""
    ratios: list[float] = []

    def look(frame: VideoFrame, arrived: float) -> None:
        light = frame.to_ndarray(format="gray").astype(float)
        third = light.shape[1] // 3
        ratios.append(light[:, :third].mean() / max(1.0, light[:, -third:].mean()))

    async def story() -> None:
        options = ("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6", "--honest")
        with simulator(*options) as server:
            async with asyncio.timeout(50), attended(load(AVATAR), tmp_path) as (show, client):
                await client.request("connect", url=server.url, load={"width": 288, "height": 160})
                await link(client, lambda it: is_live(it) and it["mode"] == "video")
                assert show.link is not None
                show.link.watch(look)
                await link(client, lambda it: it["video"] > 30 and it["frames"] > 20)
                while len(ratios) < 20 or np.median(ratios[-20:]) <= 1.8:  # it may take a while
                    await asyncio.sleep(0.05)
                assert show.outgoing.problems == ()

    asyncio.run(story())
