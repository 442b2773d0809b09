"""What the editor knows of the show, from the host's words alone, true or strange."""

from __future__ import annotations

import time
from random import Random
from typing import Any

import pytest
from editor.drawn import any_wire, built_in, random_patch
from hypothesis import given
from hypothesis import strategies as st
from kit import patch

from nodegraph.declaration import declare
from nodegraph.editor.mirror import Mirror
from nodegraph.errors import Problem
from nodegraph.graph import AddWire, Patch, SetParam, SetText, dump, edit_to_data
from nodegraph.runtime.columns import Column

MADE = patch({"lag": "shape.lag", "see": "flow.probe"}, ["lag.out -> see.value"])


def deck(made: Patch | None = MADE, **facts: Any) -> dict[str, Any]:
    told = {"name": "song", "path": "", "dirty": False, "done": [], "undone": [], "problems": []}
    running = {"serial": 0, "ring": "", "columns": {}}
    return {**told, **running, "patch": "" if made is None else dump(made), **facts}


def look(made: Patch = MADE, **facts: Any) -> dict[str, Any]:
    types = [declare(built_in()[id]) for id in ("shape.lag", "flow.probe")]
    decks = {"main": deck(made), "next": deck(None, name="")}
    plain = {"types": types, "plugins": {"nodes": "1.0"}, "folder": "/run", "status": {"ticks": 1}}
    return {**plain, "decks": decks, **facts}


def mirror(**facts: Any) -> Mirror:
    made = Mirror()
    made.hear({"event": "attached", "look": look(**facts)})
    return made


def edit(what: Any, name: str = "main") -> dict[str, Any]:
    return {"event": "edit", "deck": name, "edit": edit_to_data(what), "kind": "edit", "label": "x"}


def test_it_begins_with_a_look() -> None:
    seen = mirror(log=[{"level": "warning", "text": "late", "time": 5.0}])
    assert seen.attached
    assert seen.decks["main"].patch == MADE
    assert seen.decks["main"].open
    assert not seen.decks["next"].open
    assert seen.types["shape.lag"].params["attack"].unit == "s"
    assert seen.plugins == {"nodes": "1.0"}
    assert (seen.folder, seen.status) == ("/run", {"ticks": 1})
    assert [(line.level, line.text, line.at) for line in seen.log] == [("warning", "late", 5.0)]


@given(st.randoms(use_true_random=False))
def test_it_follows_every_edit(random: Random) -> None:
    made = random_patch(random)
    seen = mirror(made=made)
    for _ in range(10):
        wire = any_wire(made, random)
        change = AddWire(wire) if wire else SetText(note=str(random.random()))
        made = change.apply(made)
        before = seen.version
        seen.hear(edit(change))
        assert seen.decks["main"].patch == made
        assert seen.version > before
    assert not seen.lost_track


def test_facts_of_a_deck_change_the_version_only_if_they_changed() -> None:
    seen = mirror()
    problems = [{"text": "no", "node": "lag"}]
    facts = {"done": ["a"], "undone": ["b"], "dirty": True, "problems": problems}
    seen.hear({"event": "deck", "deck": "main", **facts})
    found = seen.decks["main"]
    assert (found.done, found.undone, found.dirty) == (("a",), ("b",), True)
    assert found.problems == (Problem("no", node="lag"),)
    assert found.patch == MADE
    version = seen.version
    seen.hear({"event": "deck", "deck": "main", **facts})
    columns = {"serial": 2, "ring": "r", "columns": {"lag.out": [3, 9]}}
    seen.hear({"event": "deck", "deck": "main", **columns})
    assert seen.version == version
    assert found.columns == {"lag.out": Column(3, 9)}
    seen.hear({"event": "status", "ticks": 7})
    assert seen.status == {"ticks": 7}
    assert seen.version == version


def test_another_document_and_none() -> None:
    seen = mirror()
    seen.hear({"event": "opened", "deck": "next", **deck(Patch(), name="new")})
    assert seen.decks["next"].open
    assert seen.decks["next"].name == "new"
    seen.hear({"event": "opened", "deck": "next", **deck(None, name="")})
    assert not seen.decks["next"].open
    assert seen.decks["next"].patch == Patch()


def test_other_types_come_when_plugins_change() -> None:
    seen = mirror()
    version = seen.version
    types = [declare(built_in()["generate.lfo"])]
    seen.hear({"event": "types", "types": types, "plugins": {"other": "2"}})
    assert set(seen.types) == {"generate.lfo"}
    assert seen.plugins == {"other": "2"}
    assert seen.version > version


def test_what_happens_is_logged_and_the_rest_kept() -> None:
    seen = mirror()
    seen.hear({"event": "log", "level": "warning", "text": "it is back", "time": time.time()})
    seen.hear({"event": "log", "level": "error", "text": "bad", "time": 3.0})
    seen.hear({"event": "scope", "state": "connected"})
    assert [line.level for line in seen.log] == ["warning", "error"]
    assert abs(seen.log[0].at - time.time()) < 5.0
    assert seen.told["scope"] == {"event": "scope", "state": "connected"}


@pytest.mark.parametrize(
    "event",
    [
        edit(SetParam("gone", "x", 1.0)),
        {"event": "edit", "deck": "main", "edit": {"do": "explode"}},
        {"event": "edit", "deck": "main", "edit": None},
        {"event": "deck", "deck": "main", "done": 3},
        {"event": "deck", "deck": "main", "problems": [{"wrong": 1}]},
        {"event": "types", "types": [{}]},
        {"event": "types", "types": 3},
    ],
)
def test_what_cannot_be_followed_makes_it_look_again(event: dict[str, Any]) -> None:
    seen = mirror()
    seen.hear(event)
    assert seen.lost_track
    assert "cannot follow" in seen.log[-1].text
    seen.hear({"event": "attached", "look": look()})
    assert not seen.lost_track
    assert seen.decks["main"].patch == MADE


def test_before_it_is_attached_nothing_is_lost() -> None:
    seen = Mirror()
    seen.hear(edit(SetText(name="x")))
    seen.hear(edit(SetParam("gone", "x", 1.0)))
    seen.hear({})
    assert not seen.lost_track
