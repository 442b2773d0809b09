"""Turns keys into chords such as `ctrl+shift+z`, and knows when they belong to a text field.

On a slow frame the key of a chord may come together with the end of its modifier; so a modifier
counts as held if it is down now or was in the frame before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import dearpygui.dearpygui as dpg

_MODIFIERS: Final = {
    "ctrl": (dpg.mvKey_LControl, dpg.mvKey_RControl),
    "alt": (dpg.mvKey_LAlt, dpg.mvKey_RAlt),
    "shift": (dpg.mvKey_LShift, dpg.mvKey_RShift),
}
_NAMED: Final = {
    "tab": dpg.mvKey_Tab,
    "escape": dpg.mvKey_Escape,
    "enter": dpg.mvKey_Return,
    "space": dpg.mvKey_Spacebar,
    "backspace": dpg.mvKey_Back,
    "delete": dpg.mvKey_Delete,
    "home": dpg.mvKey_Home,
    "end": dpg.mvKey_End,
    "left": dpg.mvKey_Left,
    "right": dpg.mvKey_Right,
    "up": dpg.mvKey_Up,
    "down": dpg.mvKey_Down,
    "plus": dpg.mvKey_Plus,
    "minus": dpg.mvKey_Minus,
    "comma": dpg.mvKey_Comma,
    "period": dpg.mvKey_Period,
    "slash": dpg.mvKey_Slash,
    **{letter: getattr(dpg, f"mvKey_{letter.upper()}") for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{digit: getattr(dpg, f"mvKey_{digit}") for digit in "0123456789"},
    **{f"f{n}": getattr(dpg, f"mvKey_F{n}") for n in range(1, 13)},
}
_NAMES: Final = {code: name for name, code in _NAMED.items()}
_KIND: Final = "mvAppItemType::mv{}".format
_TEXT_FIELDS: Final = frozenset(
    map(_KIND, ("InputText", "InputFloat", "InputInt", "DragFloat", "DragInt", "ColorEdit"))
)
_CONTAINERS: Final = frozenset(map(_KIND, ("ChildWindow", "Group", "Table", "TableRow")))


class Keyboard:
    """Hears the keys of the window. `on_chord(chord, again)` is told each one that is meant for no
    text field; `again` while it is held."""

    def __init__(self, on_chord: Callable[[str, bool], None]) -> None:
        self._on_chord = on_chord
        self._now: frozenset[str] = frozenset()
        self._before: frozenset[str] = frozenset()
        self._held: set[int] = set()
        self._fields: list[int] = []
        self.typing = False
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._pressed)

    @property
    def modifiers(self) -> frozenset[str]:
        """Which of ctrl, alt and shift are held."""
        return self._now | self._before

    @property
    def held(self) -> frozenset[str]:
        """The keys that are held, by their names."""
        return frozenset(_NAMES[code] for code in self._held if code in _NAMES)

    @property
    def busy(self) -> bool:
        """Whether any key is held."""
        return bool(self._held or self._now)

    def tick(self) -> None:
        """Look at what is held; once a frame, before callbacks are run."""
        self._before = self._now
        self._now = frozenset(
            name
            for name, codes in _MODIFIERS.items()
            if any(dpg.is_key_down(code) for code in codes)
        )
        self._held = {code for code in self._held if dpg.is_key_down(code)}
        self.typing = self._is_typing()

    def _pressed(self, sender: object, code: int) -> None:
        again = code in self._held
        self._held.add(code)
        name = _NAMES.get(code)
        if name is None:
            return
        if not self.typing:  # a field that was opened just now is not in the list yet
            self._fields = list(_text_fields())
            self.typing = self._is_typing()
        held = self.modifiers
        if not self.typing:
            chord = "+".join([*(each for each in _MODIFIERS if each in held), name])
            self._on_chord(chord, again)

    def _is_typing(self) -> bool:
        return any(dpg.does_item_exist(item) and dpg.is_item_active(item) for item in self._fields)


def _text_fields() -> list[int]:
    """Every field of the windows that are shown into which a person may type."""
    found: list[int] = []
    waiting = [window for window in dpg.get_windows() if dpg.is_item_shown(window)]
    while waiting:
        for child in dpg.get_item_children(waiting.pop(), 1):
            kind = dpg.get_item_type(child)
            if kind in _TEXT_FIELDS:
                found.append(child)
            elif kind in _CONTAINERS:
                waiting.append(child)
    return found
