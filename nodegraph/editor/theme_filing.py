"""Themes between the patch, the user's library and files: what is asked, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nodegraph.editor.editing import Editing
from nodegraph.editor.filing import Asking, Filing
from nodegraph.errors import PatchError
from nodegraph.graph import store
from nodegraph.themes import SUFFIX, dump, library, load
from nodegraph.themes.library import Entry


class ThemeFiling:
    """Nothing of it changes the patch but `take_in`, and that can be undone."""

    def __init__(self, editing: Editing, filing: Filing, asking: Asking) -> None:
        self._editing, self._filing, self._asking = editing, filing, asking
        self.version = 0
        """Counts changes of the library, so that views know when to look again."""

    def keep(self, entry: Entry) -> None:
        """Put a theme into the library; over another one of its name after a question."""
        name = entry.theme.id
        there = library.mine().get(name)
        if there is None or there.data == entry.data:
            self._keep(entry)
            return
        self._asking.ask(
            f"Put {entry.theme.name} in the place of the one in your library?",
            "The one before stays as a generation beside it.",
            [("Replace it", lambda: self._keep(entry))],
        )

    def discard(self, entry: Entry) -> None:
        """Take a theme out of the library, after a question."""
        self._asking.ask(
            f"Take {entry.theme.name} out of your library?",
            "Patches that play it have a copy of their own. A generation of the file stays.",
            [("Take it out", lambda: self._discard(entry.theme.id))],
        )

    def export(self, entry: Entry) -> None:
        """Have a file chosen, and write a theme to it."""
        start = str(Path.home() / f"{entry.theme.id}{SUFFIX}")
        self._filing.choose_theme(lambda path: self._write(entry, path), save_as=start)

    def bring_in(self, then: Callable[[str | None], object]) -> None:
        """Have a theme file chosen, and copy what it says into the patch; see `take_in`."""
        self._filing.choose_theme(lambda path: then(self.take_in(path)))

    def take_in(self, path: str) -> str | None:
        """Copy the theme of a file into the patch, with what is wrong with it; gives its name."""
        try:
            file = load(path)
            if not file.data:
                raise PatchError(file.problems)
        except PatchError as error:
            self._editing.note(str(error), "problem")
            return None
        name = self._editing.add_theme(file.theme.id, file.data)
        if name:
            self._editing.note(f"{path} is in the patch as {name}")
        return name

    def _keep(self, entry: Entry) -> None:
        try:
            kept = library.save(entry.theme.id, entry.data)
        except PatchError as error:
            self._editing.note(str(error), "problem")
            return
        self.version += 1
        self._editing.note(f"{entry.theme.name} is in your library: {kept}")

    def _discard(self, name: str) -> None:
        try:
            library.remove(name)
        except PatchError as error:
            self._editing.note(str(error), "problem")
        self.version += 1

    def _write(self, entry: Entry, path: str) -> None:
        try:
            store.write(path, dump(entry.data).encode())
        except (PatchError, ValueError) as error:
            self._editing.note(str(error), "problem")
        else:
            self._editing.note(f"{entry.theme.name} is in {path}")
