"""A field over a param or a text, to type it: a number, some lines, or one of some choices.

Tags: `nodegraph.type_in`, `nodegraph.type_in.field`, `nodegraph.type_in.N` for the Nth choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeGuard

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas.lettering import folded, unfolded
from nodegraph.editor.choices import choices
from nodegraph.editor.editing import Editing
from nodegraph.editor.look.fonts import BODY
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import NumberError, read_number, show_amount
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.shell import Area
from nodegraph.nodetype import Param

_TAG: Final = "nodegraph.type_in"
_FIELD: Final = f"{_TAG}.field"
_NARROW, _WIDE, _LINES = 170, 420, 8
_EDGES: Final = 36  # of a field of several lines, with its scroll bar
_LONG: Final = 40  # characters
_WORDS: Final = (
    "text",
    "prompt",
    "custom_prompt",
    "script",
    "banks",
)  # params that hold more than a word


class TypeIn(Floating):
    """Enter takes what was typed, or in a long text Ctrl+Enter; Escape leaves all as it was."""

    def __init__(self, editing: Editing, look: Look) -> None:
        super().__init__(look, _TAG, 10)
        self.editing = editing
        self._node = ""
        self._param: Param | None = None
        self._listed: tuple[str, ...] = ()
        self._is_long = False
        self._before = ""
        self._take_text: Callable[[str], object] = lambda text: None

    def fill(self) -> None:
        dpg.add_group(tag=f"{_TAG}.body")
        self.look.bind(_TAG, "slip")

    def begin(self, node: str, param: str, area: Area) -> None:
        """Open it where the param is drawn."""
        type_ = self.editing.type_of(node)
        if type_ is None or param not in type_.params:
            return
        self._node, self._param, self._take_text = node, type_.params[param], self._set
        value = self.editing.param(node, param)
        text = show_amount(float(value)) if _is_number(value) else str(value)
        self._listed = choices(self._param, self.editing.deck.patch)
        may_be_long = self._param.kind == "string" and not self._listed
        self._is_long = may_be_long and is_long(param, text)
        self._begin(text, area)

    def begin_text(self, text: str, area: Area, take: Callable[[str], object]) -> None:
        """Open it over a text of several lines, which is given to `take` if it is changed."""
        self._param, self._is_long, self._listed = None, True, ()
        self._take_text = take
        self._begin(text, area)

    def _begin(self, text: str, area: Area) -> None:
        left, top, right, _ = area
        width = round(max(right - left, self.look.px(_WIDE if self._is_long else _NARROW)))
        if self._is_long:
            text = folded(text, (width - self.look.px(_EDGES)) / self.look.scale, BODY)
        self._before = self._unfolded(text)
        dpg.delete_item(f"{_TAG}.body", children_only=True)
        dpg.push_container_stack(f"{_TAG}.body")
        if self._listed:
            self._choices(text, width)
        else:
            self._field(text, width)
        dpg.pop_container_stack()
        edge = self.look.px(5)
        self.open((left - edge, top - edge), focus=0 if self._listed else _FIELD)

    def tick(self) -> None:
        if not self._listed:
            enter = dpg.is_key_pressed(dpg.mvKey_Return)
            ctrl = dpg.is_key_down(dpg.mvKey_LControl) or dpg.is_key_down(dpg.mvKey_RControl)
            if enter and (ctrl or not self._is_long):
                self._take(self._unfolded(dpg.get_value(_FIELD)).rstrip("\n"))
        if self.is_open:
            super().tick()

    def close(self) -> None:
        """A long text that was changed is kept by a click beside it too."""
        escaped = dpg.is_key_pressed(dpg.mvKey_Escape)
        if self.is_open and self._is_long and not escaped:
            self._keep(self._unfolded(dpg.get_value(_FIELD)))
        super().close()

    def _unfolded(self, text: str) -> str:
        return unfolded(text) if self._is_long else text

    def _field(self, text: str, width: int) -> None:
        look = self.look
        dpg.add_input_text(
            tag=_FIELD,
            default_value=text,
            width=width,
            multiline=self._is_long,
            height=look.px(20 * _LINES) if self._is_long else 0,
            auto_select_all=not self._is_long,
        )
        hint = "Ctrl+Enter keeps it" if self._is_long else ""
        look.text(hint, "faint", "small", tag=f"{_TAG}.hint", show=bool(hint), wrap=width)

    def _choices(self, value: str, width: int) -> None:
        for place, choice in enumerate(self._listed):
            dpg.add_selectable(
                label=choice,
                tag=f"{_TAG}.{place}",
                default_value=choice == value,
                width=width,
                user_data=choice,
                callback=self._chosen,
            )

    def _chosen(self, sender: object, data: object, choice: str) -> None:
        self.close()
        self._keep(choice)

    def _take(self, text: str) -> None:
        """Keep it and close, or say what is wrong with it."""
        param = self._param
        if param is not None and param.kind == "number":
            now = self.editing.param(self._node, param.name)
            try:
                value = read_number(text, param, float(now) if _is_number(now) else 0.0)
            except NumberError as error:
                dpg.set_value(f"{_TAG}.hint", str(error))
                dpg.configure_item(f"{_TAG}.hint", show=True)
                self.look.bind(f"{_TAG}.hint", "problem")
                dpg.focus_item(_FIELD)
                return
            self.editing.set_param(self._node, param.name, value)
        else:
            self._keep(text)
        self._is_long = False
        self.close()

    def _keep(self, text: str) -> None:
        if text != self._before:
            self._take_text(text)

    def _set(self, text: str) -> None:
        assert self._param is not None
        self.editing.set_param(self._node, self._param.name, text)


def is_long(param: str, text: str) -> bool:
    """Whether a text wants more than a line: because it is, or because of what it is called."""
    return len(text) > _LONG or "\n" in text or param.startswith(_WORDS)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
