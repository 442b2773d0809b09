"""Sliders with two ends and the curve between them: at rest below, at full energy above.

Tags: for a slider called T: `T` (a drawlist), `T.low`, `T.high` (fields).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import CLEAR, faded
from nodegraph.editor.look.theme import Look
from nodegraph.editor.numbers import NumberError, read_number, show_amount
from nodegraph.editor.panels.pages import when_edited
from nodegraph.editor.shell import Shell
from nodegraph.editor.span import Ends, Grip, Held, grip_at, shares
from nodegraph.nodetype import Param
from nodegraph.theme import CURVES

_FIELD: Final = 52
_HEIGHT: Final = 30
_STEPS: Final = 12  # pieces of a curve


@dataclass(frozen=True)
class Slider:
    """What a slider is of, where it stands now, and who is told: `moved(ends, gesture)`."""

    param: Param
    now: Callable[[], Ends]
    curve: Callable[[], str]
    moved: Callable[[Ends, str], object]
    complain: Callable[[str], object]


class Spans:
    """All sliders of a page. `add` in an open container, `tick` once a frame."""

    def __init__(self, look: Look, shell: Shell) -> None:
        self.look, self.shell = look, shell
        self._sliders: dict[str, Slider] = {}
        self._shown: dict[str, object] = {}
        self._held: tuple[str, Held, str] | None = None
        self._typed_handler = when_edited(self._typed)

    def clear(self) -> None:
        """Forget the sliders: somebody has deleted them."""
        self._sliders, self._shown, self._held = {}, {}, None

    def add(self, tag: str, width: int, slider: Slider) -> None:
        """Make a slider and its two fields, in a line of this width."""
        look = self.look
        self._sliders[tag] = slider
        with dpg.group(horizontal=True, horizontal_spacing=look.px(6)):
            self._field(tag, "low")
            room = width - 2 * (look.px(_FIELD) + look.px(6))
            dpg.add_drawlist(max(room, look.px(40)), look.px(_HEIGHT), tag=tag)
            self._field(tag, "high")

    def tick(self) -> None:
        """Follow the hand and what is so now."""
        for tag, slider in self._sliders.items():
            if dpg.is_item_visible(tag):
                self._refresh(tag, slider, self._hand(tag, slider))

    def _field(self, tag: str, end: str) -> None:
        field = dpg.add_input_text(
            tag=f"{tag}.{end}", width=self.look.px(_FIELD), user_data=(tag, end)
        )
        dpg.bind_item_font(field, self.look.fonts.small)
        dpg.bind_item_handler_registry(field, self._typed_handler)

    def _hand(self, tag: str, slider: Slider) -> Grip | None:
        """Let what is held go with the mouse; gives what is held, or could be."""
        width = float(dpg.get_item_rect_size(tag)[0])
        x = dpg.get_mouse_pos(local=False)[0] - dpg.get_item_rect_min(tag)[0]
        if self._held is not None:
            at, held, gesture = self._held
            if at != tag:
                return None
            if not dpg.is_mouse_button_down(0):
                self._held = None
                return None
            ends = held.move(x, fine="shift" in self.shell.modifiers)
            if ends is not None:
                slider.moved(ends, gesture)
            return held.grip
        if not dpg.is_item_hovered(tag):
            return None
        if dpg.is_mouse_button_clicked(0):
            held = Held(slider.param, slider.now(), x, width)
            self._held = (tag, held, self.shell.editing.begin_gesture())
        return grip_at(slider.param, slider.now(), x, width)

    def _refresh(self, tag: str, slider: Slider, grip: Grip | None) -> None:
        is_held = self._held is not None and self._held[0] == tag
        ends = self._held[1].ends if self._held is not None and is_held else slider.now()
        state = (ends, slider.curve(), grip, self.look.colours.name)
        if self._shown.get(tag) == state:
            return
        self._shown[tag] = state
        for end, value in zip(("low", "high"), ends, strict=True):
            if not dpg.is_item_active(f"{tag}.{end}"):
                dpg.set_value(f"{tag}.{end}", show_amount(value, whole=slider.param.integer))
        self._draw(tag, slider, ends, grip)

    def _draw(self, tag: str, slider: Slider, ends: Ends, grip: Grip | None) -> None:
        look, c = self.look, self.look.colours
        edge, knob = look.px(5), look.px(4)
        width, height = dpg.get_item_width(tag) - 2 * edge, look.px(_HEIGHT) - 2 * edge
        low, high = shares(slider.param, ends)
        bend = CURVES.get(slider.curve(), CURVES["linear"])

        def at(energy: float) -> list[float]:
            share = low + (high - low) * bend(energy)
            return [edge + share * width, edge + (1.0 - energy) * height]

        dpg.delete_item(tag, children_only=True)
        left, right = sorted((at(0.0)[0], at(1.0)[0]))
        whole, below = edge + width, 2 * edge + height
        dpg.draw_rectangle((edge, 0), (whole, below), fill=c.raised, color=CLEAR, parent=tag)
        ground = faded(c.accent, 0.3 if grip == "both" else 0.18)
        dpg.draw_rectangle((left, 0), (right, below), fill=ground, color=CLEAR, parent=tag)
        points = [at(step / _STEPS) for step in range(_STEPS + 1)]
        dpg.draw_polyline(points, color=c.accent, thickness=look.px(2), parent=tag)
        for end, energy in (("low", 0.0), ("high", 1.0)):
            fill = c.text if grip in (end, "both") else c.accent
            dpg.draw_circle(at(energy), knob, fill=fill, color=CLEAR, parent=tag)

    def _typed(self, sender: object, field: int | str) -> None:
        tag, end = dpg.get_item_user_data(field)
        slider = self._sliders[tag]
        low, high = slider.now()
        try:
            value = read_number(
                str(dpg.get_value(f"{tag}.{end}")), slider.param, low if end == "low" else high
            )
        except NumberError as error:
            slider.complain(str(error))
        else:
            slider.moved((value, high) if end == "low" else (low, value), "")
        self._shown.pop(tag, None)
