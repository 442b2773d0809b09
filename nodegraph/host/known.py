"""What a show knows of node types: the declarations of the engine that plays."""

from __future__ import annotations

from nodegraph.declaration import declared
from nodegraph.host.engine.protocol import Started
from nodegraph.host.upgrades import Upgrades
from nodegraph.nodetype import NodeType


class Known:
    """The node types by id, in the same dictionary all along; no code of theirs is here."""

    def __init__(self, upgrades: Upgrades) -> None:
        self.types: dict[str, NodeType] = {}
        self.declarations: Started | None = None
        self._upgrades = upgrades

    def learn(self, started: Started) -> bool:
        """Take over what an engine tells, and say whether anything is not as it was.

        A node type that is as it was stays the very object, so that its steps do.
        """
        before = self.declarations.types if self.declarations else ()
        known = {str(data["id"]): data for data in before}
        self.declarations = started
        found: dict[str, NodeType] = {}
        for data in started.types:
            id = str(data["id"])
            stays = id not in started.anew and known.get(id) == data
            found[id] = self.types[id] if stays else declared(data, self._upgrades.carry_over)
        if found == self.types:
            return False
        self._upgrades.forget()
        self.types |= found  # never less than there is: another thread may be compiling
        for id in self.types.keys() - found.keys():
            del self.types[id]
        return True
