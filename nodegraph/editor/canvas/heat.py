"""How long each node takes, asked of the show while somebody wants to see it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nodegraph.editor.editing import Editing
from nodegraph.remote.errors import Fields

EVERY: Final = 1.0
"""Seconds between two questions; the engine tells its times as often."""

_MUCH: Final = 1e-4  # seconds of a tick that are much for a node, however little others take


class Heat:
    """The times of the nodes that are looked at: seconds of each tick, on average lately."""

    def __init__(self, editing: Editing) -> None:
        self.wanted = False
        self.times: Mapping[str, float] = {}
        self._editing = editing
        self._told: Mapping[str, float] = {}
        self._asked = -EVERY
        self._prefix = ""

    def tick(self, now: float) -> bool:
        """Ask again if it is time; whether there is something new to show, or nothing any more."""
        if not self.wanted:
            was, self.times, self._told = bool(self.times), {}, {}
            return was
        editing = self._editing
        if now - self._asked >= EVERY:
            self._asked = now
            editing.link.ask("times", self._hear, lambda error: None, deck=editing.view.deck)
        times = by_node(self._told, editing.address("x.y").removesuffix("x.y"))
        if times == self.times:
            return False
        self.times = times
        return True

    def _hear(self, answer: Fields) -> None:
        times = answer.get("times")
        self._told = times if isinstance(times, dict) else {}

    def shares(self) -> dict[str, float]:
        """How much each node should glow, 0..1."""
        most = max([_MUCH, *self.times.values()])
        return {id: seconds / most for id, seconds in self.times.items()}


def by_node(times: Mapping[str, float], prefix: str) -> dict[str, float]:
    """The times of what is looked at, whose names begin with `prefix`. What is inside a subpatch
    counts for its instance."""
    found: dict[str, float] = {}
    for name, seconds in times.items():
        if name.startswith(prefix):
            id = name.removeprefix(prefix).partition("/")[0]
            found[id] = found.get(id, 0.0) + seconds
    return found
