"""The editor's connection: attaches, asks, hears in order, survives the end of the show."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from control_kit import handle
from show_kit import run

from nodegraph.editor import link as link_module
from nodegraph.editor.link import Link
from nodegraph.host.control import Client as Caller
from nodegraph.host.control import ControlServer
from nodegraph.remote.address import Door, find_show
from nodegraph.remote.errors import Fields, NoShow, RemoteError

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "AGAIN", 0.05)


async def looked(client: Caller, message: Fields) -> Any:
    """A host that has a look to give, and tells an event beside each echo."""
    match message["do"]:
        case "look":
            return {"name": "test"}
        case "echo":
            client.send({"event": "before", "n": message.get("n")})
            return await handle(client, message)
        case _:
            return await handle(client, message)


class Heard:
    """All that a link gives, in one row, as it comes."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.row: list[object] = []

    async def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + 10.0
        while not holds():
            assert time.monotonic() < end, f"it did not come to be so; heard {self.row}"
            await asyncio.sleep(0.01)
            self.link.pump(self.row.append)


def linked(work: Callable[[ControlServer, Heard], Any]) -> None:
    """Run a story with a server and a link to it."""

    async def story() -> None:
        async with ControlServer(looked, Door("test")) as server:
            link = Link(find_show)
            try:
                heard = Heard(link)
                await heard.until(lambda: heard.row)
                assert heard.row == [{"event": "attached", "look": {"name": "test"}}]
                heard.row.clear()
                await work(server, heard)
            finally:
                await asyncio.to_thread(link.close)
        assert not [each for each in threading.enumerate() if each.name == "link"]

    run(story())


def test_answers_and_events_keep_their_order() -> None:
    async def story(server: ControlServer, heard: Heard) -> None:
        assert heard.link.state == "connected"
        assert "'test'" in heard.link.reason
        for n in range(200):
            heard.link.ask("echo", lambda ok: heard.row.append(ok["n"]), n=n)
        await heard.until(lambda: len(heard.row) == 400)
        expected: list[object] = []
        for n in range(200):
            expected += [{"event": "before", "n": n}, n]
        assert heard.row == expected

    linked(story)


def test_a_refusal_goes_to_who_asked_or_is_told() -> None:
    async def story(server: ControlServer, heard: Heard) -> None:
        heard.link.ask("dance", None, lambda error: heard.row.append(error))
        heard.link.ask("dance")
        heard.link.ask("echo", None, heard.row.append, body=object())
        await heard.until(lambda: len(heard.row) == 3)
        told = [str(each) for each in heard.row]
        assert sum("the host knows no 'dance'" in text for text in told) == 2
        assert sum("echo cannot be sent" in text for text in told) == 1
        assert {
            "event": "refused",
            "verb": "dance",
            "text": "the host knows no 'dance'",
        } in heard.row

    linked(story)


def test_what_fails_in_an_answer_does_not_lose_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    def fail(ok: Fields) -> None:
        raise KeyError("a bug")

    async def story(server: ControlServer, heard: Heard) -> None:
        heard.link.ask("echo", fail, n=1)
        heard.link.ask("echo", lambda ok: heard.row.append(ok["n"]), n=2)
        await heard.until(lambda: 2 in heard.row)
        assert "could not be made use of" in caplog.text

    linked(story)


def test_it_waits_for_a_show_and_finds_the_next_one() -> None:
    async def story() -> None:
        link = Link(find_show)
        heard = Heard(link)
        answers: list[RemoteError] = []
        try:
            link.ask("echo", None, answers.append)
            await heard.until(lambda: answers)
            assert "there is no show yet" in str(answers[0])
            await heard.until(lambda: "no show is running" in link.reason)
            assert link.state == "connecting"
            for _ in range(2):
                async with ControlServer(looked, Door("test")):
                    await heard.until(lambda: link.state == "connected" and heard.row)
                    assert heard.row.pop() == {"event": "attached", "look": {"name": "test"}}
                    link.ask("sleep", None, answers.append)
                    await asyncio.sleep(0.05)
                await heard.until(lambda: link.state == "lost")
                await heard.until(lambda: "has not answered" in str(answers[-1]))
        finally:
            await asyncio.to_thread(link.close)
        assert link.state == "closed"
        link.ask("echo", None, answers.append)
        link.pump()
        assert "the connection is closed" in str(answers[-1])

    run(story())


def test_a_silent_show_counts_as_lost_until_it_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "QUIET", 0.2)

    async def story(server: ControlServer, heard: Heard) -> None:
        await heard.until(lambda: heard.link.state == "lost")
        assert "has not said a word" in heard.link.reason
        heard.link.ask("echo", None, n=1)
        await heard.until(lambda: heard.link.state == "connected")

    linked(story)


def test_who_does_not_pump_loses_events_and_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "MOST_EVENTS", 50)

    async def story(server: ControlServer, heard: Heard) -> None:
        for n in range(200):
            server.broadcast({"event": "tick", "n": n})
        await asyncio.sleep(0.5)  # nobody pumps
        await heard.until(lambda: {"event": "attached", "look": {"name": "test"}} in heard.row)
        assert len(heard.row) < 160

    linked(story)


def test_a_search_that_fails_is_a_reason_and_not_an_end() -> None:
    tries = []

    def find() -> Any:
        tries.append(1)
        raise NoShow("three shows are running") if len(tries) % 2 else OSError("no folder")

    link = Link(find)
    end = time.monotonic() + 10.0
    while len(tries) < 4:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert link.state == "connecting"
    assert link.reason in ("three shows are running", "no folder")
    link.close()
