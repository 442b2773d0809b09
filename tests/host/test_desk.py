"""Clients of a running show: what they may ask, what they are told, what is refused."""

from __future__ import annotations

import asyncio
import mmap
from pathlib import Path
from typing import Any

import pytest
from desk_kit import attended, event
from kit import patch
from show_kit import run, until

from nodegraph.errors import NodegraphError
from nodegraph.graph import load, parse
from nodegraph.host.desk import Desk
from nodegraph.host.document import Document
from nodegraph.remote.errors import RequestRefused
from nodegraph.runtime.publish import Ring

MADE = patch(
    {"n": "t.count", "m": ("t.count", {"step": 2.0}), "say": "prompt.text"},
)


pytestmark = pytest.mark.usefixtures("own_folder")


def set_step(value: object) -> dict[str, object]:
    return {"do": "set_param", "node": "n", "param": "step", "value": value}


def test_a_client_begins_with_a_look_and_follows_the_events(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            seen: Any = await client.request("look")
            assert {each["id"] for each in seen["types"]} >= {"t.count", "audio.level"}
            main = seen["decks"]["main"]
            assert parse(main["patch"]).patch == MADE
            assert seen["decks"]["next"]["patch"] == ""
            await client.request("edit", edit=set_step(3.0), label="Faster")
            told = await event(client, "edit")
            assert told["edit"] == set_step(3.0)
            assert (told["kind"], told["client"]) == ("edit", client.welcome["client"])
            deck = await event(client, "deck", dirty=True)
            assert deck["done"] == ["Faster"]
            await client.request("undo")
            told = await event(client, "edit", kind="undo")
            assert told["edit"]["edits"][0]["do"] == "unset_param"
            deck = await event(client, "deck", dirty=False)
            assert deck["undone"] == ["Faster"]
            await event(client, "status")
            assert show.decks["main"].document.patch == MADE

    run(story())


def test_the_values_of_all_ports_are_in_shared_memory(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (_show, client):
            seen: Any = await client.request("look")
            while not (main := seen["decks"]["main"])["serial"]:
                await asyncio.sleep(0.02)
                seen = await client.request("look")
            assert (seen["rate"], seen["block"]) == (48_000, 512), "what a tick and a bin are"
            path = Path(seen["folder"]) / main["ring"]
            with path.open("rb") as file:
                reader = Ring.open(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            await until(lambda: reader.ticks > 15)
            rows = reader.since(0)
            column, _since = main["columns"]["n.out"]
            counted = rows.values[:, column]
            assert len(counted) > 15
            assert (counted[1:] - counted[:-1] == 1.0).all()

    run(story())


def test_the_time_that_nodes_take_can_be_asked(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (_show, client):
            while not (times := (await client.request("times"))["times"]):
                await asyncio.sleep(0.05)
            assert times.keys() <= MADE.nodes.keys()
            assert all(0.0 < seconds < 0.1 for seconds in times.values())
            assert (await client.request("times", deck="next"))["times"] == {}

    run(story())


def test_files_decks_and_fader(tmp_path: Path) -> None:
    async def story() -> None:
        async with attended(MADE, tmp_path) as (show, client):
            with pytest.raises(RequestRefused, match="has no file yet"):
                await client.request("save")
            path = tmp_path / "saved.json"
            await client.request("save", path=str(path))
            assert load(path) == MADE
            await client.request("open", deck="next", path=str(path))
            assert (await event(client, "opened"))["deck"] == "next"
            await client.request("fade", position=1.0, seconds=0.1)
            while show.tally.fade < 1.0:
                await asyncio.sleep(0.02)
            await client.request("close", deck="next")
            assert show.decks["next"].document is None
            with pytest.raises(RequestRefused, match="nothing lies on a deck called 'next'"):
                await client.request("undo", deck="next")

    run(story())


@pytest.mark.parametrize(
    ("verb", "fields", "why"),
    [
        ("dance", {}, "there is no request 'dance'; there are: "),
        ("edit", {}, "an edit"),
        ("edit", {"edit": {"do": "explode"}}, "explode"),
        ("edit", {"edit": set_step(1.0) | {"node": "gone"}}, "there is no node 'gone'"),
        ("edit", {"edit": set_step(1.0), "when": "later"}, "'beat' or 'bar', not 'later'"),
        ("edit", {"edit": set_step(1.0), "slew": 2}, "slew must be a number from 0 to 0.5"),
        ("edit", {"edit": set_step(1.0), "gesture": [1]}, "a gesture is named by"),
        ("edit", {"edit": set_step(1.0), "label": 7}, "label must be a text, not 7"),
        ("undo", {}, "there is nothing to undo"),
        ("undo", {"deck": 3}, "deck must be a text"),
        ("go", {"done": 9}, "there is nothing to redo"),
        ("go", {"done": -1}, "there is nothing to undo"),
        ("open", {"path": "not/there.json"}, "is not there"),
        ("open", {"path": "not/there.json", "deck": "third"}, "is not there"),
        ("fade", {"position": True}, "position must be a number"),
        ("watch", {"ports": [1]}, "ports are a list of texts"),
        ("recover", {"name": "x"}, "there is no lost session 'x'"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(
    verb: str, fields: dict[str, Any], why: str, tmp_path: Path, refusing: Any
) -> None:
    text = refusing(verb, fields)
    assert why in text
    assert "Traceback" not in text
    assert "failed in the host" not in text


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Asks one desk all that it refuses; it needs no engine for that."""
    from nodegraph.host.show import Show

    folder = tmp_path_factory.mktemp("desk")

    def ask(verb: str, fields: dict[str, Any]) -> str:
        async def story() -> str:
            show = Show(state=folder)
            show.decks["main"].document = Document(MADE)
            desk = Desk(show, "test")
            try:
                with pytest.raises(NodegraphError) as raised:
                    await desk._handle(_Nobody(), {"id": 1, "do": verb, **fields})  # type: ignore[arg-type]  # a client that only has a number
            finally:
                desk.server.door.close()
                show.session.end()
            return str(raised.value)

        return asyncio.run(story())

    return ask


class _Nobody:
    number = 1
