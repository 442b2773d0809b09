"""The form by which a Scope server is told what to load; what cannot be says why.

Tags: `nodegraph.scope.loading`, and beside it `.pipeline`, `.before`, `.after`, `.size`,
`.choice.NAME`, `.lora.N` with `.scale.N`, `.movable`, `.why`, `.load`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.load_form import (
    SIZES,
    LoadForm,
    by_role,
    choices,
    pipelines,
    schema_of,
    title_of,
)
from nodegraph.editor.look.theme import Look
from nodegraph.editor.serving import Server, link_of

_TAG: Final = "nodegraph.scope"
_NONE: Final = "none"
_AGAIN: Final = 15.0  # seconds between two questions about the LoRAs


class Loading:
    """Draws a `LoadForm` and hands it to the show."""

    def __init__(self, editing: Editing, look: Look, server: Server) -> None:
        self.editing, self.look, self.server = editing, look, server
        self.form = LoadForm()
        self._schemas: Mapping[str, Any] = {}
        self._known: tuple[str, ...] = ()
        self._loras: Sequence[Mapping[str, Any]] = ()
        self._said: list[tuple[str, str]] = []

    def build(self, parent: int | str) -> None:
        """Make the form, which is seen when there is something to load."""
        with dpg.group(tag=f"{_TAG}.loading", parent=parent, show=False):
            dpg.add_spacer(height=self.look.px(4))
            self.look.text("Pipeline", "faint", "small_strong")
            dpg.add_combo(tag=f"{_TAG}.pipeline", width=-1, callback=self._pick)
            dpg.add_combo(list(SIZES), tag=f"{_TAG}.size", width=-1)
            for role, title in (("before", "Preprocessor"), ("after", "Postprocessor")):
                with dpg.group(tag=f"{_TAG}.{role}s"):
                    self.look.text(title, "faint", "small")
                    dpg.add_combo(tag=f"{_TAG}.{role}", width=-1)
            dpg.add_group(tag=f"{_TAG}.choices")
            dpg.add_group(tag=f"{_TAG}.loras")
            dpg.add_group(tag=f"{_TAG}.why")
            dpg.add_button(label="Load", tag=f"{_TAG}.load", width=-1, callback=self._load)

    def tick(self, schemas: Mapping[str, Any] | None) -> None:
        """Offer what the server has, and say what does not go together."""
        self._schemas = schemas or {}
        known = tuple(self._schemas)
        dpg.configure_item(f"{_TAG}.loading", show=bool(pipelines(schemas)))
        if known and known != self._known:
            self._known = known
            self._begin()
        if known:
            self._offer_loras()
            self._read()
            self._weigh()

    def _begin(self) -> None:
        """Begin with what is loaded."""
        loaded = (link_of(self.editing.mirror.status) or {}).get("pipelines") or ()
        self.form = by_role(self._schemas, loaded)
        titles = self._titles(pipelines(self._schemas))
        dpg.configure_item(f"{_TAG}.pipeline", items=list(titles))
        dpg.set_value(f"{_TAG}.pipeline", title_of(self._schemas, self.form.pipeline))
        dpg.set_value(f"{_TAG}.size", self.form.size)
        before = pipelines(self._schemas, "preprocessor")
        after = pipelines(self._schemas, "postprocessor")
        for role, ids, id in (
            ("before", before, self.form.before),
            ("after", after, self.form.after),
        ):
            dpg.configure_item(f"{_TAG}.{role}", items=[_NONE, *self._titles(ids)])
            dpg.set_value(f"{_TAG}.{role}", title_of(self._schemas, id) if id else _NONE)
            dpg.configure_item(f"{_TAG}.{role}s", show=bool(ids))
        self._draw_choices()
        self._draw_loras()

    def _titles(self, ids: Sequence[str]) -> dict[str, str]:
        return {title_of(self._schemas, id): id for id in ids}

    def _draw_choices(self) -> None:
        """What can be chosen for a pipeline, as its schema has it."""
        dpg.delete_item(f"{_TAG}.choices", children_only=True)
        dpg.push_container_stack(f"{_TAG}.choices")
        for each in choices(self._schemas, self.form.pipeline):
            tag = f"{_TAG}.choice.{each.name}"
            more = {"tag": tag, "user_data": each.name, "callback": self._choose}
            if each.kind == "switch":
                dpg.add_checkbox(label=each.title, default_value=bool(each.default), **more)
            else:
                self.look.text(each.title, "faint", "small")
                if each.kind == "text":
                    value = str(each.default or "")
                    dpg.add_combo(each.choices, default_value=value, width=-1, **more)
                elif isinstance(each.default, int):
                    dpg.add_input_int(default_value=each.default, width=-1, step=0, **more)
                elif isinstance(each.default, float):
                    dpg.add_input_float(default_value=each.default, width=-1, step=0, **more)
            if each.help:
                with dpg.tooltip(tag, delay=0.5):
                    self.look.text(each.help, "dim", "small", wrap=self.look.px(280))
        dpg.pop_container_stack()

    def _offer_loras(self) -> None:
        """Learn which LoRAs there are, for a pipeline that takes some."""
        takes = schema_of(self._schemas, self.form.pipeline).lora
        loras = (self.server.ask("loras", _AGAIN) or ()) if takes else ()
        if loras != self._loras:
            self._loras = loras
            self._draw_loras()

    def _draw_loras(self) -> None:
        group = f"{_TAG}.loras"
        dpg.delete_item(group, children_only=True)
        if not self._loras:
            return
        dpg.push_container_stack(group)
        self.look.text("LoRAs", "faint", "small")
        for count, lora in enumerate(self._loras):
            with dpg.group(horizontal=True):
                path = str(lora.get("path"))
                dpg.add_input_float(
                    tag=f"{_TAG}.scale.{count}",
                    default_value=self.form.loras.get(path, 1.0),
                    width=self.look.px(56),
                    step=0,
                    format="%.2f",
                )
                dpg.add_checkbox(
                    label=str(lora.get("name")),
                    tag=f"{_TAG}.lora.{count}",
                    default_value=path in self.form.loras,
                )
        dpg.add_checkbox(
            label="can be scaled while it paints",
            tag=f"{_TAG}.movable",
            default_value=self.form.movable,
        )
        dpg.pop_container_stack()

    def _read(self) -> None:
        """Take over what is chosen."""
        form, ids = self.form, self._titles(tuple(self._schemas))
        form.size = str(dpg.get_value(f"{_TAG}.size"))
        form.before = ids.get(str(dpg.get_value(f"{_TAG}.before")), "")
        form.after = ids.get(str(dpg.get_value(f"{_TAG}.after")), "")
        form.loras = {
            str(lora.get("path")): round(float(dpg.get_value(f"{_TAG}.scale.{count}")), 3)
            for count, lora in enumerate(self._loras)
            if dpg.get_value(f"{_TAG}.lora.{count}")
        }
        form.movable = bool(self._loras) and bool(dpg.get_value(f"{_TAG}.movable"))

    def _weigh(self) -> None:
        """Say why it cannot be loaded like this, and what speaks against it."""
        mode = str((link_of(self.editing.mirror.status) or {}).get("mode", ""))
        vram = (self.server.ask("hardware") or {}).get("vram_gb")
        why = self.form.refusals(self._schemas)
        doubts = self.form.doubts(self._schemas, mode, vram)
        said = [*((text, "problem") for text in why), *((text, "warning") for text in doubts)]
        if said == self._said:
            return
        self._said = said
        dpg.delete_item(f"{_TAG}.why", children_only=True)
        for text, tone in said:
            self.look.text(text, tone, "small", wrap=0, parent=f"{_TAG}.why")
        dpg.configure_item(f"{_TAG}.load", enabled=not why)

    def _pick(self, sender: object, title: str) -> None:
        self.form.pipeline = self._titles(pipelines(self._schemas)).get(title, "")
        self.form.chosen = {}
        self._draw_choices()

    def _choose(self, sender: object, value: object, name: str) -> None:
        self.form.chosen[name] = None if value == "" else value

    def _load(self) -> None:
        self._read()
        url = (link_of(self.editing.mirror.status) or {}).get("url")
        if url and self.form.pipeline and not self.form.refusals(self._schemas):
            params = self.form.params(self._schemas)
            self.editing.ask("connect", url=url, pipelines=self.form.chain, load=params)
