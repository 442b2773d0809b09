"""A screen without a monitor: an X server, and the hand on its mouse and keyboard."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_NEEDED = ("Xvfb", "xdotool")


def missing() -> str:
    """Why no window can be opened here, or nothing."""
    absent = [program for program in _NEEDED if shutil.which(program) is None]
    if absent:
        return f"needs {' and '.join(absent)}"
    try:
        import dearpygui.dearpygui  # noqa: F401
    except ImportError as error:
        return f"needs Dear PyGui: {error}"
    if ctypes.util.find_library("GLX_mesa") is None:
        return "needs Mesa, which draws without a graphics card"
    return ""


class Screen:
    """An X server on a display of its own, and one xdotool that stays attached to it.

    The server ends when its last client has gone; so nothing is left behind even if this process
    is killed, for then xdotool sees the end of its input.
    """

    def __init__(self, width: int = 1000, height: int = 700) -> None:
        self.width, self.height = width, height
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        self._server = subprocess.Popen(
            [*command, "-terminate", "-r", "-nolisten", "tcp", "+extension", "GLX"],
            pass_fds=(writing,),
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        self.display = f":{number}"
        self._hand = subprocess.Popen(
            ["xdotool", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"DISPLAY": self.display},
            text=True,
        )
        self.do()

    def do(self, *words: object) -> None:
        """Have xdotool do something; the server has taken it when this returns."""
        assert self._hand.stdin is not None
        assert self._hand.stdout is not None
        self._hand.stdin.write(" ".join(map(str, words)) + "\ngetmouselocation\n")
        self._hand.stdin.flush()
        assert self._hand.stdout.readline(), f"xdotool has ended: {words}"

    def photograph(self, path: Path) -> None:
        """The whole screen as PNG, as a monitor would show it; needs ImageMagick."""
        environment = os.environ | {"DISPLAY": self.display}
        subprocess.run(["import", "-window", "root", str(path)], env=environment, check=True)

    def close(self) -> None:
        assert self._hand.stdin is not None
        assert self._hand.stdout is not None
        self._hand.stdin.close()
        self._hand.wait(5)
        self._hand.stdout.close()
        try:
            self._server.wait(5)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
