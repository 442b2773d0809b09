"""The strip under the menu: where one looks, what holds the picture, the decks and their fader.

Tags: `nodegraph.top.crumb.N` (0 is the patch), `nodegraph.top.hold`, `.calm`, `.deck.main`,
`.deck.next`, `nodegraph.top.fader`, `nodegraph.top.fade`.
"""

from __future__ import annotations

from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.news import News
from nodegraph.editor.shell import Shell

_TAG: Final = "nodegraph.top"
_FADER: Final = f"{_TAG}.fader"
_DECKS: Final = ("main", "next")
_HOLDS: Final = ("hold", "calm")
_FADE_SECONDS: Final = 4.0


class Top:
    """Breadcrumbs at the left; at the right what a performer wants at once."""

    def __init__(self, editing: Editing, look: Look, shell: Shell) -> None:
        self.editing, self.look, self.shell = editing, look, shell
        self._drawn: tuple[object, ...] = ()
        self._fade = -1.0
        self._news = News()

    def build(self, parent: int | str) -> None:
        """Make the strip."""
        look = self.look
        with dpg.table(parent=parent, header_row=False, policy=dpg.mvTable_SizingStretchProp):
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column(width_fixed=True)
            with dpg.table_row():
                dpg.add_group(tag=f"{_TAG}.crumbs", horizontal=True, horizontal_spacing=look.px(2))
                with dpg.group(horizontal=True, horizontal_spacing=look.px(6)):
                    for how in _HOLDS:
                        tag = f"{_TAG}.{how}"
                        dpg.add_button(
                            label=how.capitalize(), tag=tag, user_data=how, callback=self._hold
                        )
                    dpg.add_spacer(width=look.px(10))
                    self._deck("main")
                    dpg.add_slider_float(
                        tag=_FADER,
                        width=look.px(130),
                        max_value=1.0,
                        format="",
                        no_input=True,
                        callback=self._slid,
                    )
                    self._deck("next")
                    fade = dpg.add_button(label="Fade", tag=f"{_TAG}.fade", callback=self._faded)
                    look.bind(fade, "accent")

    def tick(self) -> None:
        """Write crumbs and decks anew if they have changed, and follow the fader."""
        editing = self.editing
        decks = editing.mirror.decks
        names = tuple(
            (each, decks[each].name, decks[each].dirty) for each in _DECKS if each in decks
        )
        drawn = (editing.view, names, tuple(each for each in _DECKS if self._is_open(each)))
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw_crumbs()
            self._draw_decks()
        if self._news.of("held", editing.held):
            for how in _HOLDS:
                self.look.bind(f"{_TAG}.{how}", "accent" if how == editing.held else "quiet")
        told = editing.mirror.status.get("fade")
        fade = float(told) if isinstance(told, int | float) else 0.0
        if fade != self._fade and not dpg.is_item_active(_FADER):
            self._fade = fade
            dpg.set_value(_FADER, fade)
            dpg.configure_item(f"{_TAG}.fade", label="Fade to next" if fade < 0.5 else "Fade back")

    def _deck(self, deck: str) -> None:
        dpg.add_button(tag=f"{_TAG}.deck.{deck}", user_data=deck, callback=self._deck_clicked)

    def _draw_crumbs(self) -> None:
        crumbs, deck = f"{_TAG}.crumbs", self.editing.deck
        dpg.delete_item(crumbs, children_only=True)
        if not self._is_open(self.editing.view.deck):
            self.look.text("no patch", "faint", level=True, parent=crumbs)
            return
        names = [_titled(deck.name, deck.dirty), *self.editing.view.path]
        for level, name in enumerate(names):
            if level:
                self.look.text("›", "faint", level=True, parent=crumbs)
            button = dpg.add_button(
                label=name,
                tag=f"{_TAG}.crumb.{level}",
                parent=crumbs,
                user_data=level,
                callback=self._crumb_clicked,
            )
            self.look.bind(button, "listed" if level == len(names) - 1 else "quiet")
            dpg.bind_item_font(button, self.look.fonts.strong)

    def _draw_decks(self) -> None:
        for name in _DECKS:
            tag, deck = f"{_TAG}.deck.{name}", self.editing.mirror.decks.get(name)
            is_open = self._is_open(name)
            label = _titled(deck.name, deck.dirty) if deck and is_open else "open…"
            dpg.configure_item(tag, label=f"{name} · {label}")
            self.look.bind(tag, "chosen" if name == self.editing.view.deck else "quiet")
        for item in (_FADER, f"{_TAG}.fade"):
            dpg.configure_item(item, show=self._is_open("next"))

    def _is_open(self, deck: str) -> bool:
        found = self.editing.mirror.decks.get(deck)
        return found is not None and found.open

    def _crumb_clicked(self, sender: object, data: object, level: int) -> None:
        self.editing.leave(level)

    def _deck_clicked(self, sender: object, data: object, deck: str) -> None:
        if self._is_open(deck):
            self.editing.look_at(deck)
        else:
            self.shell.filing.open_file(deck)

    def _hold(self, sender: object, data: object, how: str) -> None:
        self.editing.hold(how)

    def _slid(self, sender: object, position: float) -> None:
        self.editing.fade(position, 0.0)

    def _faded(self) -> None:
        self.editing.fade(1.0 if self._fade < 0.5 else 0.0, _FADE_SECONDS)


def _titled(name: str, dirty: bool) -> str:
    return f"{name or 'Untitled'}{' •' if dirty else ''}"
