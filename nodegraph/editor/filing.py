"""New, open, save: what is asked before work is put aside, and where files go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from nodegraph.editor.editing import Editing
from nodegraph.remote.errors import Fields
from nodegraph.themes import SUFFIX as THEME

PATCHES: Final = (".json",)
PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
FILMS: Final = (".mp4", ".webm")
SOUNDS: Final = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".aif")


class Asking(Protocol):
    """Asks a question with a few answers; see `panels.question`."""

    def ask(
        self, title: str, text: str, answers: Sequence[tuple[str, Callable[[], object]]]
    ) -> None: ...


class Choosing(Protocol):
    """Has a file chosen; see `panels.files`."""

    def choose(
        self,
        title: str,
        take: Callable[[str], object],
        *,
        suffixes: Sequence[str] = (),
        start: str = "",
        saving: bool = False,
    ) -> None: ...


class Filing:
    """What is on a deck and unsaved is put aside only after a question.

    `remember` is given the path of each file that was opened or saved.
    """

    def __init__(
        self,
        editing: Editing,
        asking: Asking,
        choosing: Choosing,
        remember: Callable[[str], None],
    ) -> None:
        self._editing, self._asking, self._choosing = editing, asking, choosing
        self._remember = remember

    def new(self) -> None:
        """Begin an empty patch on the deck that is looked at."""
        deck = self._editing.view.deck
        self._put_aside(deck, lambda: self._editing.new(deck))

    def open_file(self, deck: str) -> None:
        """Have a patch file chosen, and open it on a deck."""
        start = self._editing.deck.path
        self._choosing.choose(
            "Open a patch" if deck == "main" else f"Open a patch on deck {deck}",
            lambda path: self.open_path(path, deck),
            suffixes=PATCHES,
            start=str(Path(start).parent) if start else "",
        )

    def open_path(self, path: str, deck: str = "", *, copy: bool = False) -> None:
        """Open a file; a copy belongs to no file until it is saved."""
        deck = deck or self._editing.view.deck

        def act() -> None:
            self._editing.open(path, deck, copy=copy)
            if not copy:
                self._remember(path)

        self._put_aside(deck, act)

    def recover(self, lost: str) -> None:
        """Go on with a show that a crash ended; it goes by a new name and belongs to no file."""
        self._put_aside("main", lambda: self._editing.ask("recover", name=lost))

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Write the patch to its file, or, if it has none, have one chosen."""
        if path := self._editing.deck.path:
            self._write(path, then)
        else:
            self.save_as(then)

    def save_as(self, then: Callable[[], object] = lambda: None) -> None:
        """Have a file chosen that the patch belongs to from then on."""
        deck = self._editing.deck
        self._choosing.choose(
            "Save the patch as",
            lambda path: self._write(path, then),
            suffixes=PATCHES,
            start=deck.path or str(Path.home() / f"{deck.name or 'untitled'}.json"),
            saving=True,
        )

    def choose_sound(self, start: str, take: Callable[[str], object]) -> None:
        """Have a sound file chosen."""
        self._choosing.choose("Choose a sound file", take, suffixes=SOUNDS, start=start)

    def choose_asset(self, take: Callable[[str], object]) -> None:
        """Have a file chosen that a Scope server is to have."""
        suffixes = (*PICTURES, *FILMS, *SOUNDS)
        self._choosing.choose("Upload to the Scope server", take, suffixes=suffixes)

    def choose_picture(self, take: Callable[[str], object]) -> None:
        """Have a picture chosen that a Scope server is to have."""
        self._choosing.choose("Upload a picture to the Scope server", take, suffixes=PICTURES)

    def choose_theme(self, take: Callable[[str], object], *, save_as: str = "") -> None:
        """Have a theme file chosen: to read, or, with a path to begin at, to save as."""
        title = "Save the theme as" if save_as else "Open a theme"
        self._choosing.choose(title, take, suffixes=(THEME,), start=save_as, saving=bool(save_as))

    def _write(self, path: str, then: Callable[[], object]) -> None:
        def saved(answer: Fields) -> None:
            self._remember(str(answer["path"]))
            self._editing.note(f"Saved as {answer['path']}")
            then()

        self._editing.ask("save", saved, deck=self._editing.view.deck, path=path)

    def _put_aside(self, deck: str, then: Callable[[], object]) -> None:
        """Do something that takes the patch off a deck, once it is saved or not wanted."""
        on_deck = self._editing.mirror.decks.get(deck)
        if on_deck is None or not on_deck.dirty:
            then()
            return
        name = on_deck.name or "untitled"
        self._asking.ask(
            f"Save “{name}” first?",
            "It has changes that are in no file.",
            [("Save", lambda: self.save(then)), ("Don't save", then)],
        )
