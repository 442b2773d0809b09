"""The command search: every action by any of its words.

Tags: `nodegraph.commands`, `nodegraph.commands.input`, `nodegraph.commands.N` for the Nth line.
"""

from __future__ import annotations

from nodegraph.editor.action import Action, run
from nodegraph.editor.actions import ACTIONS, BY_ID
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.listing import Entry, Listing
from nodegraph.editor.search import ranked
from nodegraph.editor.shell import Shell


class Commands(Listing):
    """What can be done now stands before what cannot."""

    def __init__(self, shell: Shell, look: Look) -> None:
        super().__init__(look, "nodegraph.commands", "What do you want to do?")
        self.shell = shell

    def find(self, asked: str) -> list[Entry]:
        names = {action.id: f"{action.label} {action.words}" for action in ACTIONS}
        found = [BY_ID[id] for id in ranked(names, asked)]
        found.sort(key=lambda action: not action.when(self.shell))
        return [self._entry(action) for action in found]

    def chosen(self, entry: Entry) -> None:
        run(BY_ID[entry.id], self.shell)

    def _entry(self, action: Action) -> Entry:
        return Entry(action.id, action.label, action.shortcut, dim=not action.when(self.shell))
