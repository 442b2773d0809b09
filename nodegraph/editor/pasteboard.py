"""The system's clipboard as text, asked for without Dear PyGui where that may end the process.

Dear PyGui aborts when there is no text to give: nothing was copied yet, or a picture was. So each
system is asked in its own way.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import subprocess
import sys
import time

import dearpygui.dearpygui as dpg

_WITHIN = 0.5
"""Seconds that another program has to hand over what was copied in it."""

_MOST = 1 << 22
"""Four bytes each: a text that X would send in parts is not pasted."""

_UNICODE_TEXT = 13  # a format of the clipboard of Windows
_SELECTION_NOTIFY = 31  # an event of X


class Pasteboard:
    """Copies and pastes text; what cannot be pasted is empty."""

    def __init__(self) -> None:
        self._x11 = None if sys.platform in ("win32", "darwin") else _X11.open()
        self._copied = ""
        self._owner = 0

    def copy(self, text: str) -> None:
        """Give it to other programs too."""
        dpg.set_clipboard_text(text)
        self._copied = text
        self._owner = self._x11.owner() if self._x11 else 0

    def paste(self) -> str:
        """What was copied last, here or in another program."""
        if self._x11 is not None:
            owner = self._x11.owner()
            return self._copied if owner == self._owner else self._x11.text() if owner else ""
        if sys.platform == "win32":
            there = ctypes.windll.user32.IsClipboardFormatAvailable(_UNICODE_TEXT)
            return str(dpg.get_clipboard_text()) if there else ""
        if sys.platform == "darwin":
            pasted = subprocess.run(["pbpaste"], capture_output=True, timeout=_WITHIN, check=False)
            return pasted.stdout.decode("utf-8", "replace")
        return self._copied


class _Notify(ctypes.Structure):
    """An XSelectionEvent, as long as any XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("requestor", ctypes.c_ulong),
        ("selection", ctypes.c_ulong),
        ("target", ctypes.c_ulong),
        ("property", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
        ("rest", ctypes.c_long * 24),
    )


class _X11:
    """A connection of its own to the X server, with a window that is never shown."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._x = library
        for name in ("XOpenDisplay", "XInternAtom", "XGetSelectionOwner", "XCreateSimpleWindow"):
            getattr(library, name).restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(library.XOpenDisplay(None))
        if not self._display:
            raise OSError("no display")
        root = ctypes.c_ulong(library.XDefaultRootWindow(self._display))
        self._window = ctypes.c_ulong(
            library.XCreateSimpleWindow(self._display, root, 0, 0, 1, 1, 0, 0, 0)
        )
        names = (b"CLIPBOARD", b"UTF8_STRING", b"NODEGRAPH_PASTE")
        self._clipboard, self._utf8, self._place = map(self._atom, names)

    @classmethod
    def open(cls) -> _X11 | None:
        """None where X's library is not found or its server does not answer."""
        try:
            return cls(ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6"))
        except (OSError, AttributeError):
            return None

    def owner(self) -> int:
        """The window that holds what was copied; 0 if nothing was."""
        return int(self._x.XGetSelectionOwner(self._display, self._clipboard))

    def text(self) -> str:
        """What the owner, another program, has as text; nothing if it has none or is silent."""
        x, display, window = self._x, self._display, self._window
        x.XConvertSelection(display, self._clipboard, self._utf8, self._place, window, 0)
        x.XFlush(display)
        event, end = _Notify(), time.monotonic() + _WITHIN
        arrived = (display, window, _SELECTION_NOTIFY, ctypes.byref(event))
        while not x.XCheckTypedWindowEvent(*arrived):
            if time.monotonic() > end:
                return ""
            time.sleep(0.002)
        if not event.property:
            return ""
        kind, form, data = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_void_p()
        count, left = ctypes.c_ulong(), ctypes.c_ulong()
        told = map(ctypes.byref, (kind, form, count, left, data))
        place = (display, window, self._place, ctypes.c_long(0), ctypes.c_long(_MOST), 1)
        x.XGetWindowProperty(*place, ctypes.c_ulong(0), *told)
        if not data:
            return ""
        text = ctypes.string_at(data, count.value) if kind.value == self._utf8.value else b""
        x.XFree(data)
        return text.decode("utf-8", "replace")

    def _atom(self, name: bytes) -> ctypes.c_ulong:
        return ctypes.c_ulong(self._x.XInternAtom(self._display, name, 0))
