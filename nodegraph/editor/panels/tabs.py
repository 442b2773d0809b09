"""A row of words of which one is chosen, and what is shown under it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.theme import Look


class Tabs:
    """`pages` are names with what they are called; `page(name)` is the tag of its item."""

    def __init__(self, look: Look, tag: str, pages: Mapping[str, str]) -> None:
        self.look = look
        self.tag = tag
        self.chosen = next(iter(pages))
        self.on_choose: Callable[[str], None] = lambda name: None
        self._pages = dict(pages)

    def page(self, name: str) -> str:
        """The tag of the item that is shown with a tab."""
        return f"{self.tag}.{name}.page"

    def button(self, name: str) -> str:
        """The tag of the word itself."""
        return f"{self.tag}.{name}"

    def build(self, parent: int | str) -> None:
        """Make the row of words."""
        with dpg.group(parent=parent, horizontal=True, horizontal_spacing=self.look.px(2)):
            for name, label in self._pages.items():
                dpg.add_button(
                    label=label, tag=self.button(name), user_data=name, callback=self._clicked
                )
        self.choose(self.chosen)

    def choose(self, name: str) -> None:
        """Show a page; those that are not built yet are none's business."""
        self.chosen = name
        for each in self._pages:
            self.look.bind(self.button(each), "chosen" if each == name else "quiet")
            if dpg.does_item_exist(self.page(each)):
                dpg.configure_item(self.page(each), show=each == name)

    def rename(self, name: str, label: str) -> None:
        """Call a tab something else, such as `Problems 3`."""
        if self._pages[name] != label:
            self._pages[name] = label
            dpg.configure_item(self.button(name), label=label)

    def _clicked(self, sender: object, data: object, name: str) -> None:
        self.choose(name)
        self.on_choose(name)
