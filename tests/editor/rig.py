"""A hand that uses a program as a person does, and an eye on what becomes of it.

Everything a test does goes through the X server: real events of a mouse and a keyboard. What they
did is read from the program by its hook (`editor.hook`). Both sides keep step by *rendered frames*:
after each event the hand waits until the program has drawn, so no test depends on how fast it is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from editor.screen import Screen

Point = tuple[float, float]

LEFT, MIDDLE, RIGHT, UP, DOWN = 1, 2, 3, 4, 5
"""Buttons of the mouse, the wheel's two among them."""

TESTS = Path(__file__).parents[1]

_START_WITHIN, _END_WITHIN = 90.0, 60.0  # seconds, of which a busy machine takes many
_APART = 0.35  # Dear ImGui takes two clicks within 0.3 s for a double click


class Window:
    """A program with one window and a hook, and what a hand can do to it.

    Places are pixels of the window's inside, x to the right, y down. `pixels=False` draws with a
    driver that throws all pictures away, which costs half the time.
    """

    def __init__(
        self,
        screen: Screen,
        script: Path,
        *arguments: object,
        environment: dict[str, str] | None = None,
        pixels: bool = False,
    ) -> None:
        """Start `script` with the hook's socket as its first argument, and wait for its window."""
        self.screen = screen
        self._clicked = 0.0
        self._folder = tempfile.TemporaryDirectory(prefix="rig-")
        self.log = Path(self._folder.name) / "log"
        place = f"{self._folder.name}/hook"
        drawing = {} if pixels else {"GALLIUM_NOOP": "1"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", str(script), place, *map(str, arguments)],
                env=os.environ
                | {"DISPLAY": screen.display, "PYTHONPATH": str(TESTS)}
                | drawing
                | (environment or {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._attach(place)
        except BaseException:
            self.kill()
            raise

    def _attach(self, place: str) -> None:
        end = time.monotonic() + _START_WITHIN
        self._socket = socket.socket(socket.AF_UNIX)
        while True:
            assert self.process.poll() is None, f"it ended at once:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"no window:\n{self.log.read_text()}"
            with suppress(OSError):
                self._socket.connect(place)
                break
            time.sleep(0.02)
        self._socket.settimeout(_START_WITHIN)
        self._lines = self._socket.makefile("rw", encoding="utf-8")
        self.frames(3)
        self.tell("dpg.set_viewport_pos([0, 0])")  # there is no window manager to move it
        self.wait("dpg.get_viewport_pos() == [0, 0]")

    # What the program says.

    def tell(self, expression: str) -> Any:
        """The value of an expression in the program, as far as JSON can carry it."""
        return self._request({"tell": expression})

    def frames(self, number: int = 2) -> None:
        """Wait until so many more frames have been rendered."""
        self._request({"frames": number})

    def wait(self, expression: str, within: float = 60.0) -> Any:
        """Wait until an expression holds, and return its value."""
        end = time.monotonic() + within
        while not (value := self.tell(expression)):
            assert time.monotonic() < end, f"it did not come to be: {expression} is {value!r}"
            self.frames(1)
        return value

    def picture(self, path: Path) -> None:
        """What the window shows, as PNG; only with `pixels`."""
        self.frames(2)
        self._request({"picture": str(path)})

    def rect(self, tag: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of an item."""
        x, y = self.tell(f"dpg.get_item_rect_min({tag!r})")
        width, height = self.tell(f"dpg.get_item_rect_size({tag!r})")
        return x, y, width, height

    def middle(self, tag: str) -> Point:
        x, y, width, height = self.rect(tag)
        return x + width / 2, y + height / 2

    # What the hand does.

    def move(self, to: Point) -> None:
        self.screen.do("mousemove", *map(round, to))
        self.frames(2)

    def press(self, button: int = LEFT) -> None:
        self.screen.do("mousedown", button)
        self.frames(2)

    def release(self, button: int = LEFT) -> None:
        self.screen.do("mouseup", button)
        self.frames(2)

    def click(self, at: Point, button: int = LEFT, *, held: str = "") -> None:
        """A single click: as far in time from the one before as it takes not to be its second."""
        time.sleep(max(0.0, self._clicked + _APART - time.monotonic()))
        self.move(at)
        with self.holding(held):
            self.press(button)
            self.release(button)
        self._clicked = time.monotonic()

    def double_click(self, at: Point) -> None:
        """Two clicks as near to each other in time as frames allow."""
        time.sleep(max(0.0, self._clicked + _APART - time.monotonic()))
        self.move(at)
        for event in ("mousedown", "mouseup") * 2:
            self.screen.do(event, LEFT)
        self.frames(6)  # Dear ImGui takes one event of a button a frame
        self._clicked = time.monotonic()

    def drag(
        self, *through: Point, button: int = LEFT, held: str = "", steps: int = 3, drop: bool = True
    ) -> None:
        """From the first place through the others, in so many steps each; `drop` at the last."""
        start, *rest = through
        self.move(start)
        with self.holding(held):
            self.press(button)
            for place in rest:
                (x0, y0), (x1, y1) = start, place
                for i in range(1, steps + 1):
                    self.move((x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps))
                start = place
            if drop:
                self.release(button)

    def scroll(self, at: Point, clicks: int) -> None:
        """Turn the wheel: away from the hand if `clicks` is positive."""
        self.move(at)
        for _ in range(abs(clicks)):
            self.press(UP if clicks > 0 else DOWN)
            self.release(UP if clicks > 0 else DOWN)

    def key(self, *chords: str) -> None:
        """Press keys by their X names, each with what is held: `ctrl+z`, `Return`, `shift+Tab`.

        The key itself is down for one frame, however long that is: longer ones would repeat it.
        """
        for chord in chords:
            *held, key = chord.split("+")
            with self.holding("+".join(held)):
                self.screen.do("key --delay 0", key)
                self.frames(4)  # Dear ImGui takes one event of the keyboard a frame

    def type(self, text: str) -> None:
        """ASCII only: for other characters xdotool remaps the keyboard, and events are lost."""
        assert text.isascii()
        self.screen.do("key --delay 0", *(f"U{ord(character):04X}" for character in text))
        self.frames(2 * len(text) + 2)  # Dear ImGui takes one event of the keyboard a frame

    @contextmanager
    def holding(self, keys: str) -> Iterator[None]:
        """Keep modifiers down, `ctrl+shift` for two; frames pass, so that none comes too late."""
        held = [key for key in keys.split("+") if key]
        for key in held:
            self.screen.do("keydown --delay 0", key)
            self.frames(2)
        try:
            yield
        finally:
            for key in reversed(held):
                self.screen.do("keyup --delay 0", key)
            self.frames(2)

    def let_go(self) -> None:
        """Hold nothing any more, whatever a test left held."""
        for button in (LEFT, MIDDLE, RIGHT):
            self.screen.do("mouseup", button)
        for key in ("ctrl", "shift", "alt", "space"):
            self.screen.do("keyup", key)
        self.frames(2)

    # How it ends.

    def close(self) -> int:
        """Close the window as its user would; what the program returned."""
        with suppress(OSError):
            self._request({"quit": True})
        try:
            return self.process.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            return self.kill()
        finally:
            self._leave()

    def kill(self) -> int:
        """End the program as no user can."""
        self.process.kill()
        try:
            return self.process.wait()
        finally:
            self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.close()
        else:
            self._leave()

    def _leave(self) -> None:
        self._socket.close()
        self._folder.cleanup()

    def _request(self, request: dict[str, object]) -> Any:
        line = ""
        with suppress(OSError):
            self._lines.write(json.dumps(request) + "\n")
            self._lines.flush()
            line = self._lines.readline()
        assert line, f"the program has ended:\n{self.log.read_text()}"
        answer = json.loads(line)
        assert "ok" in answer, answer["error"]
        return answer["ok"]
