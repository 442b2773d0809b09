"""The editor's only loop: it hears the show, runs callbacks, draws, and keeps the pace."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor import settings as settings_file
from nodegraph.editor.editing import Editing
from nodegraph.editor.keyboard import Keyboard
from nodegraph.editor.link import Link
from nodegraph.editor.look.theme import Look
from nodegraph.editor.pace import Pace
from nodegraph.editor.window import Window

log = logging.getLogger(__name__)

TITLE: Final = "nodegraph"

_SEEN: Final = frozenset(
    f"mvAppItemType::mv{kind}" for kind in ("WindowAppItem", "ViewportDrawlist", "TextureRegistry")
)
"""Kinds of items that hold what is seen; all others lie in one of them."""


class App:
    """A window on the show that a link leads to. `run` it once; the process has one.

    `each_frame` is called before each frame is drawn. `owns_show` says that the show was started
    for this window, so that it asks whether to end it. `settings` is the file of the settings.
    """

    def __init__(
        self,
        link: Link,
        each_frame: Sequence[Callable[[], None]] = (),
        *,
        owns_show: bool = False,
        settings: Path | None = None,
    ) -> None:
        self.editing = Editing(link)
        self._each_frame = each_frame
        self._owns_show = owns_show
        self._file = settings or settings_file.settings_file()
        self._pace = Pace()
        self._mouse: tuple[float, ...] = ()
        self._title = ""
        self._going = True
        self._settings, complaint = settings_file.load(self._file)
        if complaint:
            self.editing.note(complaint, "problem")

    def run(self) -> None:
        """Show the window until it is closed."""
        dpg.create_context()
        try:
            self._open()
            while dpg.is_dearpygui_running() and self._going:
                self.frame()
                time.sleep(self._rest())
            self._keep_settings()
        finally:
            dpg.destroy_context()
            self.editing.link.close()

    def frame(self) -> None:
        """One round of the loop."""
        self.editing.pump()
        self.keyboard.tick()
        self._run_callbacks()
        self.window.tick()
        for act in self._each_frame:
            act()
        self._name_window()
        dpg.render_dearpygui_frame()

    def stop(self) -> None:
        """Close the window after this frame."""
        self._going = False

    def _open(self) -> None:
        it = self._settings
        dpg.configure_app(manual_callback_management=True)
        width, height = it.window
        dpg.create_viewport(
            title=TITLE,
            width=width,
            height=height,
            x_pos=0,  # so that all of it is seen on a screen of its own size
            y_pos=0,
            min_width=800,
            min_height=500,
            clear_color=(18, 18, 20, 255),
            disable_close=True,  # so that one can be asked first
        )
        self.look = Look(it.theme, it.scale)
        self.keyboard = Keyboard(lambda chord, again: self.window.pressed(chord, again))
        self._build()
        dpg.set_exit_callback(lambda: self.window.leave())
        dpg.setup_dearpygui()
        dpg.show_viewport()

    def _build(self) -> None:
        self.window = Window(
            self.editing, self.look, self.keyboard, self._settings, owns=self._owns_show
        )
        self.window.quit, self.window.rebuild = self.stop, self._rebuild
        self.window.build()

    def _rebuild(self) -> None:
        """Make the whole window anew, in another size."""
        self._settings = self.window.settings
        for item in dpg.get_all_items():
            if dpg.does_item_exist(item) and dpg.get_item_type(item) in _SEEN:
                dpg.delete_item(item)
        self.look.dress(self._settings.theme, self._settings.scale)
        self._build()

    def _run_callbacks(self) -> None:
        """Call what widgets ask for; one that fails takes none of the others with it."""
        for callback, *told in dpg.get_callback_queue() or ():
            if callback is None:
                continue
            try:
                callback(*told[: _arity(callback)])
            except Exception as error:
                log.exception("a callback failed: %r", callback)
                self.editing.note(f"That failed: {error!r}", "problem")

    def _rest(self) -> float:
        """Seconds until the next frame is worth drawing."""
        mouse = (*dpg.get_mouse_pos(local=False), *map(dpg.is_mouse_button_down, range(3)))
        busy = mouse != self._mouse or self.keyboard.busy or any(mouse[2:])
        self._mouse = mouse
        moves = self.editing.link.state == "connected" and self.window.moves
        return self._pace.wait(time.monotonic(), busy=busy, moving=moves)

    def _name_window(self) -> None:
        deck = self.editing.deck
        name = f"{deck.name or 'Untitled'}{' •' if deck.dirty else ''} · " if deck.open else ""
        if f"{name}{TITLE}" != self._title:
            self._title = f"{name}{TITLE}"
            dpg.set_viewport_title(self._title)

    def _keep_settings(self) -> None:
        size = (dpg.get_viewport_width(), dpg.get_viewport_height())
        kept = replace(self.window.settings, window=size)
        if complaint := settings_file.save(kept, self._file):
            log.warning("%s", complaint)


def _arity(callback: Callable[..., Any]) -> int:
    """How many of sender, data and user data a callback takes."""
    function = getattr(callback, "__func__", callback)
    code = function.__code__
    return int(code.co_argcount) - (function is not callback)
