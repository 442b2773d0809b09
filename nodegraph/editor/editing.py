"""The editor's model: what is looked at, and everything a user can do, each as a method.

Editing            all of it
├── Theming        themes of the patch, and which of them nodes play
│   └── Building   nodes, wires, copies, subpatches
├── Arranging      params, switches, places, frames, names
│   └── Sending    edits, undo and redo, files, decks; what the show refuses becomes a note
│       └── Looking    the view and the selection: nothing here changes the show
"""

from __future__ import annotations

from nodegraph.editor.arranging import Arranging
from nodegraph.editor.looking import FRAME, Note, View
from nodegraph.editor.theming import Theming

__all__ = ["FRAME", "Editing", "Note", "View"]


class Editing(Theming, Arranging):
    """One user's hands on a show, and where they are. `pump` it once a frame."""

    def enter_selected(self) -> None:
        """Look into the selected instance of a subpatch."""
        for id in sorted(self.selected_nodes):
            self.enter(id)
            return
