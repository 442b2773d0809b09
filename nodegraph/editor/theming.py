"""What a user does to the themes of a patch, and to nodes that play them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nodegraph.editor import changes, theme_uses
from nodegraph.editor.building import Building
from nodegraph.editor.changes_tuning import as_id
from nodegraph.editor.theme_data import Data, differences, put
from nodegraph.graph import Batch, Position, SetParam, SetTheme, SetThemePart
from nodegraph.graph.parts import free_id
from nodegraph.themes import shipped
from nodegraph.themes.library import Entry

PRESET: Final = "theme.preset"
"""The node type that is added for a theme when no node is selected that could play it."""


class Theming(Building):
    """Themes belong to the deck's whole patch, wherever one looks. What adds one gives its name."""

    @property
    def themes(self) -> Mapping[str, Data]:
        """The patch's own themes, by name."""
        return self.deck.patch.themes

    def change_theme(self, name: str, data: Data, gesture: str | None = None) -> None:
        """Give a theme of the patch other contents. Only what differs is sent: what was changed
        just before, and is not shown yet, stays."""
        shown = self.themes.get(name, {})
        edits = [SetThemePart(name, *each) for each in differences(shown, data)]
        if edits:
            edit = edits[0] if len(edits) == 1 else Batch(tuple(edits))
            self.do_on_deck(edit, f"Change the theme {name}", gesture)

    def remove_theme(self, name: str) -> None:
        """Take a theme out of the patch."""
        self.do_on_deck(SetTheme(name, None), f"Remove the theme {name}")

    def rename_theme(self, old: str, words: str) -> str:
        """Call a theme otherwise, also where nodes name it; gives the new name, or the old one if
        that cannot be."""
        new = old

        def act() -> None:
            nonlocal new
            wanted = as_id(words)
            if wanted == old:
                return
            edit = theme_uses.rename(self.deck.patch, self.types, old, wanted)
            self.do_on_deck(edit, f"Rename the theme {old} to {wanted}")
            new = wanted

        self.attempt(act)
        return new

    def new_theme(self, words: str, data: Data | None = None) -> str | None:
        """Add a theme that is called by these words: a copy of one, or one that paints them."""
        said = put(data or {"prompt": words}, ("name",), words)
        return self.add_theme(words, said)

    def add_theme(self, words: str, data: Data) -> str | None:
        """Add a theme under the free name that is nearest to these words."""
        added: list[str] = []

        def act() -> None:
            name = free_id(as_id(words), {*self.themes, *shipped()})
            self.do_on_deck(SetTheme(name, data), f"Add the theme {name}")
            added.append(name)

        self.attempt(act)
        return added[0] if added else None

    def take_theme(self, entry: Entry, gesture: str | None = None) -> str:
        """Copy a theme into the patch, if it is not there, so that it can be changed.

        One that comes along keeps its name, so that the nodes that play it play the copy.
        """
        name, own = entry.theme.id, self.themes
        if entry.origin == "patch" or own.get(name) == entry.data:
            return name
        name = free_id(name, {*own, *(shipped() if entry.origin == "library" else ())})
        self.do_on_deck(SetTheme(name, entry.data), f"Copy the theme {name}", gesture)
        return name

    def use_theme(self, entry: Entry, at: Position | None = None) -> None:
        """Have the selected nodes play a theme, or a new node; all of it is undone as one."""
        gesture = self.begin_gesture()
        name = entry.theme.id if entry.origin == "shipped" else self.take_theme(entry, gesture)
        edits = [
            SetParam(id, param, name)
            for id in sorted(self.selected_nodes)
            for param in theme_uses.themed(self.patch.nodes[id], self.types)
        ]
        if edits:
            self.do(Batch(tuple(edits)), f"Use the theme {name}", gesture)
            return
        type_ = self._known_type(PRESET)
        if type_ is not None:
            params = {param.name: name for param in type_.params.values() if param.themes}
            self._added(
                lambda: changes.add_node(self.patch, type_, at, params),
                f"Add the theme {name}",
                gesture,
            )
