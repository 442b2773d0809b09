"""A show steers several Scope servers at once, each with a session and a sender of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from desk_kit import attended
from host.stage import SEA
from host.test_desk_scope import is_live, prompts, sessions
from kit import patch
from show_kit import run

from nodegraph.cli.simulator import simulator
from nodegraph.remote.client import Client
from nodegraph.remote.errors import RequestRefused

SMALL = {"width": 128, "height": 80}
STORM = "a storm over black rocks"
MADE = patch(
    {
        "n": "t.count",
        "calm": ("prompt.text", {"text": SEA}),
        "wild": ("prompt.text", {"text": STORM}),
        "here": "scope.output",
        "there": ("scope.output", {"server": "left"}),
    },
    ["calm.prompts -> here.prompts", "wild.prompts -> there.prompts"],
)

pytestmark = pytest.mark.usefixtures("own_folder")


async def links(client: Client, names: set[str], within: float = 40.0) -> Any:
    """What the status says of all links, as soon as those named are live."""
    async with asyncio.timeout(within):
        while True:
            event = await client.next_event()
            assert event is not None
            if event["event"] == "status":
                found = {"": event["link"], **event["links"]}
                if all(is_live(found.get(name)) for name in names):
                    return found


async def told(url: str, text: str) -> None:
    async with asyncio.timeout(10.0):
        while [{"text": text, "weight": 1.0}] not in await prompts(url):
            await asyncio.sleep(0.1)


@pytest.mark.slow
def test_two_servers_are_told_each_its_own(tmp_path: Path) -> None:
    options = ("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6")

    async def story() -> None:
        with simulator(*options) as one, simulator(*options) as two:
            async with asyncio.timeout(90), attended(MADE, tmp_path) as (show, client):
                await client.request("connect", url=one.url, load=SMALL)
                await links(client, {""})
                texts = [str(problem) for problem in show.problems]
                assert any("no server named 'left' is steered" in text for text in texts), texts
                await client.request("connect", url=two.url, server="left", load=SMALL)
                found = await links(client, {"", "left"})
                assert found[""]["url"] == one.url
                assert found["left"]["url"] == two.url
                await told(one.url, SEA)
                await told(two.url, STORM)
                assert show.problems == ()
                assert show.session.notes["url"] == one.url
                assert show.session.notes["servers"]["left"]["url"] == two.url
                await client.request("disconnect", server="left")
                async with asyncio.timeout(10.0):
                    while await sessions(two.url):
                        await asyncio.sleep(0.1)
                found = await links(client, {""})
                assert await sessions(one.url) == 1
                await client.request("connect", url=two.url, server="left", load=SMALL)
                await told(two.url, STORM)
            assert await sessions(one.url) == await sessions(two.url) == 0

    asyncio.run(story())


def test_the_names_of_servers_are_plain(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (_show, client):
            with pytest.raises(RequestRefused, match="named in letters, digits"):
                await client.request("connect", url="127.0.0.1:9", server="left: right")

    asyncio.run(asyncio.wait_for(story(), 30))


def test_the_secret_of_an_address_is_known_to_the_show_alone(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            await client.request("connect", url="http://me:secret@127.0.0.1:1")
            status = await client.request("status")
            assert "secret" not in str(status)
            for _ in range(2):  # as a client knows it; another server has other secrets
                await client.request("connect", url=status["link"]["url"], load=SMALL)  # type: ignore[index]  # the facts of a link
                assert show.link is not None
                assert show.link.rest.address == "http://me:secret@127.0.0.1:1"
            await client.request("connect", url="http://127.0.0.1:2")
            assert show.link.rest.address == "http://127.0.0.1:2"

    run(story())
