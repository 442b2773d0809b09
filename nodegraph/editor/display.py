"""Whether a window can be had at all: without a display, the toolkit would end the process."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys


def why_no_window() -> str:
    """Why there can be no window here, as a sentence; empty if there can."""
    if sys.platform in ("win32", "darwin"):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return (
            "the editor needs a display and there is none: DISPLAY is not set. Without a window a "
            "show plays by: nodegraph run PATCH"
        )
    if not _opens(display):
        return f"the display {display!r} cannot be opened: is DISPLAY right, and may you use it?"
    return ""


def _opens(display: str) -> bool:
    """Ask X itself; where its library is not found, hope."""
    name = ctypes.util.find_library("X11")
    if name is None:
        return True
    try:
        x11 = ctypes.CDLL(name)
    except OSError:
        return True
    x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [ctypes.c_char_p], ctypes.c_void_p
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    found = x11.XOpenDisplay(display.encode())
    if found:
        x11.XCloseDisplay(found)
    return bool(found)
