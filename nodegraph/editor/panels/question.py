"""A question in the middle of the window, with its answers as buttons.

Tags: `nodegraph.question`, `nodegraph.question.N` for the Nth answer, `nodegraph.question.field`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating

Answer = tuple[str, Callable[[], object]]
_TAG: Final = "nodegraph.question"
_MOST: Final = 3
_WIDTH: Final = 400


class Question(Floating):
    """Asked by `ask` or `ask_text`. Escape is the answer that does nothing."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _TAG, _WIDTH, modal=True)
        self._answers: list[Callable[[], object]] = []
        self._taken: Callable[[str], object] | None = None

    def fill(self) -> None:
        self.look.text("", font="title", tag=f"{_TAG}.title", wrap=self.look.px(_WIDTH))
        self.look.text("", "dim", tag=f"{_TAG}.text", wrap=self.look.px(_WIDTH))
        dpg.add_input_text(tag=f"{_TAG}.field", width=self.look.px(_WIDTH), show=False)
        dpg.add_spacer(height=self.look.px(6))
        with dpg.group(horizontal=True):
            for place in range(_MOST):
                tag = f"{_TAG}.{place}"
                dpg.add_button(tag=tag, user_data=place, callback=self._clicked)
                self.look.bind(tag, "quiet" if place else "accent")

    def ask(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        """The first answer is the likely one; one that does nothing is added."""
        self._show(title, text, [*answers, ("Cancel", lambda: None)])
        self.open()

    def ask_text(self, title: str, value: str, label: str, take: Callable[[str], object]) -> None:
        """Ask for a line of text; Enter takes it."""
        self._show(title, "", [(label, self._take_text), ("Cancel", lambda: None)])
        self._taken = take
        dpg.configure_item(f"{_TAG}.field", show=True)
        dpg.set_value(f"{_TAG}.field", value)
        self.open(focus=f"{_TAG}.field")

    def tick(self) -> None:
        if self._taken is not None and dpg.is_key_pressed(dpg.mvKey_Return):
            self._take_text()
        if self.is_open:
            super().tick()

    def _show(self, title: str, text: str, answers: list[Answer]) -> None:
        dpg.set_value(f"{_TAG}.title", title)
        dpg.set_value(f"{_TAG}.text", text)
        dpg.configure_item(f"{_TAG}.text", show=bool(text))
        dpg.configure_item(f"{_TAG}.field", show=False)
        self._answers, self._taken = [act for _, act in answers], None
        for place in range(_MOST):
            there = place < len(answers)
            dpg.configure_item(f"{_TAG}.{place}", show=there)
            if there:
                dpg.configure_item(f"{_TAG}.{place}", label=answers[place][0])

    def _take_text(self) -> None:
        take, self._taken = self._taken, None
        text = str(dpg.get_value(f"{_TAG}.field")).strip()
        self.close()
        if take is not None and text:
            take(text)

    def _clicked(self, sender: object, data: object, place: int) -> None:
        act = self._answers[place]
        if self._taken is None or place:
            self.close()
        act()
