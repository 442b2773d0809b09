"""The line at the foot of the window: the show, the engine and Scope in words.

Tags: `nodegraph.status.link`, `.engine`, `.scope`, `.locked`, `.held`, `.problems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import sentence
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.panels.problems import problems_seen
from nodegraph.words import plural

_TAG: Final = "nodegraph.status"
_HELD: Final = {
    "hold": "the picture is held: H has it follow the patch again",
    "calm": "the picture is calm: Shift+H has it follow the patch again",
}
_EVERY: Final = 6  # frames between two looks at what changes slowly


class Status:
    """Reads what the show tells of itself five times a second."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self._frame = 0
        self._news = News()

    def build(self, parent: int | str) -> None:
        """Make the line."""
        with dpg.group(parent=parent, horizontal=True, horizontal_spacing=self.look.px(18)):
            for part in ("link", "problems", "engine", "scope", "locked", "held"):
                with dpg.group(horizontal=True, horizontal_spacing=self.look.px(6)):
                    self.look.text("●", font="small", tag=f"{_TAG}.{part}.mark", show=False)
                    self.look.text("", "dim", "small", tag=f"{_TAG}.{part}")

    def tick(self) -> None:
        """Say what is so now."""
        self._frame += 1
        if self._frame % _EVERY == 1:
            self._say("link", *connection(self.editing))
            self._say("problems", *_problems(self.editing))
            self._say("engine", *engine(self.editing.mirror.status))
            self._say("scope", *scope(self.editing.mirror.status))
            self._say("locked", "the patch is locked" if self.editing.locked else "", "accent_text")
            self._say("held", _HELD.get(self.editing.held, ""), "warning")

    def _say(self, part: str, text: str, tone: str) -> None:
        if not self._news.of(part, (text, tone)):
            return
        dpg.set_value(f"{_TAG}.{part}", text)
        dpg.configure_item(f"{_TAG}.{part}.mark", show=bool(text and tone))
        if tone:
            self.look.bind(f"{_TAG}.{part}.mark", tone)


def connection(editing: Editing) -> tuple[str, str]:
    """The connection to the show in words, and a tone."""
    link = editing.link
    tone = {"connected": "good", "connecting": "warning"}.get(link.state, "problem")
    main = editing.mirror.decks.get("main")
    if link.state == "connected" and main is not None and main.open:
        return f"Connected to {main.name!r}", tone  # as it is called by now
    return sentence(link.reason), tone


def _problems(editing: Editing) -> tuple[str, str]:
    count = len(problems_seen(editing))
    if not count:
        return "", ""
    return plural(count, "problem"), "problem"


def engine(status: Mapping[str, Any]) -> tuple[str, str]:
    """How the engine does, in words, and a tone: good below half its time, bad near all of it."""
    load = status.get("load")
    if not isinstance(load, int | float):
        return "", ""
    parts = [f"engine {load:.0%}"]
    if overruns := status.get("overruns"):
        parts.append(plural(overruns, "late tick"))
    if restarts := status.get("restarts"):
        parts.append("restarted once" if restarts == 1 else f"restarted {restarts} times")
    tone = "good" if load < 0.5 else "warning" if load < 0.9 else "problem"
    return ", ".join(parts), tone


def scope(status: Mapping[str, Any]) -> tuple[str, str]:
    """How the connection to Scope is, in words, and a tone."""
    link = status.get("link")
    if not isinstance(link, Mapping):
        return "no Scope server", ""
    state = str(link.get("state", ""))
    tone = {"live": "good", "stalled": "problem", "closed": "problem"}.get(state, "warning")
    if state == "live":
        return f"Scope live, {float(link.get('fps') or 0):.0f} fps", tone
    return f"Scope {state}", tone
