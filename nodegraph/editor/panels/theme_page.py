"""One theme of the patch, to be changed while it plays.

Tags: `nodegraph.theme.page`, `nodegraph.theme.back`, `.use`, `.keep`, `.export`, `.copy`,
`.rename`, `.remove`; for what is in a list its place with `.take` added, which takes it away, and
`nodegraph.theme.add.FIELD`, which adds one. Those of fields are in `theme_fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.turning import value_at
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.pages import calls, section
from nodegraph.editor.panels.theme_fields import TAG, Fields, tag_of
from nodegraph.editor.shell import Shell
from nodegraph.editor.theme_data import Data, add, items, members, number_of, put, take
from nodegraph.errors import Problem
from nodegraph.graph import JSON
from nodegraph.graph.theming import Place
from nodegraph.theme import CURVES, MOTIONS, PARAMETERS, PROFILES, TRIGGERS
from nodegraph.themes import read
from nodegraph.themes.reading import title

_PAGE: Final = f"{TAG}.page"
_ALONE: Final = "left alone"  # what a profile that is none is called
_LABEL: Final = 78
_DYES: Final = 7  # colours in a row
_NEW_DYE: Final = "#808080"
_GOES: Final = {on: on if on == "energy" else f"at a {on}" for on in TRIGGERS} | {
    "silence": "in silence"
}


class ThemePage:
    """Shows a theme by its name; `deeds` are the buttons at its top, by tag and label."""

    def __init__(
        self,
        editing: Editing,
        look: Look,
        shell: Shell,
        deeds: Iterable[tuple[str, str, Callable[[], object]]],
    ) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self.name = ""
        self._deeds = tuple(deeds)
        self._fields = Fields(look, shell, self._now, self._change)
        self._drawn: object = None

    def build(self, parent: int | str) -> None:
        """Make the empty page."""
        dpg.add_group(tag=_PAGE, parent=parent, show=False)

    def show(self, name: str) -> None:
        """Show a theme of the patch; none if the name is empty."""
        self.name = name
        dpg.configure_item(_PAGE, show=bool(name))

    def tick(self) -> None:
        """Follow the theme that is shown."""
        data = self._now()
        width = int(dpg.get_item_rect_size(dpg.get_item_parent(_PAGE))[0])
        shape = (self.name, self.look.colours.name, width, _shape(data))
        if shape != self._drawn:
            self._drawn = shape
            self._write(data, width - self.look.px(12))
        self._fields.follow(self._problems)

    def _now(self) -> Data:
        return self.editing.themes.get(self.name, {})

    def _change(self, data: Data, gesture: str | None = None) -> None:
        self.editing.change_theme(self.name, data, gesture)

    def _problems(self, data: Data) -> tuple[Problem, ...]:
        return read(self.name, data)[1]

    def _write(self, data: Data, width: int) -> None:
        self._fields.clear()
        dpg.delete_item(_PAGE, children_only=True)
        dpg.push_container_stack(_PAGE)
        try:
            self._head()
            self._looks(data)
            self._variations(data)
            self._ranges(data, width)
            self._loras(data, width)
        finally:
            dpg.pop_container_stack()

    def _head(self) -> None:
        look, fields = self.look, self._fields
        for row in (self._deeds[:3], self._deeds[3:]):
            with dpg.group(horizontal=True, horizontal_spacing=look.px(4)):
                for name, label, act in row:
                    tag = f"{TAG}.{name}"
                    button = dpg.add_button(label=label, tag=tag, callback=calls(act))
                    look.bind(button, "accent" if name == "use" else "chosen")
                    dpg.bind_item_font(button, look.fonts.small)
        fields.text(("name",), title(self.name))
        look.text(f"named {self.name} in params", "faint", "small")
        fields.fault()
        fields.lines(("prompt",), "Click to say what to paint")

    def _looks(self, data: Data) -> None:
        profiles = {_ALONE: "", **{name: name for name in PROFILES}}
        with dpg.table(header_row=False) as table:
            dpg.add_table_column(width_fixed=True, init_width_or_weight=self.look.px(_LABEL))
            dpg.add_table_column(width_stretch=True)
            self._row("style", lambda at: self._fields.lines(at, "words, with commas"))
            self._row("negative", lambda at: self._fields.text(at, "what not to paint"))
            self._row("motion", lambda at: self._fields.choice(at, {it: it for it in MOTIONS}))
            self._row("denoising", lambda at: self._fields.choice(at, profiles))
            self._row("reference", lambda at: self._fields.picture(at, "a picture on the server"))
        self.look.bind(table, "row")
        self._palette(len(items(data.get("palette"))))

    def _row(self, field: str, make: Callable[[Place], None]) -> None:
        with dpg.table_row():
            self.look.text(field, "dim", "small", level=True)
            with dpg.group():
                make((field,))
                self._fields.fault(field)

    def _palette(self, count: int) -> None:
        section(self.look, "Palette")
        self._fields.fault("palette")
        for first in range(0, count + 1, _DYES):
            with dpg.group(horizontal=True, horizontal_spacing=self.look.px(4)):
                for index in range(first, min(first + _DYES, count)):
                    with dpg.group():
                        self._fields.dye(("palette", index))
                        self._taker(("palette", index))
                if count < first + _DYES:
                    self._adder("palette", "+", lambda: add(self._now(), "palette", _NEW_DYE))

    def _variations(self, data: Data) -> None:
        section(self.look, "Variations")
        triggers = {label: on for on, label in _GOES.items()}
        self._fields.fault("variations")
        for index in range(len(items(data.get("variations")))):
            with dpg.group(horizontal=True):
                width = self.look.px(120)
                self._fields.choice(("variations", index, "on"), triggers, width)
                self._taker(("variations", index))
            self._fields.lines(("variations", index, "text"), "Click to say what to paint")
            self._fields.fault("variations", index)
        new: JSON = {"text": "another picture of it"}
        self._adder("variations", "Add a variation", lambda: add(self._now(), "variations", new))

    def _ranges(self, data: Data, width: int) -> None:
        section(self.look, "Ranges")
        self._fields.fault("ranges")
        there = members(data, "ranges")
        for name in there:
            with dpg.group(horizontal=True):
                self.look.text(name.replace("_", " "), font="small", level=True)
                curves = {curve: curve for curve in CURVES}
                self._fields.choice(("ranges", name, "curve"), curves, self.look.px(104))
                self._taker(("ranges", name))
            self._fields.span(("ranges", name), width)
            self._fields.fault("ranges", name)
        free = [name for name in PARAMETERS if name not in there]
        if free:
            dpg.add_combo(
                free,
                tag=f"{TAG}.add.ranges",
                default_value="Add a range",
                width=-1,
                callback=lambda sender, name: self._open_range(("ranges", name)),
            )

    def _loras(self, data: Data, width: int) -> None:
        section(self.look, "LoRAs")
        self._fields.fault("loras")
        for path in members(data, "loras"):
            with dpg.group(horizontal=True):
                self._taker(("loras", path))
                self.look.text(path, font="small", level=True, wrap=0)
            self._fields.span(("loras", path), width)
            self._fields.fault("loras", path)
        button = dpg.add_button(
            label="Add a LoRA", tag=f"{TAG}.add.loras", callback=calls(self._choose_lora)
        )
        self.look.bind(button, "quiet")

    def _open_range(self, place: Place) -> None:
        """Begin a range in the middle of what it may be."""
        param = number_of(place)
        low, high = value_at(param, 0.3), value_at(param, 0.7)
        self._change(put(self._now(), place, {"low": low, "high": high}))

    def _choose_lora(self) -> None:
        def add_lora(path: str) -> None:
            self._change(put(self._now(), ("loras", path), {"low": 0.0, "high": 1.0}))

        self.shell.choose_stored("lora", add_lora)

    def _adder(self, field: str, label: str, made: Callable[[], Data]) -> None:
        button = dpg.add_button(
            label=label,
            tag=f"{TAG}.add.{field}",
            callback=calls(lambda: self._change(made())),
        )
        self.look.bind(button, "quiet")

    def _taker(self, place: Place) -> None:
        button = dpg.add_button(
            label="×",
            tag=f"{tag_of(*place)}.take",
            small=True,
            callback=calls(lambda: self._change(take(self._now(), place))),
        )
        self.look.bind(button, "quiet")


def _shape(data: Data) -> object:
    """What of a theme decides which fields there are."""
    lists = (len(items(data.get(field))) for field in ("palette", "variations"))
    return (*lists, *(tuple(members(data, field)) for field in ("ranges", "loras")))
