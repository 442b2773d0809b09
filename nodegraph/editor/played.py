"""Keys of the computer that nodes listen for: pressed in this window, they play. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodegraph.editor.editing import Editing
from nodegraph.graph import Patch

_SOURCE, _PARAM = "keys", "key"


class Played:
    """Tells the show of keys that go down and up, of those that any node of it wants."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self._down: set[str] = set()

    def press(self, key: str) -> bool:
        """Play a key, unless no node listens for it; one that repeats is one press."""
        if key not in set(self._wanted()):
            return False
        if key not in self._down:
            self._down.add(key)
            self.editing.ask("key", key=key, down=True)
        return True

    def tick(self, held: Collection[str]) -> None:
        """Let go of what is held no more; once a frame."""
        for key in sorted(self._down.difference(held)):
            self._down.remove(key)
            self.editing.ask("key", key=key, down=False)

    def _wanted(self) -> Iterator[str]:
        """What nodes listen for, on both decks, in subpatches too."""
        for deck in self.editing.mirror.decks.values():
            for patch in (deck.patch, *deck.patch.subpatches.values()):
                yield from self._wanted_in(patch)

    def _wanted_in(self, patch: Patch) -> Iterator[str]:
        for node in patch.nodes.values():
            type_ = self.editing.mirror.types.get(node.type)
            if type_ is not None and type_.source == _SOURCE and _PARAM in type_.params:
                yield str(node.params.get(_PARAM, type_.params[_PARAM].default)).casefold()
