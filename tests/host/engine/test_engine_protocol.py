"""Every message arrives as it was sent, and what is none is refused."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.errors import Problem
from nodegraph.host.engine.door import TOKEN, Door, call
from nodegraph.host.engine.inquiry import (
    Rehearse,
    Rehearsed,
    Reload,
    Reloaded,
    Upgrade,
    Upgraded,
)
from nodegraph.host.engine.protocol import (
    Begin,
    Checkpoint,
    Fade,
    FromEngine,
    Importing,
    Install,
    Installed,
    Problems,
    Refused,
    Sent,
    SetParams,
    Started,
    Stats,
    Stop,
    ToEngine,
    Unset,
    Values,
    Watch,
    Welcome,
    Word,
)
from nodegraph.host.engine.pulse import NOWHERE, Pulse
from nodegraph.host.engine.tally import Tally
from nodegraph.host.engine.transport import Press, Transport
from nodegraph.host.engine.wire import ProtocolError, from_engine, to_data, to_engine
from nodegraph.remote.framing import Unpacker, pack
from nodegraph.runtime.columns import Column
from nodegraph.values import Prompt, Theme

PROBLEM = Problem("it is broken", file="a.py", line=3, node="ease", port="out")
STATS = Stats(
    ticks=94,
    overruns=1,
    load=0.25,
    worst=0.01,
    late=[90, 3, 1, 0, 0, 0],
    slowest={"ease": 1},
    nodes={"main": {"ease": [0.1, 0.2, 0.3]}},
    faults={"main": {"ease": 2}},
    heard={"main": [1.5, None, False]},  # type: ignore[dict-item]  # as it arrives
    fade=0.5,
    collections=0,
    dropped=0,
    memory=1 << 33,
    granted=["real-time"],
    sources={"main": {"song": [12.5, 60.0, False, True]}},  # type: ignore[dict-item]  # as it arrives
)
TO_ENGINE: list[ToEngine] = [
    Welcome(3, "/run/show", ["/me/plugins"], 77),
    Begin(48_000, 512, 0, None, "halve", True, b"mixer"),
    Install(
        "main", 4, b"plan", "/me", "bar", 0.25, True, ["a"], [["a", "b", 1.0]], b"s", {"a": "y"}
    ),
    Rehearse(5, b"plan"),
    Rehearse(1, b"plan"),
    Upgrade(2, [["acme.smooth", 1, '{"fall": 0.1}']]),
    Reload(3, ["plugins/acme.py"], {"plugins/odd.py": "it hung"}),
    SetParams("next", [["ease", "rise", 0.5], ["say", "text", "hallo"]]),
    Fade(1.0, 8.0, 0.25),
    Transport("main", "song", 12.5, True),
    Press("space", True),
    Watch("main", ["bands.out"]),
    Stop(),
]
FROM_ENGINE: list[FromEngine] = [
    Started(
        [{"id": "acme.smooth"}], {"acme.smooth": "acme"}, ["file"], (PROBLEM,), ["acme.smooth"]
    ),
    Importing("plugins/acme.py"),
    Installed("main", 4, {"ease.out": Column(3, 100)}, "engine-1-main-4.ring", {"ease": 2}),
    Rehearsed(5, {"prompts": (Prompt("a sea", 0.5),), "seed": 2}),
    Upgraded(2, [['{"fall": 0.1}', ""], ["", "it failed"]]),
    Reloaded(3, (PROBLEM,)),
    Refused("main", 4, (PROBLEM,)),
    Unset("main", [["ease", "rise", 0.5]]),
    Sent("scope", [{"prompts": (Prompt("a sea", 0.5),), "seed": 2}], {"seed": ("main", "out")}),
    Values("main", {"theme.theme": Theme("a", "A", "stars", ("blue",)), "say.out": "hallo"}),
    Problems("next", (PROBLEM, Problem("and so is this"))),
    STATS,
    Checkpoint({"main": 4}, {"main": b"state"}, b"mixer", {"main": b"sounds"}),
]


def travel(word: Word) -> Mapping[str, object]:
    (data,) = Unpacker().feed(pack(to_data(word)))
    return data


@pytest.mark.parametrize("word", TO_ENGINE, ids=lambda word: type(word).__name__)
def test_what_the_host_says_arrives(word: ToEngine) -> None:
    assert to_engine(travel(word)) == word


@pytest.mark.parametrize("word", FROM_ENGINE, ids=lambda word: type(word).__name__)
def test_what_the_engine_says_arrives(word: FromEngine) -> None:
    assert from_engine(travel(word)) == word


def test_none_is_forgotten() -> None:
    assert {type(word) for word in TO_ENGINE} == set(get_args(ToEngine))
    assert {type(word) for word in FROM_ENGINE} == set(get_args(FromEngine))


def test_a_vector_arrives_as_numbers() -> None:
    word = from_engine(travel(Values("main", {"bands.out": np.array([0.5, 1.0], np.float32)})))
    assert word == Values("main", {"bands.out": (0.5, 1.0)})


@given(
    st.sampled_from([type(word).__name__ for word in FROM_ENGINE] + ["Stop", "nothing", ""]),
    st.dictionaries(
        st.sampled_from(["deck", "serial", "problems", "values", "bodies", "sink", "columns", "x"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["text", "Prompt", "dict", "Theme"]), inner)
            ),
            max_leaves=6,
        ),
    ),
)
def test_whatever_does_not_fit_is_one_kind_of_error(name: str, fields: dict[str, object]) -> None:
    with suppress(ProtocolError):
        from_engine({"is": name, **fields})


def test_a_pulse_is_seen_from_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "pulse"
    path.write_text("of an engine long gone")
    host = Pulse.create(path, ("main", "next"))
    engine = Pulse(path, ("main", "next"))
    assert (host.ticks, host.backstage, host.running("main")) == (0, 0, 0)
    assert host.mark("main") == host.mark("next") == NOWHERE
    engine.tick()
    engine.tick()
    engine.turn()
    engine.runs("next", 1 << 40)
    engine.here("main")[0] = 12
    assert (host.ticks, host.backstage) == (2, 1)
    assert (host.running("main"), host.running("next")) == (0, 1 << 40)
    assert (host.mark("main"), host.mark("next")) == (12, NOWHERE)
    host.close()


def test_a_tally_counts_late_ticks_and_long_ones() -> None:
    tally = Tally()
    tally.note(due=1.0, started=1.0005, done=1.002, dt=0.01)
    tally.note(due=2.0, started=2.003, done=2.0105, dt=0.01)
    tally.note(due=3.0, started=3.0, done=3.5, dt=0.01)
    tally.note(due=4.0, started=4.5, done=4.501, dt=0.01)
    assert tally.late == [2, 0, 1, 0, 0, 1]
    assert (tally.ticks, tally.overruns, tally.over) == (4, 3, 1)
    assert tally.worst == pytest.approx(0.5)


@pytest.mark.parametrize("inherit", [True, False])
def test_a_door_lets_in_the_engine_alone(inherit: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(inherit)
    opening = threading.Thread(target=door.open)
    if inherit:
        with call(f"fd:{os.dup(door.descriptors[0])}") as engine:
            assert not engine.get_inheritable()
            opening.start()
            opening.join()
            _speak(door.take(), engine)
        return
    opening.start()
    monkeypatch.setenv(TOKEN, "0" * 64)
    with call(door.address) as stranger:
        stranger.settimeout(3.0)
        assert stranger.recv(1) == b""
    monkeypatch.setenv(TOKEN, door.environment[TOKEN])
    with call(door.address) as engine:
        opening.join()
        _speak(door.take(), engine)


def _speak(host: socket.socket, engine: socket.socket) -> None:
    with host:
        engine.sendall(b"here")
        assert host.recv(4) == b"here"
        host.sendall(b"go")
        assert engine.recv(2) == b"go"
