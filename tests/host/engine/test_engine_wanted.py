"""A new engine is told all that the old one knew, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit import catalogue, patch

from nodegraph import Audio, node, param
from nodegraph.compiler import Plan, compile_patch
from nodegraph.graph import Patch
from nodegraph.host.engine import wanted as module
from nodegraph.host.engine.protocol import (
    Begin,
    Checkpoint,
    Fade,
    Install,
    Installed,
    Watch,
)
from nodegraph.host.engine.transport import Transport
from nodegraph.host.engine.wanted import Wanted
from nodegraph.runtime.shipping import Packer, Unpacker


@node("wanted.count", outlets="out", state=0)
def count(state: int, by: float = param(1.0, "", 0.0, 10.0)) -> tuple[int, float]:
    """Count."""
    return state + 1, state * by


@node("wanted.play", outlets="out", source="file")
def play(audio: Audio, path: str = param("")) -> Audio:
    """Bring sound."""
    return audio


TYPES = catalogue(count, play)
BEGIN = Begin(48_000, 512, 0, None, "warn", wary=True)


def plan(*ids: str, by: float = 1.0) -> Plan:
    made: Patch = patch({id: ("wanted.count", {"by": by}) for id in ids})
    return compile_patch(made, TYPES)


def install(wanted: Wanted, made: Plan, deck: str = "main", **options: object) -> Install:
    given = {"folder": "/show", "when": "now", "slew": 0.0, "anew": False, "fresh": ()} | options
    return wanted.install(deck, made, **given)  # type: ignore[arg-type]  # tests pass what they like


def installs(wanted: Wanted) -> dict[str, Install]:
    words = list(wanted.words(BEGIN, Packer(), TYPES))
    assert words[0] == BEGIN
    return {word.deck: word for word in words if isinstance(word, Install)}


def test_nothing_is_wanted_at_first() -> None:
    assert list(Wanted().words(BEGIN, Packer(), TYPES)) == [BEGIN, Fade(0.0, 0.0, start=0.0)]
    assert Wanted().complete


def test_the_newest_plan_goes_out_with_state_and_params() -> None:
    wanted = Wanted()
    install(wanted, plan("a"))
    wanted.set("main", {("a", "by"): 2.0})
    newest = install(wanted, plan("a", "b"), when="bar", slew=0.25, fresh=["b"])
    assert (newest.when, newest.slew, newest.fresh) == ("bar", 0.25, ["b"])
    wanted.set("main", {("b", "by"): 3.0})
    wanted.set("main", {("b", "by"): 4.0})
    wanted.checkpoint(Checkpoint({"main": 1}, {"main": b"early"}, b"mixer", {"main": b""}))
    word = installs(wanted)["main"]
    assert (word.serial, word.when, word.folder, word.slew) == (2, "now", "/show", 0.0)
    assert (word.params, word.state, word.fresh) == ([("b", "by", 4.0)], b"early", ["b"])
    assert set(Unpacker(TYPES).unpack(word.plan).by_id) == {"a", "b"}
    assert wanted.mixer == b"mixer"
    wanted.checkpoint(Checkpoint({"main": 2}, {"main": b"late"}, b"mixer", {"main": b""}))
    assert (installs(wanted)["main"].state, installs(wanted)["main"].fresh) == (b"late", [])


def test_the_state_of_another_patch_is_not_given_on() -> None:
    wanted = Wanted()
    install(wanted, plan("a"))
    wanted.checkpoint(Checkpoint({"main": 1}, {"main": b"old"}, b"", {"main": b""}))
    install(wanted, plan("a"), anew=True)
    assert installs(wanted)["main"].state is None
    wanted.checkpoint(
        Checkpoint({"main": 1}, {"main": b"late word of the old"}, b"", {"main": b""})
    )
    assert installs(wanted)["main"].state is None


def test_plans_that_may_run_are_known() -> None:
    wanted = Wanted()
    plans = [plan("a"), plan("b"), plan("c")]
    serials = [install(wanted, it).serial for it in plans]
    assert not wanted.complete
    assert wanted.running({"main": serials[0], "next": 0}.__getitem__) == {"main": plans[0]}
    wanted.installed(Installed("main", serials[1], {}, "", {}))
    assert wanted.complete
    assert wanted.running({"main": serials[0], "next": 0}.__getitem__) == {}
    assert wanted.running({"main": serials[2], "next": 0}.__getitem__) == {"main": plans[2]}


@pytest.mark.parametrize("edit", ["param", "plan", "fresh", "anew", "code"])
def test_an_edit_ends_quarantine_and_nothing_else_does(edit: str) -> None:
    wanted = Wanted()
    install(wanted, plan("a", "b"))
    wanted.quarantine("main", "a", "it hung")
    wanted.set("main", {("b", "by"): 2.0})
    assert install(wanted, plan("a", "b", "c")).quarantined == {"a": "it hung"}
    assert installs(wanted)["main"].quarantined == {"a": "it hung"}
    match edit:
        case "param":
            wanted.set("main", {("a", "by"): 2.0})
        case "plan":
            assert install(wanted, plan("a", "b", "c", by=3.0)).quarantined == {}
        case "fresh":
            assert install(wanted, plan("a", "b", "c"), fresh=["a"]).quarantined == {}
        case "code":
            new = {id: replace(type_) for id, type_ in TYPES.items()}
            made = patch(dict.fromkeys("abc", "wanted.count"))
            assert install(wanted, compile_patch(made, new)).quarantined == {}
        case "anew":
            assert install(wanted, plan("a", "b", "c"), anew=True).quarantined == {}
    assert installs(wanted)["main"].quarantined == {}


def test_an_engine_without_a_node_type_gets_the_checkpoint_with_the_next_plan() -> None:
    wanted = Wanted()
    install(wanted, plan("a", "b"), fresh=["b"])
    wanted.checkpoint(Checkpoint({"main": 0}, {"main": b"state"}, b"", {"main": b"sounds"}))
    words = [*wanted.words(BEGIN, Packer(), catalogue(play))]
    assert not any(isinstance(word, Install) for word in words)
    assert not wanted.complete
    word = install(wanted, plan())
    assert (word.state, word.sounds, word.fresh) == (b"state", b"sounds", ["b"])
    assert install(wanted, plan()).state is None


def test_a_fade_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    wanted = Wanted()
    assert wanted.move(1.0, 8.0) == Fade(1.0, 8.0)
    now[0] += 2.0
    assert wanted.position == 0.25
    assert list(wanted.words(BEGIN, Packer(), TYPES))[1] == Fade(1.0, 6.0, start=0.25)
    wanted.move(0.0, 1.0)
    now[0] += 0.5
    assert wanted.position == 0.125
    now[0] += 10.0
    assert list(wanted.words(BEGIN, Packer(), TYPES))[1] == Fade(0.0, 0.0, start=0.0)


def test_watched_vectors_are_asked_for_again() -> None:
    wanted = Wanted()
    assert wanted.watch("next", ["b.out", "a.out"]) == Watch("next", ("a.out", "b.out"))
    assert Watch("next", ("a.out", "b.out")) in list(wanted.words(BEGIN, Packer(), TYPES))


def test_what_is_paused_stays_so_as_long_as_it_is_there() -> None:
    """The last word counts, and none of it is for another patch."""
    wanted = Wanted()
    sound = compile_patch(
        patch({"one": "wanted.play", "two": "wanted.play"}), catalogue(count, play)
    )
    install(wanted, sound, anew=True)
    assert wanted.transport("main", "one", 3.0, True) == Transport("main", "one", 3.0, True)
    wanted.transport("main", "two", None, True)
    wanted.transport("main", "two", None, False)
    wanted.transport("main", "one", 5.0, None)
    words = list(wanted.words(BEGIN, Packer(), TYPES))
    assert isinstance(words[-2], Install)
    assert words[-1] == Transport("main", "one", None, True)
    install(wanted, plan("a"))
    install(wanted, sound)
    assert not any(isinstance(word, Transport) for word in wanted.words(BEGIN, Packer(), TYPES))
    wanted.transport("main", "one", None, True)
    install(wanted, sound, anew=True)
    assert not any(isinstance(word, Transport) for word in wanted.words(BEGIN, Packer(), TYPES))
