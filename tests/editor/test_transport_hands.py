"""A person at the transport and the Scope panel, with real mouse, keyboard, sound and pictures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from editor.patcher import Patcher
from editor.screen import Screen
from editor.show import Show
from kit import patch
from PIL import Image

from nodegraph.cli.simulator import Simulator, simulator

PATCH = patch(
    {
        "song": "audio.file",
        "level": "audio.level",
        "look": ("prompt.text", {"text": "a calm sea"}),
        "scope": ("scope.output", {"transition_steps": 0}),
    },
    ["look.prompts -> scope.prompts", "song.audio -> level.audio"],
)


@pytest.fixture(scope="module")
def scope() -> Iterator[Simulator]:
    with simulator("--load-seconds=0", "--chunk-seconds=0.3", "--chunk-frames=6") as server:
        yield server


@pytest.fixture(scope="module")
def show(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with Show(tmp_path_factory.mktemp("show"), file) as show:
        yield show


@pytest.fixture(scope="module")
def opened(screen: Screen, show: Show) -> Iterator[Patcher]:
    with Patcher(screen, show, shown=["right", "foot"]) as editor:
        yield editor
        assert editor.close() == 0, "the editor did not close well"


def song(show: Show) -> dict[str, Any]:
    sources: Any = show.ask("status")["sources"]
    return dict(sources["main"]["song"])


def link(show: Show) -> dict[str, Any]:
    found: Any = show.ask("status")["link"]
    return found or {}


def becomes(look: Callable[[], Any], holds: Callable[[Any], object], within: float = 30.0) -> Any:
    """Wait until something holds of what is looked at."""
    end = time.monotonic() + within
    while not holds(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.05)
    return seen


def test_pause_and_play_on(editor: Patcher, show: Show) -> None:
    becomes(lambda: song(show), lambda it: it["at"] is not None)
    play = editor.middle("nodegraph.transport.play")
    editor.wait("dpg.get_item_label('nodegraph.transport.play') == '‖'")
    editor.click(play)
    becomes(lambda: song(show), lambda it: it["paused"])
    editor.wait("dpg.get_item_label('nodegraph.transport.play') == '▶'")
    before = None
    while before != (before := song(show)["at"]):
        time.sleep(0.5)
    editor.click(play)
    becomes(lambda: song(show), lambda it: not it["paused"])
    assert editor.done() == []


def test_a_click_into_the_waveform_goes_there(editor: Patcher, show: Show) -> None:
    known = becomes(lambda: song(show), lambda it: it["duration"])
    editor.wait(
        "len(app.window.transport.wave._peaks) and "
        "all(len(each) for each in app.window.transport.wave._peaks.values())",
        20.0,
    )
    left, top, width, height = editor.rect("nodegraph.transport.wave")
    editor.click((left + width * 0.75, top + height / 2))
    three_quarters = known["duration"] * 0.75
    becomes(lambda: song(show), lambda it: abs(it["at"] - three_quarters) < 6.0, 5.0)
    editor.click(editor.middle("nodegraph.transport.restart"))
    becomes(lambda: song(show), lambda it: it["at"] < 6.0, 5.0)


def test_the_show_says_what_is_heard_instead(editor: Patcher) -> None:
    """This show was started with a sound; nothing can be chosen then, and it says why."""
    editor.click(editor.middle("nodegraph.transport.source"))
    editor.wait("app.window.transport.sources.is_open")
    assert editor.tell("app.window.transport.sound.replaced")
    assert not editor.tell("dpg.does_item_exist('nodegraph.transport.menu.file')")
    editor.key("Escape")
    editor.wait("not app.window.transport.sources.is_open")


def test_a_server_is_connected_loaded_and_let_go(
    editor: Patcher, show: Show, scope: Simulator
) -> None:
    editor.click(editor.middle("nodegraph.side.tabs.scope"))
    editor.frames(3)
    editor.click(editor.middle("nodegraph.scope.url"))
    editor.key("ctrl+a")
    editor.type(scope.url.removeprefix("http://"))
    editor.click(editor.middle("nodegraph.scope.connect"))
    becomes(lambda: link(show), lambda it: it.get("state") == "live")
    editor.wait("dpg.get_value('nodegraph.scope.state') == 'Live'")
    editor.wait("app.window.preview.pictures.size == (576, 320)", 15.0)
    assert editor.tell("float(app.window.preview.pictures.buffer[:320, :576].std())") > 0.01
    editor.wait("dpg.is_item_shown('nodegraph.scope.loading')")
    editor.tell("dpg.set_value('nodegraph.scope.size', '768 × 432')")
    editor.tell(
        "dpg.set_y_scroll('nodegraph.scope', dpg.get_item_pos('nodegraph.scope.load')[1] - 60.0)"
    )
    editor.frames(4)
    editor.click(editor.middle("nodegraph.scope.load"))
    becomes(lambda: link(show), lambda it: it.get("size") == [768, 432])
    editor.wait("app.window.preview.pictures.size == (768, 432)")
    assert link(show)["load"] == {"width": 768, "height": 432}
    editor.click(editor.middle("nodegraph.preview.large"))
    editor.wait("app.window.preview.large")
    editor.wait("dpg.get_item_width('nodegraph.preview.screen') == dpg.get_viewport_client_width()")
    editor.key("Escape")
    editor.wait("not app.window.preview.large")
    editor.tell("dpg.set_y_scroll('nodegraph.scope', 0.0)")
    editor.frames(3)
    editor.click(editor.middle("nodegraph.scope.disconnect"))
    becomes(lambda: link(show), lambda it: it == {})
    editor.wait("dpg.get_value('nodegraph.scope.state') == 'No server'", 5.0)
    assert show.process.poll() is None


def test_what_cannot_be_loaded_is_said_before(
    editor: Patcher, show: Show, scope: Simulator
) -> None:
    """A preprocessor that has nothing to work on is a doubt; a LoRA beyond its range is refused."""
    lora = {"url": "https://huggingface.co/u/r/resolve/main/film.safetensors"}
    httpx.post(f"{scope.url}/api/v1/loras", json=lora).raise_for_status()
    show.ask("connect", url=scope.url)
    editor.click(editor.middle("nodegraph.side.tabs.scope"))
    editor.wait("dpg.does_item_exist('nodegraph.scope.lora.0')", 20.0)
    editor.tell("dpg.set_value('nodegraph.scope.before', 'Grayscale')")
    editor.tell("dpg.set_value('nodegraph.scope.lora.0', True)")
    editor.tell("dpg.set_value('nodegraph.scope.scale.0', 11.0)")
    told = "[dpg.get_value(it) for it in dpg.get_item_children('nodegraph.scope.why', 1)]"
    editor.wait(f"len({told}) == 2")
    refused, doubt = editor.tell(told)
    assert "film.safetensors is from -10 to 10" in refused
    assert doubt.startswith("gray does nothing in text mode")
    assert not editor.tell("dpg.is_item_enabled('nodegraph.scope.load')")
    editor.tell("dpg.set_value('nodegraph.scope.scale.0', 0.5)")
    editor.wait("dpg.is_item_enabled('nodegraph.scope.load')")
    editor.tell(
        "dpg.set_y_scroll('nodegraph.scope', dpg.get_item_pos('nodegraph.scope.load')[1] - 60.0)"
    )
    editor.frames(4)
    editor.click(editor.middle("nodegraph.scope.load"))
    asked = becomes(lambda: link(show), lambda it: it.get("load") and it["state"] == "live")
    assert [lora["scale"] for lora in asked["load"]["loras"]] == [0.5]
    status = httpx.get(f"{scope.url}/api/v1/pipeline/status").json()
    assert status["load_params"] == asked["load"]
    editor.tell("dpg.set_y_scroll('nodegraph.scope', 0.0)")
    show.ask("disconnect")


def test_telemetry_is_kept_while_it_is_not_seen(editor: Patcher) -> None:
    editor.tell("app.window.toggle('telemetry')")
    editor.wait("dpg.does_item_exist('nodegraph.telemetry.Engine')")
    assert editor.tell("len(app.window.drawer._telemetry.gauges.all()[0].past)") > 10


def test_the_picture_in_a_window_of_its_own(
    screen: Screen, show: Show, scope: Simulator, tmp_path: Path
) -> None:
    """It is a client of its own, shows what Scope paints, fills a monitor, and goes by Escape."""
    if shutil.which("import") is None:
        pytest.skip("ImageMagick photographs the screen, and is not there")
    show.ask("connect", url=scope.url)
    becomes(lambda: link(show), lambda it: it.get("state") == "live")
    command = [sys.executable, "-m", "nodegraph.editor.curtain", "--show", str(show.process.pid)]
    env = os.environ | show.environment | {"DISPLAY": screen.display}

    def painted() -> float:
        """How much colours differ where the window is."""
        screen.photograph(tmp_path / "seen.png")
        with Image.open(tmp_path / "seen.png") as image:
            return float(np.asarray(image.convert("RGB"))[250:450, 250:450].std())

    def size() -> list[int]:
        """Width and height of the window."""
        find = ["xdotool", "search", "--name", "nodegraph picture", "getwindowgeometry", "--shell"]
        told = subprocess.run(find, env=env, capture_output=True, check=True, text=True).stdout
        facts = dict(line.split("=") for line in told.split())
        return [int(facts["WIDTH"]), int(facts["HEIGHT"])]

    def press(key: str, done: Callable[[], object]) -> None:
        """As often as it takes: it can fall between two frames of a window that is busy."""
        for _ in range(5):
            screen.do("keydown", key)
            time.sleep(0.2)  # two frames; Dear ImGui presses again what is held for longer
            screen.do("keyup", key)
            end = time.monotonic() + 20.0  # a second Escape would end it, if the first was late
            while time.monotonic() < end:
                if done():
                    return
                time.sleep(0.1)
        raise AssertionError(f"{key} did nothing")

    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE) as process:
        try:
            screen.do("mousemove", 400, 300)  # keys go to what lies under the mouse
            becomes(painted, lambda colours: colours > 5.0)
            before = size()
            press("f", lambda: size() == [screen.width, screen.height])
            press("Escape", lambda: size() == before)
            press("Escape", lambda: process.poll() is not None)
            assert process.returncode == 0
        finally:
            process.kill()
    show.ask("disconnect")
