"""The fixed arrangement of the window: columns and rows with bars between them that can be dragged.

menu bar
top      crumbs and decks
left  │ canvas  │ right
      │ drawer  │
foot     transport
status
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.settings import Settings

MAIN: Final = "nodegraph.main"
TOP: Final = "nodegraph.top"
LEFT: Final = "nodegraph.left"
CANVAS: Final = "nodegraph.canvas"
DRAWER: Final = "nodegraph.drawer"
RIGHT: Final = "nodegraph.right"
FOOT: Final = "nodegraph.foot"
STATUS: Final = "nodegraph.status"

_ALL, _BODY, _MIDDLE = "nodegraph.all", "nodegraph.body", "nodegraph.middle"
_BARS: Final = {"left": "nodegraph.bar.left", "right": "nodegraph.bar.right"}
_BAR_DRAWER: Final = "nodegraph.bar.drawer"
_MENU: Final = 28
_TOP: Final = 40
_FOOT: Final = 60
_STATUS: Final = 28
_BAR: Final = 3
_LEAST: Final = 160  # of a side panel
_LEAST_MIDDLE: Final = 260


class Layout:
    """Sizes of everything, from the size of the window and the settings.

    `shown` in the settings names what is open of left, right, drawer and foot; `settings` changes
    when a bar is dragged.
    """

    def __init__(self, look: Look, settings: Settings) -> None:
        self.look, self.settings = look, settings
        self.full = False
        self._news = News()

    def build(self, menu: Callable[[], None]) -> None:
        """Make the window with empty regions; `menu` fills the menu bar."""
        look = self.look
        with dpg.window(tag=MAIN, no_scrollbar=True, no_scroll_with_mouse=True):
            with dpg.menu_bar():
                menu()
            with dpg.group(tag=_ALL):
                self._region(TOP)
                with dpg.group(tag=_BODY, horizontal=True, horizontal_spacing=0):
                    self._region(LEFT)
                    self._bar(_BARS["left"])
                    with dpg.child_window(
                        tag=_MIDDLE, no_scrollbar=True, no_scroll_with_mouse=True
                    ):
                        self._region(CANVAS, padded=False)
                        self._bar(_BAR_DRAWER)
                        self._region(DRAWER)
                    self._bar(_BARS["right"])
                    self._region(RIGHT)
                self._region(FOOT)
                self._region(STATUS)
        look.bind(MAIN, "edge")
        look.bind(_ALL, "flush")
        for item in (LEFT, RIGHT, DRAWER):
            look.bind(item, "panel")
        for item in (TOP, FOOT, STATUS):
            look.bind(item, "strip")
        dpg.set_primary_window(MAIN, True)
        dpg.configure_item(MAIN, no_scrollbar=True, no_scroll_with_mouse=True)

    def is_shown(self, region: str) -> bool:
        """Whether a side is open."""
        return region in self.settings.shown

    def toggle(self, region: str) -> None:
        """Open a side, or close it."""
        shown = self.settings.shown
        shown = tuple(x for x in shown if x != region) if region in shown else (*shown, region)
        self.settings = replace(self.settings, shown=shown)

    def tick(self) -> None:
        """Follow the window and the bars that are dragged."""
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        if dpg.is_mouse_button_dragging(0, 1):
            self._drag(width, height)
        if self._news.of("all", (width, height, self.look.scale, self.full, self.settings)):
            self._arrange(width, height)

    def _arrange(self, width: int, height: int) -> None:
        px, shown, it = self.look.px, self.settings.shown, self.settings
        sides = {name: name in shown and not self.full for name in ("left", "right", "drawer")}
        foot = px(_FOOT) if "foot" in shown else 0
        body = height - px(_MENU) - px(_TOP) - px(_STATUS) - foot
        left = px(it.left) if sides["left"] else 0
        right = px(it.right) if sides["right"] else 0
        bar = px(_BAR)
        free = width - px(_LEAST_MIDDLE) - 2 * bar
        if left + right > free and left + right:
            left, right = left * free // (left + right), right * free // (left + right)
        middle = width - left - right - bar * (sides["left"] + sides["right"])
        drawer = min(px(it.drawer), body // 2) if sides["drawer"] else 0
        canvas = body - drawer - (bar if drawer else 0)
        self._size(TOP, width, px(_TOP))
        self._size(LEFT, left, body)
        self._size(_BARS["left"], bar if left else 0, body)
        self._size(_MIDDLE, middle, body)
        self._size(CANVAS, middle, canvas)
        self._size(_BAR_DRAWER, middle if drawer else 0, bar)
        self._size(DRAWER, middle if drawer else 0, drawer)
        self._size(_BARS["right"], bar if right else 0, body)
        self._size(RIGHT, right, body)
        self._size(FOOT, width if foot else 0, foot)
        self._size(STATUS, width, px(_STATUS))

    def _region(self, tag: str, *, padded: bool = True) -> None:
        dpg.add_child_window(
            tag=tag,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            always_use_window_padding=padded,
            width=10,
            height=10,
        )

    def _bar(self, tag: str) -> None:
        self.look.bind(dpg.add_button(tag=tag, width=self.look.px(_BAR), height=10), "splitter")

    def _size(self, tag: str, width: int, height: int) -> None:
        """Give an item its size, or hide it if it has none."""
        if not self._news.of(tag, (width, height)):
            return
        if width <= 0 or height <= 0:
            dpg.configure_item(tag, show=False)
        else:
            dpg.configure_item(tag, show=True, width=width, height=height)

    def _drag(self, width: int, height: int) -> None:
        """Follow the bar that is held."""
        x, y = dpg.get_mouse_pos(local=False)
        scale = self.look.scale
        if dpg.is_item_active(_BARS["left"]):
            most = width / scale - self.settings.right - _LEAST_MIDDLE
            left = max(_LEAST, min(round(x / scale), most))
            self.settings = replace(self.settings, left=round(left))
        if dpg.is_item_active(_BARS["right"]):
            most = width / scale - self.settings.left - _LEAST_MIDDLE
            right = max(_LEAST, min(round((width - x) / scale), most))
            self.settings = replace(self.settings, right=round(right))
        if dpg.is_item_active(_BAR_DRAWER):
            foot = _STATUS + (_FOOT if self.is_shown("foot") else 0)
            drawer = max(90, min(height / scale - y / scale - foot, 700))
            self.settings = replace(self.settings, drawer=round(drawer))
