"""The start screen: examples that play at once, recent patches, and shows that a crash ended.

Tags: `nodegraph.start`, `nodegraph.start.example.N`, `.recent.N`, `.recover.N`, `.dismiss.N`,
`nodegraph.start.new`, `nodegraph.start.open`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.examples import Example, LostShow, examples, lost_shows, recent
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.shell import Shell
from nodegraph.remote.errors import Fields

_TAG: Final = "nodegraph.start"
_LIST: Final = f"{_TAG}.side"
_EXAMPLES, _SIDE, _HEIGHT = 560, 300, 470


class Start(Floating):
    """What a newcomer and a performer in a hurry see first."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        super().__init__(look, _TAG, _EXAMPLES + _SIDE + 30)
        self.editing, self.shell = editing, shell
        self._lost: list[LostShow] = []
        with dpg.item_handler_registry() as self._clicked:
            dpg.add_item_clicked_handler(callback=self._card_clicked)

    def fill(self) -> None:
        look, px = self.look, self.look.px
        with dpg.group(horizontal=True):
            look.text("nodegraph", font="big")
        look.text("Wire music into pictures. Every example plays at once.", "dim")
        dpg.add_spacer(height=px(6))
        with dpg.group(horizontal=True, horizontal_spacing=px(24)):
            with dpg.child_window(width=px(_EXAMPLES), height=px(_HEIGHT)):
                for place, example in enumerate(examples()):
                    self._example(place, example)
            dpg.add_child_window(tag=_LIST, width=px(_SIDE), height=px(_HEIGHT))
        with dpg.group(horizontal=True):
            new = dpg.add_button(label="New patch", tag=f"{_TAG}.new", callback=self._new)
            look.bind(new, "accent")
            dpg.add_button(label="Open a file…", tag=f"{_TAG}.open", callback=self._open_file)
            look.bind(dpg.add_button(label="Close", callback=self.close), "quiet")

    def begin(self) -> None:
        """Show it, with what is recent and lost now."""
        self._list()
        self.open()
        self.editing.link.ask("lost", self._heard_of_lost, lambda error: None)

    def _heard_of_lost(self, answer: Fields) -> None:
        self._lost = lost_shows(answer)
        self._list()

    def _example(self, place: int, example: Example) -> None:
        look = self.look
        with dpg.child_window(auto_resize_y=True, always_use_window_padding=True, width=-1) as card:
            with dpg.group(horizontal=True):
                button = dpg.add_button(
                    label="▶",
                    tag=f"{_TAG}.example.{place}",
                    user_data=example.path,
                    callback=self._example_chosen,
                )
                look.bind(button, "accent")
                with dpg.group():
                    words = [look.text(example.title, font="strong")]
                    words += [look.text(f"{example.nodes} nodes", "faint", "small")]
            words += [look.text(example.text, "dim", "small", wrap=0)]
        look.bind(card, "card")
        for each in words:
            dpg.set_item_user_data(each, example.path)
            dpg.bind_item_handler_registry(each, self._clicked)

    def _list(self) -> None:
        """Write the side anew."""
        look = self.look
        dpg.delete_item(_LIST, children_only=True)
        dpg.push_container_stack(_LIST)
        if self._lost:
            look.text("Ended by a crash", "warning", "small_strong")
            for place, lost in enumerate(self._lost):
                self._lost_show(place, lost)
            dpg.add_spacer(height=look.px(8))
        look.text("Recent patches", "dim", "small_strong")
        files = recent(self.shell.settings.recent)
        for place, path in enumerate(files):
            button = dpg.add_button(
                label=Path(path).stem,
                tag=f"{_TAG}.recent.{place}",
                width=-1,
                user_data=path,
                callback=self._recent_chosen,
            )
            look.bind(button, "listed")
            with dpg.tooltip(button):
                look.text(path, "dim", "small")
        if not files:
            look.text("None yet.", "faint", "small")
        dpg.pop_container_stack()

    def _lost_show(self, place: int, lost: LostShow) -> None:
        look = self.look
        look.text(f"{lost.title}, {lost.when}", wrap=0)
        if lost.complaint:
            look.text(lost.complaint, "dim", "small", wrap=0)
        with dpg.group(horizontal=True):
            dpg.add_button(
                label="Recover",
                tag=f"{_TAG}.recover.{place}",
                user_data=lost.name,
                callback=self._recover,
            )
            button = dpg.add_button(
                label="Dismiss",
                tag=f"{_TAG}.dismiss.{place}",
                user_data=lost.name,
                callback=self._dismiss,
            )
            look.bind(button, "quiet")

    def _example_chosen(self, sender: object, data: object, path: str) -> None:
        self.close()
        self.shell.filing.open_path(path, copy=True)

    def _card_clicked(self, sender: object, click: tuple[int, int | str]) -> None:
        self._example_chosen(sender, click, str(dpg.get_item_user_data(click[1])))

    def _recent_chosen(self, sender: object, data: object, path: str) -> None:
        self.close()
        self.shell.filing.open_path(path)

    def _new(self) -> None:
        self.close()
        self.shell.filing.new()

    def _open_file(self) -> None:
        self.close()
        self.shell.filing.open_file("main")

    def _recover(self, sender: object, data: object, name: str) -> None:
        self.close()
        self.shell.filing.recover(name)

    def _dismiss(self, sender: object, data: object, name: str) -> None:
        self._lost = [lost for lost in self._lost if lost.name != name]
        self._list()
        self.editing.link.ask("dismiss", None, None, name=name)
