"""What a user asks of the show itself: edits, undo and redo, files, decks. All of it is sent.

Nothing is changed here: the show changes the patch and tells so, and the mirror follows. What the
show refuses becomes a note.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from nodegraph.editor.canvas.shape import usual_size
from nodegraph.editor.link import Link
from nodegraph.editor.looking import Looking, View
from nodegraph.editor.mirror import Mirror
from nodegraph.editor.tidy import Size
from nodegraph.editor.watching import Watching
from nodegraph.errors import EditError, Problem
from nodegraph.graph import (
    Batch,
    Edit,
    SetMode,
    SetParam,
    SetSolo,
    SetText,
    SetTheme,
    SetThemePart,
    Within,
    edit_to_data,
)
from nodegraph.remote.errors import Fields, RemoteError

_gestures = count(1)


def plays(edit: Edit) -> bool:
    """Whether an edit is part of a performance: params, themes, switches, and no node or wire."""
    match edit:
        case Batch(edits):
            return all(map(plays, edits))
        case Within(_, inner):
            return plays(inner)
    return isinstance(edit, SetParam | SetMode | SetSolo | SetTheme | SetThemePart)


class Sending(Looking):
    """One user's connection to a show. `pump` it once a frame.

    `size_of` tells how large the box of a node is drawn; the canvas may put a better one. While
    `locked`, a hand that slips changes no wire.
    """

    def __init__(self, link: Link) -> None:
        mirror = Mirror()
        super().__init__(mirror, Watching(link, mirror))
        self.link = link
        self.size_of: Callable[[str], Size] = self._usual_size
        self.locked = False
        self._looking_again = False
        self._refused_last: str | None = None

    def pump(self) -> None:
        """Take in what the show has said, and the newest values."""
        self.link.pump(self._hear)
        if self.link.state == "connected" and self.mirror.lost_track and not self._looking_again:
            self._looking_again = True
            self.link.look()
        self.watching.refresh()

    # Edits.

    def begin_gesture(self) -> str:
        """A fresh name: edits that carry it are undone as one, as those of one drag."""
        return f"hand {next(_gestures)}"

    def do(self, edit: Edit, label: str, gesture: str | None = None) -> bool:
        """Edit what is looked at; False if that is nothing to do, or locked. `label` is what the
        history calls it."""
        if isinstance(edit, Batch) and not edit.edits:
            return False
        inner = self.definition
        return self.do_on_deck(Within(inner, edit) if inner else edit, label, gesture)

    def do_on_deck(self, edit: Edit, label: str, gesture: str | None = None) -> bool:
        """Edit the deck's whole patch, wherever one looks; while it is locked, only play it."""
        if self.locked and not plays(edit):
            if gesture is None or gesture != self._refused_last:
                self.note("the patch is locked: Ctrl+Shift+L has it be edited again", "problem")
            self._refused_last = gesture
            return False
        data = edit_to_data(edit)
        self.ask("edit", deck=self.view.deck, edit=data, label=label, gesture=gesture)
        return True

    def lock(self) -> None:
        """Have nobody at this window change more than a performance does; or let it be edited."""
        self.locked = not self.locked

    def undo(self) -> None:
        """Take back the last gesture on this deck."""
        self.ask("undo", deck=self.view.deck)

    def redo(self) -> None:
        """Do again what was undone last."""
        self.ask("redo", deck=self.view.deck)

    def go_to(self, done: int) -> None:
        """Undo or redo until so many gestures of the history are done."""
        self.ask("go", deck=self.view.deck, done=done)

    def describe(self, name: str | None = None, note: str | None = None) -> None:
        """Change the name or the note of the patch that is looked at."""
        self.do(SetText(name, note), "Describe the patch")

    # Files and decks.

    def save(self, path: str | None = None) -> None:
        """Write the patch to its file, or to another one, which it belongs to from then on."""

        def saved(answer: Fields) -> None:
            self.note(f"saved as {answer['path']}")

        self.ask("save", saved, deck=self.view.deck, path=path or "")

    def open(self, path: str, deck: str | None = None, *, copy: bool = False) -> None:
        """Open a file on a deck; as a copy, it is not saved there by itself."""
        deck = deck or self.view.deck
        self.ask("open", lambda _: self.show(View(deck)), deck=deck, path=path, copy=copy)

    def new(self, deck: str | None = None) -> None:
        """Begin an empty patch on a deck."""
        deck = deck or self.view.deck
        self.ask("new", lambda _: self.show(View(deck)), deck=deck)

    def close(self, deck: str) -> None:
        """Take the patch off a deck."""
        self.ask("close", deck=deck)

    def fade(self, position: float, seconds: float = 0.0) -> None:
        """Move the crossfader: 0 is the deck main, 1 is next."""
        self.ask("fade", position=position, seconds=seconds)

    def hold(self, how: str) -> None:
        """Have the picture stay as it is ("hold") or become calm ("calm"), whatever the patch says;
        the same again has it follow the patch."""
        self.ask("resume" if self.held == how else how)

    @property
    def held(self) -> str:
        """How the picture is held; empty while it follows the patch."""
        return str(self.mirror.status.get("held", ""))

    def reload_plugins(self) -> None:
        """Have those in folders imported anew, and say what became of it."""

        def tell(answer: Fields) -> None:
            problems: Any = answer["problems"]
            for each in problems:
                self.note(str(Problem(**each)), "problem")
            if not problems:
                self.note("plugins are imported anew")

        self.ask("reload", tell)

    # How it is sent.

    def ask(
        self, verb: str, then: Callable[[Fields], None] | None = None, /, **fields: object
    ) -> None:
        """Ask the show for something; a refusal becomes a note."""
        self.link.ask(verb, then, self._refused, **fields)

    def attempt(self, act: Callable[[], object]) -> bool:
        """Do what may not fit; then the reason becomes a note."""
        try:
            act()
        except EditError as error:
            self.note(str(error), "problem")
            return False
        return True

    def _refused(self, error: RemoteError) -> None:
        self.note(str(error), "problem")

    def _hear(self, event: Fields) -> None:
        self.mirror.hear(event)
        self.watching.hear(event)
        match event:
            case {"event": "attached"}:
                self._looking_again = False
            case {"event": "refused" | "engine", "text": str(text)}:
                self.note(text, "problem")

    def _usual_size(self, id: str) -> Size:
        node = self.patch.nodes.get(id)
        return usual_size(id, self.type_of(id), node.params if node else ())
