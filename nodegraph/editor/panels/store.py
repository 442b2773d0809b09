"""What lies on the Scope server: models, LoRAs, images, its hardware, and a look at its health.

Tags: `nodegraph.scope.store`, in it `.PAGE` for each heading, `.upload`, `.asset.N`, `.lora.N`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.load_form import pipelines
from nodegraph.editor.look.theme import Look
from nodegraph.editor.serving import Server
from nodegraph.editor.shell import Shell

_TAG: Final = "nodegraph.scope.store"
_PAGES: Final = {
    "models": "Models",
    "loras": "LoRAs",
    "assets": "Images and sounds",
    "hardware": "Hardware",
    "findings": "Health",
}
_SHUT, _OPEN = "▷", "▽"
_AGAIN: Final = 15.0  # seconds between two questions about what lies there


class Store:
    """Headings that open; what is under one is asked for when it is opened."""

    def __init__(self, editing: Editing, look: Look, shell: Shell, server: Server) -> None:
        self.editing, self.look, self.shell, self.server = editing, look, shell, server
        self._open: set[str] = set()
        self._drawn: object = None

    def build(self, parent: int | str) -> None:
        """Make the headings."""
        with dpg.group(tag=_TAG, parent=parent):
            dpg.add_spacer(height=self.look.px(4))
            self.look.text("On the server", "faint", "small_strong")
            for page, title in _PAGES.items():
                heading = dpg.add_button(
                    label=f"{_SHUT} {title}",
                    tag=f"{_TAG}.{page}",
                    width=-1,
                    user_data=page,
                    callback=self._turn,
                )
                self.look.bind(heading, "listed")
                dpg.add_group(tag=f"{_TAG}.{page}.page", indent=self.look.px(14))

    def tick(self) -> None:
        """Ask what is looked at, and write it anew if there is another answer."""
        link = self.editing.mirror.status.get("link")
        dpg.configure_item(_TAG, show=isinstance(link, Mapping))
        if not isinstance(link, Mapping):
            return
        for page in self._open:
            if page == "models":
                for id in pipelines(self.server.answers.get("pipelines")):
                    self.server.ask("models", _AGAIN, id)
            else:
                self.server.ask(page, _AGAIN)
        drawn = (self.server.version, frozenset(self._open), link.get("url"))
        if drawn != self._drawn:
            self._drawn = drawn
            for page in _PAGES:
                self._write(page)

    def _turn(self, sender: object, data: object, page: str) -> None:
        self._open ^= {page}
        mark = _OPEN if page in self._open else _SHUT
        dpg.configure_item(f"{_TAG}.{page}", label=f"{mark} {_PAGES[page]}")

    def _write(self, page: str) -> None:
        group = f"{_TAG}.{page}.page"
        dpg.delete_item(group, children_only=True)
        if page not in self._open:
            return
        dpg.push_container_stack(group)
        answer, fault = self.server.answers.get(page), self.server.faults.get(page)
        if fault:
            self.look.text(fault, "problem", "small", wrap=0)
        elif answer is None and page != "models":
            self.look.text("asking …", "dim", "small")
        else:
            write: Callable[[Any], None] = getattr(self, f"_write_{page}")
            write(answer)
        dpg.pop_container_stack()

    def _write_models(self, answer: object) -> None:
        for id in pipelines(self.server.answers.get("pipelines")):
            told = self.server.answers.get(f"models {id}") or {}
            state, tone = "asking …", "dim"
            if told.get("error"):
                state, tone = str(told["error"]), "problem"
            elif told.get("downloading"):
                share = told.get("percentage")
                state, tone = f"downloading{f', {share:.0f} %' if share else ''}", "warning"
            elif told:
                there = bool(told.get("downloaded"))
                state, tone = ("there", "good") if there else ("not downloaded", "warning")
            with dpg.group(horizontal=True):
                self.look.text(id, "line", "small")
                self.look.text(state, tone, "small")

    def _write_loras(self, answer: list[Mapping[str, Any]]) -> None:
        for count, lora in enumerate(answer):
            size = f"{lora.get('size_mb', 0.0):.0f} MB"
            self._line(f"{lora.get('name')}  {size}", f"{_TAG}.lora.{count}", lora.get("path"))
        if not answer:
            self.look.text("no LoRAs", "dim", "small")

    def _write_assets(self, answer: list[Mapping[str, Any]]) -> None:
        for count, asset in enumerate(answer):
            name = asset.get("name") or PurePath(str(asset.get("path"))).name
            self._line(f"{name}", f"{_TAG}.asset.{count}", asset.get("path"))
        if not answer:
            self.look.text("nothing yet", "dim", "small")
        upload = dpg.add_button(label="Upload…", tag=f"{_TAG}.upload", callback=self._upload)
        dpg.bind_item_font(upload, self.look.fonts.small)

    def _write_hardware(self, answer: Mapping[str, Any]) -> None:
        vram = answer.get("vram_gb")
        self.look.text(
            f"{vram:.0f} GB on the graphics card" if vram else "no CUDA graphics card",
            "line",
            "small",
            wrap=0,
        )
        for name, output in sorted((answer.get("outputs") or {}).items()):
            there = bool(output.get("available"))
            text = f"{name}: {'there' if there else output.get('reason') or 'not there'}"
            self.look.text(text, "line" if there else "dim", "small", wrap=0)

    def _write_findings(self, answer: list[Mapping[str, Any]]) -> None:
        for finding in answer:
            tone = {True: "good", False: "problem"}.get(finding.get("ok"), "dim")  # type: ignore[arg-type]  # None is neither
            self.look.text(f"{finding.get('what')}: {finding.get('text')}", tone, "small", wrap=0)

    def _line(self, label: str, tag: str, path: object) -> None:
        button = dpg.add_button(label=label, tag=tag, width=-1, user_data=path, callback=self._copy)
        self.look.bind(button, "listed")
        dpg.bind_item_font(button, self.look.fonts.small)
        with dpg.tooltip(button, delay=0.5):
            self.look.text(f"{path}\nA click copies this path.", "dim", "small")

    def _copy(self, sender: object, data: object, path: str) -> None:
        self.shell.put(path)
        self.editing.note(f"copied: {path}")

    def _upload(self) -> None:
        self.shell.filing.choose_asset(lambda path: self.server.upload(path, self.editing.note))
