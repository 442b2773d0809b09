"""Chooses a file: to open, or to save as. A list of folders and files, and a field for the name.

Tags: `nodegraph.files`, `nodegraph.files.name`, `.take`, `.up`, `.place`, `.N` for the Nth line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, NamedTuple

import dearpygui.dearpygui as dpg

from nodegraph.editor.filing import PICTURES
from nodegraph.editor.look.theme import Look
from nodegraph.editor.panels.floating import Floating
from nodegraph.editor.panels.thumbnail import Thumbnail

_TAG: Final = "nodegraph.files"
_MOST: Final = 500
_WIDTH, _HEIGHT = 560, 320


class Listed(NamedTuple):
    """What a folder holds that is worth showing."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    complaint: str = ""


class Files(Floating):
    """Asked by `choose`. A file that is there already is written over only after a second look."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, _TAG, _WIDTH, modal=True)
        self._folder = Path.home()
        self._suffixes: tuple[str, ...] = ()
        self._saving = False
        self._sure = ""
        self._thumbnail = Thumbnail(look)
        with dpg.item_handler_registry() as self._hovered:
            dpg.add_item_hover_handler(callback=self._look_at)
        self._taken: Callable[[str], object] = lambda path: None

    def fill(self) -> None:
        look, px = self.look, self.look.px
        look.text("", font="title", tag=f"{_TAG}.title")
        with dpg.group(horizontal=True):
            look.bind(dpg.add_button(label="↑", tag=f"{_TAG}.up", callback=self._go_up), "chosen")
            look.text("", "dim", level=True, tag=f"{_TAG}.place")
        with dpg.group(horizontal=True, horizontal_spacing=px(14)):
            with dpg.child_window(tag=f"{_TAG}.list", width=px(_WIDTH), height=px(_HEIGHT)):
                pass
            self._thumbnail.build()
        dpg.add_input_text(tag=f"{_TAG}.name", width=px(_WIDTH), hint="File name")
        look.text("", "problem", "small", tag=f"{_TAG}.fault", wrap=px(_WIDTH))
        with dpg.group(horizontal=True):
            take = dpg.add_button(tag=f"{_TAG}.take", callback=self._take)
            look.bind(take, "accent")
            look.bind(dpg.add_button(label="Cancel", callback=self.close), "quiet")

    def choose(
        self,
        title: str,
        take: Callable[[str], object],
        *,
        suffixes: Collection[str] = (),
        start: str = "",
        saving: bool = False,
    ) -> None:
        """Have a file chosen; `take` is given its path. `start` is a path to begin at."""
        begin = Path(start) if start else self._folder
        name = "" if begin.is_dir() else begin.name
        folder = begin if begin.is_dir() else begin.parent
        self._folder = folder if folder.is_dir() else Path.home()
        self._suffixes, self._saving, self._taken = tuple(suffixes), saving, take
        dpg.set_value(f"{_TAG}.title", title)
        dpg.configure_item(f"{_TAG}.take", label="Save" if saving else "Open")
        dpg.set_value(f"{_TAG}.name", name if saving else "")
        self._thumbnail.show(wanted=not set(PICTURES).isdisjoint(suffixes))
        self._list()
        self.open(focus=f"{_TAG}.name")

    def tick(self) -> None:
        if dpg.is_key_pressed(dpg.mvKey_Return):
            self._take()
        self._thumbnail.tick()
        if self.is_open:
            super().tick()

    def _list(self) -> None:
        self._sure = ""
        dpg.set_value(f"{_TAG}.fault", "")
        dpg.set_value(f"{_TAG}.place", str(self._folder))
        listing = f"{_TAG}.list"
        dpg.delete_item(listing, children_only=True)
        found = listed(self._folder, self._suffixes)
        if found.complaint:
            dpg.set_value(f"{_TAG}.fault", found.complaint)
        place = 0
        for names, is_folder in ((found.folders, True), (found.files, False)):
            for name in names[:_MOST]:
                line = dpg.add_selectable(
                    label=f"{name}/" if is_folder else name,
                    tag=f"{_TAG}.{place}",
                    parent=listing,
                    user_data=(name, is_folder),
                    callback=self._clicked,
                )
                dpg.bind_item_handler_registry(line, self._hovered)
                place += 1
        if not place and not found.complaint:
            self.look.text("Nothing of use in this folder.", "faint", parent=listing)

    def _look_at(self, sender: object, line: int | str) -> None:
        """Show the picture that the mouse is on."""
        name, _ = dpg.get_item_user_data(line)
        if name.lower().endswith(PICTURES):
            self._thumbnail.look_at(self._folder / name)

    def _clicked(self, sender: int | str, data: object, line: tuple[str, bool]) -> None:
        name, is_folder = line
        dpg.set_value(sender, False)
        if is_folder:
            self._folder = self._folder / name
            self._list()
        elif self._saving:
            dpg.set_value(f"{_TAG}.name", name)
        else:
            self._done(self._folder / name)

    def _go_up(self) -> None:
        self._folder = self._folder.parent
        self._list()

    def _take(self) -> None:
        text = str(dpg.get_value(f"{_TAG}.name")).strip()
        if not text:
            return
        path = Path(os.path.expanduser(text))
        path = path if path.is_absolute() else self._folder / path
        if path.is_dir():
            self._folder = path
            dpg.set_value(f"{_TAG}.name", "")
            self._list()
            return
        if self._saving and not path.suffix and self._suffixes:
            path = path.with_name(path.name + self._suffixes[0])
        if fault := self._fault(path):
            dpg.set_value(f"{_TAG}.fault", fault)
        else:
            self._done(path)

    def _fault(self, path: Path) -> str:
        """Why this cannot be taken, or not yet."""
        if not self._saving:
            return "" if path.is_file() else f"There is no file {path.name!r} here."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
        if path.exists() and self._sure != str(path):
            self._sure = str(path)
            return f"{path.name} is there already. Save once more to write over it."
        return ""

    def _done(self, path: Path) -> None:
        self.close()
        self._taken(str(path))


def listed(folder: Path, suffixes: Collection[str]) -> Listed:
    """What to show of a folder: no hidden files, and only those of these endings."""
    folders, files = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    folders.append(entry.name)
                elif not suffixes or entry.name.lower().endswith(tuple(suffixes)):
                    files.append(entry.name)
    except OSError as error:
        return Listed((), (), f"{folder} cannot be read: {error.strerror or error}.")
    return Listed(tuple(sorted(folders, key=str.lower)), tuple(sorted(files, key=str.lower)))
