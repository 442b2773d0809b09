"""Fields for what stands at places of a theme: they follow it, change it, and say what is wrong.

Tags: `nodegraph.theme.variations.0.text` for the place variations, 0, text; `.fault` added for what
is wrong there, `.choose` for the button that chooses a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import colour, written
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.pages import when_edited
from nodegraph.editor.panels.spans import Slider, Spans
from nodegraph.editor.shell import Shell
from nodegraph.editor.span import Ends
from nodegraph.editor.theme_data import (
    Data,
    ends,
    faults,
    number_of,
    put,
    text_at,
    typed,
)
from nodegraph.errors import Problem
from nodegraph.graph.theming import Place

TAG: Final = "nodegraph.theme"

Change = Callable[[Data, str | None], object]
"""Takes the theme as it is to be, and the gesture that this belongs to."""


def tag_of(*place: str | int) -> str:
    """The tag of the field for a place."""
    return ".".join((TAG, *map(str, place)))


class Fields:
    """Each method makes a field in the container that is open; `follow` once a frame."""

    def __init__(self, look: Look, shell: Shell, now: Callable[[], Data], change: Change) -> None:
        self.look, self.shell = look, shell
        self._now, self._change = now, change
        self._shows: dict[str, Callable[[Data], object]] = {}
        self._places: list[Place] = []
        self._seen: Data | None = None
        self._gesture = ""
        self._spans = Spans(look, shell)
        self._edited = when_edited(self._typed)
        with dpg.item_handler_registry() as self._clicked:
            dpg.add_item_clicked_handler(callback=self._open_text)

    def clear(self) -> None:
        """Forget the fields: somebody has deleted them."""
        self._shows, self._places, self._seen = {}, [], None
        self._spans.clear()

    def follow(self, problems: Callable[[Data], Iterable[Problem]]) -> None:
        """Show what the theme says now; `problems` are asked for if it is another one."""
        if not dpg.is_mouse_button_down(0):
            self._gesture = ""
        self._spans.tick()
        data = self._now()
        if data is self._seen:
            return
        self._seen = data
        wrong = faults(problems(data), self._places)
        for place in self._places:
            self._tell(place, wrong.get(place, ""))
        for tag, show in self._shows.items():
            if dpg.get_item_state(tag).get("active"):  # texts have no such state
                self._seen = None  # it is written when the hand has left
            else:
                show(data)

    def fault(self, *place: str | int) -> None:
        """A line for what is wrong at a place and inside it."""
        self._places.append(place)
        self.look.text("", "problem", "small", tag=f"{tag_of(*place)}.fault", show=False, wrap=0)

    def text(self, place: Place, hint: str = "", width: int = -1) -> None:
        """A line of text."""
        tag = tag_of(*place)
        dpg.add_input_text(tag=tag, hint=hint, width=width, user_data=place)
        dpg.bind_item_handler_registry(tag, self._edited)
        self._shows[tag] = lambda data: dpg.set_value(tag, text_at(data, place))

    def picture(self, place: Place, hint: str) -> None:
        """The path of a picture on the server, typed or chosen."""
        with dpg.group(horizontal=True):
            self.text(place, hint, self.look.px(-32))
            dpg.add_button(
                label="…",
                tag=f"{tag_of(*place)}.choose",
                callback=lambda: self.shell.choose_stored(
                    "image", lambda path: self.put(place, path)
                ),
            )

    def lines(self, place: Place, hint: str) -> None:
        """A text, shown whole, as fields do not wrap; a click opens a wide one."""
        tag = tag_of(*place)
        with dpg.child_window(auto_resize_y=True, always_use_window_padding=True) as ground:
            self.look.text("", font="small", wrap=0, tag=tag, user_data=place)
        self.look.bind(ground, "paper")
        dpg.bind_item_handler_registry(tag, self._clicked)
        self._shows[tag] = lambda data: dpg.set_value(tag, text_at(data, place) or hint)

    def choice(self, place: Place, choices: Mapping[str, str], width: int = -1) -> None:
        """One of some words, by what they are called."""
        tag, called = tag_of(*place), {value: label for label, value in choices.items()}

        def choose(sender: object, label: str) -> None:
            self.put(place, choices[label])

        def show(data: Data) -> None:
            value = text_at(data, place)
            dpg.set_value(tag, called.get(value, value))

        dpg.add_combo(list(choices), tag=tag, width=width, callback=choose)
        self._shows[tag] = show

    def dye(self, place: Place) -> None:
        """A colour; a click on it opens a picker. For as long as the mouse is held in that, it is
        one step of undo."""
        tag = tag_of(*place)

        def dyed(sender: object, parts: list[float]) -> None:
            held = dpg.is_mouse_button_down(0)
            if held and not self._gesture:
                self._gesture = self.shell.editing.begin_gesture()
            self.put(place, written(parts), self._gesture or None)

        def show(data: Data) -> None:
            text = text_at(data, place)
            if self._gesture or text == written([x / 255 for x in dpg.get_value(tag)]):
                return
            try:
                dpg.set_value(tag, colour(text))
            except (ValueError, IndexError):
                dpg.set_value(tag, colour(_GREY))

        dpg.add_color_edit(tag=tag, no_inputs=True, no_alpha=True, callback=dyed)
        self._shows[tag] = show

    def span(self, place: Place, width: int) -> None:
        """Both ends of a range, along its curve if it has one."""

        def moved(to: Ends, gesture: str) -> None:
            low, high = to
            data = put(put(self._now(), (*place, "low"), low), (*place, "high"), high)
            self._change(data, gesture or None)

        slider = Slider(
            number_of(place),
            now=lambda: ends(self._now(), place),
            curve=lambda: text_at(self._now(), (*place, "curve")),
            moved=moved,
            complain=lambda text: self._tell(place, text),
        )
        self._spans.add(tag_of(*place), width, slider)

    def put(self, place: Place, value: str | tuple[str, ...], gesture: str | None = None) -> None:
        """Have something else at a place."""
        self._seen = None
        self._change(put(self._now(), place, value), gesture)

    def _tell(self, place: Place, fault: str) -> None:
        tag = f"{tag_of(*place)}.fault"
        dpg.set_value(tag, fault)
        dpg.configure_item(tag, show=bool(fault))

    def _typed(self, sender: object, field: int | str) -> None:
        place = dpg.get_item_user_data(field)
        self.put(place, typed(place, str(dpg.get_value(field))))

    def _open_text(self, sender: object, click: tuple[int, int | str]) -> None:
        item = click[1]
        place = dpg.get_item_user_data(item)
        left, top = dpg.get_item_rect_min(item)
        right, bottom = dpg.get_item_rect_max(item)
        self.shell.type_text(
            text_at(self._now(), place),
            (left, top, right, bottom),
            lambda text: self.put(place, typed(place, text)),
        )


_GREY: Final = "#808080"
