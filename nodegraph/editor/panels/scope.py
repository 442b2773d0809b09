"""The Scope server: connect, load, what is told to it, what it has, what is wrong.

Tags: `nodegraph.scope.url`, `.connect`, `.disconnect`, `.state`, `.facts`, `.said`, `.problems`;
the form to load by and the store below have tags of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import sentence
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.loading import Loading
from nodegraph.editor.panels.store import Store
from nodegraph.editor.serving import STATES, Server, facts, link_of, others, said
from nodegraph.editor.shell import Shell

_TAG: Final = "nodegraph.scope"
_URL: Final = f"{_TAG}.url"
_EXAMPLE: Final = "127.0.0.1:8000"
_EVERY: Final = 10  # frames between two looks
_OFTEN: Final = 1.0  # seconds between two questions about what changes


class Scope:
    """Reads what the show tells of its link, and asks the server for the rest while it is seen."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self.server = Server(editing.link)
        self.loading = Loading(editing, look, self.server)
        self.store = Store(editing, look, shell, self.server)
        self._schemas: Mapping[str, Any] | None = None
        self._drawn: dict[str, object] = {}
        self._frame = 0

    def build(self, parent: int | str) -> None:
        """Make the panel."""
        look, px = self.look, self.look.px
        with dpg.child_window(tag=_TAG, parent=parent, width=-1, height=-1):
            with dpg.group(horizontal=True, horizontal_spacing=px(6)):
                dpg.add_input_text(
                    tag=_URL,
                    default_value=self.shell.settings.server,
                    hint=_EXAMPLE,
                    width=-px(96),
                    on_enter=True,
                    callback=self._connect,
                )
                button = dpg.add_button(
                    label="Connect", tag=f"{_TAG}.connect", width=-1, callback=self._connect
                )
                look.bind(button, "accent")
                dpg.add_button(
                    label="Disconnect",
                    tag=f"{_TAG}.disconnect",
                    width=-1,
                    show=False,
                    callback=self._disconnect,
                )
            with dpg.group(horizontal=True, horizontal_spacing=px(6)):
                look.text("●", "faint", "small", tag=f"{_TAG}.mark")
                look.text("", font="strong", tag=f"{_TAG}.state")
            look.text("", "dim", "small", tag=f"{_TAG}.reason", wrap=0)
            dpg.add_group(tag=f"{_TAG}.problems")
            dpg.add_group(tag=f"{_TAG}.facts")
            self.loading.build(_TAG)
            with dpg.group(tag=f"{_TAG}.told", show=False):
                self._heading("What was sent")
                dpg.add_group(tag=f"{_TAG}.said")
            self.store.build(_TAG)

    def tick(self) -> None:
        """Follow the show. To be called while the panel is seen."""
        self._frame += 1
        if self._frame % _EVERY:
            return
        told = link_of(self.editing.mirror.status)
        self._state(told)
        self._ask(told)
        self._problems(told)
        self._facts(told)
        self.loading.tick(self._schemas)
        self._said(told)
        self.store.tick()

    def _heading(self, text: str) -> None:
        dpg.add_spacer(height=self.look.px(4))
        self.look.text(text, "faint", "small_strong")

    def _changed(self, what: str, value: object) -> bool:
        if what in self._drawn and self._drawn[what] == value:
            return False
        self._drawn[what] = value
        return True

    def _state(self, link: Mapping[str, Any] | None) -> None:
        words, tone, reason = "No server", "", "Scope paints on a server: say where it is."
        if link is not None:
            state = str(link.get("state", ""))
            words, tone = STATES.get(state, (state, "warning"))
            words, reason = sentence(words), str(link.get("reason", ""))
        if self._changed("state", (words, tone, reason)):
            dpg.set_value(f"{_TAG}.state", words)
            dpg.set_value(f"{_TAG}.reason", reason)
            self.look.bind(f"{_TAG}.mark", tone or "faint")
            dpg.configure_item(f"{_TAG}.connect", show=link is None)
            dpg.configure_item(f"{_TAG}.disconnect", show=link is not None)
        url = str(link.get("url", "")) if link else ""
        if url and self._changed("url", url):
            dpg.set_value(_URL, url)

    def _ask(self, link: Mapping[str, Any] | None) -> None:
        """Learn what the server has, once, and what it works with, again and again."""
        self.server.at(str(link.get("url", "")) if link else "")
        if link is None:
            self._schemas = None
            return
        if link.get("state") in ("waiting", "connecting"):
            return
        self._schemas = self.server.ask("pipelines")
        if link.get("state") == "live":
            self.server.ask("parameters", _OFTEN)

    def _problems(self, link: Mapping[str, Any] | None) -> None:
        texts = [str(each.get("text", "")) for each in (link or {}).get("problems") or ()]
        if not self._changed("problems", texts):
            return
        dpg.delete_item(f"{_TAG}.problems", children_only=True)
        for text in texts:
            self.look.text(text, "problem", "small", wrap=0, parent=f"{_TAG}.problems")

    def _facts(self, link: Mapping[str, Any] | None) -> None:
        told = [*(facts(link) if link else ()), *others(self.editing.mirror.status)]
        names = [name for name, _ in told]
        group = f"{_TAG}.facts"
        if self._changed("facts", names):
            dpg.delete_item(group, children_only=True)
            self._drawn = {key: it for key, it in self._drawn.items() if "facts." not in key}
            for name in names:
                with dpg.group(parent=group, horizontal=True):
                    self.look.text(name, "faint", "small")
                    tag, indent = f"{group}.{name}", self.look.px(70)
                    self.look.text("", "dim", "small", wrap=0, tag=tag, indent=indent)
        for name, text in told:
            if self._changed(f"facts.{name}", text):
                dpg.set_value(f"{group}.{name}", text)

    def _said(self, link: Mapping[str, Any] | None) -> None:
        sent = self.editing.mirror.status.get("sent")
        has = self.server.answers.get("parameters") if link else None
        rows = said(sent if isinstance(sent, dict) else {}, has)
        dpg.configure_item(f"{_TAG}.told", show=bool(rows))
        if not self._changed("said", (rows, link is None)):
            return
        dpg.delete_item(f"{_TAG}.said", children_only=True)
        dpg.push_container_stack(f"{_TAG}.said")
        for name, value, has in rows:
            self.look.text(name, "faint", "small")
            self.look.text(value, "line", "small", wrap=0)
            if has and has != value:
                self.look.text(f"the server has {has}", "dim", "small", wrap=0)
        dpg.pop_container_stack()

    def _connect(self) -> None:
        url = str(dpg.get_value(_URL)).strip() or _EXAMPLE
        self.editing.ask("connect", lambda answer: self.shell.steered(url), url=url)

    def _disconnect(self) -> None:
        self.editing.ask("disconnect")
