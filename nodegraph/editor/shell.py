"""What the window does for actions and panels, beside what `Editing` and `Filing` do."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Protocol, TypeAlias

from nodegraph.editor.changes import Loose
from nodegraph.editor.choices import Wanted
from nodegraph.editor.editing import Editing
from nodegraph.editor.filing import Filing
from nodegraph.editor.settings import Settings
from nodegraph.graph import Port, Position

Area: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the window."""


class Shell(Protocol):
    """A window on a show. Tests have one of their own."""

    @property
    def editing(self) -> Editing: ...

    @property
    def filing(self) -> Filing: ...

    @property
    def settings(self) -> Settings:
        """What is to be remembered, as it is now."""

    @property
    def modifiers(self) -> Set[str]:
        """Which of ctrl, alt and shift are held."""

    @property
    def mouse(self) -> tuple[float, float]:
        """In pixels of the window."""

    @property
    def middle(self) -> Position:
        """The place of the canvas that is in the middle of the window."""

    def leave(self) -> None:
        """Close the window, after a question if that may end the show."""

    def end_show(self) -> None: ...

    def add(self, type_id: str) -> None:
        """Add a node in the middle of the canvas."""

    def put_example(self, type_id: str) -> None:
        """Add a node with what feeds it where one looks."""

    def used(self, type_id: str) -> None:
        """Remember that a type was added."""

    def steered(self, url: str) -> None:
        """Remember that this Scope server was connected."""

    def find_node(self, at: Position | None, loose: Loose | None = None) -> None:
        """Open the finder for a place of the canvas, or for a loose wire."""

    def type_value(self, node: str, param: str, area: Area) -> None:
        """Open a field over a param, to type its value."""

    def type_text(self, text: str, area: Area, take: Callable[[str], object]) -> None:
        """Open a field of several lines over a text, to change it."""

    def choose_stored(self, what: Wanted, take: Callable[[str], object]) -> None:
        """Have a picture or a LoRA of the Scope server chosen; `take` is given its path there."""

    def learn(self, target: Port, type_id: str) -> None:
        """Have a new node of a type drive a port, by the knob, pad or key that is touched next."""

    def teach(self, id: str) -> None:
        """Have a node listen to what is touched next."""

    def ask_text(self, title: str, value: str, label: str, take: Callable[[str], object]) -> None:
        """Ask for a line of text; `label` says what is done with it."""

    def put(self, text: str) -> None:
        """Onto the clipboard."""

    def copy(self) -> None: ...
    def cut(self) -> None: ...
    def paste(self) -> None: ...
    def rename(self) -> None: ...

    def fit(self, *, selected: bool) -> None: ...
    def zoom(self, factor: float) -> None: ...
    def zoom_to(self, zoom: float) -> None: ...

    def mark_view(self, number: int) -> None:
        """Remember under a number what is looked at."""

    def go_to_view(self, number: int) -> None:
        """Look at what was remembered under a number."""

    def has_view(self, number: int) -> bool:
        """Whether anything was."""

    def is_shown(self, what: str) -> bool:
        """Whether a region of the window, a tab of one or an overlay of the canvas is shown."""

    def toggle(self, what: str) -> None: ...

    def show_window(self, window: str) -> None:
        """Open a floating window by its name."""

    def dress(self, theme: str) -> None: ...
    def scale(self, steps: int) -> None: ...
