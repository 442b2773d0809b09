"""What panels are given to draw with: colours, fonts, a scale, and themes by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import THEMES, Colours
from nodegraph.editor.look.fonts import Fonts
from nodegraph.editor.look.parts import everything, parts


class Look:
    """The look of one window. `colours`, `fonts` and `scale` hold what counts now.

    Themes are by name, to be bound with `bind(item, name)`:
      accent    a button that is the next thing to do
      quiet     a button without a ground, for toolbars and lists
      chosen    the same, lit: a tab or a switch that is on
      panel     a child window that is a panel; `page` one inside it, `strip` one of a line,
                `edge` one without padding, `flush` one without gaps too
      listed    a button that is a line of a list; `heading` one that is the title of some
      menu      a menu that falls from the menu bar
      field     a button that is a value; `paper` a child window with a text that can be clicked
      dense     a list without gaps
      float     a window above others: menus, the finder, toasts; `slip` one as small as a field
      card      a child window that is one entry of a list and lights up
      splitter  the bar between two panels
      row       tight spacing, for tables of params; `print` tighter, for pages of text
      line, dim, faint, accent_text, good, warning, problem   texts
    """

    def __init__(self, name: str = "dark", scale: float = 1.0) -> None:
        self.colours: Colours = THEMES.get(name, THEMES["dark"])
        self.scale = scale
        self.fonts = Fonts.load(scale)
        self._themes: dict[str, int] = {}
        self._global = 0
        self.dress(name, scale)

    def px(self, size: float) -> int:
        """So many pixels at scale 1 are how many now."""
        return round(size * self.scale)

    def bind(self, item: int | str, name: str) -> int | str:
        """Give an item one of the themes; returns the item."""
        dpg.bind_item_theme(item, self._themes[name])
        return item

    def text(
        self,
        text: str,
        tone: str = "line",
        font: str = "regular",
        wrap: int = -1,
        *,
        level: bool = False,
        **more: object,
    ) -> int | str:
        """A text in one of the tones and fonts; `wrap` 0 is the end of the panel.

        One that is `level` stands on a line with buttons and fields; others lie close together.
        """
        item: int | str = dpg.add_text(text, wrap=wrap, **more)
        self.bind(item, f"{tone} level" if level else tone)
        if font != "regular":
            dpg.bind_item_font(item, getattr(self.fonts, font))
        return item

    def dress(self, name: str, scale: float) -> None:
        """Change colours and scale of all that is there. Themes keep their items' bindings."""
        self.colours, self.scale = THEMES.get(name, THEMES["dark"]), scale
        self.fonts.rescale(scale)
        dpg.bind_font(self.fonts.regular)
        self._global = self._make(self._global, partial(everything, self.colours, self.px))
        dpg.bind_theme(self._global)
        for theme, fill in parts(self.colours, self.px).items():
            self._themes[theme] = self._make(self._themes.get(theme, 0), fill)

    def _make(self, theme: int, fill: Callable[[], None]) -> int:
        """Fill a theme anew, in place where it is there already."""
        if theme:
            dpg.delete_item(theme, children_only=True)
        else:
            theme = int(dpg.add_theme())
        with dpg.theme_component(dpg.mvAll, parent=theme):
            fill()
        return theme
