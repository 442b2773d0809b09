"""What is wrong with the patch and the show; a click goes to where it is.

Tags: `nodegraph.problems.list`, `nodegraph.problems.N`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import dearpygui.dearpygui as dpg

from nodegraph.editor.editing import Editing
from nodegraph.editor.look.theme import Look
from nodegraph.editor.looking import View
from nodegraph.errors import Problem

_LIST: Final = "nodegraph.problems.list"


class Problems:
    """All problems of the deck that is looked at, then those of the show.

    `on_show` is called after a node has been selected, to bring it into view.
    """

    def __init__(self, editing: Editing, look: Look) -> None:
        self.editing, self.look = editing, look
        self.on_show: Callable[[], None] = lambda: None
        self._drawn: tuple[Problem, ...] | None = None

    def build(self, parent: int | str) -> None:
        """Make the empty list."""
        dpg.add_child_window(tag=_LIST, parent=parent, height=-1)

    def tick(self) -> None:
        """Write the list anew if it has changed, but not under a finger: a click would be lost."""
        found = self._found()
        if found == self._drawn or dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            return
        self._drawn = found
        dpg.delete_item(_LIST, children_only=True)
        if not found:
            self.look.text("Nothing is wrong.", "faint", parent=_LIST)
        for place, problem in enumerate(found):
            self._row(place, problem)

    def count(self) -> int:
        """How many there are."""
        return len(self._found())

    def _found(self) -> tuple[Problem, ...]:
        return problems_seen(self.editing)

    def _row(self, place: int, problem: Problem) -> None:
        with dpg.group(horizontal=True, parent=_LIST):
            self.look.text("▲", "problem", "small")
            if problem.node:
                address = ".".join(part for part in (problem.node, problem.port) if part)
                button = dpg.add_button(
                    label=address,
                    tag=f"nodegraph.problems.{place}",
                    small=True,
                    user_data=problem.node,
                    callback=self._show,
                )
                self.look.bind(button, "chosen")
            text = problem.text if problem.node else str(problem)
            self.look.text(text, wrap=0)

    def _show(self, sender: object, data: object, node: str) -> None:
        """Go to a node by its address in the running patch: `voice/ease` lies in `voice`."""
        *path, name = node.split("/")
        self.editing.show(View(self.editing.view.deck, tuple(path)), [name])
        self.on_show()


def problems_seen(editing: Editing) -> tuple[Problem, ...]:
    """What is wrong with the deck that is looked at, and with the show beside its decks."""
    told: Any = editing.mirror.status.get("problems", ())
    if not told:
        return editing.deck.problems
    of_decks = {each for deck in editing.mirror.decks.values() for each in deck.problems}
    found = (Problem(**each) for each in told)
    return (*editing.deck.problems, *(each for each in found if each not in of_decks))
