"""The application's side of the rig: answers, between two frames, what a test asks over a socket.

A thread takes requests and hands them to the render loop, which answers them in `pump`: nothing of
Dear PyGui is ever called from elsewhere. A request is a line of JSON:

    {"tell": "editing.selection"}    the value of a Python expression over the names given
    {"frames": 3}                    answered when so many more frames have been rendered
    {"picture": "shown.png"}         answered when the window's picture is in that file
    {"quit": true}                   the window closes as if by its own button

When the test goes away, for whatever reason, the window closes too.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

Answer = dict[str, Any]


class Hook:
    """Add `pump` to what the render loop calls once a frame, before it renders."""

    def __init__(self, socket_path: str, names: Mapping[str, Any]) -> None:
        """`names` are what expressions may use; `dpg` is one of them. `asked` is when a test wanted
        something last, in seconds of the monotonic clock; `wanted` is set while it waits for it."""
        self.asked = time.monotonic()
        self.wanted = threading.Event()
        self._names = names
        self._asked: queue.Queue[tuple[Answer, queue.Queue[Answer]]] = queue.Queue()
        self._waiting: list[tuple[Callable[[], bool], queue.Queue[Answer]]] = []
        self._frame = 0
        self._gone = False
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(socket_path)
        self._server.listen()
        threading.Thread(target=self._serve, name="hook", daemon=True).start()

    def pump(self) -> None:
        """Answer what can be answered now."""
        self.wanted.clear()
        self._frame += 1
        if self._gone:
            dpg.stop_dearpygui()
        if self._waiting:
            self.asked = time.monotonic()
        for waiting in self._waiting[:]:
            holds, box = waiting
            if holds():
                self._waiting.remove(waiting)
                box.put({"ok": self._frame})
        while not self._asked.empty():
            request, box = self._asked.get()
            try:
                self._answer(request, box)
            except Exception:
                box.put({"error": traceback.format_exc()})
        if self._waiting:
            self.wanted.set()

    def _answer(self, request: Answer, box: queue.Queue[Answer]) -> None:
        match request:
            case {"tell": expression}:
                box.put({"ok": eval(expression, {"dpg": dpg, **self._names})})
            case {"frames": number}:
                due = self._frame + number
                self._waiting.append((lambda: self._frame >= due, box))
            case {"picture": path}:
                file = Path(path)
                file.unlink(missing_ok=True)
                dpg.output_frame_buffer(path)
                self._waiting.append((lambda: file.exists() and file.stat().st_size > 0, box))
            case {"quit": _}:
                dpg.stop_dearpygui()
                box.put({"ok": True})

    def _serve(self) -> None:
        """Speak with the one test there is, a request at a time."""
        peer, _ = self._server.accept()
        try:
            with peer.makefile("rw", encoding="utf-8") as lines:
                for line in lines:
                    self.asked = time.monotonic()
                    box: queue.Queue[Answer] = queue.Queue(1)
                    self._asked.put((json.loads(line), box))
                    self.wanted.set()
                    lines.write(json.dumps(box.get(), default=_plain) + "\n")
                    lines.flush()
        except OSError:
            pass  # it was killed
        self._gone = True
        self.wanted.set()


def _plain(value: object) -> object:
    """Sets and mappings in an order that can be compared; what JSON does not know, as its text."""
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
