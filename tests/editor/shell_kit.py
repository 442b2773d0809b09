"""A window that is none: it remembers what it was asked for, and refuses what no window can do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from unittest.mock import create_autospec

from nodegraph.editor.editing import Editing, View
from nodegraph.editor.filing import Filing
from nodegraph.editor.link import Link
from nodegraph.editor.mirror import Deck, Mirror
from nodegraph.editor.settings import Settings
from nodegraph.editor.shell import Shell
from nodegraph.editor.wiring import Wiring
from nodegraph.graph import Patch
from nodegraph.nodetype import NodeType
from nodegraph.plugins import find


def shell_on(patch: Patch, selection: tuple[str, ...] = (), **deck: object) -> Any:
    """A shell that looks at a patch. Calls that do not fit what they call are TypeErrors."""
    types = _types()
    shell = create_autospec(Shell, instance=True)
    editing = create_autospec(Editing, instance=True)
    editing.patch = patch
    editing.types = types
    editing.type_of.side_effect = lambda id: types.get(patch.nodes[id].type)
    editing.wiring = Wiring(patch, types)
    editing.view = View()
    editing.definition = ""
    editing.deck = Deck(name="song", patch=patch, open=True, **deck)  # type: ignore[arg-type]
    editing.mirror = Mirror()
    editing.mirror.attached = True
    editing.mirror.decks = {"main": editing.deck}
    editing.selection = frozenset(selection)
    editing.selected_nodes = frozenset(selection)
    editing.selected_wires = frozenset()
    editing.link = create_autospec(Link, instance=True)
    shell.editing = editing
    shell.filing = create_autospec(Filing, instance=True)
    shell.settings = Settings()
    shell.mouse = (100.0, 100.0)
    return shell


@cache
def _types() -> Mapping[str, NodeType]:
    return find().types
