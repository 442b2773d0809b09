"""Where the monitors of this machine are, to fill the one that a window is on.

The toolkit itself can only fill the first one. Where monitors cannot be asked for, there are none.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple


class Monitor(NamedTuple):
    """A rectangle of the desktop, in pixels."""

    left: int
    top: int
    width: int
    height: int


def monitors() -> list[Monitor]:
    """Every monitor there is."""
    try:
        return _windows() if sys.platform == "win32" else _x11()
    except (OSError, AttributeError):
        return []


def around(found: Sequence[Monitor], x: float, y: float) -> Monitor | None:
    """The monitor with a point of the desktop on it, else the nearest; None if there are none."""

    def away(one: Monitor) -> float:
        across = max(one.left - x, 0.0, x - one.left - one.width)
        down = max(one.top - y, 0.0, y - one.top - one.height)
        return across + down

    return min(found, key=away, default=None)


class _Screen(ctypes.Structure):
    """`XineramaScreenInfo` of X11/extensions/Xinerama.h."""

    _fields_ = (
        ("number", ctypes.c_int),
        ("left", ctypes.c_short),
        ("top", ctypes.c_short),
        ("width", ctypes.c_short),
        ("height", ctypes.c_short),
    )


def _x11() -> list[Monitor]:
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    xinerama = ctypes.CDLL(ctypes.util.find_library("Xinerama") or "libXinerama.so.1")
    x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [ctypes.c_char_p], ctypes.c_void_p
    x11.XCloseDisplay.argtypes = x11.XFree.argtypes = [ctypes.c_void_p]
    ask = xinerama.XineramaQueryScreens
    ask.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
    ask.restype = ctypes.POINTER(_Screen)
    display = x11.XOpenDisplay(None)
    if not display:
        return []
    count = ctypes.c_int(0)
    told = ask(display, ctypes.byref(count))
    found = [Monitor(it.left, it.top, it.width, it.height) for it in told[: count.value]]
    if told:
        x11.XFree(told)
    x11.XCloseDisplay(display)
    return found


def _windows() -> list[Monitor]:
    """By `EnumDisplayMonitors` of winuser.h, which calls back with each rectangle."""
    user32: Any = ctypes.CDLL("user32")
    kind: Any = getattr(ctypes, "WINFUNCTYPE")  # noqa: B009 - it is there on Windows alone
    found: list[Monitor] = []

    def note(monitor: int, context: int, corners: Any, data: int) -> int:
        left, top, right, bottom = corners.contents
        found.append(Monitor(left, top, right - left, bottom - top))
        return 1

    corners = ctypes.POINTER(ctypes.c_long * 4)
    each = kind(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, corners, ctypes.c_void_p)(note)
    user32.EnumDisplayMonitors(None, None, each, 0)
    return found
