"""The themes there are, as cards: those of the patch, those that come along, and the library.

Tags: `nodegraph.themes.search`, `.new`, `.import`, `.cards`, and for each card
`nodegraph.themes.ORIGIN.NAME` with `.use`, `.edit`, `.export` or `.discard` added.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import CLEAR, colour
from nodegraph.editor.look.theme import Look
from nodegraph.themes.library import Entry

TAG: Final = "nodegraph.themes"
_HEADS: Final = {
    "patch": "In this patch",
    "library": "Your library",
    "shipped": "Come along",
}
_WORDS: Final = 110  # characters of a prompt
_SWATCH: Final = 22

Deed = Callable[[Entry], object]


class ThemeCards:
    """Written anew when they differ. `deeds` are what the buttons of a card do, by name."""

    def __init__(self, look: Look, use: Deed, edit: Deed, export: Deed, discard: Deed) -> None:
        self.look = look
        self._use, self._edit, self._export, self._discard = use, edit, export, discard
        self._drawn: object = None

    def build(self) -> None:
        """Make room for them, in the container that is open."""
        dpg.add_group(tag=f"{TAG}.cards")

    def show(self, entries: Collection[Entry], playing: Collection[str]) -> None:
        """Show these; themes of the names that are `playing` say so."""
        drawn = (tuple(entries), frozenset(playing), self.look.colours.name)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        dpg.delete_item(f"{TAG}.cards", children_only=True)
        dpg.push_container_stack(f"{TAG}.cards")
        hidden = {entry.theme.id for entry in entries if entry.origin == "patch"}
        for origin, head in _HEADS.items():
            found = [entry for entry in entries if entry.origin == origin]
            if found:
                self.look.text(head, "faint", "small_strong")
            for entry in found:
                is_playing = entry.theme.id in playing and (
                    origin == "patch" or (origin == "shipped" and entry.theme.id not in hidden)
                )
                self._card(entry, is_playing=is_playing)
        if not entries:
            self.look.text("No theme is called that.", "faint", "small")
        dpg.pop_container_stack()

    def _card(self, entry: Entry, *, is_playing: bool) -> None:
        look, theme = self.look, entry.theme
        with dpg.child_window(auto_resize_y=True, always_use_window_padding=True, width=-1) as card:
            with dpg.group(horizontal=True):
                look.text(theme.name, font="strong")
                if is_playing:
                    look.text("● plays", "good", "small")
            self._palette(theme.palette)
            look.text(brief(theme.prompt), "dim", "small", wrap=0)
            if entry.problems:
                count = len(entry.problems)
                told = f"{count} mistakes" if count > 1 else str(entry.problems[0])
                look.text(told, "problem", "small", wrap=0)
            with dpg.group(horizontal=True, horizontal_spacing=look.px(4)):
                for name, label, act in self._deeds(entry):
                    tag = f"{TAG}.{entry.origin}.{theme.id}.{name}"
                    button = dpg.add_button(
                        label=label, tag=tag, small=True, user_data=entry, callback=_calls(act)
                    )
                    look.bind(button, "accent" if name == "use" else "quiet")
        look.bind(card, "card")

    def _deeds(self, entry: Entry) -> Iterable[tuple[str, str, Deed]]:
        yield "use", "Use", self._use
        yield "edit", "Edit" if entry.origin == "patch" else "Copy and edit", self._edit
        yield "export", "Export…", self._export
        if entry.origin == "library":
            yield "discard", "Delete…", self._discard

    def _palette(self, palette: Iterable[str]) -> None:
        dyes = list(palette)
        side = self.look.px(_SWATCH)
        if dyes:
            with dpg.drawlist(side * len(dyes), side // 2):
                for index, dye in enumerate(dyes):
                    corner = (index * side, 0), ((index + 1) * side, side // 2)
                    dpg.draw_rectangle(*corner, fill=colour(dye), color=CLEAR)


def brief(prompt: str) -> str:
    """The first words of a prompt."""
    return prompt if len(prompt) <= _WORDS else f"{prompt[:_WORDS].rsplit(' ', 1)[0]} …"


def matching(entries: Iterable[Entry], asked: str) -> list[Entry]:
    """The themes that have all of these words in their name, prompt or style."""
    wanted = asked.lower().split()
    return [
        entry
        for entry in entries
        if all(
            word in f"{entry.theme.id} {entry.theme.name} {entry.theme.text}".lower()
            for word in wanted
        )
    ]


def _calls(act: Deed) -> Callable[[object, object, Entry], None]:
    def call(sender: object, data: object, entry: Entry) -> None:
        act(entry)

    return call
