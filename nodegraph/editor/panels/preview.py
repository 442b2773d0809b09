"""What Scope paints: small in a panel, large over the window, and in a window of its own.

Tags: `nodegraph.preview`, `nodegraph.preview.large`, `.full`, `.apart` (the buttons),
`nodegraph.preview.screen` (the large picture).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.colours import CLEAR, Colour
from nodegraph.editor.look.theme import Look
from nodegraph.editor.pictures import Box, Pictures, fitted
from nodegraph.editor.serving import link_of
from nodegraph.editor.sideline import Sideline

TAG: Final = "nodegraph.preview"
SCREEN: Final = f"{TAG}.screen"
_TEXTURE: Final = f"{TAG}.texture"
_STALE: Final = 2.0  # seconds after which a picture is called old
_BLACK: Final = (0, 0, 0, 255)


class Texture:
    """The one texture of the process, made when the first picture comes: until then it costs
    nothing. It outlives a window that is made anew in another size."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.item: str | None = None

    def tick(self) -> bool:
        """Take over the newest picture; whether there is another one."""
        fresh = self.pictures.tick()
        if fresh and self.item is None:
            self.item, buffer = _TEXTURE, self.pictures.buffer
            if dpg.does_item_exist(_TEXTURE):
                dpg.set_value(_TEXTURE, buffer)
            else:
                height, width, _ = buffer.shape
                with dpg.texture_registry():
                    dpg.add_raw_texture(
                        width, height, buffer, format=dpg.mvFormat_Float_rgb, tag=_TEXTURE
                    )
        return fresh


class Picture:
    """A room in which the picture lies, as large as fits. `tag` is a drawlist."""

    def __init__(self, texture: Texture, tag: str) -> None:
        self.texture, self.tag = texture, tag
        self._drawn: tuple[object, ...] = ()

    def build(self) -> None:
        """Make the room, in whatever container is open."""
        dpg.add_drawlist(10, 10, tag=self.tag)

    def tick(self, width: int, height: int, ground: Colour) -> None:
        """Draw anew if the room or the picture has another size."""
        size, item = self.texture.pictures.size, self.texture.item
        drawn = (width, height, size, item, ground)
        if drawn == self._drawn or width <= 0 or height <= 0:
            return
        self._drawn = drawn
        dpg.configure_item(self.tag, width=width, height=height)
        dpg.delete_item(self.tag, children_only=True)
        dpg.draw_rectangle((0, 0), (width, height), fill=ground, color=CLEAR, parent=self.tag)
        if item is not None:
            box = fitted(size, Box(0, 0, width, height))
            uv = self.texture.pictures.uv
            dpg.draw_image(item, box[:2], box[2:], uv_max=uv, parent=self.tag)


class Preview:
    """Has pictures come while one of its views is to be seen."""

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self.pictures = Pictures(editing.link, editing.mirror)
        self.large = False
        self.full = False
        self._seen = False
        self._texture = Texture(self.pictures)
        self._small = Picture(self._texture, f"{TAG}.small")
        self._screen = Picture(self._texture, f"{SCREEN}.room")
        self._apart = Sideline()
        self._text = ""

    def build(self, parent: int | str) -> None:
        """Make the panel."""
        look = self.look
        with dpg.group(parent=parent, tag=TAG):
            self._small.build()
            with dpg.group(horizontal=True, horizontal_spacing=look.px(2)):
                for name, label, does in (
                    ("large", "Large", self.enlarge),
                    ("full", "Full screen", self.fill_screen),
                    ("apart", "Own window", self.show_apart),
                ):
                    button = dpg.add_button(label=label, tag=f"{TAG}.{name}", callback=does)
                    look.bind(button, "quiet")
                    dpg.bind_item_font(button, look.fonts.small)
            look.text("", "faint", "small", tag=f"{TAG}.text")
        with dpg.window(
            tag=SCREEN,
            show=False,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_collapse=True,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            no_saved_settings=True,
            pos=(0, 0),
        ):
            self._screen.build()
        with dpg.theme() as black, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_color(dpg.mvThemeCol_WindowBg, _BLACK)
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
            dpg.add_theme_style(dpg.mvStyleVar_WindowRounding, 0)
        dpg.bind_item_theme(SCREEN, black)

    def tick(self) -> None:
        """Show the newest picture."""
        self._seen = self.large or bool(dpg.is_item_visible(TAG))
        self.pictures.want(self._seen)
        self._texture.tick()
        if self.large:
            self._tick_large()
        elif self._seen:
            width = dpg.get_available_content_region(dpg.get_item_parent(TAG))[0]
            across, down = self.pictures.size
            shape = down / across if across else 9 / 16
            height = round(width * min(shape, 1.0))
            self._small.tick(width, height, self.look.colours.canvas)
        self._say(self._words())

    def show(self, shown: bool) -> None:
        """Give the panel room, or take it away."""
        dpg.configure_item(TAG, show=shown)

    @property
    def moving(self) -> bool:
        """Whether pictures come that are seen."""
        age = self.pictures.age
        return age is not None and age < _STALE and self._seen

    def enlarge(self) -> None:
        """Show the picture over all of the window, until Escape or a double click; or no more."""
        self.large = not self.large
        if not self.large and self.full:
            self.full = False
            dpg.toggle_viewport_fullscreen()
        dpg.configure_item(SCREEN, show=self.large)
        if self.large:
            dpg.focus_item(SCREEN)

    def fill_screen(self) -> None:
        """The same over all of the screen."""
        if not self.large:
            self.full = True
            dpg.toggle_viewport_fullscreen()
        self.enlarge()

    def show_apart(self) -> None:
        """Show the picture in a window of its own, for another screen; it outlives the editor."""
        look = self.editing.mirror.look
        fault = self._apart.start(look.get("process")) if look else "there is no show"
        if fault:
            self.editing.note(f"the picture cannot be shown in a window of its own: {fault}")

    def _tick_large(self) -> None:
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        dpg.configure_item(SCREEN, width=width, height=height)
        self._screen.tick(width, height, _BLACK)
        if dpg.is_key_pressed(dpg.mvKey_Escape) or dpg.is_mouse_button_double_clicked(0):
            self.enlarge()

    def _say(self, text: str) -> None:
        if text != self._text:
            self._text = text
            dpg.set_value(f"{TAG}.text", text)

    def _words(self) -> str:
        return words(self.editing.mirror.status, self.pictures)


def words(status: Mapping[str, object], pictures: Pictures) -> str:
    """What there is to see, in a line."""
    link, age = link_of(status), pictures.age
    if link is None:
        return "No Scope server: Ctrl+K connects to one."
    if age is None:
        return "No picture has come yet."
    width, height = pictures.size
    if age > _STALE:
        return f"{width} × {height}, the last picture came {age:.0f} s ago"
    return f"{width} × {height}, {link.get('fps', 0.0):.0f} fps"
