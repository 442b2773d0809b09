"""The params of one node as rows of widgets: what is set, what drives it, the way back.

Tags: `nodegraph.inspector.param.NAME`, with `.reset`, `.expose`, `.label`, `.choose` and `.bar`
added.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import sentence
from nodegraph.editor.canvas.turning import is_slider, live
from nodegraph.editor.choices import choices, wanted
from nodegraph.editor.editing import Editing
from nodegraph.editor.hold import Hold
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import share, show_number
from nodegraph.editor.panels import param_bar
from nodegraph.editor.panels.param_bar import Driven, driven
from nodegraph.editor.panels.type_in import is_long
from nodegraph.editor.shell import Shell
from nodegraph.graph import ParamValue, Port
from nodegraph.nodetype import Param

_TAG: Final = "nodegraph.inspector.param"
_LABEL: Final = 96
_END, _ENDS = 20, 50  # how wide what is at the end of a row is: outside subpatches, and in them
_PLAIN: Final = "mvAppItemType::mvText"


class Params:
    """Rows for the params of the node that is inspected. `build` in an open container."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self._id = ""
        self._params: dict[str, Param] = {}
        self._driven: dict[str, str] = {}
        self._shown: dict[str, object] = {}
        self._held: Hold | None = None
        self._gesture = ""
        with dpg.item_handler_registry() as self._edited:
            dpg.add_item_deactivated_after_edit_handler(callback=self._text_done)
        with dpg.item_handler_registry() as self._clicked:
            dpg.add_item_clicked_handler(callback=self._text_clicked)

    def build(self, id: str, params: Collection[Param], exposed: Collection[str]) -> None:
        """Make the rows; `exposed` are those that the definition shows outside."""
        self._id, self._params = id, {param.name: param for param in params}
        self._shown, self._held = {}, None
        self._driven = {
            name: source
            for name in self._params
            if (source := self.editing.brings(Port(id, name))) is not None
        }
        with dpg.table(header_row=False) as table:
            dpg.add_table_column(width_fixed=True, init_width_or_weight=self.look.px(_LABEL))
            dpg.add_table_column(width_stretch=True)
            ends = _ENDS if self.editing.definition else _END
            dpg.add_table_column(width_fixed=True, init_width_or_weight=self.look.px(ends))
            for param in params:
                with dpg.table_row():
                    self._label(param)
                    with dpg.group():
                        self._widget(param)
                    self._ends(param, param.name in exposed)
        self.look.bind(table, "row")

    def clear(self) -> None:
        """Forget the rows: somebody has deleted them."""
        self._params, self._held = {}, None

    def tick(self) -> None:
        """Follow what is dragged, and show what is so now."""
        self._drag()
        for name, param in self._params.items():
            self._refresh(name, param)

    def _label(self, param: Param) -> None:
        wired = self.editing.patch.wire_to(Port(self._id, param.name))
        with dpg.group():
            label = self.look.text(
                param.name.replace("_", " "),
                "accent_text" if wired else "dim",
                "small",
                level=True,
                wrap=self.look.px(_LABEL),
                tag=f"{_TAG}.{param.name}.label",
            )
            if wired:
                self.look.text(f"← {wired.source}", "faint", "small", wrap=self.look.px(_LABEL))
        if param.help:
            with dpg.tooltip(label, delay=0.4):
                self.look.text(sentence(param.help), font="small", wrap=self.look.px(280))

    def _widget(self, param: Param) -> None:
        tag, name, value = f"{_TAG}.{param.name}", param.name, self._value(param.name)
        if param.kind == "number":
            self._number(param, tag)
        elif param.kind == "boolean":
            dpg.add_checkbox(tag=tag, user_data=name, callback=self._set)
        elif listed := choices(param, self.editing.deck.patch):
            dpg.add_combo(list(listed), tag=tag, width=-1, user_data=name, callback=self._set)
        else:
            self._text(name, tag, str(value))

    def _number(self, param: Param, tag: str) -> None:
        button = dpg.add_button(
            tag=tag, width=-1, height=self.look.px(24), user_data=param.name, callback=self._typed
        )
        self.look.bind(button, "field")
        if is_slider(param):
            with dpg.drawlist(self.look.px(40), self.look.px(3), tag=f"{tag}.bar"):
                pass

    def _text(self, name: str, tag: str, value: str) -> None:
        if is_long(name, value) and not wanted(name):
            self._long_text(name, tag)
            return
        with dpg.group(horizontal=True):
            width = self.look.px(-32) if wanted(name) else -1
            dpg.add_input_text(tag=tag, user_data=name, width=width)
            if wanted(name):
                dpg.add_button(
                    label="…", tag=f"{tag}.choose", user_data=name, callback=self._choose_file
                )
        dpg.bind_item_handler_registry(tag, self._edited)

    def _long_text(self, name: str, tag: str) -> None:
        """Shown whole, as fields do not wrap; a click opens a wide one."""
        with dpg.child_window(auto_resize_y=True, always_use_window_padding=True) as ground:
            self.look.text("", font="small", wrap=0, tag=tag, user_data=name)
        self.look.bind(ground, "paper")
        dpg.bind_item_handler_registry(tag, self._clicked)

    def _ends(self, param: Param, is_exposed: bool) -> None:
        with dpg.group(horizontal=True):
            reset = dpg.add_button(
                label="↺",
                tag=f"{_TAG}.{param.name}.reset",
                user_data=param.name,
                small=True,
                show=False,
                callback=self._reset,
            )
            self.look.bind(reset, "quiet")
            with dpg.tooltip(reset, delay=0.4):
                self.look.text(f"Back to {_read(param, param.default)}", font="small")
            if self.editing.definition:
                expose = dpg.add_button(
                    label="●" if is_exposed else "○",
                    tag=f"{_TAG}.{param.name}.expose",
                    user_data=(param.name, is_exposed),
                    small=True,
                    callback=self._expose,
                )
                self.look.bind(expose, "quiet")
                with dpg.tooltip(expose, delay=0.4):
                    told = "Hide it from" if is_exposed else "Show it on"
                    self.look.text(f"{told} the outside of this subpatch", font="small")

    def _value(self, name: str) -> ParamValue:
        held = self._held
        if held is not None and held.param.name == name and held.is_drag:
            return held.value
        return self.editing.param(self._id, name)

    def _refresh(self, name: str, param: Param) -> None:
        """Write one row anew if what it shows has changed."""
        node = self.editing.patch.nodes.get(self._id)
        value, is_set = self._value(name), node is not None and name in node.params
        source, now, by = self._driven.get(name), None, None
        if source is not None:
            now = self.editing.watching.newest(source)
            if is_slider(param):
                by = driven(param, self.editing.watching.history(source))
        width = self._bar_width(name)
        pixels = by and tuple(round(at * width) for at in by)
        listed = choices(param, self.editing.deck.patch) if param.themes else ()
        state = (value, is_set, live(now) if now is not None else None, pixels, width, listed)
        if self._shown.get(name) == state:
            return
        tag = f"{_TAG}.{name}"
        if listed:
            dpg.configure_item(tag, items=list(listed))
        if param.kind == "number" and isinstance(value, int | float):
            shown = _read(param, value) if now is None else f"{live(now)} {param.unit}".rstrip()
            dpg.configure_item(tag, label=f"{shown}##{name}")
            if is_slider(param):
                self._draw_bar(name, param, float(value), by)
        elif dpg.get_item_type(tag) == _PLAIN:
            dpg.set_value(tag, value or "Click to type")
        elif not dpg.is_item_active(tag):
            dpg.set_value(tag, value)
        else:
            return
        self._shown[name] = state
        dpg.configure_item(f"{tag}.reset", show=is_set)

    def _bar_width(self, name: str) -> int:
        return int(dpg.get_item_rect_size(f"{_TAG}.{name}")[0])

    def _draw_bar(self, name: str, param: Param, value: float, by: Driven | None) -> None:
        """Where the value stands in its range, and what drives it on top."""
        width = max(self._bar_width(name), 1)
        is_set = name in self.editing.patch.nodes[self._id].params
        is_driven = name in self._driven
        bar, at = f"{_TAG}.{name}.bar", share(value, param)
        param_bar.draw(self.look, bar, width, at, by, is_driven=is_driven, is_set=is_set)

    def _drag(self) -> None:
        """A press on a number that moves turns it; one that does not is nothing yet."""
        held = self._held
        if held is None:
            for name, param in self._params.items():
                if param.kind == "number" and dpg.is_item_activated(f"{_TAG}.{name}"):
                    self._press(name)
            return
        if not dpg.is_item_active(f"{_TAG}.{held.param.name}"):
            self._held = None
            self._shown.pop(held.param.name, None)
            return
        x = dpg.get_mouse_pos(local=False)[0]
        modifiers = self.shell.modifiers
        fine, coarse = "shift" in modifiers, "ctrl" in modifiers
        value = held.moved(x, self._bar_width(held.param.name), fine=fine, coarse=coarse)
        if value is not None:
            self._gesture = self._gesture or self.editing.begin_gesture()
            self.editing.set_param(self._id, held.param.name, value, self._gesture)

    def _press(self, name: str) -> None:
        value = self.editing.param(self._id, name)
        if dpg.is_mouse_button_down(0) and isinstance(value, int | float):
            x = dpg.get_mouse_pos(local=False)[0]
            self._held, self._gesture = Hold(self._params[name], x, float(value)), ""

    def _typed(self, sender: int | str, data: object, name: str) -> None:
        """A click that was no drag: type a value, or with alt or ctrl go back to the default."""
        if self._held is not None and self._held.is_drag:
            return
        self._held = None
        if self.shell.modifiers & {"alt", "ctrl"}:
            self.editing.unset_param(self._id, name)
        else:
            self._type_in(name, sender)

    def _type_in(self, name: str, item: int | str) -> None:
        left, top = dpg.get_item_rect_min(item)
        width, height = dpg.get_item_rect_size(item)
        self.shell.type_value(self._id, name, (left, top, left + width, top + height))

    def _set(self, sender: object, value: ParamValue, name: str) -> None:
        self.editing.set_param(self._id, name, value)

    def _text_clicked(self, sender: object, click: tuple[int, int | str]) -> None:
        field = click[1]
        self._type_in(str(dpg.get_item_user_data(field)), field)

    def _text_done(self, sender: object, field: int | str) -> None:
        name = str(dpg.get_item_user_data(field))
        self.editing.set_param(self._id, name, str(dpg.get_value(f"{_TAG}.{name}")))

    def _choose_file(self, sender: object, data: object, name: str) -> None:
        id, what = self._id, wanted(name)

        def take(path: str) -> None:
            self.editing.set_param(id, name, path)

        if what == "sound":
            self.shell.filing.choose_sound(str(self._value(name)), take)
        elif what is not None:
            self.shell.choose_stored(what, take)

    def _reset(self, sender: object, data: object, name: str) -> None:
        self.editing.unset_param(self._id, name)

    def _expose(self, sender: object, data: object, about: tuple[str, bool]) -> None:
        name, is_exposed = about
        (self.editing.hide if is_exposed else self.editing.expose)(self._id, name)


def _read(param: Param, value: ParamValue) -> str:
    if param.kind == "number" and isinstance(value, int | float):
        return show_number(float(value), param)
    return str(value) if value != "" else "nothing"
