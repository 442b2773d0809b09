"""The picture alone in a window of its own: `python -m nodegraph.editor.curtain [--show NAME]`.

It is a client of the show like the editor, and goes on without it. Double click or F fills the
screen that the window is on, Escape leaves that and then closes the window.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.display import why_no_window
from nodegraph.editor.link import Link
from nodegraph.editor.mirror import Mirror
from nodegraph.editor.monitors import Monitor, around, monitors
from nodegraph.editor.pictures import Box, Pictures, fitted
from nodegraph.remote.address import find_show

WINDOW: Final = "nodegraph.curtain"
_SIZE: Final = (1024, 576)
_USUAL: Final = (576, 320)  # of pictures; a texture for larger ones is made when one comes
_LOOK: Final = 1 / 120  # seconds between two looks for a picture
_REST: Final = 0.1  # seconds after which a frame is drawn without one, for hands and sizes
_BLACK: Final = (0, 0, 0, 255)
_GREY: Final = (140, 140, 140, 255)


class Curtain:
    """Draws a frame when there is another picture, and a few beside."""

    def __init__(self, link: Link) -> None:
        self.link, self.mirror = link, Mirror()
        self.pictures = Pictures(link, self.mirror, _USUAL, grows=True)
        self._texture: int | None = None
        self._held: object = None  # the buffer that the texture shows
        self._full = False
        self._before = Monitor(0, 0, *_SIZE)
        self._drawn: tuple[object, ...] = ()

    def run(self) -> None:
        """Show the window until it is closed."""
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        width, height = _SIZE
        dpg.create_viewport(
            title="nodegraph picture", width=width, height=height, clear_color=_BLACK
        )
        dpg.setup_dearpygui()
        dpg.add_viewport_drawlist(tag=WINDOW, front=False)
        dpg.show_viewport()
        self.pictures.want(True)
        due = 0.0
        try:
            while dpg.is_dearpygui_running():
                self.link.pump(self.mirror.hear)
                if self._take() or time.monotonic() >= due:
                    due = time.monotonic() + _REST
                    dpg.get_callback_queue()
                    self._draw()
                    dpg.render_dearpygui_frame()
                    if not self._hand():
                        break
                time.sleep(_LOOK)
        finally:
            self.link.close()
            dpg.destroy_context()

    def _take(self) -> bool:
        fresh = self.pictures.tick()
        if fresh and self._held is not self.pictures.buffer:
            self._held = buffer = self.pictures.buffer
            height, width, _ = buffer.shape
            with dpg.texture_registry():
                self._texture = int(
                    dpg.add_raw_texture(width, height, buffer, format=dpg.mvFormat_Float_rgb)
                )
        return fresh

    def _draw(self) -> None:
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        told = "" if self._texture is not None else self._words()
        drawn = (width, height, self.pictures.size, self._texture, told)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        dpg.delete_item(WINDOW, children_only=True)
        if self._texture is None:
            dpg.draw_text((24, 24), told, color=_GREY, size=20, parent=WINDOW)
            return
        box = fitted(self.pictures.size, Box(0, 0, width, height))
        dpg.draw_image(self._texture, box[:2], box[2:], uv_max=self.pictures.uv, parent=WINDOW)

    def _words(self) -> str:
        if self.link.state != "connected":
            return self.link.reason
        link = self.mirror.status.get("link")
        if not isinstance(link, dict):
            return "No Scope server is connected."
        return str(link.get("reason", ""))

    def _hand(self) -> bool:
        """Do what keys and mouse ask for; whether the window stays."""
        turns = dpg.is_key_pressed(dpg.mvKey_F) or dpg.is_mouse_button_double_clicked(0)
        leaves = dpg.is_key_pressed(dpg.mvKey_Escape)
        if turns or (leaves and self._full):
            self._fill()
            return True
        return not leaves

    def _fill(self) -> None:
        """Fill the monitor that the window is on, or be as large as before."""
        self._full = not self._full
        width, height = dpg.get_viewport_width(), dpg.get_viewport_height()
        left, top = map(int, dpg.get_viewport_pos())
        monitor = around(monitors(), left + width / 2, top + height / 2)
        if monitor is None:
            dpg.toggle_viewport_fullscreen()
            return
        if self._full:
            self._before = Monitor(left, top, width, height)
        place = monitor if self._full else self._before
        dpg.set_viewport_decorated(not self._full)
        dpg.set_viewport_pos([place.left, place.top])
        dpg.set_viewport_width(place.width)
        dpg.set_viewport_height(place.height)


def main() -> None:
    """Open the window, or say why there can be none."""
    parser = argparse.ArgumentParser(prog="nodegraph.editor.curtain", description=__doc__)
    parser.add_argument("--show", metavar="NAME", help="Which show, by name or process.")
    show = parser.parse_args().show
    if why := why_no_window():
        sys.exit(why)
    Curtain(Link(lambda: find_show(show))).run()


if __name__ == "__main__":
    main()
