"""A show that is steered from the editor while it plays, and that outlives the editor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from editor.patcher import Patcher
from editor.screen import Screen
from editor.show import Show
from kit import patch

from nodegraph.cli.simulator import Simulator, simulator

PATCH = patch(
    {
        "level": ("generate.constant", {"value": 0.5}),
        "swing": "generate.lfo",
        "look": ("prompt.text", {"text": "a calm sea"}),
        "scope": ("scope.output", {"transition_steps": 0}),
        "key": ("control.key", {"key": "j"}),
        "see": "flow.probe",
    },
    ["look.prompts -> scope.prompts", "swing.out -> scope.noise_scale", "key.on -> see.value"],
)
PATCH = PATCH.evolve(
    layout={
        "level": (0, 0),
        "swing": (0, 300),
        "look": (320, 0),
        "scope": (640, 0),
        "key": (320, 300),
        "see": (320, 500),
    }
)

FAST = {"load-seconds": 0.0, "chunk-seconds": 0.3, "chunk-frames": 6}


@pytest.fixture(scope="module")
def scope() -> Iterator[Simulator]:
    with simulator(*(f"--{name}={value}" for name, value in FAST.items())) as server:
        yield server


@pytest.fixture(scope="module")
def show(file: Path, scope: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with Show(tmp_path_factory.mktemp("show"), file, "--scope", scope.url) as show:
        yield show


@pytest.fixture(scope="module")
def opened(screen: Screen, show: Show) -> Iterator[Patcher]:
    """An editor for this show alone, for it is going to be killed."""
    with Patcher(screen, show) as editor:
        yield editor


def applied(scope: Simulator) -> list[dict[str, Any]]:
    """What the server's pipelines work with."""
    state = httpx.get(f"{scope.url}/simulator/state", timeout=5.0).json()
    return [each["parameters"] for each in state["sessions"].values() if each["chunks"]]


def arrives(scope: Simulator, wanted: dict[str, object], within: float = 40.0) -> None:
    """Wait until the server works with some values."""
    end = time.monotonic() + within
    while not any(wanted.items() <= each.items() for each in applied(scope)):
        assert time.monotonic() < end, (wanted, applied(scope))
        time.sleep(0.05)


@pytest.mark.smoke
def test_a_slider_is_seen_at_the_server(editor: Patcher, show: Show, scope: Simulator) -> None:
    arrives(scope, {"prompts": [{"text": "a calm sea", "weight": 1.0}]})
    x, y = editor.param("look.weight")
    editor.drag((x, y), (x + 40, y), steps=8)
    editor.wait("len(mirror.decks['main'].done) == 1")
    weight = editor.params("look")["weight"]
    assert weight > 1.0
    assert weight == show.patch().nodes["look"].params["weight"]
    arrives(scope, {"prompts": [{"text": "a calm sea", "weight": round(weight, 4)}]})


def test_a_number_is_typed_in_place(editor: Patcher, show: Show, scope: Simulator) -> None:
    editor.connect("level.out", "scope.noise_scale")
    arrives(scope, {"noise_scale": 0.5})
    editor.double_click(editor.param("level.value"))
    editor.write("1/4", "nodegraph.type_in.field")
    editor.wait("editing.patch.nodes['level'].params['value'] == 0.25")
    arrives(scope, {"noise_scale": 0.25})
    assert show.patch().nodes["level"].params["value"] == 0.25


def test_keys_play_the_patch_and_hold_the_picture(
    editor: Patcher, show: Show, scope: Simulator
) -> None:
    editor.connect("level.out", "scope.noise_scale")
    arrives(scope, {"noise_scale": 0.5})
    editor.key("p")
    editor.wait("app.window.preview.large")
    editor.key("j")
    editor.wait("editing.watching.newest('see.out') == 1.0")
    editor.wait("editing.watching.newest('key.held') == 0.0")
    editor.key("h")
    editor.wait("editing.held == 'hold'")
    show.ask("set", params={"level.value": 0.25})
    editor.wait("mirror.status['sent']['noise_scale'] == 0.25")
    assert {each["noise_scale"] for each in applied(scope)} == {0.5}
    editor.key("h")
    arrives(scope, {"noise_scale": 0.25})
    editor.key("p")
    editor.wait("not app.window.preview.large and not editing.held")


def test_the_show_outlives_an_editor_that_is_killed_in_a_drag(
    editor: Patcher, show: Show, screen: Screen, scope: Simulator
) -> None:
    editor.click(editor.node("look"))
    editor.key("b")
    editor.wait("len(mirror.decks['main'].done) == 1")
    x, y = editor.node("scope")
    editor.drag((x, y), (x + 50, y + 30), (x + 90, y + 60), drop=False)
    assert editor.tell("canvas.hands.is_busy")
    ticks, session = show.ticks(), [*applied(scope)]
    editor.kill()
    screen.do("mouseup", 1)
    with Patcher(screen, show) as other:
        assert other.done() == show.deck()["done"]
        assert len(other.done()) == 1
        assert other.tell("editing.patch.nodes['look'].mode") == "bypass"
        other.key("ctrl+z")
        other.wait("not mirror.decks['main'].done")
        assert show.patch() == PATCH
        other.key("ctrl+y")
        other.wait("len(mirror.decks['main'].done) == 1")
    assert show.ticks() > ticks
    assert len(applied(scope)) == len(session) == 1, "one session all along"
    assert show.process.poll() is None
