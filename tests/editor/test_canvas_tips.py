"""What is said about the thing under the mouse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from editor.canvas_kit import Table

from nodegraph.editor.canvas.heat import Heat, by_node
from nodegraph.editor.canvas.hitting import OnNode, OnParam, OnPort, OnWire, Target
from nodegraph.editor.canvas.tips import Tip, tip_of, watched
from nodegraph.editor.canvas.traces import links
from nodegraph.editor.editing import Editing
from nodegraph.errors import Problem
from nodegraph.graph import Node, Patch, Port, Wire

WIRE = Wire(Port("wave", "out"), Port("ease", "value"))
PATCH = Patch(
    nodes={
        "beat": Node("beat.manual"),
        "ease": Node("shape.lag"),
        "here": Node("flow.receive", params={"name": "energy"}),
        "say": Node("prompt.text"),
        "there": Node("flow.send", params={"name": "energy"}),
        "wave": Node("generate.lfo"),
    },
    wires=(WIRE,),
    layout={"beat": (0, 900), "ease": (400, 0), "here": (400, 900), "say": (0, 600),
            "there": (800, 0), "wave": (0, 0)},
)  # fmt: skip


class Values:
    """What the show gives: the same past for every port."""

    def newest(self, port: str) -> float:
        return {"in/wave.out": 0.25, "in/beat.beat": 1.0, "in/beat.clock.bpm": 120.0}[port]

    def history(self, port: str) -> Any:
        return np.linspace(0, 1, 480)

    def fired(self, port: str) -> int:
        return 7

    def text(self, port: str) -> str:
        return "a seed splitting open" if port == "in/say.prompts" else ""


EDITING = cast(
    Editing, SimpleNamespace(watching=Values(), address=lambda port: f"in/{port}")
)  # all that tips need of it


def tip(target: Target, since: float = 1.0) -> Tip | None:
    return tip_of(target, since, Table(PATCH).scene, EDITING)


@pytest.mark.parametrize(
    ("target", "title", "value"),
    [
        (OnWire(WIRE), "wave.out → ease.value", "0.25"),
        (OnPort(Port("wave", "out"), "out"), "wave.out", "0.25"),
        (OnPort(Port("ease", "value"), "in"), "wave.out → ease.value", "0.25"),
        (OnPort(Port("beat", "beat"), "out"), "beat.beat", "7 times"),
        (OnPort(Port("beat", "clock"), "out"), "beat.clock", "120 BPM"),
    ],
)
def test_values_are_told_with_their_past(target: Target, title: str, value: str) -> None:
    found = tip(target)
    assert found is not None
    assert (found.title, found.value) == (title, value)
    assert len(found.past) == 480
    assert tip(target, since=0.05) is None, "not while the mouse passes by"


def test_texts_are_told_in_words() -> None:
    found = tip(OnPort(Port("say", "prompts"), "out"))
    assert found is not None
    assert "a seed splitting open" in found.lines
    assert watched(OnWire(WIRE), Table(PATCH).scene) == WIRE.source


def test_help_comes_later() -> None:
    param = OnParam("ease", "attack")
    assert tip(param, since=0.3) is None
    found = tip(param)
    assert found is not None
    assert "1 ms to 60 s" in " ".join(found.lines)
    title = tip(OnNode("ease", "title"))
    assert title is not None
    assert title.title.endswith("shape.lag")
    free = tip(OnPort(Port("wave", "reset"), "in"))
    assert free is not None
    assert "while nothing is wired" in " ".join(free.lines)


def test_problems_are_sentences() -> None:
    table = Table(PATCH)
    facts = table.scene.facts
    table.scene.refresh(
        type(facts)(
            facts.patch, facts.types, facts.wiring, {"ease": (Problem("it gave NaN, and rests"),)}
        )
    )
    found = tip_of(OnNode("ease", "badge"), 0.2, table.scene, EDITING)
    assert found is not None
    assert found.is_problem
    assert found.lines == ("it gave NaN, and rests",)


def test_links_lead_from_the_send_to_its_receives() -> None:
    scene = Table(PATCH).scene
    ((start, end),) = links(scene, OnNode("here"))
    assert start[0] == scene.boxes["there"].rect.right
    assert end[0] == scene.boxes["here"].rect.left
    assert links(scene, OnPort(Port("there", "value"), "in")) == [(start, end)]
    assert links(scene, OnNode("ease")) == []
    assert links(scene, None) == []


def test_slow_nodes_glow_by_how_slow_they_are() -> None:
    times = {"spec": 4e-4, "voice/a": 5e-5, "voice/b": 5e-5}
    assert by_node(times, "") == pytest.approx({"spec": 4e-4, "voice": 1e-4})
    assert by_node(times, "voice/") == {"a": 5e-5, "b": 5e-5}
    asked: list[tuple[object, ...]] = []
    editing = SimpleNamespace(
        link=SimpleNamespace(ask=lambda verb, then, failed, **more: asked.append((verb, then))),
        address=lambda port: port,
        view=SimpleNamespace(deck="main"),
    )
    heat = Heat(cast(Editing, editing))
    assert not heat.tick(0.0)
    assert not asked, "nobody wants to see it"
    heat.wanted = True
    heat.tick(0.1)
    heat.tick(0.2)
    ((verb, answer),) = asked
    assert verb == "times"
    cast(Any, answer)({"times": times})
    assert heat.tick(0.3)
    assert heat.shares() == pytest.approx({"spec": 1.0, "voice": 0.25})
    assert not heat.tick(0.4), "there is nothing new"
    scene = Table(PATCH).scene
    told = tip_of(OnNode("ease"), 0.2, scene, EDITING, {"ease": 12.3e-6})
    assert told is not None
    assert told.value == "12.3 µs"
    heat.wanted = False
    assert heat.tick(0.5)
    assert heat.shares() == {}
