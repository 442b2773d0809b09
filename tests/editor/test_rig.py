"""The rig itself: what the hand does is what a program sees, to the pixel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor.rig import TESTS, Window
from editor.screen import Screen

TINY = Path(__file__).with_name("tiny_window.py")


@pytest.fixture(scope="module")
def window(screen: Screen) -> Iterator[Window]:
    with Window(screen, TINY) as window:
        yield window
        assert window.close() == 0


@pytest.fixture(autouse=True)
def _forget(window: Window) -> None:
    window.tell("heard.clear()")


def test_a_click_lands_on_the_pixel(window: Window) -> None:
    x, y, width, height = window.rect("button")
    inside, outside = (x + width - 1, y + height - 1), (x + width + 1, y + height + 1)
    window.click(outside)
    assert window.tell("heard") == []
    window.click(inside)
    window.click(inside)
    assert window.tell("heard") == [["button", list(inside)]] * 2


def test_text_is_typed_as_it_is(window: Window) -> None:
    text = '440Hz * 2 + (1/16) = "A_b"; 50% #~\''
    window.click(window.middle("field"))
    window.type(text)
    assert window.tell("dpg.get_value('field')") == text
    window.key("ctrl+a", "BackSpace")
    assert window.tell("dpg.get_value('field')") == ""
    window.key("Return")


def test_a_chord_is_a_chord_each_time(window: Window) -> None:
    window.move((250, 200))
    window.key(*["ctrl+z", "z"] * 5)
    assert window.tell("heard") == [["z", True], ["z", False]] * 5


def test_the_wheel_and_two_clicks_in_a_row(window: Window) -> None:
    window.scroll((250, 200), 3)
    window.scroll((250, 200), -2)
    assert window.tell("heard") == [["wheel", turned] for turned in (1, 1, 1, -1, -1)]
    window.tell("heard.clear()")
    window.double_click((250, 200))
    assert ["double", 0] in window.tell("heard")


def test_a_drag_with_the_right_button_goes_all_the_way(window: Window) -> None:
    window.drag((200, 100), (260, 100), (260, 250), button=3)
    assert window.tell("heard")[-1] == ["drag", [1, 60, 150]]


def test_an_error_in_the_program_is_told(window: Window) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        window.tell("1 / 0")
    assert window.tell("1 + 1") == 2


def test_a_program_that_dies_is_told_and_the_screen_lives_on(screen: Screen) -> None:
    with Window(screen, TINY) as window:
        window.move((100, 100))
        assert window.kill() == -signal.SIGKILL
    with Window(screen, TINY) as window:
        assert window.tell("heard") == []


STORY = """
import os, sys
from pathlib import Path
from editor.rig import Window
from editor.screen import Screen

screen = Screen(600, 400)
window = Window(screen, Path(sys.argv[1]))
print(screen._server.pid, screen._hand.pid, window.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_nothing_is_left_when_a_test_is_killed(screen: Screen) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", STORY, str(TINY)],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL
    left = [Path("/proc") / pid for pid in killed.stdout.split()]
    assert len(left) == 3, killed.stderr
    end = time.monotonic() + 10
    while any(process.exists() for process in left):
        assert time.monotonic() < end
        time.sleep(0.05)
