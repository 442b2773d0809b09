"""A window above the others that goes away by Escape or a click beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.theme import Look

_SHOWN: Final = 2  # frames after which a window just shown has its size and takes the keys
_FOCUS_WITHIN: Final = 30  # frames in which a field has to have taken them


class Floating:
    """A window without a title bar. `build` fills it, `open` shows it and `close` hides it.

    `tag` names the window. A subclass overrides `fill`, and `tick`, which is called once a frame
    while it is open and begins with `super().tick()`.
    """

    def __init__(self, look: Look, tag: str, width: int, *, modal: bool = False) -> None:
        self.look = look
        self.tag = tag
        self.is_open = False
        self.on_close: Callable[[], None] = lambda: None
        self._width = width
        self._modal = modal
        self._focus: int | str = 0
        self._frames = 0
        self._place: tuple[float, float] | None = None

    def build(self) -> None:
        """Make the window, hidden."""
        with dpg.window(
            tag=self.tag,
            show=False,
            modal=self._modal,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_collapse=True,
            no_scrollbar=True,
            autosize=True,
            no_saved_settings=True,
            min_size=(self.look.px(self._width), 10),
            pos=(-4000, -4000),
        ):
            self.look.bind(self.tag, "float")
            self.fill()

    def fill(self) -> None:
        """Put items into the window."""
        raise NotImplementedError

    def open(self, at: tuple[float, float] | None = None, focus: int | str = 0) -> None:
        """Show it near a place of the window, or centred; then let keys go to `focus`."""
        self.is_open, self._frames, self._place, self._focus = True, 0, at, focus
        dpg.configure_item(self.tag, show=True, pos=(-4000, -4000))
        dpg.focus_item(self.tag)

    def close(self) -> None:
        """Hide it."""
        if self.is_open:
            self.is_open = False
            dpg.configure_item(self.tag, show=False)
            self.on_close()

    def tick(self) -> None:
        """Keep it in the window, and close it when it is time to."""
        self._frames += 1
        if self._frames < _SHOWN:
            return
        self._settle()
        self._give_keys()
        if self._frames == _SHOWN:
            return
        if dpg.is_key_pressed(dpg.mvKey_Escape) or (not self._modal and self._clicked_beside()):
            self.close()

    def _give_keys(self) -> None:
        """Try until the field has the keys: not while the click that opened us is held."""
        if not self._focus or any(map(dpg.is_mouse_button_down, range(3))):
            return
        if self._frames > _FOCUS_WITHIN or dpg.is_item_active(self._focus):
            self._focus = 0
        else:
            dpg.focus_item(self._focus)

    def _settle(self) -> None:
        """Once its size is known, put it where it should be and where all of it is seen."""
        width, height = dpg.get_item_rect_size(self.tag)
        across, down = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        if self._place is None:
            x, y = (across - width) / 2, max((down - height) * 0.36, 0)
        else:
            x, y = self._place
        edge = self.look.px(8)
        x = max(edge, min(x, across - width - edge))
        y = max(edge, min(y, down - height - edge))
        if [round(x), round(y)] != dpg.get_item_pos(self.tag):
            dpg.set_item_pos(self.tag, [round(x), round(y)])

    def _clicked_beside(self) -> bool:
        if not (dpg.is_mouse_button_clicked(0) or dpg.is_mouse_button_clicked(1)):
            return False
        x, y = dpg.get_mouse_pos(local=False)
        left, top = dpg.get_item_pos(self.tag)
        width, height = dpg.get_item_rect_size(self.tag)
        return not (left <= x <= left + width and top <= y <= top + height)
